// The reader thread comes and goes, and whoever reads doesn't notice.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { openStore } from './open-store.ts';
import { createReaderOnDemand, type ReaderOnDemand } from './reader-on-demand.ts';
import { createRequestPort, type RequestPort } from './request-port.ts';
import { startStoreThread } from './store-thread.ts';
import type { ToStoreThread } from './thread-messages.ts';
import type { RequestBatch } from './wire.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A thread that only notes what it was asked, on the ports that it was given. */
function pretendThreads() {
  const asked: unknown[] = [];
  const started: { rest: (count?: number) => void; closed: boolean; restsAfter: number }[] = [];
  let ports = 0;
  const start = (restsAfter: number, idle: (ports: readonly MessagePort[]) => void) => {
    const line = new MessageChannel();
    const given: MessagePort[] = [];
    const number = started.length + 1;
    const note = ({ requests }: RequestBatch) => {
      for (const [, operation] of requests) asked.push([number, operation]);
    };
    line.port2.on('message', (message: ToStoreThread) => {
      if (!('connect' in message)) return;
      ports += 1;
      given.push(message.connect);
      for (const batch of message.received) note(batch);
      message.connect.on('message', note);
    });
    const record = {
      restsAfter,
      closed: false,
      rest(count = given.length) {
        const back = given.splice(0, count);
        for (const port of back) port.removeAllListeners();
        idle(back);
      },
    };
    started.push(record);
    return {
      ready: Promise.resolve(),
      send: (message: ToStoreThread, transfer: readonly MessagePort[] = []) =>
        line.port1.postMessage(message, transfer),
      close: async () => {
        record.closed = true;
        line.port1.close();
      },
    };
  };
  return { start, started, asked, ports: () => ports };
}

function client(reader: ReaderOnDemand): MessagePort {
  const { port1, port2 } = new MessageChannel();
  reader.connect(port2);
  return port1;
}

const say = (port: MessagePort, ...operations: readonly string[]): void => {
  for (const operation of operations)
    port.postMessage({ requests: [[1, operation, null]], bytes: null } satisfies RequestBatch);
};

test('ports that a thread gives back wait, and the first request starts another that gets all that came', async (t) => {
  const threads = pretendThreads();
  const reader = createReaderOnDemand(threads.start, (error) => assert.fail(error));
  t.after(() => reader.close());
  const [one, two] = [client(reader), client(reader)];
  say(one, 'a');
  while (threads.asked.length < 1 || threads.ports() < 2) await turn();
  threads.started[0]?.rest();
  assert.equal(threads.started[0]?.closed, true);
  await turn();
  assert.equal(threads.started.length, 1);
  say(two, 'b', 'c', 'd', 'e');
  say(one, 'f', 'g');
  while (threads.asked.length < 7) await turn();
  assert.equal(threads.started.length, 2);
  const second = threads.asked.slice(1) as [number, string][];
  assert.deepEqual(
    second.filter(([, operation]) => operation < 'f'),
    [
      [2, 'b'],
      [2, 'c'],
      [2, 'd'],
      [2, 'e'],
    ],
  );
  assert.deepEqual(
    second.filter(([, operation]) => operation >= 'f'),
    [
      [2, 'f'],
      [2, 'g'],
    ],
  );
  assert.ok((threads.started[1]?.restsAfter ?? 0) > (threads.started[0]?.restsAfter ?? 0));
  one.close();
  two.close();
});

test('a port that reached a thread too late comes back and ends nobody', async (t) => {
  const threads = pretendThreads();
  const reader = createReaderOnDemand(threads.start, (error) => assert.fail(error));
  t.after(() => reader.close());
  const one = client(reader);
  while (threads.ports() < 1) await turn();
  const late = client(reader);
  while (threads.ports() < 2) await turn();
  const [first] = threads.started;
  // In two parts, as the thread gives back what reaches it while it rests.
  first?.rest(1);
  say(one, 'a');
  while (threads.asked.length < 1) await turn();
  first?.rest();
  say(late, 'b');
  while (threads.asked.length < 2) await turn();
  assert.deepEqual(threads.asked, [
    [2, 'a'],
    [2, 'b'],
  ]);
  assert.equal(threads.started[1]?.closed, false);
  one.close();
  late.close();
});

async function restless(t: TestContext): Promise<{ clients: readonly RequestPort[]; started: () => number }> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-reader-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const store = await openStore({ directory, onFailure: (error) => assert.fail(error) });
  await store.close();
  const data = { file: join(directory, 'postern.db'), spoolDirectory: join(directory, 'spool'), seams: null };
  let started = 0;
  const reader = createReaderOnDemand(
    (_, idle) => {
      started += 1;
      const url = new URL('./reader-thread.ts', import.meta.url);
      return startStoreThread(url, { ...data, readerRestsAfter: 1 }, (error) => assert.fail(error), idle);
    },
    (error) => assert.fail(error),
  );
  await reader.open(0);
  const clients = [1, 2, 3].map(() => {
    const { port1, port2 } = new MessageChannel();
    reader.connect(port2);
    return createRequestPort(port1);
  });
  t.after(async () => {
    for (const each of clients) await each.close();
    await reader.close();
  });
  return { clients, started: () => started };
}

test('every request is answered while threads come and go', async (t) => {
  const { clients, started } = await restless(t);
  let asked = 0;
  while (started() < 6) {
    const answers = await Promise.all(
      clients.map((each) => each.ask(asked % 2 === 0 ? 'objects' : 'queues', () => undefined)),
    );
    for (const answer of answers) assert.deepEqual(answer, []);
    asked += 1;
    // Now at once, now about when the thread goes.
    for (let turns = asked % 7; turns > 0; turns -= 1) await new Promise((resolve) => setTimeout(resolve, 1));
  }
});
