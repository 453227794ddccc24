// The directory: every configured object in memory, and the only way to change one. A change is proposed against the
// present state, written to the store together with its history record, and seen by others once it is durable; changes
// run one after another, so that a rule which holds when it is checked still holds when the change is made.
// Decides nothing about what an object may hold: that is for each kind's rules.
import { createConfigurationParts } from './configuration-parts.ts';
import { applyConfigurationChange } from './configuration-change.ts';
import type { ConfigurationChange } from './configuration-change.ts';
import type { Configuration } from './configuration.ts';
import type { CredentialVault } from './credential-vault.ts';
import { restoreValues } from './declared-object.ts';
import type { ObjectDeclaration, Properties, ValuesOf } from './declared-object.ts';
import { distinguishedName } from './object-name.ts';
import type { ChangeQuery, ChangeRecord, ObjectStore } from './object-store.ts';
import { ObjectTable } from './object-table.ts';
import type { AnyTable, DirectoryObject } from './object-table.ts';
import { withChanges } from './changed-directory.ts';
import { organizationConfigObject } from './organization-config.ts';

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

/** Loads what the store has; call createInitialObjects (initial-objects.ts) before the first use. */
export async function loadDirectory(options: DirectoryOptions): Promise<Directory> {
  const directory = new StoredDirectory(options);
  await directory.load();
  return directory;
}

class StoredDirectory implements Directory {
  readonly #options: DirectoryOptions;
  readonly #tables = new Map<string, AnyTable>();
  readonly #listeners = new Set<(event: DirectoryEvent) => void>();
  readonly #parts: ReturnType<typeof createConfigurationParts>;
  #revision = 0;
  #configuration: Configuration | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DirectoryOptions) {
    this.#options = options;
    for (const declaration of options.declarations) {
      const container = (): string => this.#container(declaration);
      this.#tables.set(declaration.kind, new ObjectTable(declaration, container));
    }
    this.#parts = createConfigurationParts(this, options.vault);
  }

  async load(): Promise<void> {
    for (const { kind, guid, version, data } of await this.#options.store.objects()) {
      const table = this.#tables.get(kind);
      if (!table) continue;
      const values = restoreValues(table.declaration, data);
      const whenCreated = Number(data['WhenCreated'] ?? 0);
      const whenChanged = Number(data['WhenChanged'] ?? whenCreated);
      table.put({ kind, guid, version, whenCreated, whenChanged, values });
    }
  }

  get organizationName(): string {
    return this.list(organizationConfigObject)[0]?.values.Name ?? this.#options.hostname;
  }
  get declarations(): readonly ObjectDeclaration[] {
    return this.#options.declarations;
  }
  get hostname(): string {
    return this.#options.hostname;
  }
  newGuid(): string {
    return this.#options.newGuid();
  }

  #container(declaration: ObjectDeclaration): string {
    return `${declaration.container},CN=Configuration,${distinguishedName(this.organizationName, 'CN=ConfigurationUnits')}`;
  }
  distinguishedName(object: DirectoryObject): string {
    return distinguishedName(object.values.Name, this.#container(this.#table(object.kind).declaration));
  }

  #table(kind: string): AnyTable {
    const table = this.#tables.get(kind);
    if (!table) throw new Error(`${kind} is not among the directory's declarations`);
    return table;
  }
  #typed<P extends Properties>(declaration: ObjectDeclaration<P>): ObjectTable<P> {
    return this.#table(declaration.kind);
  }
  list<P extends Properties>(declaration: ObjectDeclaration<P>): readonly DirectoryObject<P>[] {
    return this.#typed(declaration).list();
  }
  find<P extends Properties>(declaration: ObjectDeclaration<P>, identity: string): DirectoryObject<P> | null {
    return this.#typed(declaration).find(identity);
  }
  get<P extends Properties>(declaration: ObjectDeclaration<P>, guid: string): DirectoryObject<P> | null {
    return this.#typed(declaration).get(guid);
  }
  named<P extends Properties>(declaration: ObjectDeclaration<P>, name: string): DirectoryObject<P> | null {
    return this.#typed(declaration).named(name);
  }

  commit(author: Author, propose: () => readonly Proposal[]): Promise<readonly (DirectoryObject | null)[]> {
    const turn = this.#last.then(() => this.#commit(author, propose()));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #commit(
    author: Author,
    proposals: readonly Proposal[],
  ): Promise<readonly (DirectoryObject | null)[]> {
    for (const proposal of proposals) this.#assertCurrent(proposal);
    const time = this.#options.now();
    const records = proposals.map((proposal) => changeRecord(author, proposal, time));
    const kept = await Promise.allSettled(records.map((record) => this.#options.store.change(record)));
    const objects = proposals.flatMap((proposal, index) =>
      kept[index]?.status === 'fulfilled' ? [this.#apply(proposal, time)] : [],
    );
    if (objects.length > 0) this.#announce(author, objects);
    const failed = kept.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return objects.map(({ after }) => after);
  }

  #assertCurrent({ declaration, guid, before, after }: Proposal): void {
    const table = this.#table(declaration.kind);
    if (table.get(guid) !== before) throw new Error(`${declaration.kind} ${guid} was changed meanwhile`);
    const named = after === null ? null : table.named(after.Name);
    if (named && named.guid !== guid) throw new Error(`${declaration.kind} "${named.values.Name}" exists`);
  }

  #apply(proposal: Proposal, time: number): ChangedObject {
    const changed = toChangedObject(proposal, time);
    const table = this.#table(changed.kind);
    if (changed.after) table.put(changed.after);
    else table.delete(changed.guid);
    return changed;
  }

  #announce(author: Author, objects: readonly ChangedObject[]): void {
    const configuration = this.#parts.change(this.#revision + 1, objects);
    if (configuration) {
      this.#revision = configuration.revision;
      this.#configuration = null;
    }
    for (const listener of this.#listeners) listener({ author, objects, configuration });
  }

  history(query: ChangeQuery): Promise<readonly ChangeRecord[]> {
    return this.#options.store.changes(query);
  }
  configuration(): Configuration {
    this.#configuration ??= this.#parts.whole(this.#revision);
    return this.#configuration;
  }
  preview(proposals: readonly Proposal[]): Configuration {
    const objects = proposals.map((proposal) => toChangedObject(proposal, this.#options.now()));
    const parts = createConfigurationParts(withChanges(this, objects), this.#options.vault);
    const change = parts.change(this.#revision + 1, objects);
    return change ? applyConfigurationChange(this.configuration(), change) : this.configuration();
  }
  onChange(listener: (event: DirectoryEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function toChangedObject(proposal: Proposal, time: number): ChangedObject {
  const { declaration, guid, version, before, after: values } = proposal;
  const { kind } = declaration;
  const whenCreated = proposal.whenCreated ?? time;
  const after = values && { kind, guid, version, whenCreated, whenChanged: time, values };
  return { kind, guid, before, after };
}

function changeRecord(author: Author, proposal: Proposal, time: number): ChangeRecord {
  const { declaration, guid, version, before, after, whenCreated } = proposal;
  const objectName = after?.Name ?? before?.values.Name ?? '';
  return {
    ...author,
    time,
    kind: declaration.kind,
    guid,
    objectName,
    version,
    before: before && { ...before.values, WhenCreated: before.whenCreated, WhenChanged: before.whenChanged },
    after: after && { ...after, WhenCreated: whenCreated ?? time, WhenChanged: time },
  };
}

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
