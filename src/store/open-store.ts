// Opens the embedded store on the main thread: holds the data directory, starts the writer and the reader thread, and
// hands out ports, so that every thread can have a Store of its own. Refuses a directory that another daemon has.
import { MessageChannel, Worker } from 'node:worker_threads';
import { type BackupSource, backupStore } from './backup.ts';
import { type DataDirectory, holdDataDirectory } from './data-directory.ts';
import { createStoreClient, type StoreClient } from './store-client.ts';
import { StoreError } from './store-error.ts';
import type { StoreSeams } from './store-seams.ts';
import type { FromStoreThread, StoreThreadData, ToStoreThread } from './thread-messages.ts';
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

/** What a commit leaves behind is short-lived: more room for it costs memory and wins nothing (measured). */
const LIMITS = { maxYoungGenerationSizeMb: 16 };

interface StoreThread {
  /** The run's number; rejects when the thread can't do its work. */
  readonly ready: Promise<number>;
  send(message: ToStoreThread, transfer?: StorePorts['writer'][]): void;
  close(): Promise<void>;
  /** Of the writer: files of messages that end are kept until the returned function is called. */
  holdFiles(): Promise<() => void>;
  /** Ends a thread that has nothing to finish. */
  abort(): Promise<void>;
}

/** Rejects with StoreError('refused') when the directory is in use, can't be written, or was written by a newer Postern. */
export async function openStore(options: OpenStoreOptions, seams?: StoreSeams): Promise<OpenStore> {
  const directory = holdDataDirectory(options.directory);
  const opened: StoreThread[] = [];
  try {
    return await startThreads(options, directory, seams, opened);
  } catch (error) {
    await Promise.all(opened.map((thread) => thread.abort()));
    directory.release();
    throw error;
  }
}

async function startThreads(
  options: OpenStoreOptions,
  directory: DataDirectory,
  seams: StoreSeams | undefined,
  opened: StoreThread[],
): Promise<OpenStore> {
  const { databaseFile: file, spoolDirectory } = directory;
  const data: StoreThreadData = { file, spoolDirectory, seams: seams?.shared ?? null };
  // The reader's code loads while the writer makes or opens the file.
  const writer = startThread(new URL('./writer-thread.ts', import.meta.url), data, options.onFailure);
  const reader = startThread(new URL('./reader-thread.ts', import.meta.url), data, options.onFailure);
  opened.push(writer, reader);
  const run = await writer.ready;
  directory.sync();
  reader.send({ open: true });
  await reader.ready;
  reader.send({ sweepBefore: run });

  const connect = (): StorePorts => {
    const toWriter = new MessageChannel();
    const toReader = new MessageChannel();
    writer.send({ connect: toWriter.port2 }, [toWriter.port2]);
    reader.send({ connect: toReader.port2 }, [toReader.port2]);
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

function startThread(url: URL, data: StoreThreadData, onFailure: (error: Error) => void): StoreThread {
  const worker = new Worker(url, { workerData: data, resourceLimits: LIMITS });
  let expected = false;
  const whenHeld: (() => void)[] = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers<number>();
  ready.catch(() => {});
  const fail = (error: Error): void => {
    reject(error);
    if (!expected) onFailure(error);
    expected = true;
  };
  const exited = new Promise<void>((done) => {
    worker.once('exit', () => {
      fail(new StoreError('A thread of the store ended unexpectedly'));
      done();
    });
  });
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('message', (message: FromStoreThread) => {
    if ('ready' in message) return resolve(message.ready.run);
    if ('held' in message) return whenHeld.shift()?.();
    expected = true;
    reject(new StoreError(message.refused, 'refused'));
  });
  return {
    ready,
    send: (message, transfer = []) => worker.postMessage(message, transfer),
    async close() {
      expected = true;
      worker.postMessage({ close: true } satisfies ToStoreThread, []);
      await exited;
    },
    async holdFiles() {
      worker.postMessage({ holdFiles: true } satisfies ToStoreThread, []);
      await new Promise<void>((held) => whenHeld.push(held));
      return () => worker.postMessage({ holdFiles: false } satisfies ToStoreThread, []);
    },
    async abort() {
      expected = true;
      await worker.terminate();
    },
  };
}
