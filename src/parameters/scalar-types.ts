// The plain types: text, booleans, switches, whole numbers, GUIDs, hashtables, and any value at all.
// They read what PowerShell would convert, the same values as JSON, and what a POSIX shell leaves over.
import {
  cannotConvert,
  ConversionProblem,
  defineType,
  invalidValue,
  isList,
  single,
  textOf,
} from './parameter-type.ts';
import type { ParameterType } from './parameter-type.ts';
import { Hashtable, PsObject } from './value.ts';
import type { Value } from './value.ts';
import { groupedDigits } from './grouped-digits.ts';

/** Everything that isn't a file's content: more is a mistake or an attack. */
const MAX_TEXT = 32_768;

function readText(value: Value, typeName: string): string {
  const text = textOf(single(value));
  if (text === null) throw cannotConvert(value, typeName, 'Give one text value.');
  if (text.length > MAX_TEXT)
    throw invalidValue(`The value is longer than ${groupedDigits(MAX_TEXT)} characters.`);
  return text;
}

/** Any text, empty too; numbers and booleans as PowerShell prints them. */
export const textType: ParameterType<string> = defineType({
  name: 'String',
  schema: { type: 'string' },
  read: (value) => readText(value, 'System.String'),
  print: (value) => value,
});

/**
 * Text that means something: `read` gives T or throws (invalidValue names the cure). For domains, addresses, smart
 * hosts: `textLike('SmtpDomainWithSubdomains', parse, print)`.
 */
export function textLike<T>(
  name: string,
  read: (text: string) => T,
  print: (value: T) => string,
  schema: Readonly<Record<string, unknown>> = {},
): ParameterType<T> {
  return defineType({
    name,
    schema: { type: 'string', ...schema },
    read: (value) => read(readText(value, name)),
    print,
  });
}

/** Text of a limited length: names (not empty) and comments. PowerShell: where it may be empty, `$null` empties it. */
export function textUpTo(characters: number, minimum = 0): ParameterType<string> {
  return defineType({
    name: 'String',
    nullable: minimum === 0,
    schema: {
      type: minimum === 0 ? ['string', 'null'] : 'string',
      minLength: minimum,
      maxLength: characters,
    },
    read: (value) => {
      const text = value === null ? '' : readText(value, 'System.String');
      if (text.length < minimum) throw new ConversionProblem('it is empty', 'emptyText');
      if (text.length > characters) {
        throw invalidValue(
          `The value has ${text.length} characters; the maximum is ${characters}. Shorten it and try again.`,
        );
      }
      return text;
    },
    print: (value) => value,
  });
}

/** Text that must not reach a log or an answer: declare its parameter `secret` too. Prints as nothing. */
export const secretTextType: ParameterType<string> = defineType({
  name: 'SecureString',
  schema: { type: 'string', format: 'password', writeOnly: true },
  read: (value) => {
    const text = readText(
      value instanceof PsObject ? (value.get('Password') ?? null) : value,
      'SecureString',
    );
    if (text === '') throw new ConversionProblem('it is empty', 'emptyText');
    return text;
  },
  print: () => 'System.Security.SecureString',
});

/** Operations: a POSIX shell eats an unquoted $false, so the error shows what can be typed there. */
export const BOOLEAN_HINT =
  "Boolean parameters accept $true, $false, true, false, 1 or 0. In a POSIX shell write false, or quote it: '$false'.";

const booleanWords: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['$true', true],
  ['1', true],
  ['false', false],
  ['$false', false],
  ['0', false],
]);

function readBoolean(value: Value, typeName: string): boolean {
  const one = single(value);
  if (typeof one === 'boolean') return one;
  if (typeof one === 'number') return one !== 0;
  const known = typeof one === 'string' ? booleanWords.get(one.trim().toLowerCase()) : undefined;
  if (known === undefined) throw cannotConvert(value, typeName, BOOLEAN_HINT);
  return known;
}

export const booleanType: ParameterType<boolean> = defineType({
  name: 'Boolean',
  schema: { type: 'boolean' },
  read: (value) => readBoolean(value, 'System.Boolean'),
  print: (value) => value,
});

/** Given without a value it is true; `-Force:$false` is false. */
export const switchType: ParameterType<boolean> = defineType({
  name: 'SwitchParameter',
  isSwitch: true,
  schema: { type: 'boolean' },
  read: (value) => readBoolean(value, 'System.Management.Automation.SwitchParameter'),
  print: (value) => value,
});

/** A whole number within limits, both included. */
export function wholeNumber(minimum = -2_147_483_648, maximum = 2_147_483_647): ParameterType<number> {
  return defineType({
    name: 'Int32',
    schema: { type: 'integer', minimum, maximum },
    read: (value) => {
      const one = single(value);
      const number =
        typeof one === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(one)
          ? Number(one)
          : typeof one === 'number'
            ? one
            : NaN;
      if (!Number.isFinite(number)) {
        throw cannotConvert(
          value,
          'System.Int32',
          'Error: "The input string was not in a correct format." Give a whole number.',
        );
      }
      const whole = Math.round(number);
      if (whole < minimum || whole > maximum) {
        throw invalidValue(`The value ${whole} is outside the allowed range of ${minimum} to ${maximum}.`);
      }
      return whole;
    },
    print: (value) => value,
  });
}

export const int32Type: ParameterType<number> = wholeNumber();

const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/** Lower case, with hyphens, without braces. */
export const guidType: ParameterType<string> = defineType({
  name: 'Guid',
  schema: { type: 'string', format: 'uuid' },
  read: (value) => {
    const text = GUID.exec(readText(value, 'System.Guid').trim())?.[1];
    if (text === undefined) {
      throw cannotConvert(value, 'System.Guid', 'Error: "Guid should contain 32 digits with 4 dashes."');
    }
    return text.toLowerCase();
  },
  print: (value) => value,
});

/** One of a few words, without regard to case; reads to the declared spelling. */
export function enumeration<const V extends readonly string[]>(
  name: string,
  values: V,
): ParameterType<V[number]> {
  const byKey = new Map(values.map((value) => [value.toLowerCase(), value as V[number]]));
  return defineType<V[number]>({
    name,
    values,
    schema: { type: 'string', enum: values },
    read: (value) => {
      const text = textOf(single(value));
      const known = text === null ? undefined : byKey.get(text.trim().toLowerCase());
      if (known !== undefined) return known;
      const why =
        `Error: "Unable to match the identifier name ${text ?? ''} to a valid enumerator name. ` +
        `Specify one of the following enumerator names and try again: ${values.join(', ')}"`;
      throw cannotConvert(value, name, why);
    },
    print: (value) => value,
  });
}

/** `@{Key=Value}` as it is; an object counts by its properties. */
export const hashtableType: ParameterType<Hashtable> = defineType({
  name: 'Hashtable',
  schema: { type: 'object' },
  read: (value) => {
    const one = single(value);
    if (one instanceof Hashtable) return one;
    if (one instanceof PsObject) return one.properties;
    throw cannotConvert(value, 'System.Collections.Hashtable', 'Give a hashtable: @{Name=Value; …}.');
  },
  print: (value) => value,
});

/** Whatever was given, unconverted. */
export const objectType: ParameterType<Value> = defineType({
  name: 'Object',
  nullable: true,
  schema: {},
  read: (value) => value,
  print: (value) => value,
});

/** A list of values of one type; one value is a list of one. `mayBeEmpty` default true. */
export function listOf<T>(element: ParameterType<T>, mayBeEmpty = true): ParameterType<readonly T[]> {
  return defineType<readonly T[]>({
    name: `${element.name}[]`,
    values: element.values,
    isList: true,
    nullable: mayBeEmpty,
    completes: element.completes,
    schema: { type: 'array', items: element.schema },
    read: (value) => {
      const items = value === null ? [] : isList(value) ? value : [value];
      if (items.length === 0 && !mayBeEmpty) throw new ConversionProblem('it is empty', 'emptyList');
      if (items.length > MAX_ITEMS) throw tooManyItems(items.length);
      return items.map((item) => element.read(item));
    },
    print: (value) => value.map((item) => element.print(item)),
  });
}

/** More than any connector has. */
export const MAX_ITEMS = 10_000;

export function tooManyItems(count: number): ConversionProblem {
  return invalidValue(
    `The list has ${groupedDigits(count)} values; the maximum is ${groupedDigits(MAX_ITEMS)}.`,
  );
}
