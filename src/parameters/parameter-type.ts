// The kit's one idea: a type reads a value as an administrator gives it (PowerShell text, JSON, a form) and prints it
// back. Reading never guesses: what it can't take is a ConversionProblem in PowerShell's words. Types know no cmdlet
// and no object; a cmdlet declares its parameters with them, a configured object its properties.
import { Hashtable, PsObject } from './value.ts';
import type { Value } from './value.ts';

export interface ParameterType<T> {
  /** As help and errors show it: `String`, `MultiValuedProperty`, `OutboundConnectorIdParameter`. */
  readonly name: string;
  /** The values of an enumeration, in the documentation's order; empty for other types. */
  readonly values: readonly string[];
  readonly isSwitch: boolean;
  /** A list is read whole; other types take one value. */
  readonly isList: boolean;
  /** $null is a value of its own (it clears). For other types $null is a mistake. */
  readonly nullable: boolean;
  /** The kind of object whose names complete it (`OutboundConnector`); null: none. */
  readonly completes: string | null;
  /** JSON Schema (2020-12) of the value on the wire. */
  readonly schema: JsonSchema;
  /** Throws ConversionProblem. */
  read(value: Value): T;
  /** The value as Get- cmdlets show it; `read(print(x))` is x. */
  print(value: T): Value;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a type can't read. The cmdlet's door adds the parameter's name. */
export class ConversionProblem extends Error {
  readonly reason: 'transformation' | 'null' | 'emptyText' | 'emptyList' | 'validation';

  /** What to give instead, in words that hold nothing of the value: a secret's error shows them alone. */
  readonly cure: string;

  /** `text` is a whole sentence for `transformation` and `validation`; the other reasons have words of their own. */
  constructor(text: string, reason: ConversionProblem['reason'] = 'transformation', cure = '') {
    super(text);
    this.name = 'ConversionProblem';
    this.reason = reason;
    this.cure = cure;
  }
}

/** A problem with a well-formed value: out of range, wrong shape. `text` is one sentence that names the cure. */
export function invalidValue(text: string): ConversionProblem {
  return new ConversionProblem(text, 'validation');
}

/** PowerShell's words for a value that has the wrong form for a type. */
export function cannotConvert(value: Value, typeName: string, why: string): ConversionProblem {
  return new ConversionProblem(`Cannot convert value "${shownValue(value)}" to type "${typeName}". ${why}`);
}

/** Values in error messages stay short. */
const SHOWN_CHARACTERS = 200;

function shownValue(value: Value): string {
  const text = textOf(value) ?? typeNameOf(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** The .NET-like name of a value's own type, as PowerShell's errors show it. */
export function typeNameOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'System.String';
  if (typeof value === 'boolean') return 'System.Boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'System.Int32' : 'System.Double';
  if (isList(value)) return 'System.Object[]';
  if (value instanceof Hashtable) return 'System.Collections.Hashtable';
  if (value instanceof PsObject) return value.typeName;
  if ('opaque' in value) return value.opaque;
  return 'System.DateTime';
}

/** Array.isArray narrows readonly lists badly; this one does it well. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** A scalar as text (booleans as PowerShell prints them, dates in ISO 8601); null for everything that isn't one. */
export function textOf(value: Value): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null || isList(value) || value instanceof Hashtable || value instanceof PsObject) return null;
  if ('opaque' in value) return null;
  return value.toJSON();
}

/** A list of one where one value is wanted counts as that value (PowerShell unrolls it on the pipeline). */
export function single(value: Value): Value {
  if (isList(value) && value.length === 1) return value[0] ?? null;
  return value;
}

interface TypeParts<T> {
  readonly name: string;
  readonly values?: readonly string[];
  readonly isSwitch?: boolean;
  readonly isList?: boolean;
  readonly nullable?: boolean;
  readonly completes?: string | null;
  readonly schema: JsonSchema;
  readonly read: (value: Value) => T;
  readonly print: (value: T) => Value;
}

/** A type from its parts; `$null` never reaches `read` unless `nullable` is set. */
export function defineType<T>(parts: TypeParts<T>): ParameterType<T> {
  const nullable = parts.nullable ?? false;
  return {
    name: parts.name,
    values: parts.values ?? [],
    isSwitch: parts.isSwitch ?? false,
    isList: parts.isList ?? false,
    nullable,
    completes: parts.completes ?? null,
    schema: parts.schema,
    read: (value) => {
      if (value === null && !nullable) throw new ConversionProblem('it is null', 'null');
      return parts.read(value);
    },
    print: parts.print,
  };
}

/** The same type with `$null` (and the empty text, as `-TlsDomain ""` and forms send it) as a value that clears. */
export function nullable<T>(type: ParameterType<T>): ParameterType<T | null> {
  return defineType<T | null>({
    ...type,
    nullable: true,
    schema: { anyOf: [type.schema, { type: 'null' }] },
    read: (value) => (value === null || value === '' ? null : type.read(value)),
    print: (value) => (value === null ? null : type.print(value)),
  });
}
