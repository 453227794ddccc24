// One thread of the store, seen from the main thread: started, told what to do, ended. One that ends unasked is a failure
// of the store.
import { type MessagePort, Worker } from 'node:worker_threads';
import { StoreError } from './store-error.ts';
import type { FromStoreThread, StoreThreadData, ToStoreThread } from './thread-messages.ts';

/** What a commit leaves behind is short-lived: more room for it costs memory and wins nothing (measured). */
const LIMITS = { maxYoungGenerationSizeMb: 16 };

export interface StoreThread {
  /** The run's number; rejects when the thread can't do its work. */
  readonly ready: Promise<number>;
  send(message: ToStoreThread, transfer?: readonly MessagePort[]): void;
  readonly exited: Promise<void>;
  close(): Promise<void>;
  /** Of the writer: files of messages that end are kept until the returned function is called. */
  holdFiles(): Promise<() => void>;
  /** Ends a thread that has nothing to finish. */
  abort(): Promise<void>;
}

/** The reader's ports, when it has nothing to do. */
export type TakeBack = (ports: readonly MessagePort[]) => void;

export function startStoreThread(
  url: URL,
  data: StoreThreadData,
  onFailure: (error: Error) => void,
  takeBack: TakeBack,
): StoreThread {
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
    if ('idle' in message) return takeBack(message.idle);
    expected = true;
    reject(new StoreError(message.refused, 'refused'));
  });
  return {
    ready,
    exited,
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
