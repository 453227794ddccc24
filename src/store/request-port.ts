// One port to one of the store's threads: requests of one turn of the event loop go out in one message, answers come
// back in batches. Requests for which nobody waits go along with the next one, within some milliseconds. When the other
// side is gone, every request that is open or comes later is rejected.
import type { MessagePort } from 'node:worker_threads';
import { StoreError, toStoreError } from './store-error.ts';
import type { AnswerBatch, RequestBatch, StoreRequest } from './wire.ts';

interface Open {
  /** Every operation has an answer of its own shape. */
  readonly resolve: (value: any) => void;
  readonly reject: (error: StoreError) => void;
}

/** Gathers the small contents of a batch. */
export interface BatchBytes {
  /** The offset at which these bytes will stand. */
  add(bytes: Uint8Array): number;
}

/** `patient`: nobody waits for the answer, so that it may wait for company. */
export type Haste = 'now' | 'patient';

/** How long a patient request waits for company, in milliseconds, and how many wait together at most. */
const PATIENCE_MILLISECONDS = 10;
const MAX_PATIENT = 100;

export interface RequestPort {
  /** `argument` may be made from the batch's bytes. */
  ask<Value>(operation: string, argument: (bytes: BatchBytes) => unknown, haste?: Haste): Promise<Value>;
  /** Resolves when all open requests are answered; then the port is closed. */
  close(): Promise<void>;
}

const CLOSED = 'The store is closed';

export function createRequestPort(port: MessagePort): RequestPort {
  const open = new Map<number, Open>();
  let requests: StoreRequest[] = [];
  let chunks: Uint8Array[] = [];
  let size = 0;
  let sending = false;
  let timer: NodeJS.Timeout | null = null;
  let lastId = 0;
  let closed = false;
  let whenIdle: (() => void) | undefined;

  const bytes: BatchBytes = {
    add(chunk) {
      const offset = size;
      chunks.push(chunk);
      size += chunk.length;
      return offset;
    },
  };

  const send = (): void => {
    sending = false;
    timer = null;
    if (requests.length === 0) return;
    const joined = joinChunks(chunks, size);
    const batch: RequestBatch = { requests, bytes: joined };
    requests = [];
    chunks = [];
    size = 0;
    port.postMessage(batch, joined === null ? [] : [joined.buffer]);
  };

  const sendSoon = (haste: Haste): void => {
    if (sending) return;
    if (haste === 'patient' && requests.length < MAX_PATIENT) {
      timer ??= setTimeout(send, PATIENCE_MILLISECONDS);
      return;
    }
    if (timer !== null) clearTimeout(timer);
    sending = true;
    setImmediate(send);
  };

  const take = (id: number): Open | undefined => {
    const request = open.get(id);
    open.delete(id);
    return request;
  };

  port.on('message', ({ done, values, errors }: AnswerBatch) => {
    for (const id of done) take(id)?.resolve(undefined);
    for (const [id, value] of values) take(id)?.resolve(value);
    for (const [id, code, message] of errors) take(id)?.reject(toStoreError(code, message));
    if (open.size > 0) return;
    whenIdle?.();
    // Nothing to wait for: an open port alone doesn't keep a process alive.
    port.unref();
  });
  port.on('close', () => {
    closed = true;
    for (const { reject } of open.values()) reject(new StoreError(CLOSED, 'closed'));
    open.clear();
    whenIdle?.();
  });
  port.unref();

  return {
    ask(operation, argument, haste = 'now') {
      if (closed) return Promise.reject(new StoreError(CLOSED, 'closed'));
      return new Promise((resolve, reject) => {
        if (open.size === 0) port.ref();
        lastId += 1;
        open.set(lastId, { resolve, reject });
        requests.push([lastId, operation, argument(bytes)]);
        sendSoon(haste);
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      if (requests.length > 0) sendSoon('now');
      if (open.size > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
      port.close();
    },
  };
}

function joinChunks(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> | null {
  if (chunks.length === 0) return null;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}
