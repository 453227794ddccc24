// Out-String, Out-Default, Out-Host and Out-File: where what is shown goes.
import { createFormatter, type Formatter } from '#shell/display/formatter.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
  INPUT_OBJECT,
} from '#shell/runtime/builtin-command.ts';
import { filesOf } from '#shell/runtime/files.ts';

function formatterInto(
  context: CommandContext,
  write: (text: string) => void | Promise<void>,
  width?: number | null,
): Formatter {
  const { host, source } = context.frame.session;
  return createFormatter({
    width: width ?? host.width,
    views: () => source?.views ?? [],
    colour: false,
    write,
  });
}

const outString = defineBuiltin(
  {
    name: 'Out-String',
    synopsis: 'Gives what would be shown, as text.',
    parameters: [
      builtinParameter('Width', 'int', { help: 'Characters in a line.' }),
      builtinParameter('Stream', 'switch', { help: 'One text for each line.' }),
      builtinParameter('NoNewline', 'switch', { help: 'Without line ends.' }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    let text = '';
    const formatter = formatterInto(
      context,
      (chunk) => {
        context.frame.session.budget.allocated(chunk.length);
        text += chunk;
      },
      context.number('Width'),
    );
    return {
      process: (input) => formatter.add(input),
      end: async () => {
        await formatter.finish();
        if (context.flag('NoNewline')) return context.emit(text.replaceAll('\n', ''));
        if (!context.flag('Stream')) return context.emit(text);
        for (const line of text.replace(/\n$/, '').split('\n')) await context.emit(line);
      },
    };
  },
);

function showing(name: string, synopsis: string): BuiltinCommand {
  return defineBuiltin({ name, synopsis, parameters: [INPUT_OBJECT] }, (context) => {
    const formatter = formatterInto(context, (chunk) => context.frame.session.write(chunk));
    return { process: (input) => formatter.add(input), end: () => formatter.finish() };
  });
}

const outFile = defineBuiltin(
  {
    name: 'Out-File',
    synopsis: 'Writes what would be shown to a file.',
    parameters: [
      builtinParameter('FilePath', 'string', {
        position: 0,
        mandatory: true,
        aliases: ['Path', 'LiteralPath'],
        help: 'The file.',
      }),
      builtinParameter('Append', 'switch', { help: 'Adds to the file.' }),
      builtinParameter('NoClobber', 'switch', { help: 'Fails where the file exists.' }),
      builtinParameter('Force', 'switch', { help: 'Accepted as in PowerShell.' }),
      builtinParameter('Width', 'int', { help: 'Characters in a line.' }),
      builtinParameter('NoNewline', 'switch', { help: 'Without line ends.' }),
      builtinParameter('Encoding', 'string', {
        position: 1,
        values: ['utf8', 'utf8NoBOM', 'ascii', 'default', 'unicode', 'utf8BOM'],
        help: 'Files are written in UTF-8.',
      }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    let text = '';
    const formatter = formatterInto(context, (chunk) => void (text += chunk), context.number('Width'));
    return {
      process: (input) => formatter.add(input),
      end: async () => {
        await formatter.finish();
        const files = filesOf(context.frame);
        const path = files.resolve(context.text('FilePath') ?? '');
        if (context.flag('NoClobber') && (await files.exists(path)) !== null) {
          throw context.fail(`The file '${path}' already exists.`, {
            category: 'ResourceExists',
            errorId: 'NoClobber',
            exception: 'System.IO.IOException',
            target: path,
          });
        }
        await files.writeText(
          path,
          context.flag('NoNewline') ? text.replaceAll('\n', '') : text,
          context.flag('Append'),
        );
      },
    };
  },
);

export const commands: readonly BuiltinCommand[] = [
  outString,
  showing('Out-Default', 'Shows objects as they are shown where nothing else is asked for.'),
  showing('Out-Host', 'Shows objects on the terminal.'),
  outFile,
];
