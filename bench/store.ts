// What the embedded store can do on this machine's disk: messages accepted and delivered a second with some in flight,
// and how it answers with many waiting. Prints figures, judges nothing.
// Run: node bench/store.ts [--messages 20000] [--size 4096] [--waiting 100000]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore } from '#store/open-store.ts';
import type { Store } from '#store/store.ts';
import {
  finished,
  newMessage,
  settlement,
  testEvent,
  testMessage,
  waiting,
} from '../test/support/stored-mail.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    size: { type: 'string', default: '4096' },
    waiting: { type: 'string', default: '100000' },
  },
});
const size = Number(values.size);
const content = { kind: 'memory', bytes: Buffer.alloc(size, 'x') } as const;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function inLanes(lanes: number, total: number, work: (turn: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) {
      const turn = next;
      next += 1;
      await work(turn);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function percentile(times: readonly number[], part: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(2);
}

async function acceptAndDeliver(store: Store, lanes: number, total: number): Promise<void> {
  const times: number[] = [];
  const settled: Promise<void>[] = [];
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await inLanes(lanes, total, async () => {
    const message = testMessage({ size });
    const start = performance.now();
    await store.enqueue(newMessage(message, { content }));
    times.push(performance.now() - start);
    const events = [
      testEvent('Route', 'by connector'),
      testEvent('Attempt', 'mx.fabrikam.com'),
      testEvent('Deliver'),
    ];
    // As the gateway does: nobody waits for it before the next message.
    settled.push(store.settle(settlement(message.id, { finished: [finished(0)], events })));
  });
  await Promise.all(settled);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  print(
    `${lanes} in flight, ${size} octets: ${Math.round(total / seconds)} accepted and delivered/s, ` +
      `${Math.round((user + system) / total)} µs of CPU each, ` +
      `accepted within ${percentile(times, 0.5)} ms (p50), ${percentile(times, 0.99)} ms (p99)`,
  );
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  await work();
  print(`${what}: ${(performance.now() - begun).toFixed(1)} ms`);
}

const directory = mkdtempSync(join(tmpdir(), 'postern-bench-'));
const onFailure = (error: Error): never => {
  throw error;
};
try {
  const first = await openStore({ directory, onFailure });
  for (const lanes of [1, 20, 100]) {
    await acceptAndDeliver(first.store, lanes, Number(values.messages) / (lanes === 1 ? 10 : 1));
  }
  const later = Date.now() + 3_600_000;
  await inLanes(200, Number(values.waiting), async (turn) => {
    const message = testMessage({ size });
    await first.store.enqueue(newMessage(message, { content }));
    const entry = waiting(0, { queue: `connector/${turn % 5}`, due: later });
    await first.store.settle(settlement(message.id, { waiting: [entry] }));
  });
  await first.close();
  print(`${values.waiting} waiting, ${Math.round(statSync(join(directory, 'postern.db')).size / 1e6)} MB`);

  const begun = performance.now();
  const again = await openStore({ directory, onFailure });
  const { store } = again;
  print(`opened again: ${(performance.now() - begun).toFixed(1)} ms`);
  await timed('nextDue', () => store.nextDue());
  await timed('dueQueues', () => store.dueQueues(later));
  await timed('claim of 200', () =>
    store.claim({ now: later, queues: [{ queue: 'connector/0', limit: 200 }], incoming: 0 }),
  );
  await timed('queues', () => store.queues());
  await timed('trace, nothing found', () =>
    store.trace({ from: 0, to: later, recipients: ['nobody@x.com'], limit: 10 }),
  );
  await again.close();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
