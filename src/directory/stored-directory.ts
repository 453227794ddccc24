// The directory over a store: loads every object into memory, serialises changes, and keeps the configuration up to date.
// What it promises is said in directory.ts.
import { applyConfigurationChange, combineChanges } from './configuration-change.ts';
import type { ConfigurationChange } from './configuration-change.ts';
import type { Configuration } from './configuration.ts';
import { createConfigurationParts } from './configuration-parts.ts';
import { withChanges } from './changed-directory.ts';
import { restoreValues } from './declared-object.ts';
import type { ObjectDeclaration, Properties } from './declared-object.ts';
import type {
  Author,
  ChangedObject,
  Directory,
  DirectoryEvent,
  DirectoryOptions,
  Proposal,
} from './directory.ts';
import { distinguishedName } from './object-name.ts';
import type { ChangeQuery, ChangeRecord } from './object-store.ts';
import { ObjectTable } from './object-table.ts';
import type { AnyTable, DirectoryObject } from './object-table.ts';
import { organizationConfigObject } from './organization-config.ts';
import { openSrsKeys, srsKeysObject } from './srs-keys.ts';

/**
 * Loads what the store has; call createInitialObjects (initial-objects.ts) before the first use. Rejects with
 * CredentialVaultError where the vault's key isn't the one that the database was made with.
 */
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
  /** What happened since `#configuration` was made. */
  #unseen: ConfigurationChange[] = [];
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
    // A key file that isn't the database's own is found at start, not when the first sender is rewritten.
    const [keys] = this.list(srsKeysObject);
    if (keys) openSrsKeys(keys, this.#options.vault);
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
      if (this.#configuration) this.#unseen.push(configuration);
    }
    for (const listener of this.#listeners) listener({ author, objects, configuration });
  }

  history(query: ChangeQuery): Promise<readonly ChangeRecord[]> {
    return this.#options.store.changes(query);
  }
  configuration(): Configuration {
    // What didn't change stays the same object: routing compares by identity (docs/decisions/020-routing-index.md).
    this.#configuration ??= this.#parts.whole(this.#revision);
    const unseen = combineChanges(this.#unseen);
    if (unseen) this.#configuration = applyConfigurationChange(this.#configuration, unseen);
    this.#unseen = [];
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
