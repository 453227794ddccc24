// Properties: `$x.Name` for every kind of value, over a list for each of its items, and how they are set.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { ErrorRecordValue } from './error-record.ts';
import { ExceptionValue, shortTypeName } from './exception-value.ts';
import { Guid, InformationRecord, ListValue, Reference, StreamRecord } from './object-values.ts';
import { exceptionProperty, errorRecordProperty } from './error-members.ts';
import { propertyBag, PropertyCollection } from './property-collection.ts';
import { ShellObject } from './shell-object.ts';
import { ScriptError } from './script-error.ts';
import { RegexValue } from './regex-value.ts';
import { TypeValue } from './type-value.ts';

type Getter<T> = (value: T) => Value;
type Table<T> = ReadonlyMap<string, Getter<T>>;

function table<T>(getters: Readonly<Record<string, Getter<T>>>): Table<T> {
  return new Map(Object.entries(getters).map(([name, getter]) => [name.toLowerCase(), getter]));
}

const DATE_TIME = table<DateTime>({
  Year: (time) => time.civil.year,
  Month: (time) => time.civil.month,
  Day: (time) => time.civil.day,
  Hour: (time) => time.civil.hour,
  Minute: (time) => time.civil.minute,
  Second: (time) => time.civil.second,
  Millisecond: (time) => Math.floor(time.civil.fraction / 10_000),
  DayOfWeek: (time) => time.dayOfWeek,
  DayOfYear: (time) => time.dayOfYear,
  Date: (time) => time.date,
  TimeOfDay: (time) => time.timeOfDay,
  Ticks: (time) => Number(time.ticks),
  Kind: (time) => time.kind,
  DateTime: (time) => time.toString('F'),
});
const TIME_SPAN = table<TimeSpan>({
  Days: (span) => span.days,
  Hours: (span) => span.hours,
  Minutes: (span) => span.minutes,
  Seconds: (span) => span.seconds,
  Milliseconds: (span) => span.milliseconds,
  Ticks: (span) => span.ticks,
  TotalDays: (span) => span.total('days'),
  TotalHours: (span) => span.total('hours'),
  TotalMinutes: (span) => span.total('minutes'),
  TotalSeconds: (span) => span.total('seconds'),
  TotalMilliseconds: (span) => span.total('milliseconds'),
});
const TYPE = table<TypeValue>({
  Name: (type) => shortTypeName(type.definition.name),
  FullName: (type) => type.definition.name,
  IsArray: (type) => type.definition.name.endsWith('[]'),
  BaseType: () => null,
});
const INFORMATION = table<InformationRecord>({
  MessageData: (record) => record.message,
  Tags: (record) => (record.host ? ['PSHOST'] : []),
});

/** A property of a .NET value by its name in lower case; undefined where it has none. */
function dotNetProperty(value: Exclude<Value, null>, key: string): Value | undefined {
  if (value instanceof DateTime) return DATE_TIME.get(key)?.(value);
  if (value instanceof TimeSpan) return TIME_SPAN.get(key)?.(value);
  if (value instanceof TypeValue) return TYPE.get(key)?.(value);
  return value instanceof InformationRecord ? INFORMATION.get(key)?.(value) : undefined;
}

/** undefined where the value has no such property. */
export function getProperty(value: Value, name: string): Value | undefined {
  if (value === null)
    return name.toLowerCase() === 'count' || name.toLowerCase() === 'length' ? 0 : undefined;
  const own = ownProperty(value, name);
  if (own !== undefined) return own;
  const key = name.toLowerCase();
  if (key === 'psobject') return propertyBag(value);
  if (isList(value)) return overItems(value, name);
  if (value instanceof ListValue || value instanceof PropertyCollection) return overItems(value.items, name);
  // PowerShell: every single value counts as a list of one.
  return key === 'count' || key === 'length' ? 1 : undefined;
}

function ownProperty(value: Exclude<Value, null>, name: string): Value | undefined {
  const key = name.toLowerCase();
  if (value instanceof PsObject) return value.get(name);
  if (typeof value === 'string') return key === 'length' ? value.length : undefined;
  if (typeof value !== 'object') return undefined;
  if (value instanceof Hashtable) return hashtableProperty(value, name, key);
  if (isList(value)) return listProperty(value, key);
  if (value instanceof ListValue)
    return key === 'count' || key === 'capacity' ? value.items.length : undefined;
  const known = dotNetProperty(value, key);
  if (known !== undefined) return known;
  if (value instanceof ErrorRecordValue) return errorRecordProperty(value, key);
  if (value instanceof ExceptionValue) return exceptionProperty(value, key);
  if (value instanceof Guid && key === 'guid') return value.text;
  if (value instanceof Reference && key === 'value') return value.value;
  if (value instanceof StreamRecord && key === 'message') return value.message;
  if (value instanceof RegexValue && key === 'pattern') return value.pattern;
  return value instanceof ShellObject ? value.member(key) : undefined;
}

function hashtableProperty(value: Hashtable, name: string, key: string): Value | undefined {
  const entry = value.get(name);
  if (entry !== undefined) return entry;
  if (key === 'keys') return [...value.entries()].map(([entryKey]) => entryKey);
  if (key === 'values') return [...value.entries()].map(([, item]) => item);
  if (key === 'count') return value.size;
  return key === 'isreadonly' || key === 'isfixedsize' ? false : undefined;
}

function listProperty(value: readonly Value[], key: string): Value | undefined {
  if (key === 'count' || key === 'length' || key === 'longlength') return value.length;
  if (key === 'rank') return 1;
  return key === 'isfixedsize' ? true : undefined;
}

/** The property of each item that has it: nothing, one value, or a list. */
function overItems(items: readonly Value[], name: string): Value | undefined {
  const values: Value[] = [];
  for (const item of items) {
    if (item === null) continue;
    const value =
      isList(item) || item instanceof ListValue
        ? getProperty(item, name)
        : (ownProperty(item, name) ?? (name.toLowerCase() === 'psobject' ? propertyBag(item) : undefined));
    if (value === undefined) continue;
    if (isList(value)) values.push(...value);
    else values.push(value);
  }
  if (values.length === 0) return undefined;
  return values.length === 1 ? values[0] : values;
}

/** Throws ScriptError where the value takes no such property. */
export function setProperty(target: Value, name: string, value: Value): void {
  if (target instanceof Hashtable) {
    target.set(name, value);
    return;
  }
  if (target instanceof Reference && name.toLowerCase() === 'value') {
    target.value = value;
    return;
  }
  if (target instanceof PsObject) {
    if (target.get(name) !== undefined) {
      target.properties.set(name, value);
      return;
    }
  }
  if (target instanceof ShellObject && target.setMember(name.toLowerCase(), value)) return;
  if (
    isList(target) &&
    target.length > 0 &&
    target.every((item) => item instanceof PsObject && item.get(name) !== undefined)
  ) {
    for (const item of target) setProperty(item, name, value);
    return;
  }
  throw new ScriptError(
    `The property '${name}' cannot be found on this object. Verify that the property exists and can be set.`,
    {
      errorId: 'PropertyNotFound',
    },
  );
}
