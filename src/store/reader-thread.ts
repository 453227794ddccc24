// The store's reader thread: answers everything that is only read, on the committed state. Long searches run step by
// step, so that contents of mail that is about to be delivered are never kept waiting by them.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createReader } from './sqlite/reader.ts';
import { openForReading } from './sqlite/schema.ts';
import { createTraceReader } from './sqlite/trace-query.ts';
import { StoreError, fromFailure } from './store-error.ts';
import { sweepSpool } from './spool-sweep.ts';
import type { FromStoreThread, StoreThreadData, ToStoreThread } from './thread-messages.ts';
import type { AnswerBatch, RequestBatch } from './wire.ts';

const { file, spoolDirectory } = workerData as StoreThreadData;
const main = parentPort as MessagePort;
const tell = (message: FromStoreThread): void => main.postMessage(message);

type Operation = (argument: never) => unknown;

function operations(database: ReturnType<typeof openForReading>): {
  readonly byName: ReadonlyMap<string, Operation>;
  readonly ownsSpoolFile: (id: number, path: string) => boolean;
} {
  const reader = createReader(database);
  const trace = createTraceReader(database);
  const byName = new Map<string, Operation>([
    ['load', reader.load],
    ['queues', reader.queues],
    ['messages', reader.messages],
    ['message', reader.message],
    ['objects', reader.objects],
    ['changes', reader.changes],
    ['trace', trace.trace],
    ['traceEvents', trace.events],
  ]);
  return { byName, ownsSpoolFile: reader.ownsSpoolFile };
}

function isSteps(value: unknown): value is Generator<void, unknown, void> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}

function start(): void {
  const database = openForReading(file);
  const { byName, ownsSpoolFile } = operations(database);
  let closing = false;

  const answer = (port: MessagePort, id: number, value: unknown): void => {
    const content = (value as { content?: Uint8Array | null } | null)?.content;
    const answers: AnswerBatch = { done: [], values: [[id, value]], errors: [] };
    port.postMessage(answers, content instanceof Uint8Array ? [content.buffer as ArrayBuffer] : []);
  };
  const attempt = (port: MessagePort, id: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const { code, message } = fromFailure(error, 'The store could not read');
      port.postMessage({ done: [], values: [], errors: [[id, code, message]] } satisfies AnswerBatch);
    }
  };
  const goOn = (port: MessagePort, id: number, steps: Generator<void, unknown, void>): void => {
    attempt(port, id, () => {
      if (closing) throw new StoreError('The store is closing', 'closed');
      const { done, value } = steps.next();
      if (done === true) answer(port, id, value);
      else setImmediate(goOn, port, id, steps);
    });
  };

  const ports = new Set<MessagePort>();
  const connect = (port: MessagePort): void => {
    ports.add(port);
    port.on('close', () => ports.delete(port));
    port.on('message', ({ requests }: RequestBatch) => {
      for (const [id, operation, argument] of requests) {
        attempt(port, id, () => {
          const run = byName.get(operation);
          if (run === undefined) throw new StoreError(`The store has no operation '${operation}'`);
          const value = run(argument as never);
          if (isSteps(value)) goOn(port, id, value);
          else answer(port, id, value);
        });
      }
    });
  };

  main.on('message', (message: ToStoreThread) => {
    if ('connect' in message) connect(message.connect);
    // Whatever stops the sweep (closing, a directory that can't be read) leaves the rest to the next start.
    if ('sweepBefore' in message)
      sweepSpool(spoolDirectory, message.sweepBefore, ownsSpoolFile).catch(() => {});
    if (!('close' in message)) return;
    closing = true;
    for (const port of ports) port.close();
    database.close();
    main.close();
  });
  tell({ ready: { run: 0 } });
}

try {
  start();
} catch (error) {
  const { code, message } = fromFailure(error, `${file} can't be opened`);
  tell({ refused: { code, message } });
}
