// Arguments on their way to the binder: where each one stands, and values whose meaning depends on the parameter.
import type { Argument } from '#parameters/bind.ts';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import { isList } from '#parameters/parameter-type.ts';
import type { Opaque, Value } from '#parameters/value.ts';
import type { Extent } from '#shell/syntax/source-text.ts';

/** A value that means one thing or another depending on the parameter that takes it. */
export interface Unread extends Opaque {
  /** As error messages show it. */
  readonly text: string;
  /** `parameter` null: none takes it. Throws ScriptError. */
  readFor(parameter: ReadingParameter | null): Value;
}

export type ReadingParameter = Pick<ParameterMetadata, 'type' | 'isList' | 'isSwitch' | 'values'>;

export function isUnread(value: Value): value is Unread {
  return typeof value === 'object' && value !== null && 'readFor' in value;
}

/** Keeps a value whole while the binder gathers what is left over. */
export class Boxed implements Opaque {
  readonly opaque = 'Boxed';
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

export interface PlacedArgument {
  readonly argument: Argument;
  readonly extent: Extent;
}

export function unwrap(value: Value, parameter: ReadingParameter | null): Value {
  if (value instanceof Boxed) return unwrap(value.value, parameter);
  if (isUnread(value)) return value.readFor(parameter);
  if (isList(value) && value.some((item) => isUnread(item) || item instanceof Boxed)) {
    return value.map((item) => unwrap(item, parameter));
  }
  return value;
}
