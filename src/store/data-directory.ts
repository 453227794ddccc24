// The directory that holds everything Postern keeps: made with mode 0700, and held by one daemon at a time. The lock is
// a lock of the operating system on a small file: it ends with the process however that ends, and leaves nothing stale.
import { mkdirSync, openSync, closeSync, fsyncSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeSpool } from './spool.ts';
import { StoreError, fromFailure, sqliteCode } from './store-error.ts';

export interface DataDirectory {
  readonly databaseFile: string;
  readonly spoolDirectory: string;
  /** Makes the names of new files and folders durable. */
  sync(): void;
  release(): void;
}

const SQLITE_BUSY = 5;

/** Throws StoreError('refused') if another daemon has the directory, or if it can't be made or written. */
export function holdDataDirectory(directory: string): DataDirectory {
  const spoolDirectory = join(directory, 'spool');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    makeSpool(spoolDirectory);
  } catch (error) {
    const { message } = fromFailure(error, `The data directory ${directory} can't be made`);
    throw new StoreError(`${message}. Give a directory that Postern may write to`, 'refused');
  }
  const lock = takeLock(directory);
  return {
    databaseFile: join(directory, 'postern.db'),
    spoolDirectory,
    sync() {
      syncNames(spoolDirectory);
      syncNames(directory);
    },
    release: () => lock.close(),
  };
}

function syncNames(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function takeLock(directory: string): DatabaseSync {
  const file = join(directory, 'postern.lock');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (sqliteCode(error) !== SQLITE_BUSY) {
      throw new StoreError(fromFailure(error, `${file} can't be locked`).message, 'refused');
    }
    throw new StoreError(
      `The data directory ${directory} is in use by another Postern. Stop that one first, or give another directory`,
      'refused',
    );
  }
}
