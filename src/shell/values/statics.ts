// `[type]::Member` and `[type]::Method(…)`: by type, those that scripts use. What isn't here is an error that names it.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import type { Value } from '#parameters/value.ts';
import { compareText, equals, sortOrder } from './compare.ts';
import { convertStatics, EncodingValue } from './convert-statics.ts';
import { formatText } from './format-operator.ts';
import { convertToNetworkType } from './network-types.ts';
import { mathFields, mathStatics } from './math-statics.ts';
import { Guid, itemsOf, mutableItems, Reference } from './object-values.ts';
import { regexStatics } from './regex-statics.ts';
import { methodFailed, ScriptError } from './script-error.ts';
import { parsing, type StaticMethod, type Statics } from './static-parsing.ts';
import type { Surroundings } from './surroundings.ts';
import { toText } from './text.ts';
import { dateTimeStatics, timeSpanStatics } from './time-statics.ts';
import { toNumber } from './to-number.ts';
import { enumerationValue } from './enumerations.ts';
import { findType } from './type-definition.ts';
import type { TypeDefinition } from './type-value.ts';

type Fields = Readonly<Record<string, (surroundings: Surroundings) => Value>>;

const text = (value: Value | undefined): string => toText(value ?? null);
const number = (value: Value | undefined): number => toNumber(value ?? 0);

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
  'System.DateTime': dateTimeStatics,
  'System.TimeSpan': timeSpanStatics,
  'System.Guid': {
    ...parsing('guid'),
    NewGuid: (_, surroundings) => new Guid(surroundings.newGuid()),
    new: ([value], surroundings) => findType('guid').convert(value ?? null, surroundings),
  },
  'System.Text.RegularExpressions.Regex': regexStatics,
  'System.Array': {
    IndexOf: ([list = null, wanted = null]) =>
      itemsOf(list).findIndex((item) => equals(item, wanted, 'exact')),
    Reverse: ([list = null]) => {
      if (isList(list)) mutableItems(list).reverse();
      return null;
    },
    Sort: ([list = null]) => {
      if (isList(list)) mutableItems(list).sort((left, right) => sortOrder(left, right));
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
  return convertToNetworkType('System.Net.IPAddress', address);
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
