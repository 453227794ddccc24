// What differs between two lists of configured objects. Objects never change, so identity tells: lists that follow each
// other share all but a few. Linear, a comparison of two references each.

export interface ChangedObjects<T> {
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

export function changedObjects<T>(before: readonly T[], after: readonly T[]): ChangedObjects<T> {
  if (before === after) return { removed: [], added: [] };
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail])
    tail += 1;
  const removed = before.slice(head, before.length - tail);
  const added = after.slice(head, after.length - tail);
  if (removed.length === 0 || added.length === 0 || removed.length + added.length <= 2)
    return { removed, added };
  // Objects that only moved.
  const [gone, come] = [new Set(removed), new Set(added)];
  return {
    removed: removed.filter((object) => !come.has(object)),
    added: added.filter((object) => !gone.has(object)),
  };
}
