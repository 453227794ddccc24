// The store's reader thread: answers everything that is only read, on the committed state. Long searches run step by
// step, so that contents of mail that is about to be delivered are never kept waiting by them. When nobody asks for a
// while it gives its ports back to the main thread and ends (reader-on-demand.ts).
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';
import { createQueueListing } from './sqlite/queue-listing.ts';
import { createReader } from './sqlite/reader.ts';
import { openForReading } from './sqlite/schema.ts';
import { createTraceReader } from './sqlite/trace-query.ts';
import { createTrafficReader } from './sqlite/traffic-reader.ts';
import { fromFailure, openFailure, StoreError } from './store-error.ts';
import { sweepSpool } from './spool-sweep.ts';
import { type StoreThreadData, storeThreadPort, type ToStoreThread } from './thread-messages.ts';
import type { AnswerBatch, RequestBatch } from './wire.ts';

const { file, spoolDirectory, readerRestsAfter }: StoreThreadData = workerData;
const main = storeThreadPort(parentPort);

/** Each knows the shape of its own argument. One that returns a generator runs in steps. */
type Operation = (argument: any) => unknown;

function operationsOn(
  database: DatabaseSync,
  reader: ReturnType<typeof createReader>,
): ReadonlyMap<string, Operation> {
  const listing = createQueueListing(database);
  const trace = createTraceReader(database);
  const traffic = createTrafficReader(database);
  return new Map<string, Operation>([
    ['load', reader.load],
    ['queues', listing.queues],
    ['messages', listing.messages],
    ['message', listing.message],
    ['objects', reader.objects],
    ['changes', reader.changes],
    ['trace', trace.trace],
    ['traceEvents', trace.events],
    ['trafficSample', traffic.sample],
    ['connectorTraffic', traffic.connectors],
  ]);
}

function isSteps(value: unknown): value is Generator<void, unknown, void> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}

function answer(port: MessagePort, id: number, value: unknown): void {
  const content = typeof value === 'object' && value !== null && 'content' in value ? value.content : null;
  const answers: AnswerBatch = { done: [], values: [[id, value]], errors: [] };
  const owned =
    content instanceof Uint8Array && content.buffer instanceof ArrayBuffer ? [content.buffer] : [];
  port.postMessage(answers, owned);
}

function attempt(port: MessagePort, id: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    const { code, message } = fromFailure(error, 'The store could not read');
    port.postMessage({ done: [], values: [], errors: [[id, code, message]] } satisfies AnswerBatch);
  }
}

function start(): void {
  const database = openForReading(file);
  const reader = createReader(database);
  const operations = operationsOn(database, reader);
  const ports = new Set<MessagePort>();
  /** Searches that run step by step, and the sweep. */
  let running = 0;
  let resting = false;
  let closing = false;

  const rest = setTimeout(() => {
    resting = running === 0;
    if (resting) giveBack([...ports]);
    else rest.refresh();
  }, readerRestsAfter);
  const giveBack = (given: readonly MessagePort[]): void => {
    for (const port of given) port.removeAllListeners();
    ports.clear();
    main.tell({ idle: given }, given);
  };

  const goOn = (port: MessagePort, id: number, steps: Generator<void, unknown, void>): void => {
    running -= 1;
    attempt(port, id, () => {
      if (closing) throw new StoreError('The store is closing', 'closed');
      const { done, value } = steps.next();
      if (done === true) return answer(port, id, value);
      running += 1;
      setImmediate(goOn, port, id, steps);
    });
  };
  const serve = (port: MessagePort, id: number, operation: string, argument: unknown): void => {
    attempt(port, id, () => {
      const run = operations.get(operation);
      if (run === undefined) throw new StoreError(`The store has no operation '${operation}'`);
      const value = run(argument);
      if (!isSteps(value)) return answer(port, id, value);
      running += 1;
      goOn(port, id, value);
    });
  };
  const connect = (port: MessagePort, received: readonly RequestBatch[]): void => {
    const take = ({ requests }: RequestBatch): void => {
      rest.refresh();
      for (const [id, operation, argument] of requests) serve(port, id, operation, argument);
    };
    ports.add(port);
    port.on('close', () => ports.delete(port));
    for (const batch of received) take(batch);
    port.on('message', take);
  };
  // Whatever stops the sweep (closing, a directory that can't be read) leaves the rest to the next start.
  const sweep = async (before: number): Promise<void> => {
    running += 1;
    await sweepSpool(spoolDirectory, before, reader.ownsSpoolFile).catch(() => {});
    running -= 1;
  };
  const close = (): void => {
    closing = true;
    clearTimeout(rest);
    for (const port of ports) port.close();
    database.close();
    main.close();
  };

  main.on('message', (message: ToStoreThread) => {
    if ('connect' in message) {
      // Nothing was received on one that comes too late: only a thread that has just been started gets what came before.
      if (resting) giveBack([message.connect]);
      else connect(message.connect, message.received);
    }
    if ('sweepBefore' in message) void sweep(message.sweepBefore);
    if ('close' in message) close();
  });
  main.tell({ ready: { run: 0 } });
}

// The writer makes the file; this thread loads its code meanwhile.
main.once('message', () => {
  try {
    start();
  } catch (error) {
    main.refuse(openFailure(error, file));
  }
});
