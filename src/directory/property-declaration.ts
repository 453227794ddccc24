// The sorts of properties that configured objects have: plain values, values that may be $null, multi-valued lists, and
// what is kept but never shown. Each says what a command may ask for, how it is kept, and how it is printed.
import { applyChange, multiValued } from '#parameters/multi-valued-property.ts';
import type { MultiValuedChange } from '#parameters/multi-valued-property.ts';
import { nullable } from '#parameters/parameter-type.ts';
import type { ParameterType } from '#parameters/parameter-type.ts';
import type { PropertyDeclaration, Stored, TakenBy } from './declared-object.ts';

interface PropertyOptions {
  readonly help: string;
  /** Default: both. */
  readonly takenBy?: TakenBy;
}

/** A value of a type: `property(booleanType, true, { help })`. */
export function property<T extends boolean | number | string>(
  type: ParameterType<T>,
  initial: T,
  options: PropertyOptions,
): PropertyDeclaration<T, T> {
  return {
    ...base(options),
    input: type,
    initial,
    apply: (_current, value) => ({ value, warnings: [] }),
    print: (value) => type.print(value),
    accepts: (stored): stored is T => typeof stored === typeof initial && isAmong(type.values, stored),
  };
}

/** A value that may be $null, which is its default too. */
export function nullableProperty<T extends boolean | number | string>(
  type: ParameterType<T>,
  options: PropertyOptions,
): PropertyDeclaration<T | null, T | null> {
  return {
    ...base(options),
    input: nullable(type),
    initial: null,
    apply: (_current, value) => ({ value, warnings: [] }),
    print: (value) => (value === null ? null : type.print(value)),
    accepts: (stored): stored is T | null =>
      stored === null ||
      (['boolean', 'number', 'string'].includes(typeof stored) && isAmong(type.values, stored)),
  };
}

/** A multi-valued property of texts, kept as typed. `keyOf` says when two are the same (its canonical text). */
export function listProperty(
  element: ParameterType<string>,
  keyOf: (text: string) => string,
  options: PropertyOptions & { readonly typeName?: string; readonly initial?: readonly string[] },
): PropertyDeclaration<readonly string[], MultiValuedChange<string>> {
  const input = multiValued(element);
  return {
    ...base(options),
    input: options.typeName === undefined ? input : { ...input, name: options.typeName },
    initial: options.initial ?? [],
    apply: (current, change) => {
      const { values: value, warnings } = applyChange(current, change, keyOf);
      return { value, warnings };
    },
    print: (values) => values.map((value) => element.print(value)),
    accepts: isTextList,
  };
}

/** Something that is kept with the object and that no command takes and nothing shows. */
export function hiddenProperty<T extends Stored>(
  initial: T,
  accepts: (stored: unknown) => stored is T,
): PropertyDeclaration<T, never> {
  return {
    input: null,
    initial,
    takenBy: 'neither',
    help: '',
    hidden: true,
    apply: (current) => ({ value: current, warnings: [] }),
    print: () => null,
    accepts,
  };
}

function base(options: PropertyOptions): { takenBy: TakenBy; help: string; hidden: false } {
  return { takenBy: options.takenBy ?? 'both', help: options.help, hidden: false };
}

/** An enumeration's value is one of its own; other types have none to be among. */
function isAmong(values: readonly string[], stored: unknown): boolean {
  return values.length === 0 || (typeof stored === 'string' && values.includes(stored));
}

export function isTextList(stored: unknown): stored is readonly string[] {
  return Array.isArray(stored) && stored.every((item) => typeof item === 'string');
}

export function isTextOrNull(stored: unknown): stored is string | null {
  return stored === null || typeof stored === 'string';
}
