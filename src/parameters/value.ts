// The values that cmdlets, the shell and the wire share: null, booleans, numbers, strings, lists, dates, hashtables
// and objects with named properties. PowerShell's, as far as connector scripts need them.
import type { DateTime } from './date-time.ts';

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
  readonly #entries = new Map<string, { readonly key: string; value: Value }>();

  get size(): number {
    return this.#entries.size;
  }
  get(key: string): Value | undefined {
    return this.#entries.get(key.toLowerCase())?.value;
  }
  has(key: string): boolean {
    return this.#entries.has(key.toLowerCase());
  }
  set(key: string, value: Value): this {
    const found = this.#entries.get(key.toLowerCase());
    if (found) found.value = value;
    else this.#entries.set(key.toLowerCase(), { key, value });
    return this;
  }
  delete(key: string): boolean {
    return this.#entries.delete(key.toLowerCase());
  }
  *entries(): IterableIterator<readonly [string, Value]> {
    for (const entry of this.#entries.values()) yield [entry.key, entry.value];
  }
}

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
