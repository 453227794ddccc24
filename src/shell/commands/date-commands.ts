// Get-Date, New-TimeSpan, Start-Sleep and Measure-Command.
import { setTimeout } from 'node:timers/promises';
import { DateTime } from '#parameters/date-time.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import type { Value } from '#parameters/value.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { toText } from '#shell/values/text.ts';
import { Stopped } from '#shell/runtime/budget.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';

const PARTS = ['Year', 'Month', 'Day', 'Hour', 'Minute', 'Second', 'Millisecond'] as const;

function withParts(time: DateTime, context: CommandContext): DateTime {
  if (!PARTS.some((part) => context.has(part))) return time;
  const { civil, kind } = time;
  const part = (name: (typeof PARTS)[number], current: number): number => context.number(name) ?? current;
  try {
    return DateTime.of(
      {
        year: part('Year', civil.year),
        month: part('Month', civil.month),
        day: part('Day', civil.day),
        hour: part('Hour', civil.hour),
        minute: part('Minute', civil.minute),
        second: part('Second', civil.second),
        fraction: context.has('Millisecond') ? part('Millisecond', 0) * 10_000 : civil.fraction,
      },
      kind,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw context.fail(error.message, {
      category: 'InvalidArgument',
      errorId: 'ArgumentOutOfRange',
      exception: 'System.ArgumentOutOfRangeException',
    });
  }
}

/** Unix's `%Y-%m-%d`, as far as scripts use it. */
function unixFormat(time: DateTime, format: string): string {
  const formats: Readonly<Record<string, string>> = {
    Y: 'yyyy',
    m: 'MM',
    d: 'dd',
    H: 'HH',
    M: 'mm',
    S: 'ss',
    y: 'yy',
    B: 'MMMM',
    b: 'MMM',
    A: 'dddd',
    a: 'ddd',
    j: '',
    p: 'tt',
    I: 'hh',
  };
  return format.replace(/^\+/, '').replace(/%(.)/g, (whole, letter: string) => {
    if (letter === 's') return String(Math.floor(time.toUtcMilliseconds() / 1000));
    if (letter === 'j') return String(time.dayOfYear).padStart(3, '0');
    const known = formats[letter];
    return known === undefined ? whole.slice(1) : time.toString(known);
  });
}

const getDate = defineBuiltin(
  {
    name: 'Get-Date',
    synopsis: 'Gives the date and time, now or as stated.',
    parameters: [
      builtinParameter('Date', 'datetime', {
        position: 0,
        byValue: true,
        byPropertyName: true,
        aliases: ['LastWriteTime'],
        help: 'A date and time instead of now.',
      }),
      ...PARTS.map((part) => builtinParameter(part, 'int', { help: `Another ${part.toLowerCase()}.` })),
      builtinParameter('Format', 'string', { help: 'Gives text in a .NET format.' }),
      builtinParameter('UFormat', 'string', { help: 'Gives text in a Unix format.' }),
      builtinParameter('AsUTC', 'switch', { help: 'In UTC.' }),
      builtinParameter('UnixTimeSeconds', 'double', { aliases: ['UnixTime'], help: 'Seconds since 1970.' }),
      builtinParameter('DisplayHint', 'string', {
        help: 'Accepted as in PowerShell.',
        values: ['Date', 'Time', 'DateTime'],
      }),
    ],
  },
  (context) => {
    const give = async (given: Value): Promise<void> => {
      const seconds = context.number('UnixTimeSeconds');
      const base =
        seconds !== null
          ? DateTime.fromUtcMilliseconds(seconds * 1000).toLocalTime()
          : given instanceof DateTime
            ? given
            : context.frame.session.now.toLocalTime();
      const changed = withParts(base, context);
      const time = context.flag('AsUTC') ? changed.toUniversalTime() : changed;
      const format = context.text('Format');
      const unix = context.text('UFormat');
      if (format !== null)
        return context.emit(NAMED_FORMATS.get(format.toLowerCase())?.(time) ?? time.toString(format));
      await context.emit(unix === null ? time : unixFormat(time, unix));
    };
    return {
      process: async (input) => {
        if (!context.hasInput) return;
        const time =
          input instanceof DateTime
            ? input
            : DateTime.parse(toText(input), context.frame.session.surroundings.now());
        if (!time) {
          const message = `Cannot bind parameter 'Date'. Cannot convert value "${toText(input)}" to type "System.DateTime". Error: "String '${toText(input)}' was not recognized as a valid DateTime."`;
          return context.error(message, {
            category: 'InvalidArgument',
            errorId: 'CannotConvertArgumentNoMessage',
            exception: 'System.Management.Automation.ParameterBindingException',
            target: input,
          });
        }
        await give(time);
      },
      end: async () => {
        if (!context.hasInput) await give(context.value('Date'));
      },
    };
  },
);

const NAMED_FORMATS: ReadonlyMap<string, (time: DateTime) => string> = new Map([
  ['filedate', (time: DateTime) => time.toString('yyyyMMdd')],
  ['filedatetime', (time: DateTime) => time.toString('yyyyMMddTHHmmssffff')],
  ['filedateuniversal', (time: DateTime) => time.toUniversalTime().toString('yyyyMMddZ')],
  ['filedatetimeuniversal', (time: DateTime) => time.toUniversalTime().toString('yyyyMMddTHHmmssffffZ')],
]);

const newTimeSpan = defineBuiltin(
  {
    name: 'New-TimeSpan',
    synopsis: 'Gives a length of time, from its parts or between two dates.',
    parameters: [
      builtinParameter('Start', 'datetime', { position: 0, byValue: true, help: 'From; now.' }),
      builtinParameter('End', 'datetime', { position: 1, help: 'To; now.' }),
      ...['Days', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'].map((unit) =>
        builtinParameter(unit, 'int', { help: `How many ${unit.toLowerCase()}.` }),
      ),
    ],
  },
  (context) => ({
    end: async () => {
      if (context.has('Start') || context.has('End')) {
        const now = context.frame.session.now.toLocalTime();
        const start = context.value('Start');
        const end = context.value('End');
        return context.emit(
          (end instanceof DateTime ? end : now).subtract(start instanceof DateTime ? start : now),
        );
      }
      const units = [
        ['Days', 864e9],
        ['Hours', 36e9],
        ['Minutes', 6e8],
        ['Seconds', 1e7],
        ['Milliseconds', 1e4],
      ] as const;
      await context.emit(
        new TimeSpan(units.reduce((ticks, [unit, size]) => ticks + (context.number(unit) ?? 0) * size, 0)),
      );
    },
  }),
);

const startSleep = defineBuiltin(
  {
    name: 'Start-Sleep',
    synopsis: 'Waits.',
    parameters: [
      builtinParameter('Seconds', 'double', { position: 0, aliases: ['s'], help: 'How many seconds.' }),
      builtinParameter('Milliseconds', 'int', { aliases: ['m', 'ms'], help: 'How many milliseconds.' }),
      builtinParameter('Duration', 'timespan', { aliases: ['ts'], help: 'How long.' }),
    ],
  },
  (context) => ({
    end: async () => {
      const duration = context.value('Duration');
      const wait =
        duration instanceof TimeSpan
          ? duration.totalMilliseconds
          : (context.number('Milliseconds') ?? (context.number('Seconds') ?? 0) * 1000);
      if (wait < 0 || wait > 2 ** 31 - 1)
        throw context.fail(
          `Cannot validate argument on parameter 'Seconds'. The time has to be between 0 and 2147483 seconds.`,
          { category: 'InvalidData', errorId: 'ParameterArgumentValidationError' },
        );
      const { signal } = context.frame.session.budget;
      try {
        await setTimeout(wait, undefined, { signal });
      } catch (error) {
        if (signal.aborted) throw new Stopped();
        throw error;
      }
    },
  }),
);

const measureCommand = defineBuiltin(
  {
    name: 'Measure-Command',
    synopsis: 'Runs a script block and tells how long it took.',
    parameters: [
      builtinParameter('Expression', 'scriptblock', {
        position: 0,
        mandatory: true,
        help: 'The script block.',
      }),
    ],
  },
  (context) => ({
    end: async () => {
      const block = context.value('Expression');
      const start = context.frame.session.surroundings.now();
      if (block instanceof ScriptBlockValue) await context.run(block, null, () => undefined);
      await context.emit(TimeSpan.from('milliseconds', context.frame.session.surroundings.now() - start));
    },
  }),
);

export const commands: readonly BuiltinCommand[] = [getDate, newTimeSpan, startSleep, measureCommand];
