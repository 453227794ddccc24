// A type as a value: `[string]`. What types there are is in type-definition.ts.
import type { Opaque, Value } from '#parameters/value.ts';
import type { Surroundings } from './surroundings.ts';

export interface TypeDefinition {
  /** `System.String` */
  readonly name: string;
  readonly holds: (value: Value) => boolean;
  readonly convert: (value: Value, surroundings: Surroundings) => Value;
}

/** `[string]` as a value. */
export class TypeValue implements Opaque {
  readonly opaque = 'Type';
  readonly definition: TypeDefinition;
  constructor(definition: TypeDefinition) {
    this.definition = definition;
  }
  toString(): string {
    return this.definition.name;
  }
}
