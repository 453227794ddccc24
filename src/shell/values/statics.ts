// `[type]::Member` and `[type]::Method(…)`: by type, those that scripts use. What isn't here is an error that names it.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import type { Value } from '#parameters/value.ts';
import { daysInMonth, isLeapYear } from '#parameters/civil-time.ts';
import { compareText, equals, sortOrder } from './compare.ts';
import { convertStatics, EncodingValue } from './convert-statics.ts';
import { formatText } from './format-operator.ts';
import { mathFields, mathStatics } from './math-statics.ts';
import { Guid, itemsOf, Reference } from './object-values.ts';
import { expandReplacement, matchAll, replaceAll } from './regex.ts';
import { matchObject, RegexValue } from './regex-value.ts';
import { methodFailed, ScriptError } from './script-error.ts';
import type { Surroundings } from './surroundings.ts';
import { escapeRegex } from './text-operators.ts';
import { toText } from './text.ts';
import { toNumber } from './to-number.ts';
import { enumerationValue, findType, type TypeDefinition } from './types.ts';

export type StaticMethod = (args: readonly Value[], surroundings: Surroundings) => Value;
type Statics = Readonly<Record<string, StaticMethod>>;
type Fields = Readonly<Record<string, (surroundings: Surroundings) => Value>>;

const text = (value: Value | undefined): string => toText(value ?? null);
const number = (value: Value | undefined): number => toNumber(value ?? 0);

/** `TryParse($text, [ref]$result)`: no error, but an answer. */
function tryParse(typeName: string): StaticMethod {
  return (args, surroundings) => {
    const target = args.at(-1);
    try {
      const value = args[0] ?? null;
      if (value === null || text(value).trim() === '') return false;
      const parsed = findType(typeName).convert(text(value), surroundings);
      if (target instanceof Reference) target.value = parsed;
      return true;
    } catch (error) {
      if (error instanceof ScriptError) return false;
      throw error;
    }
  };
}
function parse(typeName: string): StaticMethod {
  return ([value], surroundings) => {
    const problem = (): ScriptError =>
      new ScriptError(
        typeName === 'datetime'
          ? `String '${text(value)}' was not recognized as a valid DateTime.`
          : `The input string '${text(value)}' was not in a correct format.`,
        { errorId: 'FormatException', exception: 'System.FormatException' },
      );
    if (text(value).trim() === '') throw problem();
    try {
      return findType(typeName).convert(text(value), surroundings);
    } catch (error) {
      if (error instanceof ScriptError) throw problem();
      throw error;
    }
  };
}
const parsing = (typeName: string): Statics => ({ Parse: parse(typeName), TryParse: tryParse(typeName) });

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

const METHODS: Readonly<Record<string, Statics>> = {
  'System.String': {
    IsNullOrEmpty: ([value]) => text(value) === '',
    IsNullOrWhiteSpace: ([value]) => text(value).trim() === '',
    Join: ([separator, ...rest]) =>
      (rest.length === 1 ? itemsOf(rest[0] ?? null) : rest).map((item) => toText(item)).join(text(separator)),
    Concat: (args) =>
      args
        .flatMap((value) => itemsOf(value))
        .map((item) => toText(item))
        .join(''),
    Format: ([format, ...rest]) =>
      formatText(
        text(format),
        rest.length === 1 && isList(rest[0] ?? null) ? itemsOf(rest[0] ?? null) : rest,
      ),
    Compare: ([left, right, ignoreCase]) =>
      compareText(text(left), text(right), ignoreCase === true ? 'ignore' : 'exact'),
    Equals: ([left = null, right = null, option]) =>
      /ignorecase$/i.test(text(option))
        ? text(left).toLowerCase() === text(right).toLowerCase()
        : equals(left, right, 'exact'),
    new: ([char, count]) => text(char).repeat(Math.min(Math.max(number(count), 0), 1_000_000)),
  },
  'System.DateTime': {
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
  },
  'System.TimeSpan': {
    ...parsing('timespan'),
    FromDays: ([n]) => TimeSpan.from('days', number(n)),
    FromHours: ([n]) => TimeSpan.from('hours', number(n)),
    FromMinutes: ([n]) => TimeSpan.from('minutes', number(n)),
    FromSeconds: ([n]) => TimeSpan.from('seconds', number(n)),
    FromMilliseconds: ([n]) => TimeSpan.from('milliseconds', number(n)),
    FromTicks: ([n]) => new TimeSpan(number(n)),
    new: (args) => {
      const [days, hours, minutes, seconds] =
        args.length === 1 ? [] : args.length === 3 ? [0, ...args] : args;
      if (args.length === 1) return new TimeSpan(number(args[0]));
      return new TimeSpan(
        number(days) * 864e9 + number(hours) * 36e9 + number(minutes) * 6e8 + number(seconds) * 1e7,
      );
    },
  },
  'System.Guid': {
    ...parsing('guid'),
    NewGuid: (_, surroundings) => new Guid(surroundings.newGuid()),
    new: ([value], surroundings) => findType('guid').convert(value ?? null, surroundings),
  },
  'System.Text.RegularExpressions.Regex': {
    Escape: ([value]) => escapeRegex(text(value)),
    IsMatch: ([value, pattern, option], { regex }) =>
      new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex).compiled.match(
        text(value),
        0,
      ) !== null,
    Match: ([value, pattern, option], { regex }) =>
      matchObject(
        new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex).compiled.match(text(value), 0),
      ),
    Matches: ([value, pattern, option], { regex }) =>
      [
        ...matchAll(
          new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex).compiled,
          text(value),
        ),
      ].map(matchObject),
    Replace: ([value, pattern, replacement, option], { regex }) =>
      replaceAll(
        new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex).compiled,
        text(value),
        (match) => expandReplacement(text(replacement), match, text(value)),
      ),
    Split: ([value, pattern], { regex }) => {
      const pieces: string[] = [];
      let last = 0;
      for (const match of matchAll(new RegexValue(text(pattern), false, regex).compiled, text(value))) {
        pieces.push(text(value).slice(last, match.index));
        last = match.index + match.value.length;
      }
      return [...pieces, text(value).slice(last)];
    },
    new: ([pattern, option], { regex }) =>
      new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex),
  },
  'System.Array': {
    IndexOf: ([list = null, wanted = null]) =>
      itemsOf(list).findIndex((item) => equals(item, wanted, 'exact')),
    Reverse: ([list = null]) => {
      if (isList(list)) (list as Value[]).reverse();
      return null;
    },
    Sort: ([list = null]) => {
      if (isList(list)) (list as Value[]).sort((left, right) => sortOrder(left, right));
      return null;
    },
  },
  'System.Char': {
    IsDigit: ([value]) => /^\p{Nd}/u.test(text(value)),
    IsLetter: ([value]) => /^\p{L}/u.test(text(value)),
    IsLetterOrDigit: ([value]) => /^[\p{L}\p{Nd}]/u.test(text(value)),
    IsUpper: ([value]) => /^\p{Lu}/u.test(text(value)),
    IsLower: ([value]) => /^\p{Ll}/u.test(text(value)),
    IsWhiteSpace: ([value]) => /^\s/.test(text(value)),
    ToUpper: ([value]) => text(value).toUpperCase(),
    ToLower: ([value]) => text(value).toLowerCase(),
  },
  'System.Environment': {
    GetEnvironmentVariable: ([name], { environment }) => environment.get(text(name)) ?? null,
  },
  'System.Net.Mail.MailAddress': {
    new: ([value], surroundings) => findType('mailaddress').convert(value ?? null, surroundings),
  },
  'System.Net.IPAddress': { ...parsing('ipaddress') },
  'System.Uri': { new: ([value], surroundings) => findType('uri').convert(value ?? null, surroundings) },
  'System.Version': {
    ...parsing('version'),
    new: (args, surroundings) =>
      findType('version').convert(args.map((part) => toText(part)).join('.'), surroundings),
  },
  'System.Management.Automation.SwitchParameter': { Present: () => true },
  'System.Math': mathStatics,
  'System.Convert': convertStatics,
};
for (const name of ['Int32', 'Int64', 'UInt32', 'Int16', 'Byte', 'Double', 'Single', 'Decimal', 'Boolean']) {
  (METHODS as Record<string, Statics>)[`System.${name}`] =
    name === 'Boolean' ? { Parse: ([value]) => booleanOf(text(value)), TryParse: tryBoolean } : parsing(name);
}

function booleanOf(value: string): boolean {
  const word = value.trim().toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  throw new ScriptError(`String '${value}' was not recognized as a valid Boolean.`, {
    errorId: 'FormatException',
    exception: 'System.FormatException',
  });
}
function tryBoolean([value, target]: readonly Value[]): Value {
  const word = text(value).trim().toLowerCase();
  if (word !== 'true' && word !== 'false') return false;
  if (target instanceof Reference) target.value = word === 'true';
  return true;
}

const limits = (minimum: number, maximum: number): Fields => ({
  MinValue: () => minimum,
  MaxValue: () => maximum,
});

const FIELDS: Readonly<Record<string, Fields>> = {
  'System.DateTime': {
    Now: ({ now }) => DateTime.fromUtcMilliseconds(now()).toLocalTime(),
    UtcNow: ({ now }) => DateTime.fromUtcMilliseconds(now()),
    Today: ({ now }) => DateTime.fromUtcMilliseconds(now()).toLocalTime().date,
    MinValue: () => DateTime.minValue,
    MaxValue: () => DateTime.maxValue,
  },
  'System.TimeSpan': { Zero: () => TimeSpan.zero },
  'System.Guid': { Empty: () => new Guid('00000000-0000-0000-0000-000000000000') },
  'System.String': { Empty: () => '' },
  'System.Int32': limits(-(2 ** 31), 2 ** 31 - 1),
  'System.Int64': limits(-(2 ** 63), 2 ** 63),
  'System.UInt32': limits(0, 2 ** 32 - 1),
  'System.Int16': limits(-(2 ** 15), 2 ** 15 - 1),
  'System.Byte': limits(0, 255),
  'System.Double': {
    ...limits(-Number.MAX_VALUE, Number.MAX_VALUE),
    NaN: () => Number.NaN,
    PositiveInfinity: () => Infinity,
  },
  'System.Math': mathFields,
  'System.Environment': {
    NewLine: () => '\n',
    MachineName: ({ environment }) => environment.get('HOSTNAME') ?? 'localhost',
    UserName: ({ environment }) => environment.get('USER') ?? '',
    UserDomainName: () => '',
  },
  'System.Net.IPAddress': {
    Any: () => findIp('0.0.0.0'),
    Loopback: () => findIp('127.0.0.1'),
    IPv6Loopback: () => findIp('::1'),
  },
  'System.Text.Encoding': {
    UTF8: () => new EncodingValue('utf8'),
    ASCII: () => new EncodingValue('ascii'),
    Unicode: () => new EncodingValue('utf16le'),
  },
};

function findIp(address: string): Value {
  return findType('ipaddress').convert(address, {} as Surroundings);
}

function lookUp<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  if (!table) return undefined;
  const wanted = name.toLowerCase();
  return Object.entries(table).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** undefined where the type has no such field or property. */
export function getStatic(type: TypeDefinition, name: string, surroundings: Surroundings): Value | undefined {
  return lookUp(FIELDS[type.name], name)?.(surroundings) ?? enumerationValue(type.name, name) ?? undefined;
}

/** null where the type has no such method; the call throws what the method throws, wrapped as PowerShell does. */
export function findStatic(type: TypeDefinition, name: string): StaticMethod | null {
  const method = lookUp(METHODS[type.name], name);
  if (!method) return null;
  return (args, surroundings) => {
    try {
      return method(args, surroundings);
    } catch (error) {
      if (error instanceof ScriptError) throw methodFailed(name, args.length, error.exception);
      if (!(error instanceof RangeError)) throw error;
      const reason = new ScriptError(error.message, { exception: 'System.ArgumentOutOfRangeException' });
      throw methodFailed(name, args.length, reason.exception);
    }
  };
}

export function staticNames(type: TypeDefinition): readonly string[] {
  return [...Object.keys(FIELDS[type.name] ?? {}), ...Object.keys(METHODS[type.name] ?? {})]
    .filter((name) => name !== 'new')
    .sort();
}
