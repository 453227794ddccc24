// What the main thread and the store's two threads tell each other outside of requests.
import { flushCompileCache } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import { StoreError } from './store-error.ts';

export interface StoreThreadData {
  readonly file: string;
  readonly spoolDirectory: string;
  /** Tests make the disk slow or full through it: see store-seams.ts. */
  readonly seams: Int32Array | null;
}

export type ToStoreThread =
  /** The database file is there; the reader waits for it. */
  | { readonly open: true }
  | { readonly connect: MessagePort }
  | { readonly sweepBefore: number }
  /** The writer keeps the files of messages that end (and says 'held'), or removes what it kept. */
  | { readonly holdFiles: boolean }
  | { readonly close: true };

export type FromStoreThread =
  | { readonly held: true }
  | { readonly ready: { readonly run: number } }
  | { readonly refused: string };

/** A store thread's end of the line to the main thread. */
export interface StoreThreadPort {
  on(event: 'message', listener: (message: ToStoreThread) => void): unknown;
  once(event: 'message', listener: (message: ToStoreThread) => void): unknown;
  tell(message: FromStoreThread): void;
  refuse(error: StoreError): void;
  close(): void;
}

export function storeThreadPort(port: MessagePort | null): StoreThreadPort {
  if (port === null) throw new StoreError('The store runs in threads of its own only');
  const tell = (message: FromStoreThread): void => port.postMessage(message, []);
  return {
    on: (event, listener) => port.on(event, listener),
    once: (event, listener) => port.once(event, listener),
    tell(message) {
      tell(message);
      // At the latest when the thread is ready it has loaded its code: kept for the next start, however this one ends.
      if ('ready' in message) flushCompileCache();
    },
    refuse: (error) => tell({ refused: error.message }),
    close: () => port.close(),
  };
}
