// What the main thread and the store's two threads tell each other outside of requests. Data only.
import type { MessagePort } from 'node:worker_threads';

export interface StoreThreadData {
  readonly file: string;
  readonly spoolDirectory: string;
  /** Tests make the disk slow or full through it: see store-seams.ts. */
  readonly seams: Int32Array | null;
}

export type ToStoreThread =
  | { readonly connect: MessagePort }
  | { readonly sweepBefore: number }
  | { readonly close: true };

export type FromStoreThread =
  | { readonly ready: { readonly run: number } }
  | { readonly refused: { readonly code: string; readonly message: string } };
