// The store's reader thread: answers everything that is only read, on the committed state. Long searches run step by
// step, so that contents of mail that is about to be delivered are never kept waiting by them.
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

const { file, spoolDirectory }: StoreThreadData = workerData;
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
  let closing = false;

  const goOn = (port: MessagePort, id: number, steps: Generator<void, unknown, void>): void => {
    attempt(port, id, () => {
      if (closing) throw new StoreError('The store is closing', 'closed');
      const { done, value } = steps.next();
      if (done === true) answer(port, id, value);
      else setImmediate(goOn, port, id, steps);
    });
  };
  const serve = (port: MessagePort, id: number, operation: string, argument: unknown): void => {
    attempt(port, id, () => {
      const run = operations.get(operation);
      if (run === undefined) throw new StoreError(`The store has no operation '${operation}'`);
      const value = run(argument);
      if (isSteps(value)) goOn(port, id, value);
      else answer(port, id, value);
    });
  };
  const connect = (port: MessagePort): void => {
    ports.add(port);
    port.on('close', () => ports.delete(port));
    port.on('message', ({ requests }: RequestBatch) => {
      for (const [id, operation, argument] of requests) serve(port, id, operation, argument);
    });
  };
  const close = (): void => {
    closing = true;
    for (const port of ports) port.close();
    database.close();
    main.close();
  };

  main.on('message', (message: ToStoreThread) => {
    if ('connect' in message) connect(message.connect);
    // Whatever stops the sweep (closing, a directory that can't be read) leaves the rest to the next start.
    if ('sweepBefore' in message)
      sweepSpool(spoolDirectory, message.sweepBefore, reader.ownsSpoolFile).catch(() => {});
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
