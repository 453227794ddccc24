// Opens the embedded store on the main thread: holds the data directory, starts the writer and the reader thread (which
// comes and goes, see reader-on-demand.ts), and hands out ports, so that every thread can have a Store of its own. Refuses
// a directory that another daemon has.
import { MessageChannel } from 'node:worker_threads';
import { type BackupSource, backupStore } from './backup.ts';
import { type DataDirectory, holdDataDirectory } from './data-directory.ts';
import { createReaderOnDemand } from './reader-on-demand.ts';
import { createStoreClient, type StoreClient } from './store-client.ts';
import type { StoreSeams } from './store-seams.ts';
import { type StoreThread, startStoreThread, type TakeBack } from './store-thread.ts';
import type { StoreThreadData } from './thread-messages.ts';
import type { StorePorts } from './wire.ts';

export interface OpenStoreOptions {
  readonly directory: string;
  /** A thread of the store died: nothing can be kept any more, the daemon must end (and be started again). */
  readonly onFailure: (error: Error) => void;
}

export interface OpenStore {
  /** The main thread's own. */
  readonly store: StoreClient;
  /** Ports for another thread: pass them to createStoreClient there, with both ports in the transfer list. */
  connect(): StorePorts;
  /** Copies all that is kept, as of one instant, into a directory that is empty or doesn't exist: see backup.ts. */
  backup(target: string): Promise<void>;
  /** Answers everything that was asked for, closes the files and gives the directory free. */
  close(): Promise<void>;
}

/** Rejects with StoreError('refused') when the directory is in use, can't be written, or was written by a newer Postern. */
export async function openStore(options: OpenStoreOptions, seams?: StoreSeams): Promise<OpenStore> {
  const directory = holdDataDirectory(options.directory);
  const running = new Set<StoreThread>();
  try {
    return await startThreads(options, directory, seams, running);
  } catch (error) {
    await Promise.all([...running].map((thread) => thread.abort()));
    directory.release();
    throw error;
  }
}

async function startThreads(
  options: OpenStoreOptions,
  directory: DataDirectory,
  seams: StoreSeams | undefined,
  running: Set<StoreThread>,
): Promise<OpenStore> {
  const { databaseFile: file, spoolDirectory } = directory;
  const data: StoreThreadData = { file, spoolDirectory, seams: seams?.shared ?? null, readerRestsAfter: 0 };
  const begin = (url: URL, threadData: StoreThreadData, idle: TakeBack = () => {}): StoreThread => {
    const thread = startStoreThread(url, threadData, options.onFailure, idle);
    running.add(thread);
    void thread.exited.then(() => running.delete(thread));
    return thread;
  };
  // The reader's code loads while the writer makes or opens the file.
  const writer = begin(new URL('./writer-thread.ts', import.meta.url), data);
  const reader = createReaderOnDemand(
    (readerRestsAfter, idle) =>
      begin(new URL('./reader-thread.ts', import.meta.url), { ...data, readerRestsAfter }, idle),
    options.onFailure,
  );
  const run = await writer.ready;
  directory.sync();
  await reader.open(run);

  const connect = (): StorePorts => {
    const toWriter = new MessageChannel();
    const toReader = new MessageChannel();
    writer.send({ connect: toWriter.port2, received: [] }, [toWriter.port2]);
    reader.connect(toReader.port2);
    return {
      writer: toWriter.port1,
      reader: toReader.port1,
      spool: { directory: spoolDirectory, run },
    };
  };
  const store = createStoreClient(connect());
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await store.close();
    await reader.close();
    await writer.close();
    directory.release();
  };
  const source: BackupSource = { databaseFile: file, spoolDirectory, holdFiles: () => writer.holdFiles() };
  const backup = (target: string): Promise<void> => backupStore(source, target);
  return { store, connect, backup, close: () => (closing ??= close()) };
}
