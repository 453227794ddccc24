// The reader thread, there while somebody reads: an idle gateway doesn't need its ten megabytes. While there is none, its
// ends of the clients' ports wait here, and the first request on one of them starts a thread that gets them all, with what
// has come. Promises that no request is lost or overtaken: what a port has received goes with it.
import type { MessagePort } from 'node:worker_threads';
import { StoreError } from './store-error.ts';
import type { ToStoreThread } from './thread-messages.ts';
import type { RequestBatch } from './wire.ts';

export interface ReaderThread {
  /** Rejects with StoreError('refused') when the file can't be opened. */
  readonly ready: Promise<unknown>;
  send(message: ToStoreThread, transfer?: readonly MessagePort[]): void;
  close(): Promise<void>;
}

/** `idle` takes back the ports of a thread that nobody has asked for so many milliseconds. */
export type StartReader = (restsAfter: number, idle: (ports: readonly MessagePort[]) => void) => ReaderThread;

export interface ReaderOnDemand {
  /** Of the thread that was started first: the database file is there. */
  open(sweepBefore: number): Promise<void>;
  connect(port: MessagePort): void;
  close(): Promise<void>;
}

/** The gateway reads at start what it needs; after that it may be long before somebody asks. */
const FIRST_RESTS_AFTER = 2_000;
/** Who has asked asks again: pages of a listing, a monitor every fifteen seconds. */
const RESTS_AFTER = 30_000;

/** The first thread is started at once, so that its code loads while the file is made. */
export function createReaderOnDemand(start: StartReader, onFailure: (error: Error) => void): ReaderOnDemand {
  const waiting = new Set<MessagePort>();
  let ended = Promise.resolve();
  let thread: ReaderThread | null = begin(FIRST_RESTS_AFTER);

  function begin(restsAfter: number): ReaderThread {
    const begun = start(restsAfter, (ports) => {
      // A port that the thread got after it had given back the others comes by itself, and ends nothing.
      if (thread === begun) {
        thread = null;
        ended = begun.close();
      }
      for (const port of ports) connect(port);
    });
    return begun;
  }

  function connect(port: MessagePort, received: readonly RequestBatch[] = []): void {
    if (thread !== null) return thread.send({ connect: port, received }, [port]);
    waiting.add(port);
    port.on('message', (batch: RequestBatch) => wake(port, batch));
    port.on('close', () => waiting.delete(port));
    // Whoever asks waits at the other end.
    port.unref();
  }

  function wake(asking: MessagePort, batch: RequestBatch): void {
    waiting.delete(asking);
    const others = [...waiting];
    waiting.clear();
    for (const port of [asking, ...others]) port.removeAllListeners();
    thread = begin(RESTS_AFTER);
    thread.send({ open: true });
    thread.ready.catch((error: unknown) => {
      if (error instanceof StoreError && error.code === 'refused') onFailure(error);
    });
    connect(asking, [batch]);
    for (const port of others) connect(port);
  }

  return {
    async open(sweepBefore) {
      thread?.send({ open: true });
      thread?.send({ sweepBefore });
      await thread?.ready;
    },
    connect: (port) => connect(port),
    async close() {
      for (const port of waiting) port.close();
      await thread?.close();
      await ended;
    },
  };
}
