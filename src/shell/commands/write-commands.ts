// Write-Host and its like: one for each stream, and Read-Host.
import type { Value } from '#parameters/value.ts';
import { ErrorRecordValue } from '#shell/values/error-record.ts';
import { ExceptionValue } from '#shell/values/exception-value.ts';
import { InformationRecord, itemsOf } from '#shell/values/object-values.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { SecureText } from '#shell/values/secure-text.ts';
import { toText } from '#shell/values/text.ts';
import { isList } from '#parameters/parameter-type.ts';
import { DateTime } from '#parameters/date-time.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';
import { writeError, writeInformation, writeMessage } from '#shell/runtime/report.ts';
import { ENUMERATIONS } from '#shell/values/enumerations.ts';

const COLOURS: readonly string[] = ENUMERATIONS['System.ConsoleColor'] ?? [];

/** Write-Host shows dates as the culture does, lists with the separator between items. */
function hostText(value: Value, separator: string): string {
  if (isList(value)) return value.map((item) => hostText(item, separator)).join(separator);
  return value instanceof DateTime ? value.toString() : toText(value);
}

const writeHost = defineBuiltin(
  {
    name: 'Write-Host',
    synopsis: 'Writes to the terminal.',
    parameters: [
      builtinParameter('Object', 'object', {
        position: 0,
        byValue: true,
        remaining: true,
        aliases: ['Msg', 'Message'],
        help: 'What to write.',
      }),
      builtinParameter('NoNewline', 'switch', { help: 'Without a line end.' }),
      builtinParameter('Separator', 'object', { help: 'Between items; a space.' }),
      builtinParameter('ForegroundColor', 'ConsoleColor', {
        values: COLOURS,
        help: 'The colour of the text, on a terminal.',
      }),
      builtinParameter('BackgroundColor', 'ConsoleColor', {
        values: COLOURS,
        help: 'The colour behind the text, on a terminal.',
      }),
    ],
  },
  (context) => {
    const write = (value: Value): Promise<void> => {
      const separator = context.text('Separator') ?? ' ';
      const text = hostText(value, separator);
      const host = {
        foreground: context.text('ForegroundColor'),
        background: context.text('BackgroundColor'),
        newline: !context.flag('NoNewline'),
      };
      return writeInformation(context.frame, new InformationRecord(value, text, host));
    };
    return {
      process: (input) => write(input),
      end: async () => {
        if (!context.hasInput) await write(context.value('Object') ?? '');
      },
    };
  },
);

const writeOutput = defineBuiltin(
  {
    name: 'Write-Output',
    synopsis: 'Passes objects down the pipeline.',
    parameters: [
      builtinParameter('InputObject', 'object', {
        position: 0,
        byValue: true,
        remaining: true,
        help: 'The objects.',
      }),
      builtinParameter('NoEnumerate', 'switch', { help: 'Passes a list on as one object.' }),
    ],
  },
  (context) => {
    const write = async (value: Value): Promise<void> => {
      if (context.flag('NoEnumerate')) return context.emit(value);
      for (const item of itemsOf(value)) await context.emit(item);
    };
    return {
      process: async (input) => {
        if (context.hasInput) await context.emit(input);
      },
      end: async () => {
        if (!context.hasInput && context.has('InputObject')) await write(context.value('InputObject'));
      },
    };
  },
);

function textWriter(name: string, synopsis: string, stream: 'warning' | 'verbose' | 'debug'): BuiltinCommand {
  return defineBuiltin(
    {
      name,
      synopsis,
      parameters: [
        builtinParameter('Message', 'string', {
          position: 0,
          mandatory: true,
          byValue: true,
          aliases: ['Msg'],
          help: 'The text.',
        }),
      ],
    },
    (context) => ({
      process: (input) => writeMessage(context.frame, stream, toText(input)),
      end: async () => {
        if (context.has('Message')) await writeMessage(context.frame, stream, context.text('Message') ?? '');
      },
    }),
  );
}

const writeInformationCommand = defineBuiltin(
  {
    name: 'Write-Information',
    synopsis: 'Writes to the information stream.',
    parameters: [
      builtinParameter('MessageData', 'object', {
        position: 0,
        mandatory: true,
        byValue: true,
        aliases: ['Msg', 'Message'],
        help: 'What to write.',
      }),
      builtinParameter('Tags', 'string[]', { position: 1, help: 'Words by which the message can be found.' }),
    ],
  },
  (context) => {
    const write = (value: Value): Promise<void> =>
      writeInformation(context.frame, new InformationRecord(value, toText(value), null));
    return {
      process: (input) => write(input),
      end: async () => {
        if (context.has('MessageData')) await write(context.value('MessageData'));
      },
    };
  },
);

const writeErrorCommand = defineBuiltin(
  {
    name: 'Write-Error',
    synopsis: 'Writes an error that does not end the script.',
    parameters: [
      builtinParameter('Message', 'string', {
        position: 0,
        byValue: true,
        aliases: ['Msg'],
        help: 'The text.',
      }),
      builtinParameter('Exception', 'object', { help: 'An exception to report.' }),
      builtinParameter('ErrorRecord', 'object', { help: 'An error record to report again.' }),
      builtinParameter('Category', 'string', { help: 'The kind of error.' }),
      builtinParameter('ErrorId', 'string', { help: 'The error’s id.' }),
      builtinParameter('TargetObject', 'object', { help: 'What it is about.' }),
      builtinParameter('RecommendedAction', 'string', { help: 'What to do; shown behind the message.' }),
    ],
  },
  (context) => ({
    process: (input) => reportError(context, toText(input)),
    end: async () => {
      if (!context.hasInput || context.has('Message')) await reportError(context, context.text('Message'));
    },
  }),
);

async function reportError(context: CommandContext, message: string | null): Promise<void> {
  const record = context.value('ErrorRecord');
  if (record instanceof ErrorRecordValue) return writeError(context.frame, record);
  const exception = context.value('Exception');
  const action = context.text('RecommendedAction');
  const text = message ?? (exception instanceof ExceptionValue ? exception.message : '');
  const made =
    exception instanceof ExceptionValue
      ? exception
      : new ExceptionValue('Microsoft.PowerShell.Commands.WriteErrorException', text);
  await writeError(
    context.frame,
    new ErrorRecordValue({
      exception: made,
      category: context.text('Category') ?? 'NotSpecified',
      errorId: context.text('ErrorId') ?? made.typeName,
      target: context.value('TargetObject'),
      command: 'Write-Error',
      position: context.position,
      message: action === null ? text : `${text}\nRecommended Action: ${action}`,
    }),
  );
}

const writeProgress = defineBuiltin(
  {
    name: 'Write-Progress',
    synopsis: 'Shows how far a long task has come, on a terminal.',
    parameters: [
      builtinParameter('Activity', 'string', { position: 0, mandatory: true, help: 'The task.' }),
      builtinParameter('Status', 'string', { position: 1, help: 'What is being done.' }),
      builtinParameter('PercentComplete', 'int', { help: 'How far it is.' }),
      builtinParameter('SecondsRemaining', 'int', { help: 'Accepted as in PowerShell.' }),
      builtinParameter('CurrentOperation', 'string', { help: 'Accepted as in PowerShell.' }),
      builtinParameter('Id', 'int', { position: 2, help: 'Accepted as in PowerShell.' }),
      builtinParameter('ParentId', 'int', { help: 'Accepted as in PowerShell.' }),
      builtinParameter('Completed', 'switch', { help: 'The task is done.' }),
    ],
  },
  (context) => ({
    end: async () => {
      if (!context.flag('Completed'))
        await context.frame.streams.progress(
          context.text('Activity') ?? '',
          context.text('Status') ?? '',
          context.number('PercentComplete'),
        );
    },
  }),
);

const readHost = defineBuiltin(
  {
    name: 'Read-Host',
    synopsis: 'Asks the user for a line of text.',
    parameters: [
      builtinParameter('Prompt', 'object', { position: 0, remaining: true, help: 'The question.' }),
      builtinParameter('AsSecureString', 'switch', {
        help: 'Does not show what is typed, and keeps it hidden.',
      }),
      builtinParameter('MaskInput', 'switch', { help: 'Does not show what is typed.' }),
    ],
  },
  (context) => ({
    end: async () => {
      const { readLine } = context.frame.session.host;
      const prompt = context.value('Prompt');
      const secret = context.flag('AsSecureString') || context.flag('MaskInput');
      if (!readLine)
        throw new ScriptError('Read-Host has no one to ask: there is no terminal and no standard input.', {
          errorId: 'PromptNotAvailable',
          exception: 'System.Management.Automation.PSInvalidOperationException',
        });
      const line = await readLine(prompt === null ? '' : `${toText(prompt)}: `, { secret });
      if (line === null)
        throw new ScriptError('Read-Host found the end of the input where an answer was expected.', {
          errorId: 'EndOfInput',
          exception: 'System.IO.IOException',
        });
      await context.emit(context.flag('AsSecureString') ? new SecureText(line) : line);
    },
  }),
);

export const commands: readonly BuiltinCommand[] = [
  writeHost,
  writeOutput,
  textWriter('Write-Warning', 'Writes a warning.', 'warning'),
  textWriter('Write-Verbose', 'Writes what is shown with -Verbose.', 'verbose'),
  textWriter('Write-Debug', 'Writes what is shown with -Debug.', 'debug'),
  writeInformationCommand,
  writeErrorCommand,
  writeProgress,
  readHost,
];
