// What reports learn from the trace: ways, ends, reasons and protection, added up within limits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '#store/store.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import {
  DEFERRED,
  DELIVERED,
  newMessage,
  openTestStore,
  settlement,
  testMessage,
  waiting,
} from '../../../test/support/stored-mail.ts';

const EVER = {
  from: 0,
  to: Date.now() + 3_600_000,
  limit: 1_000_000,
  evidence: 100,
  connectors: [['guid-c', 'C']],
} as const;

const compareText = (a: string, b: string): number => (a < b ? -1 : 1);

function attempt(recipients: readonly number[], data: Readonly<Record<string, unknown>>): TraceEvent {
  return { time: Date.now(), kind: 'Attempt', recipients, detail: '', data };
}

/** Two recipients delivered over A, one failed over B, one waiting for C. */
async function fill(store: Store): Promise<number> {
  const message = testMessage({
    recipients: ['a@x.test', 'b@y.test', 'c@z.test', 'd@z.test'],
    size: 300,
    remoteAddress: '192.0.2.7',
  });
  await store.enqueue(newMessage(message));
  const failed = {
    ...DELIVERED,
    action: 'failed',
    status: '5.1.1',
    diagnostic: '550 5.1.1 <c@z.test> unknown',
  } as const;
  await store.settle(
    settlement(message.id, {
      finished: [
        { recipient: 0, outcome: 'Delivered', status: DELIVERED, connector: 'A' },
        { recipient: 1, outcome: 'Delivered', status: DELIVERED, connector: 'A' },
        { recipient: 2, outcome: 'Failed', status: failed, connector: 'B' },
      ],
      waiting: [waiting(3, { queue: 'guid-c/z.test', lastStatus: DEFERRED })],
      events: [
        attempt([0, 1], { outcome: 'delivered', tls: { level: 'DomainValidation' } }),
        attempt([2], { outcome: 'deferred', status: '4.4.317', diagnostic: 'no STARTTLS', tls: null }),
        attempt([2], { outcome: 'deferred', status: '4.4.317', diagnostic: '421 busy', tls: null }),
        attempt([2], { outcome: 'mixed', tls: null }),
      ],
    }),
  );
  return message.id;
}

test('connectors are added up: messages, ends, reasons, protection', async (context) => {
  const { store } = await openTestStore(context);
  await fill(store);
  const id = await fill(store);
  const { connectors, complete } = await store.connectorTraffic(EVER);
  assert.equal(complete, true);
  const of = (name: string) => connectors.find((one) => one.connector === name);
  const a = of('A');
  assert.deepEqual([a?.messages, a?.octets, a?.delivered, a?.failed, a?.pending], [2, 600, 4, 0, 0]);
  assert.equal(a?.protection.delivered.DomainValidation, 2);
  assert.equal(a?.protection.messages, 2);
  const [row] = await store.trace({ ...EVER, messageId: id, limit: 1 });
  assert.equal(a?.lastUse, row?.receivedAt);
  const b = of('B');
  assert.deepEqual([b?.messages, b?.failed, b?.reasons], [2, 2, [{ text: '550 5.1.1 … unknown', count: 2 }]]);
  assert.deepEqual([b?.protection.refused, b?.protection.delivered.ClearText], [2, 2]);
  const c = of('C');
  assert.deepEqual([c?.pending, c?.reasons], [2, [{ text: '4.4.316 connection refused', count: 2 }]]);
  const limited = await store.connectorTraffic({ ...EVER, evidence: 1 });
  assert.equal(limited.connectors.find((one) => one.connector === 'A')?.protection.messages, 1);
});

test('a sample names every way once, and each recipient points to its own', async (context) => {
  const { store } = await openTestStore(context);
  const first = await fill(store);
  const second = await fill(store);
  const { groups, messages, groupOf, complete } = await store.trafficSample(EVER);
  assert.equal(complete, true);
  assert.deepEqual(
    groups.map(({ connector, queue, domain }) => `${domain} ${connector} ${queue}`).sort(compareText),
    ['x.test A null', 'y.test A null', 'z.test B null', 'z.test null guid-c/z.test'],
  );
  assert.ok(groups.every(({ newest, fromIp }) => newest === second && fromIp === '192.0.2.7'));
  assert.equal(messages.length, 8);
  const ofX = groups.findIndex(({ domain }) => domain === 'x.test');
  assert.deepEqual(
    [...messages].filter((_, index) => groupOf[index] === ofX),
    [second, first],
  );
});

test('limit and time bound what is looked at', async (context) => {
  const { store } = await openTestStore(context);
  const first = await fill(store);
  await fill(store);
  const three = await store.trafficSample({ ...EVER, limit: 3 });
  assert.deepEqual([three.messages.length, three.complete], [3, false]);
  const all = await store.trafficSample({ ...EVER, limit: 8 });
  assert.deepEqual([all.messages.length, all.complete], [8, true]);
  const [row] = await store.trace({ ...EVER, messageId: first, limit: 1 });
  const past = await store.trafficSample({ ...EVER, to: (row?.receivedAt ?? 0) - 1 });
  assert.deepEqual([past.messages.length, past.complete], [0, true]);
});
