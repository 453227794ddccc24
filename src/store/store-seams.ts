// Ways for tests to make the disk slow or full while the store runs: numbers in memory shared with the writer thread.
// No setting of a user leads here.
import type { DatabaseSync } from 'node:sqlite';

const COMMIT_DELAY = 0;
const LARGEST_PAGE = 1;
const CHANGED = 2;
const NO_LIMIT = 1_073_741_823;

export interface StoreSeams {
  readonly shared: Int32Array;
  /** Every commit waits this many milliseconds first. */
  delayCommits(milliseconds: number): void;
  /** The database can't grow beyond this many pages; null: beyond anything. */
  limitPages(pages: number | null): void;
}

export function createStoreSeams(): StoreSeams {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  return {
    shared,
    delayCommits: (milliseconds) => void Atomics.store(shared, COMMIT_DELAY, milliseconds),
    limitPages(pages) {
      Atomics.store(shared, LARGEST_PAGE, pages ?? NO_LIMIT);
      Atomics.store(shared, CHANGED, 1);
    },
  };
}

/** The writer's side. */
export function obeySeams(shared: Int32Array): {
  readonly beforeGroup: (database: DatabaseSync) => void;
  readonly beforeCommit: () => void;
} {
  return {
    beforeGroup(database) {
      if (Atomics.exchange(shared, CHANGED, 0) === 0) return;
      database.exec(`PRAGMA max_page_count = ${Atomics.load(shared, LARGEST_PAGE)}`);
    },
    beforeCommit() {
      const delay = Atomics.load(shared, COMMIT_DELAY);
      if (delay > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delay);
    },
  };
}
