// The directory: every configured object in memory, and the only way to change one. A change is proposed against the
// present state, written to the store together with its history record, and seen by others once it is durable; changes
// run one after another, so that a rule which holds when it is checked still holds when the change is made.
// Decides nothing about what an object may hold: that is for each kind's rules.
import type { ConfigurationChange } from './configuration-change.ts';
import type { Configuration } from './configuration.ts';
import type { CredentialVault } from './credential-vault.ts';
import type { ObjectDeclaration, Properties, ValuesOf } from './declared-object.ts';
import type { ChangeQuery, ChangeRecord, ObjectStore } from './object-store.ts';
import type { DirectoryObject } from './object-table.ts';

/** Who changes something, for the history; secrets in `parameters` and `line` are masked already. */
export interface Author {
  readonly user: string;
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly line: string;
}

/** One object as it shall be. Made by create(), update(), remove() and revive(). */
export interface Proposal<P extends Properties = Properties> {
  readonly declaration: ObjectDeclaration<P>;
  readonly guid: string;
  readonly version: number;
  readonly whenCreated: number | null;
  readonly before: DirectoryObject<P> | null;
  readonly after: ValuesOf<P> | null;
}

export interface ChangedObject {
  readonly kind: string;
  readonly guid: string;
  readonly before: DirectoryObject | null;
  readonly after: DirectoryObject | null;
}

export interface DirectoryEvent {
  readonly author: Author;
  readonly objects: readonly ChangedObject[];
  /** What routing, delivery and ingress have to know of it; null: nothing. */
  readonly configuration: ConfigurationChange | null;
}

/** What rules and Get- cmdlets need of a directory. */
export interface DirectoryReader {
  /** In order of name. */
  list<P extends Properties>(declaration: ObjectDeclaration<P>): readonly DirectoryObject<P>[];
  /** By name, distinguished name or GUID, without regard to case; no wildcards (seed). */
  find<P extends Properties>(declaration: ObjectDeclaration<P>, identity: string): DirectoryObject<P> | null;
  get<P extends Properties>(declaration: ObjectDeclaration<P>, guid: string): DirectoryObject<P> | null;
  named<P extends Properties>(declaration: ObjectDeclaration<P>, name: string): DirectoryObject<P> | null;
}

export interface Directory extends DirectoryReader {
  readonly organizationName: string;
  /** Every kind it holds. */
  readonly declarations: readonly ObjectDeclaration[];
  /** The host that Get- shows as OriginatingServer. */
  readonly hostname: string;
  distinguishedName(object: DirectoryObject): string;
  newGuid(): string;
  /**
   * Runs `propose` when every change before it is durable, writes what it proposes, and resolves with the objects as
   * they are then (null: removed). `propose` may throw: then nothing changes. Rejects with the store's error where
   * that could not keep the change.
   */
  commit(author: Author, propose: () => readonly Proposal[]): Promise<readonly (DirectoryObject | null)[]>;
  /** Newest first. */
  history(query: ChangeQuery): Promise<readonly ChangeRecord[]>;
  configuration(): Configuration;
  /** The configuration as these proposals would make it; nothing is kept. */
  preview(proposals: readonly Proposal[]): Configuration;
  /** Called after each commit, in order. Returns the way to stop listening. */
  onChange(listener: (event: DirectoryEvent) => void): () => void;
}

export interface DirectoryOptions {
  readonly store: ObjectStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newGuid: () => string;
  readonly vault: CredentialVault;
  readonly hostname: string;
  /** Every kind that there is; see object-kinds.ts. */
  readonly declarations: readonly ObjectDeclaration[];
}

export { loadDirectory } from './stored-directory.ts';

/** A new object under a new GUID. */
export function create<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  guid: string,
  values: ValuesOf<P>,
): Proposal<P> {
  return { declaration, guid, version: 1, whenCreated: null, before: null, after: values };
}

export function update<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  before: DirectoryObject<P>,
  values: ValuesOf<P>,
): Proposal<P> {
  const { guid, version, whenCreated } = before;
  return { declaration, guid, version: version + 1, whenCreated, before, after: values };
}

export function remove<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  before: DirectoryObject<P>,
): Proposal<P> {
  const { guid, version, whenCreated } = before;
  return { declaration, guid, version: version + 1, whenCreated, before, after: null };
}

/** A removed object under its old GUID; `last` is the record of its removal. */
export function revive<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  last: ChangeRecord,
  values: ValuesOf<P>,
): Proposal<P> {
  const whenCreated = Number(last.before?.['WhenCreated'] ?? last.time);
  return {
    declaration,
    guid: last.guid,
    version: last.version + 1,
    whenCreated,
    before: null,
    after: values,
  };
}
