// [datetime]:: and [timespan]:: methods.
import { daysInMonth, isLeapYear } from '#parameters/civil-time.ts';
import { DateTime } from '#parameters/date-time.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import type { Value } from '#parameters/value.ts';
import { sortOrder } from './compare.ts';
import { itemsOf } from './object-values.ts';
import { ScriptError } from './script-error.ts';
import { parsing, type Statics } from './static-parsing.ts';
import { toText } from './text.ts';
import { toNumber } from './to-number.ts';

const text = (value: Value | undefined): string => toText(value ?? null);
const number = (value: Value | undefined): number => toNumber(value ?? 0);

function parseExact(args: readonly Value[]): Value {
  const wanted = text(args[0]);
  const formats = itemsOf(args[1] ?? null).map((item) => toText(item));
  const parsed =
    DateTime.parse(wanted) ??
    DateTime.parse(
      wanted.replace(
        /^(\d{4})(\d{2})(\d{2})(?:[T_-]?(\d{2})(\d{2})(\d{2})?)?$/,
        (_, y: string, m: string, d: string, h?: string, n?: string, s?: string) =>
          `${y}-${m}-${d} ${h ?? '00'}:${n ?? '00'}:${s ?? '00'}`,
      ),
    );
  if (parsed && formats.some((format) => parsed.toString(format) === wanted)) return parsed;
  for (const format of formats) {
    const swapped = /^d{1,2}([./-])M{1,2}\1/.test(format)
      ? DateTime.parse(wanted.replace(/^(\d{1,2})([./-])(\d{1,2})\2/, '$3$2$1$2'))
      : null;
    if (swapped?.toString(format) === wanted) return swapped;
  }
  throw new ScriptError(`String '${wanted}' was not recognized as a valid DateTime.`, {
    errorId: 'FormatException',
    exception: 'System.FormatException',
  });
}

export const dateTimeStatics: Statics = {
  ...parsing('datetime'),
  ParseExact: parseExact,
  DaysInMonth: ([year, month]) => daysInMonth(number(year), number(month)),
  IsLeapYear: ([year]) => isLeapYear(number(year)),
  Compare: ([left, right]) => sortOrder(left ?? null, right ?? null),
  FromFileTimeUtc: ([ticks]) => DateTime.fromUtcMilliseconds(number(ticks) / 10_000 - 11_644_473_600_000),
  FromFileTime: ([ticks]) =>
    DateTime.fromUtcMilliseconds(number(ticks) / 10_000 - 11_644_473_600_000).toLocalTime(),
  SpecifyKind: ([time, kind]) =>
    time instanceof DateTime
      ? time.withKind(text(kind) === 'Utc' ? 'Utc' : text(kind) === 'Local' ? 'Local' : 'Unspecified')
      : null,
  new: ([year, month, day, hour, minute, second]) => {
    if (month === undefined) return DateTime.fromTicks(BigInt(Math.round(number(year))));
    return DateTime.of({
      year: number(year),
      month: number(month),
      day: number(day),
      hour: number(hour),
      minute: number(minute),
      second: number(second),
    });
  },
};

export const timeSpanStatics: Statics = {
  ...parsing('timespan'),
  FromDays: ([n]) => TimeSpan.from('days', number(n)),
  FromHours: ([n]) => TimeSpan.from('hours', number(n)),
  FromMinutes: ([n]) => TimeSpan.from('minutes', number(n)),
  FromSeconds: ([n]) => TimeSpan.from('seconds', number(n)),
  FromMilliseconds: ([n]) => TimeSpan.from('milliseconds', number(n)),
  FromTicks: ([n]) => new TimeSpan(number(n)),
  new: (args) => {
    const [days, hours, minutes, seconds] = args.length === 1 ? [] : args.length === 3 ? [0, ...args] : args;
    if (args.length === 1) return new TimeSpan(number(args[0]));
    return new TimeSpan(
      number(days) * 864e9 + number(hours) * 36e9 + number(minutes) * 6e8 + number(seconds) * 1e7,
    );
  },
};
