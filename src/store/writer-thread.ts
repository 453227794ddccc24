// The store's writer thread: collects the requests of every client's port and commits them in groups. The only thread
// that writes to the database and that removes spool files of messages that ended.
import { unlink } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type AnswerSink, createGroupCommit } from './group-commit.ts';
import { prepareQuery } from './sqlite/query.ts';
import { openForWriting } from './sqlite/schema.ts';
import { createWriter } from './sqlite/writer.ts';
import { openFailure } from './store-error.ts';
import { obeySeams } from './store-seams.ts';
import { type StoreThreadData, storeThreadPort, type ToStoreThread } from './thread-messages.ts';
import type { RequestBatch } from './wire.ts';

const { file, spoolDirectory, seams }: StoreThreadData = workerData;
const main = storeThreadPort(parentPort);

/** Each start of the daemon has a number of its own: spool files of earlier runs can be told by it. */
function beginRun(database: DatabaseSync): number {
  const next = "UPDATE counter SET value = value + 1 WHERE name = 'run' RETURNING value";
  return prepareQuery<{ value: number }>(database, next).get()?.value ?? 0;
}

function start(): void {
  const database = openForWriting(file);
  const run = beginRun(database);
  const writer = createWriter(database, { now: Date.now, ...(seams === null ? {} : obeySeams(seams)) });
  let holds = 0;
  const removeEndedFiles = (): void => {
    if (holds > 0) return;
    // A file that can't be removed now has no row any more: the sweep of the next start removes it.
    for (const path of writer.takeEndedFiles()) unlink(join(spoolDirectory, path), () => {});
  };
  const group = createGroupCommit(
    writer,
    { now: () => performance.now(), soon: setImmediate, later: setTimeout },
    removeEndedFiles,
  );

  const ports = new Map<MessagePort, AnswerSink>();
  const connect = (port: MessagePort): void => {
    const sink: AnswerSink = (answers) => port.postMessage(answers);
    ports.set(port, sink);
    port.on('message', (batch: RequestBatch) => group.add(batch, sink));
    port.on('close', () => ports.delete(port));
  };
  /** Answers what was sent before the order to close; what comes later is rejected as its port is closed. */
  const close = (): void => {
    for (const [port, sink] of ports) {
      for (let sent = receiveMessageOnPort(port); sent !== undefined; sent = receiveMessageOnPort(port)) {
        const batch: RequestBatch = sent.message;
        group.add(batch, sink);
      }
    }
    group.drain();
    for (const port of ports.keys()) port.close();
    writer.close();
    main.close();
  };

  const hold = (begins: boolean): void => {
    holds += begins ? 1 : -1;
    if (begins) main.tell({ held: true });
    else removeEndedFiles();
  };

  main.on('message', (message: ToStoreThread) => {
    if ('connect' in message) connect(message.connect);
    if ('holdFiles' in message) hold(message.holdFiles);
    if ('close' in message) close();
  });
  main.tell({ ready: { run } });
}

try {
  start();
} catch (error) {
  main.refuse(openFailure(error, file));
}
