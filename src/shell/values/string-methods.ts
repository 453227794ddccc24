// The methods of System.String that scripts call. Each gets the text and its arguments; without regard to culture.
import { isList } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { compareText } from './compare.ts';
import { Char, itemsOf } from './object-values.ts';
import { ScriptError } from './script-error.ts';
import { toText } from './text.ts';
import { toNumber } from './to-number.ts';

export type Method<T> = (value: T, args: readonly Value[]) => Value;

function outOfRange(name: string): ScriptError {
  return new ScriptError(`${name} must be within the text.`, {
    errorId: 'ArgumentOutOfRangeException',
    exception: 'System.ArgumentOutOfRangeException',
  });
}

function whole(value: Value | undefined): number {
  return Math.round(toNumber(value ?? 0));
}

function place(text: string, value: Value | undefined, name: string): number {
  const index = whole(value);
  if (index < 0 || index > text.length) throw outOfRange(name);
  return index;
}

/** An enumeration's value such as OrdinalIgnoreCase, or $true where the method takes ignoreCase. */
function ignoresCase(value: Value | undefined): boolean {
  return value === true || (typeof value === 'string' && /ignorecase$/i.test(value));
}

function finder(find: (text: string, part: string, start: number | undefined) => number): Method<string> {
  return (text, [part = null, second, third]) => {
    const option = typeof second === 'string' ? second : third;
    const start = typeof second === 'number' ? second : undefined;
    const fold = (value: string): string => (ignoresCase(option) ? value.toLowerCase() : value);
    return find(fold(text), fold(toText(part)), start);
  };
}

function tester(test: (text: string, part: string) => boolean): Method<string> {
  return (text, [part = null, option, culture]) => {
    const fold = (value: string): string =>
      ignoresCase(option) || ignoresCase(culture) ? value.toLowerCase() : value;
    return test(fold(text), fold(toText(part)));
  };
}

function charactersOf(args: readonly Value[]): string {
  return args
    .flatMap((value) => itemsOf(value))
    .map((item) => toText(item))
    .join('');
}

function trim(text: string, args: readonly Value[], start: boolean, end: boolean): string {
  const characters = charactersOf(args);
  const isTrimmed =
    characters === ''
      ? (char: string): boolean => /\s/.test(char)
      : (char: string): boolean => characters.includes(char);
  let from = 0;
  let to = text.length;
  if (start) while (from < to && isTrimmed(text[from] ?? '')) from++;
  if (end) while (to > from && isTrimmed(text[to - 1] ?? '')) to--;
  return text.slice(from, to);
}

/** `.Split(separators[, count][, options])`: a list or several texts of one character each are separators of their own. */
function split(text: string, args: readonly Value[]): Value {
  const rest = [...args];
  const last = rest.at(-1);
  const hasOptions =
    typeof last === 'string' && /^(?:none|removeemptyentries|trimentries)(?:,|$)/i.test(last);
  const options = hasOptions ? toText(rest.pop() ?? null).toLowerCase() : '';
  const optionNumber = rest.length > 1 && typeof rest.at(-1) === 'number' ? whole(rest.pop()) : null;
  const [first = null] = rest;
  const separators = (isList(first) || rest.length > 1 ? rest.flatMap((value) => itemsOf(value)) : [first])
    .map((item) => toText(item))
    .filter((item) => item !== '');
  const pieces = cut(
    text,
    separators,
    options.includes('remove') || optionNumber === null ? 0 : optionNumber,
  );
  const trimmed = options.includes('trimentries') ? pieces.map((piece) => piece.trim()) : pieces;
  return options.includes('remove') ? trimmed.filter((piece) => piece !== '') : trimmed;
}

function cut(text: string, separators: readonly string[], limit: number): string[] {
  const pieces: string[] = [];
  let last = 0;
  const most = limit > 0 ? limit - 1 : Infinity;
  for (let at = 0; at < text.length; ) {
    if (pieces.length >= most) break;
    const found =
      separators.length === 0
        ? /\s/.test(text[at] ?? '')
          ? (text[at] ?? '')
          : undefined
        : separators.find((separator) => text.startsWith(separator, at));
    if (found === undefined) at++;
    else {
      pieces.push(text.slice(last, at));
      at += found.length;
      last = at;
    }
  }
  pieces.push(text.slice(last));
  return pieces;
}

function replace(text: string, [from = null, to = null, option]: readonly Value[]): string {
  const wanted = toText(from);
  if (wanted === '') {
    throw new ScriptError("String cannot be of zero length. (Parameter 'oldValue')", {
      errorId: 'ArgumentException',
      exception: 'System.ArgumentException',
    });
  }
  if (!ignoresCase(option)) return text.replaceAll(wanted, () => toText(to));
  return cut(text.toLowerCase(), [wanted.toLowerCase()], 0).reduce<{ result: string; at: number }>(
    ({ result, at }, piece, index) => {
      const start = at + (index === 0 ? 0 : wanted.length);
      const original = text.slice(start, start + piece.length);
      return { result: result + (index === 0 ? '' : toText(to)) + original, at: start + piece.length };
    },
    { result: '', at: 0 },
  ).result;
}

function pad(text: string, [width, char = ' ']: readonly Value[], atStart: boolean): string {
  const places = whole(width);
  if (places < 0 || places > 1_000_000) throw outOfRange('totalWidth');
  return atStart ? text.padStart(places, toText(char)) : text.padEnd(places, toText(char));
}

const METHODS: Readonly<Record<string, Method<string>>> = {
  Contains: tester((text, part) => text.includes(part)),
  StartsWith: tester((text, part) => text.startsWith(part)),
  EndsWith: tester((text, part) => text.endsWith(part)),
  IndexOf: finder((text, part, start) => text.indexOf(part, start)),
  LastIndexOf: finder((text, part, start) => text.lastIndexOf(part, start)),
  IndexOfAny: (text, args) => {
    const characters = charactersOf(args);
    for (let index = 0; index < text.length; index++)
      if (characters.includes(text[index] ?? '')) return index;
    return -1;
  },
  Substring: (text, [start, length]) => {
    const from = place(text, start, 'startIndex');
    if (length === undefined) return text.slice(from);
    const count = whole(length);
    if (count < 0 || from + count > text.length) {
      throw new ScriptError(
        "Index and length must refer to a location within the string. (Parameter 'length')",
        { errorId: 'ArgumentOutOfRangeException', exception: 'System.ArgumentOutOfRangeException' },
      );
    }
    return text.slice(from, from + count);
  },
  Remove: (text, [start, count]) => {
    const from = place(text, start, 'startIndex');
    return text.slice(0, from) + (count === undefined ? '' : text.slice(from + whole(count)));
  },
  Insert: (text, [start, part = null]) => {
    const from = place(text, start, 'startIndex');
    return text.slice(0, from) + toText(part) + text.slice(from);
  },
  Replace: replace,
  Split: split,
  Trim: (text, args) => trim(text, args, true, true),
  TrimStart: (text, args) => trim(text, args, true, false),
  TrimEnd: (text, args) => trim(text, args, false, true),
  PadLeft: (text, args) => pad(text, args, true),
  PadRight: (text, args) => pad(text, args, false),
  ToUpper: (text) => text.toUpperCase(),
  ToLower: (text) => text.toLowerCase(),
  ToUpperInvariant: (text) => text.toUpperCase(),
  ToLowerInvariant: (text) => text.toLowerCase(),
  ToCharArray: (text) => Array.from({ length: text.length }, (_, index) => new Char(text[index] ?? '')),
  GetEnumerator: (text) => Array.from({ length: text.length }, (_, index) => new Char(text[index] ?? '')),
  Chars: (text, [index]) => new Char(text[place(text, index, 'index')] ?? ''),
  Normalize: (text) => text.normalize(),
  Clone: (text) => text,
  CompareTo: (text, [other = null]) => compareText(text, toText(other), 'exact'),
  Equals: (text, [other = null, option]) =>
    ignoresCase(option) ? text.toLowerCase() === toText(other).toLowerCase() : text === other,
};

export const stringMethods: ReadonlyMap<string, Method<string>> = new Map(
  Object.entries(METHODS).map(([name, method]) => [name.toLowerCase(), method]),
);
export const stringMethodNames: readonly string[] = Object.keys(METHODS);
