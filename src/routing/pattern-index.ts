// Which things (connectors, accepted domains) have a pattern that matches a domain, without looking at the others:
// a look-up per label of the name. A pattern means here what matchesDomainPattern says. Never changes; an edit makes a
// new index that shares nearly all with the old one.
import type { DomainPattern } from '#mail/domain-pattern.ts';
import { type DomainTable, editDomainTable, emptyDomainTable, findDeepest } from './domain-table.ts';

/** One pattern and whose it is. */
export interface PatternMatch<T> {
  readonly owner: T;
  readonly pattern: DomainPattern;
}

interface Entry<T> {
  readonly exact: readonly PatternMatch<T>[];
  readonly subtree: readonly PatternMatch<T>[];
}

export interface PatternIndex<T> {
  readonly names: DomainTable<Entry<T>>;
  readonly any: readonly PatternMatch<T>[];
  readonly compare: (a: T, b: T) => number;
}

/** `compare` decides among owners of the same pattern: the smallest wins. */
export function emptyPatternIndex<T>(compare: (a: T, b: T) => number): PatternIndex<T> {
  return { names: emptyDomainTable(), any: [], compare };
}

// An entry is only kept while one of its lists has something.
function pickFirst<T>(entry: Entry<T>, whole: boolean): PatternMatch<T> | null {
  return (whole ? entry.exact[0] : undefined) ?? entry.subtree[0] ?? null;
}

/** The first owner of the most specific pattern other than `*`: the exact name, then `*.name`, longest first. */
export function findNamed<T>(index: PatternIndex<T>, domain: string): PatternMatch<T> | null {
  return findDeepest(index.names, domain, pickFirst<T>);
}

/** Every match, most specific first; `*` last. */
export function findAll<T>(index: PatternIndex<T>, domain: string): readonly PatternMatch<T>[] {
  const found: PatternMatch<T>[][] = [];
  findDeepest(index.names, domain, (entry, whole) => {
    found.unshift(whole ? [...entry.exact, ...entry.subtree] : [...entry.subtree]);
    return null;
  });
  return [...found.flat(), ...index.any];
}

export interface PatternChanges<T> {
  readonly removed: readonly PatternMatch<T>[];
  readonly added: readonly PatternMatch<T>[];
}

/** The index after the changes. What is removed is found by its owner's identity. */
export function changePatternIndex<T>(index: PatternIndex<T>, changes: PatternChanges<T>): PatternIndex<T> {
  let { any } = index;
  const names = editDomainTable(index.names, (draft) => {
    function change(match: PatternMatch<T>, how: typeof insert<T> | typeof remove<T>): void {
      const { pattern } = match;
      if (pattern.kind === 'any') {
        any = how(any, match, index.compare);
        return;
      }
      const entry = draft.get(pattern.domain);
      const list = how(entry?.[pattern.kind] ?? [], match, index.compare);
      const exact = pattern.kind === 'exact' ? list : (entry?.exact ?? []);
      const subtree = pattern.kind === 'subtree' ? list : (entry?.subtree ?? []);
      draft.set(pattern.domain, exact.length + subtree.length === 0 ? undefined : { exact, subtree });
    }
    for (const match of changes.removed) change(match, remove);
    for (const match of changes.added) change(match, insert);
  });
  return { names, any, compare: index.compare };
}

function insert<T>(
  list: readonly PatternMatch<T>[],
  match: PatternMatch<T>,
  compare: (a: T, b: T) => number,
): readonly PatternMatch<T>[] {
  // What comes in order (the first build) is put at the end.
  const behind = list.findLastIndex(({ owner }) => compare(owner, match.owner) <= 0) + 1;
  return list.toSpliced(behind, 0, match);
}

function remove<T>(list: readonly PatternMatch<T>[], match: PatternMatch<T>): readonly PatternMatch<T>[] {
  return list.filter(({ owner }) => owner !== match.owner);
}
