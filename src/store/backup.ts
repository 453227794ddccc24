// A copy of the store made while it runs: one consistent snapshot of the database, and every spool file that a message
// in it has. The copy is a data directory: started with it, Postern goes on from the instant of the snapshot.
// Never writes into a directory that holds something already.
import { copyFile, link, mkdir, open, opendir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { backup } from 'node:sqlite';
import { openForReading } from './sqlite/schema.ts';
import { fromFailure, StoreError } from './store-error.ts';

/** All pages in one step: one snapshot, which later commits don't disturb. Runs beside the event loop. */
const ALL_PAGES = 2 ** 31 - 1;

export interface BackupSource {
  readonly databaseFile: string;
  readonly spoolDirectory: string;
  /** Keeps files of messages that end meanwhile until the returned function is called. */
  readonly holdFiles: () => Promise<() => void>;
}

/** Resolves when the copy is on stable storage. Rejects with StoreError; what was copied until then is left for a look. */
export async function backupStore(source: BackupSource, target: string): Promise<void> {
  const release = await source.holdFiles();
  try {
    await makeEmpty(target);
    await copyDatabase(source.databaseFile, join(target, 'postern.db'));
    await copySpool(source.spoolDirectory, join(target, 'spool'));
    await sync(target);
  } catch (error) {
    throw fromFailure(error, `The backup to ${target} failed`);
  } finally {
    release();
  }
}

async function makeEmpty(target: string): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0) {
    throw new StoreError(
      `${target} is not empty. Give a directory that is empty or doesn't exist yet`,
      'refused',
    );
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const database = openForReading(from);
  try {
    await backup(database, to, { rate: ALL_PAGES });
  } finally {
    database.close();
  }
  await sync(to);
}

/** Spool files never change once a message has them: a link is as good as a copy, where the file system can link. */
async function copySpool(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for await (const folder of await opendir(from)) {
    if (!folder.isDirectory()) continue;
    await mkdir(join(to, folder.name), { mode: 0o700 });
    for await (const file of await opendir(join(from, folder.name))) {
      await linkOrCopy(join(from, folder.name, file.name), join(to, folder.name, file.name));
    }
    await sync(join(to, folder.name));
  }
  await sync(to);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    // A file that was abandoned meanwhile belongs to no message.
    if (code === 'ENOENT') return;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error;
    await copyFile(from, to);
    await sync(to);
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
