// What one change does to a configuration, small enough to send to every thread: whole short lists, and single entries
// of the lists that may be long. Applying all changes in order to an earlier configuration gives the present one.
import type { Configuration } from './configuration.ts';

/** The lists whose entries change one by one. */
export type KeyedPart = 'outboundConnectors' | 'inboundConnectors' | 'distributionGroups' | 'submissionUsers';
/** What is small, or where one entry's change touches the others (priority, default). */
export type WholePart = Exclude<keyof Configuration, KeyedPart | 'revision'>;

export type EntryChange = {
  [K in KeyedPart]: {
    readonly part: K;
    readonly guid: string;
    readonly value: Configuration[K][number] | null;
  };
}[KeyedPart];

export interface ConfigurationChange {
  /** Of the configuration after it. */
  readonly revision: number;
  readonly entries: readonly EntryChange[];
  readonly whole: Partial<Pick<Configuration, WholePart>>;
}

/** The later entry for an object wins; several changes in one cost little more than one. */
export function combineChanges(changes: readonly ConfigurationChange[]): ConfigurationChange | null {
  const last = changes.at(-1);
  if (last === undefined || changes.length === 1) return last ?? null;
  const entries = new Map<string, EntryChange>();
  for (const change of changes) for (const entry of change.entries) entries.set(entry.guid, entry);
  const whole: ConfigurationChange['whole'] = Object.assign({}, ...changes.map((change) => change.whole));
  return { revision: last.revision, entries: [...entries.values()], whole };
}

/** A new configuration; parts that the change doesn't touch are the same arrays as before. */
export function applyConfigurationChange(before: Configuration, change: ConfigurationChange): Configuration {
  const after = { ...before, ...change.whole, revision: change.revision };
  for (const part of new Set(change.entries.map((entry) => entry.part))) {
    const entries = new Map(
      change.entries.filter((entry) => entry.part === part).map((entry) => [entry.guid, entry.value]),
    );
    Object.assign(after, { [part]: replaceEntries(before[part], entries) });
  }
  return after;
}

/** Entries keep their places; new ones come last. */
function replaceEntries<T extends { readonly Guid: string }>(
  list: readonly T[],
  changes: ReadonlyMap<string, T | null>,
): readonly T[] {
  const [only] = changes;
  if (only && changes.size === 1) return replaceEntry(list, ...only);
  const left = new Map(changes);
  const entries: T[] = [];
  for (const entry of list) {
    const change = left.get(entry.Guid);
    if (change === undefined) entries.push(entry);
    else {
      left.delete(entry.Guid);
      if (change !== null) entries.push(change);
    }
  }
  for (const value of left.values()) if (value !== null) entries.push(value);
  return entries;
}

/** The usual case: one entry of perhaps ten thousand. */
function replaceEntry<T extends { readonly Guid: string }>(
  list: readonly T[],
  guid: string,
  value: T | null,
): readonly T[] {
  const at = list.findIndex((entry) => entry.Guid === guid);
  if (value !== null) return at === -1 ? [...list, value] : list.with(at, value);
  return at === -1 ? list : list.toSpliced(at, 1);
}
