// The part of the store that the directory uses, in memory: for tests that need no disk. What it is given it keeps as
// JSON, as the real store does, so that nothing survives here that would not survive there.
import type { ChangeQuery, ChangeRecord, ObjectStore, StoredObject } from '#directory/object-store.ts';

export interface MemoryStore extends ObjectStore {
  /** From now on every change is refused with this error; null: kept again. */
  failWith(error: Error | null): void;
  readonly records: readonly ChangeRecord[];
}

export function createMemoryStore(initial: readonly ChangeRecord[] = []): MemoryStore {
  const records: ChangeRecord[] = [...initial];
  let failure: Error | null = null;
  return {
    records,
    failWith(error) {
      failure = error;
    },
    objects() {
      const objects = new Map<string, StoredObject>();
      for (const { kind, guid, version, after } of records) {
        if (after === null) objects.delete(guid);
        else objects.set(guid, { kind, guid, version, data: after });
      }
      return Promise.resolve([...objects.values()]);
    },
    change(record) {
      if (failure) return Promise.reject(failure);
      const kept: ChangeRecord = JSON.parse(JSON.stringify(record));
      records.push(kept);
      return Promise.resolve();
    },
    changes(query) {
      return Promise.resolve(
        records
          .filter((record) => fits(record, query))
          .reverse()
          .slice(0, query.limit),
      );
    },
  };
}

function fits(record: ChangeRecord, { from, to, cmdlets, users, guid }: ChangeQuery): boolean {
  if (from !== undefined && record.time < from) return false;
  if (to !== undefined && record.time > to) return false;
  if (guid !== undefined && record.guid !== guid) return false;
  const among = (list: readonly string[] | undefined, value: string): boolean =>
    list === undefined || list.some((one) => one.toLowerCase() === value.toLowerCase());
  return among(cmdlets, record.cmdlet) && among(users, record.user);
}
