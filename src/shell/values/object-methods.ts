// The methods of dates, time spans, lists, hashtables, regular expressions and numbers that scripts call.
import { DateTime } from '#parameters/date-time.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { equals, sortOrder } from './compare.ts';
import { formatValue } from './format-operator.ts';
import { Char, Guid, itemsOf, ListValue, mutableItems, OrderedHashtable } from './object-values.ts';
import { expandReplacement, matchAll, replaceAll } from './regex.ts';
import { matchObject, RegexValue } from './regex-value.ts';
import { ScriptError } from './script-error.ts';
import type { Method } from './string-methods.ts';
import { toText } from './text.ts';
import { toNumber } from './to-number.ts';

type Methods<T> = ReadonlyMap<string, Method<T>>;

function methods<T>(
  entries: Readonly<Record<string, Method<T>>>,
): Methods<T> & { readonly names: readonly string[] } {
  const map = new Map(Object.entries(entries).map(([name, method]) => [name.toLowerCase(), method]));
  return Object.assign(map, { names: Object.keys(entries) });
}

const count = (value: Value | undefined): number => toNumber(value ?? 0);
const format = (value: Value | undefined): string | null =>
  value === undefined || value === null ? null : toText(value);

function timeArgument(value: Value | undefined): DateTime {
  const time = value instanceof DateTime ? value : DateTime.parse(toText(value ?? null));
  if (!time)
    throw new ScriptError(`"${toText(value ?? null)}" is not a date and time.`, {
      errorId: 'FormatException',
      exception: 'System.FormatException',
    });
  return time;
}
function spanArgument(value: Value | undefined): TimeSpan {
  const span = value instanceof TimeSpan ? value : TimeSpan.parse(toText(value ?? null));
  if (!span)
    throw new ScriptError(`"${toText(value ?? null)}" is not a length of time.`, {
      errorId: 'FormatException',
      exception: 'System.FormatException',
    });
  return span;
}

export const dateTimeMethods = methods<DateTime>({
  ToUniversalTime: (time) => time.toUniversalTime(),
  ToLocalTime: (time) => time.toLocalTime(),
  AddYears: (time, [n]) => time.addYears(count(n)),
  AddMonths: (time, [n]) => time.addMonths(count(n)),
  AddDays: (time, [n]) => time.addDays(count(n)),
  AddHours: (time, [n]) => time.addHours(count(n)),
  AddMinutes: (time, [n]) => time.addMinutes(count(n)),
  AddSeconds: (time, [n]) => time.addSeconds(count(n)),
  AddMilliseconds: (time, [n]) => time.addMilliseconds(count(n)),
  AddTicks: (time, [n]) => time.addTicks(count(n)),
  Add: (time, [span]) => time.add(spanArgument(span)),
  Subtract: (time, [other]) =>
    other instanceof TimeSpan ? time.add(other.negate()) : time.subtract(timeArgument(other)),
  ToString: (time, [text]) => time.toString(format(text) ?? 'G'),
  ToShortDateString: (time) => time.toString('d'),
  ToLongDateString: (time) => time.toString('D'),
  ToShortTimeString: (time) => time.toString('t'),
  ToLongTimeString: (time) => time.toString('T'),
  ToFileTimeUtc: (time) => (time.toUtcMilliseconds() + 11_644_473_600_000) * 10_000,
  ToFileTime: (time) => (time.toUtcMilliseconds() + 11_644_473_600_000) * 10_000,
  CompareTo: (time, [other]) => time.compareTo(timeArgument(other)),
  Equals: (time, [other]) => other instanceof DateTime && time.equals(other),
  IsDaylightSavingTime: (time) => {
    const offset = (month: number): number => -new Date(time.civil.year, month, 1).getTimezoneOffset();
    return (
      time.kind !== 'Utc' &&
      (time.toUtcMilliseconds() - time.withKind('Utc').toUtcMilliseconds()) / -60_000 >
        Math.min(offset(0), offset(6))
    );
  },
});

export const timeSpanMethods = methods<TimeSpan>({
  Add: (span, [other]) => span.add(spanArgument(other)),
  Subtract: (span, [other]) => span.subtract(spanArgument(other)),
  Negate: (span) => span.negate(),
  Duration: (span) => span.duration(),
  ToString: (span, [text]) => span.toString(format(text) ?? 'c'),
  CompareTo: (span, [other]) => span.compareTo(spanArgument(other)),
  Equals: (span, [other]) => other instanceof TimeSpan && span.equals(other),
});

export const numberMethods = methods<number>({
  ToString: (number, [text]) => formatValue(number, typeof text === 'string' ? text : null),
  CompareTo: (number, [other = null]) => Math.sign(number - toNumber(other)),
  Equals: (number, [other = null]) => number === other,
});

export const guidMethods = methods<Guid>({
  ToString: (guid, [text]) => formatValue(guid, format(text)),
  Equals: (guid, [other = null]) => other instanceof Guid && other.text === guid.text,
});

function fixedSize(): ScriptError {
  return new ScriptError('Collection was of a fixed size.', {
    errorId: 'NotSupportedException',
    exception: 'System.NotSupportedException',
  });
}

const indexOf = (items: readonly Value[], wanted: Value): number =>
  items.findIndex((item) => equals(item, wanted, 'exact'));

export const arrayMethods = methods<readonly Value[]>({
  Contains: (items, [wanted = null]) => indexOf(items, wanted) >= 0,
  IndexOf: (items, [wanted = null]) => indexOf(items, wanted),
  Clone: (items) => [...items],
  GetLength: (items) => items.length,
  GetUpperBound: (items) => items.length - 1,
  GetLowerBound: () => 0,
  GetValue: (items, [index]) => items[count(index)] ?? null,
  SetValue: (items, [value = null, index]) => {
    mutableItems(items)[count(index)] = value;
    return null;
  },
  GetEnumerator: (items) => items,
  Add: () => {
    throw fixedSize();
  },
  Remove: () => {
    throw fixedSize();
  },
  Clear: () => {
    throw fixedSize();
  },
});

function place(list: ListValue, value: Value | undefined, limit: number): number {
  const index = count(value);
  if (index < 0 || index >= limit) {
    throw new ScriptError(
      "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')",
      {
        errorId: 'ArgumentOutOfRangeException',
        exception: 'System.ArgumentOutOfRangeException',
      },
    );
  }
  return index;
}

export const listMethods = methods<ListValue>({
  Add: (list, [item = null]) => {
    list.items.push(item);
    return list.typeName.endsWith('ArrayList') ? list.items.length - 1 : null;
  },
  AddRange: (list, [more = null]) => {
    for (const item of itemsOf(more)) list.items.push(item);
    return null;
  },
  Insert: (list, [index, item = null]) => {
    list.items.splice(place(list, index, list.items.length + 1), 0, item);
    return null;
  },
  Remove: (list, [item = null]) => {
    const index = indexOf(list.items, item);
    if (index >= 0) list.items.splice(index, 1);
    return list.typeName.endsWith('ArrayList') ? null : index >= 0;
  },
  RemoveAt: (list, [index]) => {
    list.items.splice(place(list, index, list.items.length), 1);
    return null;
  },
  RemoveRange: (list, [index, length]) => {
    list.items.splice(place(list, index, list.items.length), count(length));
    return null;
  },
  Clear: (list) => {
    list.items.length = 0;
    return null;
  },
  Contains: (list, [item = null]) => indexOf(list.items, item) >= 0,
  IndexOf: (list, [item = null]) => indexOf(list.items, item),
  Sort: (list) => {
    list.items.sort((left, right) => sortOrder(left, right));
    return null;
  },
  Reverse: (list) => {
    list.items.reverse();
    return null;
  },
  ToArray: (list) => [...list.items],
  Clone: (list) => new ListValue(list.typeName, [...list.items]),
  GetEnumerator: (list) => [...list.items],
});

/** One row of a hashtable, as GetEnumerator gives it. */
export function dictionaryEntry(key: string, value: Value): PsObject {
  return new PsObject('System.Collections.DictionaryEntry', [
    ['Name', key],
    ['Key', key],
    ['Value', value],
  ]);
}

function copy(table: Hashtable): Hashtable {
  const result = table instanceof OrderedHashtable ? new OrderedHashtable() : new Hashtable();
  for (const [key, value] of table.entries()) result.set(key, value);
  return result;
}

export const hashtableMethods = methods<Hashtable>({
  Add: (table, [key = null, value = null]) => {
    const name = toText(key);
    if (table.has(name)) {
      throw new ScriptError(
        `Item has already been added. Key in dictionary: '${name}'  Key being added: '${name}'`,
        { errorId: 'ArgumentException', exception: 'System.ArgumentException' },
      );
    }
    table.set(name, value);
    return null;
  },
  Remove: (table, [key = null]) => {
    table.delete(toText(key));
    return null;
  },
  Contains: (table, [key = null]) => table.has(toText(key)),
  ContainsKey: (table, [key = null]) => table.has(toText(key)),
  ContainsValue: (table, [value = null]) =>
    [...table.entries()].some(([, item]) => equals(item, value, 'exact')),
  Clear: (table) => {
    const keys = [...table.entries()].map(([key]) => key);
    for (const key of keys) table.delete(key);
    return null;
  },
  Clone: copy,
  Item: (table, [key = null]) => table.get(toText(key)) ?? null,
  GetEnumerator: (table) => [...table.entries()].map(([key, value]) => dictionaryEntry(key, value)),
});

export const regexMethods = methods<RegexValue>({
  IsMatch: (regex, [text = null]) => regex.compiled.match(toText(text), 0) !== null,
  Match: (regex, [text = null]) => matchObject(regex.compiled.match(toText(text), 0)),
  Matches: (regex, [text = null]) => [...matchAll(regex.compiled, toText(text))].map(matchObject),
  Replace: (regex, [text = null, replacement = null]) => {
    const whole = toText(text);
    return replaceAll(regex.compiled, whole, (match) => expandReplacement(toText(replacement), match, whole));
  },
  Split: (regex, [text = null]) => {
    const whole = toText(text);
    const pieces: string[] = [];
    let last = 0;
    for (const match of matchAll(regex.compiled, whole)) {
      pieces.push(whole.slice(last, match.index));
      last = match.index + match.value.length;
    }
    pieces.push(whole.slice(last));
    return pieces;
  },
});

export const charMethods = methods<Char>({ ToString: (char) => char.text });
