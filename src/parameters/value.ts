// The values that cmdlets, the shell and the wire share: null, booleans, numbers, strings, lists, dates, hashtables
// and objects with named properties. PowerShell's, as far as connector scripts need them.
import type { DateTime } from './date-time.ts';
import { KeyShape } from './key-shape.ts';

export type Value =
  | null
  | boolean
  | number
  | string
  | DateTime
  | readonly Value[]
  | Hashtable
  | PsObject
  | Opaque;

/** Anything that only one side understands (a script block, an exception); never crosses the wire. */
export interface Opaque {
  readonly opaque: string;
}

/** `@{…}`: keys without regard to case, in order of insertion. */
export class Hashtable {
  #shape = KeyShape.empty;
  #values: Value[] = [];
  /** Set where a table has grown large: then each key would cost a copy of all. */
  #positions: Map<string, number> | null = null;
  #keys: string[] = [];

  get size(): number {
    return this.#values.length;
  }
  get(key: string): Value | undefined {
    return this.#values[this.#positionOf(key)];
  }
  has(key: string): boolean {
    return this.#positionOf(key) !== -1;
  }
  set(key: string, value: Value): this {
    if (this.#positions === null && this.#values.length < MAX_SHAPED) {
      const shape = this.#shape.with(key);
      if (shape === null) this.#values[this.#shape.positionOf(key)] = value;
      else {
        this.#shape = shape;
        this.#values.push(value);
      }
      return this;
    }
    const position = this.#positionOf(key);
    if (position !== -1) this.#values[position] = value;
    else this.#append(key, value);
    return this;
  }
  delete(key: string): boolean {
    const position = this.#positionOf(key);
    if (position === -1) return false;
    this.#values.splice(position, 1);
    if (this.#positions === null) this.#shape = this.#shape.without(position);
    else {
      this.#keys.splice(position, 1);
      this.#positions = new Map(this.#keys.map((name, index) => [name.toLowerCase(), index]));
    }
    return true;
  }
  *entries(): IterableIterator<readonly [string, Value]> {
    const keys = this.#positions === null ? this.#shape.keys : this.#keys;
    for (let index = 0; index < keys.length; index++) yield [keys[index] ?? '', this.#values[index] ?? null];
  }

  #positionOf(key: string): number {
    if (this.#positions === null) return this.#shape.positionOf(key);
    return this.#positions.get(key.toLowerCase()) ?? -1;
  }
  #append(key: string, value: Value): void {
    if (this.#positions === null) {
      this.#keys = [...this.#shape.keys];
      this.#positions = new Map(this.#keys.map((name, index) => [name.toLowerCase(), index]));
      this.#shape = KeyShape.empty;
    }
    this.#positions.set(key.toLowerCase(), this.#values.length);
    this.#keys.push(key);
    this.#values.push(value);
  }
}

/** Objects have fewer properties than this; tables that scripts fill may have any number. */
const MAX_SHAPED = 64;

/** An object with properties, as cmdlets return it: names without regard to case, in the order of display. */
export class PsObject {
  readonly typeName: string;
  readonly properties: Hashtable;

  constructor(typeName: string, properties: Iterable<readonly [string, Value]> = []) {
    this.typeName = typeName;
    this.properties = new Hashtable();
    for (const [key, value] of properties) this.properties.set(key, value);
  }
  get(name: string): Value | undefined {
    return this.properties.get(name);
  }
}
