// The objects of one kind in memory, found by name, distinguished name or GUID without a scan (connectors.md rule 2),
// and listed in order of name. Holds what is durable, nothing else; names are unique without regard to case.
import type { ObjectDeclaration, Properties, ValuesOf } from './declared-object.ts';
import { compareNames, nameFromDistinguishedName } from './object-name.ts';

export interface DirectoryObject<P extends Properties = Properties> {
  readonly kind: string;
  /** Lower case. */
  readonly guid: string;
  /** Rises by one with every change, from 1. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly whenCreated: number;
  readonly whenChanged: number;
  readonly values: ValuesOf<P>;
}

// biome-ignore lint/suspicious/noExplicitAny: tables of all kinds stand in one map; the declaration tells which is which
export type AnyTable = ObjectTable<any>;

const GUID = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;

export class ObjectTable<P extends Properties> {
  readonly declaration: ObjectDeclaration<P>;
  readonly #container: () => string;
  readonly #byGuid = new Map<string, DirectoryObject<P>>();
  readonly #byName = new Map<string, DirectoryObject<P>>();
  #sorted: readonly DirectoryObject<P>[] | null = null;

  /** `container` is the full distinguished name of what the objects are in. */
  constructor(declaration: ObjectDeclaration<P>, container: () => string) {
    this.declaration = declaration;
    this.#container = container;
  }

  put(object: DirectoryObject<P>): void {
    const old = this.#byGuid.get(object.guid);
    if (old) this.#byName.delete(old.values.Name.toLowerCase());
    this.#byGuid.set(object.guid, object);
    this.#byName.set(object.values.Name.toLowerCase(), object);
    this.#sorted = null;
  }

  delete(guid: string): void {
    const old = this.#byGuid.get(guid);
    if (!old) return;
    this.#byGuid.delete(guid);
    this.#byName.delete(old.values.Name.toLowerCase());
    this.#sorted = null;
  }

  get(guid: string): DirectoryObject<P> | null {
    return this.#byGuid.get(guid) ?? null;
  }

  named(name: string): DirectoryObject<P> | null {
    return this.#byName.get(name.toLowerCase()) ?? null;
  }

  /** A name wins over a GUID that reads alike. */
  find(identity: string): DirectoryObject<P> | null {
    const named = this.named(identity);
    if (named) return named;
    const guid = GUID.exec(identity)?.[1];
    if (guid !== undefined) return this.get(guid.toLowerCase());
    const name = nameFromDistinguishedName(identity, this.#container());
    return name === null ? null : this.named(name);
  }

  list(): readonly DirectoryObject<P>[] {
    this.#sorted ??= [...this.#byGuid.values()].sort((a, b) => compareNames(a.values.Name, b.values.Name));
    return this.#sorted;
  }

  get size(): number {
    return this.#byGuid.size;
  }
}
