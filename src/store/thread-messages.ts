// What the main thread and the store's two threads tell each other outside of requests.
import { flushCompileCache } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import { StoreError } from './store-error.ts';
import type { RequestBatch } from './wire.ts';

export interface StoreThreadData {
  readonly file: string;
  readonly spoolDirectory: string;
  /** Tests make the disk slow or full through it: see store-seams.ts. */
  readonly seams: Int32Array | null;
  /** How long the reader waits for a request before it goes, in milliseconds. */
  readonly readerRestsAfter: number;
}

export type ToStoreThread =
  /** The database file is there; the reader waits for it. */
  | { readonly open: true }
  /** `received`: what came on the port before. */
  | { readonly connect: MessagePort; readonly received: readonly RequestBatch[] }
  | { readonly sweepBefore: number }
  /** The writer keeps the files of messages that end (and says 'held'), or removes what it kept. */
  | { readonly holdFiles: boolean }
  | { readonly close: true };

export type FromStoreThread =
  | { readonly held: true }
  /** The reader has nothing to do: its ends of the clients' ports. What comes on them from now on starts another one. */
  | { readonly idle: readonly MessagePort[] }
  | { readonly ready: { readonly run: number } }
  | { readonly refused: string };

/** A store thread's end of the line to the main thread. */
export interface StoreThreadPort {
  on(event: 'message', listener: (message: ToStoreThread) => void): unknown;
  once(event: 'message', listener: (message: ToStoreThread) => void): unknown;
  tell(message: FromStoreThread, transfer?: readonly MessagePort[]): void;
  refuse(error: StoreError): void;
  close(): void;
}

export function storeThreadPort(port: MessagePort | null): StoreThreadPort {
  if (port === null) throw new StoreError('The store runs in threads of its own only');
  const tell = (message: FromStoreThread, transfer: readonly MessagePort[] = []): void =>
    port.postMessage(message, transfer);
  return {
    on: (event, listener) => port.on(event, listener),
    once: (event, listener) => port.once(event, listener),
    tell(message, transfer) {
      tell(message, transfer);
      // At the latest when the thread is ready it has loaded its code: kept for the next start, however this one ends.
      if ('ready' in message) flushCompileCache();
    },
    refuse: (error) => tell({ refused: error.message }),
    close: () => port.close(),
  };
}
