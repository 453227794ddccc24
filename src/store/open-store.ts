// Opens the embedded store on the main thread: holds the data directory, starts the writer and the reader thread, and
// hands out ports, so that every thread can have a Store of its own. Refuses a directory that another daemon has.
import { MessageChannel, Worker } from 'node:worker_threads';
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
  /** Answers everything that was asked for, closes the files and gives the directory free. */
  close(): Promise<void>;
}

interface StoreThread {
  readonly run: number;
  send(message: ToStoreThread, transfer?: StorePorts['writer'][]): void;
  close(): Promise<void>;
}

/** Rejects with StoreError('refused') when the directory is in use, can't be written, or was written by a newer Postern. */
export async function openStore(options: OpenStoreOptions, seams?: StoreSeams): Promise<OpenStore> {
  const directory = holdDataDirectory(options.directory);
  const opened: StoreThread[] = [];
  try {
    return await startThreads(options, directory, seams, opened);
  } catch (error) {
    for (const thread of opened) await thread.close();
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
  const start = async (url: URL): Promise<StoreThread> => {
    const thread = await startThread(url, data, options.onFailure);
    opened.push(thread);
    return thread;
  };
  const writer = await start(new URL('./writer-thread.ts', import.meta.url));
  directory.sync();
  const reader = await start(new URL('./reader-thread.ts', import.meta.url));
  reader.send({ sweepBefore: writer.run });

  const connect = (): StorePorts => {
    const toWriter = new MessageChannel();
    const toReader = new MessageChannel();
    writer.send({ connect: toWriter.port2 }, [toWriter.port2]);
    reader.send({ connect: toReader.port2 }, [toReader.port2]);
    return {
      writer: toWriter.port1,
      reader: toReader.port1,
      spool: { directory: spoolDirectory, run: writer.run },
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
  return { store, connect, close: () => (closing ??= close()) };
}

function startThread(
  url: URL,
  data: StoreThreadData,
  onFailure: (error: Error) => void,
): Promise<StoreThread> {
  const worker = new Worker(url, { workerData: data });
  let closing = false;
  return new Promise((resolve, reject) => {
    const exited = new Promise<void>((done) => {
      worker.once('exit', () => {
        const error = new StoreError('A thread of the store ended unexpectedly');
        reject(error);
        if (!closing) onFailure(error);
        done();
      });
    });
    worker.on('error', (error) => {
      closing = true;
      reject(error);
      onFailure(error as Error);
    });
    worker.on('message', (message: FromStoreThread) => {
      if ('refused' in message) {
        closing = true;
        reject(new StoreError(message.refused.message, 'refused'));
        void worker.terminate();
      } else if ('ready' in message) {
        resolve({
          run: message.ready.run,
          send: (told, transfer = []) => worker.postMessage(told, transfer),
          close() {
            closing = true;
            worker.postMessage({ close: true } satisfies ToStoreThread);
            return exited;
          },
        });
      }
    });
  });
}
