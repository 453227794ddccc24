// The promises of the Store, kept through real threads and a real disk.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  DEFERRED,
  finished,
  newMessage,
  openTestStore,
  settlement,
  temporaryDirectory,
  testEvent,
  testMessage,
  waiting,
} from '../../test/support/stored-mail.ts';
import { arrivalOf } from '#mail/message-id.ts';
import { createStoreClient } from './store-client.ts';
import { openStore } from './open-store.ts';
import { SMALL_CONTENT_LIMIT } from './spool.ts';
import type { ChangeRecord } from '#directory/object-store.ts';
import type { Store } from './store.ts';
import { StoreError, StoreFullError } from './store-error.ts';
import { createStoreSeams } from './store-seams.ts';

const QUEUE = 'guid/fabrikam.com';

/** A message that waits in the queue after one attempt, all its recipients due at the same time. */
async function waitingMessage(
  store: Store,
  more: { queue?: string; due?: number; recipients?: readonly string[] } = {},
): Promise<number> {
  const { queue = QUEUE, due = 1000, recipients = ['ann@fabrikam.com'] } = more;
  const message = testMessage({ recipients });
  await store.enqueue(newMessage(message));
  const entries = recipients.map((_each, position) => waiting(position, { queue, due }));
  await store.settle(settlement(message.id, { waiting: entries }));
  return message.id;
}

const claimAll = (store: Store, queue = QUEUE, now = 10_000) =>
  store.claim({ now, queues: [{ queue, limit: 100 }], incoming: 0 });

test('a message that was accepted can be read until it is settled, and is gone then', async (context) => {
  const { store } = await openTestStore(context);
  const message = testMessage();
  await store.enqueue(newMessage(message));
  const loaded = await store.load(message.id);
  assert.deepEqual(loaded?.message, message);
  assert.equal(loaded.content.kind === 'memory' && Buffer.from(loaded.content.bytes).toString(), 'hello');
  assert.equal((await store.health()).queuedMessages, 1);

  await store.settle(settlement(message.id, { finished: [finished(0)], events: [testEvent('Deliver')] }));
  assert.equal(await store.load(message.id), null);
  assert.equal((await store.health()).queuedMessages, 0);
  const kinds = (await store.traceEvents(message.id)).map((event) => event.kind);
  assert.deepEqual(kinds, ['Receive', 'Deliver']);
});

test('contents of one batch are not mixed up', async (context) => {
  const { store } = await openTestStore(context);
  const messages = Array.from({ length: 50 }, () => testMessage());
  await Promise.all(
    messages.map((message, position) => {
      const bytes = Buffer.alloc(position * 7, position);
      return store.enqueue(newMessage(message, { content: { kind: 'memory', bytes } }));
    }),
  );
  for (const [position, { id }] of messages.entries()) {
    const content = (await store.load(id))?.content;
    assert.deepEqual(
      content?.kind === 'memory' && Buffer.from(content.bytes),
      Buffer.alloc(position * 7, position),
    );
  }
});

test('an identity that is taken fails alone; its neighbours in the group are kept', async (context) => {
  const { store } = await openTestStore(context);
  const first = testMessage();
  await store.enqueue(newMessage(first));
  const before = testMessage();
  const after = testMessage();
  const results = await Promise.allSettled([
    store.enqueue(newMessage(before)),
    store.enqueue(newMessage(first)),
    store.enqueue(newMessage(after)),
  ]);
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.ok(results[1]?.status === 'rejected' && results[1].reason instanceof StoreError);
  assert.equal((await store.health()).queuedMessages, 3);
  await store.settle(settlement(after.id, { finished: [finished(0)] }));
  assert.equal(await store.load(after.id), null);
});

test('untried mail is claimed once, oldest first', async (context) => {
  const { store } = await openTestStore(context);
  const messages = [testMessage(), testMessage({ recipients: ['a@x.com', 'b@y.com'] }), testMessage()];
  for (const message of [...messages].reverse()) await store.enqueue(newMessage(message, { inHand: false }));
  await store.enqueue(newMessage(testMessage()));
  assert.equal(await store.nextDue(), messages[0]?.receivedAt);
  const claims = await store.claim({ now: 0, queues: [], incoming: 2 });
  assert.deepEqual(
    claims.map((claim) => [claim.messageId, claim.recipients.map((each) => [each.recipient, each.queue])]),
    [
      [messages[0]?.id, [[0, '']]],
      [
        messages[1]?.id,
        [
          [0, ''],
          [1, ''],
        ],
      ],
    ],
  );
  const rest = await store.claim({ now: 0, queues: [], incoming: 9 });
  assert.deepEqual(
    rest.map((claim) => claim.messageId),
    [messages[2]?.id],
  );
  assert.deepEqual(await store.claim({ now: 0, queues: [], incoming: 9 }), []);
  assert.equal(await store.nextDue(), null);
});

test('untried mail with an older identity than what was claimed last is found too', async (context) => {
  const { store } = await openTestStore(context);
  const [older, newer] = [testMessage(), testMessage()];
  await store.enqueue(newMessage(newer, { inHand: false }));
  assert.equal((await store.claim({ now: 0, queues: [], incoming: 5 })).length, 1);
  await store.enqueue(newMessage(older, { inHand: false }));
  const claims = await store.claim({ now: 0, queues: [], incoming: 5 });
  assert.deepEqual(
    claims.map((claim) => claim.messageId),
    [older.id],
  );
});

test('deferred recipients wait in their queues and come back with all that was noted', async (context) => {
  const { store } = await openTestStore(context);
  const message = testMessage({ recipients: ['a@x.com', 'b@y.com', 'c@x.com'] });
  await store.enqueue(newMessage(message));
  await store.settle(
    settlement(message.id, {
      finished: [finished(1)],
      waiting: [
        waiting(0, { queue: 'x', due: 500, attempts: 3, delayReported: true }),
        waiting(2, { queue: 'x', due: 600 }),
      ],
    }),
  );
  assert.equal(await store.nextDue(), 500);
  assert.deepEqual(await store.dueQueues(499), []);
  assert.deepEqual(await store.dueQueues(500), [{ queue: 'x', due: 1 }]);
  assert.deepEqual(await store.dueQueues(600), [{ queue: 'x', due: 2 }]);
  assert.deepEqual(await store.dueQueues(600, ['x']), []);
  const [claim, ...none] = await claimAll(store, 'x', 600);
  assert.deepEqual(none, []);
  assert.equal(claim?.messageId, message.id);
  assert.deepEqual(
    claim.recipients[0],
    waiting(0, { queue: 'x', due: 500, attempts: 3, delayReported: true }),
  );
  assert.deepEqual(await claimAll(store, 'x', 600), []);
  assert.deepEqual(await store.dueQueues(600), []);
  assert.equal(await store.nextDue(), null);
  const loaded = await store.load(message.id);
  assert.equal(loaded?.message.facts.subject, 'Figures');
  await store.settle(settlement(message.id, { finished: [finished(0), finished(2)] }));
  assert.equal(await store.message(message.id), null);
});

test('a claim takes no more recipients than asked for, and none that is not due', async (context) => {
  const { store } = await openTestStore(context);
  const id = await waitingMessage(store, { recipients: ['a@x.com', 'b@x.com', 'c@x.com'] });
  await waitingMessage(store, { due: 99_999 });
  const [claim] = await store.claim({ now: 5000, queues: [{ queue: QUEUE, limit: 2 }], incoming: 0 });
  assert.deepEqual(
    claim?.recipients.map((each) => each.recipient),
    [0, 1],
  );
  const rest = await claimAll(store, QUEUE, 5000);
  assert.deepEqual(
    rest.map((each) => [each.messageId, each.recipients[0]?.recipient]),
    [[id, 2]],
  );
});

test('recipients that a first settlement does not name go on waiting, in hand as they were', async (context) => {
  const { store } = await openTestStore(context);
  const message = testMessage({ recipients: ['a@x.com', 'b@y.com', 'c@z.com'] });
  await store.enqueue(newMessage(message));
  await store.settle(settlement(message.id, { finished: [finished(0)] }));
  assert.deepEqual(await claimAll(store, '', Date.now() + 1000), []);
  await store.settle(settlement(message.id, { waiting: [waiting(1)] }));
  assert.equal((await claimAll(store))[0]?.recipients[0]?.recipient, 1);
  await store.settle(settlement(message.id, { finished: [finished(1), finished(2)] }));
  assert.equal((await store.health()).queuedMessages, 0);
});

test('settling twice, or what an administrator removed, changes nothing', async (context) => {
  const { store } = await openTestStore(context);
  const message = testMessage();
  await store.enqueue(newMessage(message));
  await store.settle(
    settlement(message.id, { finished: [finished(0, 'Removed')], events: [testEvent('Remove')] }),
  );
  const report = testMessage();
  await store.settle(
    settlement(message.id, {
      finished: [finished(0, 'Failed')],
      events: [testEvent('Fail')],
      newMessages: [newMessage(report, { inHand: false })],
    }),
  );
  await store.settle(settlement(message.id, { waiting: [waiting(0)] }));
  const rows = await store.trace({ from: 0, to: Date.now() + 1000, limit: 10 });
  assert.deepEqual(
    rows.map((row) => [row.messageId, row.status]),
    [[message.id, 'Removed']],
  );
  assert.deepEqual(
    (await store.traceEvents(message.id)).map((event) => event.kind),
    ['Receive', 'Remove'],
  );
  assert.equal(await store.load(report.id), null);
  assert.equal((await store.health()).queuedMessages, 0);
});

test('reports and forks enter with the settlement that gave rise to them', async (context) => {
  const { store } = await openTestStore(context);
  const message = testMessage();
  const report = testMessage({ sender: null });
  await store.enqueue(newMessage(message));
  const bytes = Buffer.from('report');
  await store.settle(
    settlement(message.id, {
      finished: [finished(0, 'Failed')],
      newMessages: [newMessage(report, { inHand: false, content: { kind: 'memory', bytes } })],
    }),
  );
  const [claim] = await store.claim({ now: 0, queues: [], incoming: 1 });
  assert.equal(claim?.messageId, report.id);
  const content = (await store.load(report.id))?.content;
  assert.equal(content?.kind === 'memory' && Buffer.from(content.bytes).toString(), 'report');
});

test('a settlement whose report can not be kept is not kept either', async (context) => {
  const { store } = await openTestStore(context);
  const [message, other] = [testMessage(), testMessage()];
  await store.enqueue(newMessage(message));
  await store.enqueue(newMessage(other));
  const failing = settlement(message.id, { finished: [finished(0)], newMessages: [newMessage(other)] });
  await assert.rejects(store.settle(failing), StoreError);
  assert.notEqual(await store.load(message.id), null);
  assert.deepEqual(
    await store.trace({ from: 0, to: Date.now() + 1000, status: ['Delivered'], limit: 9 }),
    [],
  );
  await store.settle(settlement(message.id, { finished: [finished(0)] }));
  assert.equal((await store.health()).queuedMessages, 1);
});

test('a large content is a file while its message waits, and only then', async (context) => {
  const directory = temporaryDirectory(context);
  const { store } = await openTestStore(context, directory);
  const message = testMessage();
  const file = await store.createSpoolFile(message.id);
  for (let count = 0; count < 30; count += 1) await file.write(Buffer.alloc(100_000, 'x'));
  const content = await file.finish();
  assert.equal(content.size, 3_000_000);
  assert.equal(statSync(content.path).mode & 0o777, 0o600);
  await store.enqueue(newMessage({ ...message, size: content.size }, { content }));
  assert.deepEqual((await store.load(message.id))?.content, content);
  assert.ok(readFileSync(content.path).equals(Buffer.alloc(3_000_000, 'x')));

  const fork = testMessage({ size: content.size });
  await store.settle(
    settlement(message.id, { finished: [finished(0)], newMessages: [newMessage(fork, { content })] }),
  );
  const shared = (await store.load(fork.id))?.content;
  assert.ok(shared?.kind === 'file' && shared.path !== content.path);
  assert.equal(statSync(shared.path).size, 3_000_000);
  await store.settle(settlement(fork.id, { finished: [finished(0)] }));
  await until(() => !existsSync(content.path) && !existsSync(shared.path));
});

test('a chunk that is all of its memory is freed when it is in the file; one that is a part of more stays', async (context) => {
  const { store } = await openTestStore(context, temporaryDirectory(context));
  const file = await store.createSpoolFile(testMessage().id);
  const [whole, part] = [Buffer.alloc(400_000, 'x'), Buffer.alloc(500_000, 'y').subarray(0, 400_000)];
  await file.write(whole);
  await file.write(part);
  const content = await file.finish();
  assert.deepEqual([content.size, whole.length, part.length], [800_000, 0, 400_000]);
  assert.equal(readFileSync(content.path, 'latin1'), 'x'.repeat(400_000) + 'y'.repeat(400_000));
});

test('a chunk that is given twice, against the rule, makes no file that is too short', async (context) => {
  const directory = temporaryDirectory(context);
  const { store } = await openTestStore(context, directory);
  const file = await store.createSpoolFile(testMessage().id);
  const chunk = Buffer.alloc(400_000);
  for (let count = 0; count < 5; count += 1) await file.write(chunk);
  await assert.rejects(file.finish(), { code: 'failed' });
  assert.equal(spoolFiles(directory).length, 0);
});

test('a large content in memory becomes a file by itself; an abandoned file leaves nothing', async (context) => {
  const directory = temporaryDirectory(context);
  const { store } = await openTestStore(context, directory);
  const bytes = Buffer.alloc(SMALL_CONTENT_LIMIT + 1, 'y');
  const message = testMessage({ size: bytes.length });
  await store.enqueue(newMessage(message, { content: { kind: 'memory', bytes } }));
  const content = (await store.load(message.id))?.content;
  assert.ok(content?.kind === 'file' && readFileSync(content.path).equals(bytes));

  const abandoned = await store.createSpoolFile(testMessage().id);
  await abandoned.write(Buffer.alloc(500_000));
  await abandoned.abandon();
  assert.equal(spoolFiles(directory).length, 1);
});

test('a large content that was refused leaves no file; a settlement with one can be given again', async (context) => {
  const directory = temporaryDirectory(context);
  const seams = createStoreSeams();
  const { store } = await openTestStore(context, directory, seams);
  const bytes = Buffer.alloc(SMALL_CONTENT_LIMIT + 1, 'z');
  const content = { kind: 'memory', bytes } as const;
  const [message, taken] = [testMessage(), testMessage()];
  const subject = 'x'.repeat(500_000);
  seams.limitPages(1);
  await assert.rejects(store.enqueue(newMessage(testMessage({ subject }), { content })), StoreFullError);
  assert.equal(spoolFiles(directory).length, 0);
  seams.limitPages(null);

  await store.enqueue(newMessage(taken, { content }));
  await assert.rejects(store.enqueue(newMessage(taken, { content })), { code: 'conflict' });
  assert.equal(spoolFiles(directory).length, 1);

  await store.enqueue(newMessage(message, { content }));
  const loaded = await store.load(message.id);
  assert.ok(loaded !== null);
  const [fork, report] = [testMessage(), testMessage()];
  const forks = [newMessage(fork, { content: loaded.content }), newMessage(report, { content })];
  const refused = settlement(message.id, {
    finished: [finished(0)],
    newMessages: [...forks, newMessage(taken)],
  });
  await assert.rejects(store.settle(refused), StoreError);
  await store.settle(settlement(message.id, { finished: [finished(0)], newMessages: forks }));
  for (const { id } of [fork, report]) {
    const kept = (await store.load(id))?.content;
    assert.ok(kept?.kind === 'file' && readFileSync(kept.path).equals(bytes));
  }
  const gone = { kind: 'file', path: join(directory, 'spool', 'gone'), size: 1 } as const;
  await assert.rejects(store.enqueue(newMessage(testMessage(), { content: gone })), StoreError);
});

test('what was in hand is due at once after a restart, and nothing else is', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await openTestStore(context, directory);
  const untried = testMessage();
  await first.store.enqueue(newMessage(untried));
  const claimed = await waitingMessage(first.store);
  await waitingMessage(first.store, { due: 50_000 });
  await claimAll(first.store);
  await first.close();

  const { store } = await openTestStore(context, directory);
  const claims = await store.claim({ now: 10_000, queues: [{ queue: QUEUE, limit: 9 }], incoming: 9 });
  assert.deepEqual(
    claims.map((claim) => claim.messageId),
    [claimed, untried.id],
  );
  assert.equal(await store.nextDue(), 50_000);
  assert.equal((await store.health()).queuedMessages, 3);
});

test('aged mail is claimed by identity, due or not, message by message', async (context) => {
  const { store } = await openTestStore(context);
  const ids = [];
  for (const recipients of [['a@x.com'], ['a@x.com', 'b@x.com'], ['a@x.com'], ['a@x.com']])
    ids.push(await waitingMessage(store, { recipients, due: 99_999 }));
  const range = { after: ids[0] ?? 0, before: ids[3] ?? 0 };
  const [one, ...none] = await store.claimOlder({ ...range, limit: 1 });
  assert.deepEqual([one?.messageId, one?.recipients.length, none], [ids[1], 2, []]);
  const rest = await store.claimOlder({ ...range, limit: 5 });
  assert.deepEqual(
    rest.map((claim) => claim.messageId),
    [ids[2]],
  );
});

test('mail is made due by queue, by prefix of queues, or all', async (context) => {
  const { store } = await openTestStore(context);
  for (const queue of ['g1', 'g1/a.com', 'g1/b.com', 'g2', '/c.com'])
    await waitingMessage(store, { queue, due: 9000 });
  await waitingMessage(store, { queue: 'g1', due: 10 });
  assert.equal(await store.makeDue({ queuePrefix: 'g1' }, 50), 3);
  assert.deepEqual(await store.dueQueues(50), [
    { queue: 'g1', due: 2 },
    { queue: 'g1/a.com', due: 1 },
    { queue: 'g1/b.com', due: 1 },
  ]);
  assert.equal(await store.makeDue({ queue: 'g2' }, 40), 1);
  assert.equal(await store.nextDue(), 10);
  assert.equal(await store.makeDue({}, 5), 6);
  assert.equal(await store.nextDue(), 5);
  const later = Date.now() + 1_000_000;
  assert.equal(await store.makeDue({ queue: 'g1' }, later), 2);
  assert.deepEqual(
    (await store.dueQueues(later - 1)).map((each) => each.queue),
    ['/c.com', 'g1/a.com', 'g1/b.com', 'g2'],
  );
});

test('making much mail due leaves room for other commits in between', async (context) => {
  const { store } = await openTestStore(context);
  const recipients = Array.from({ length: 2500 }, (_each, position) => `user${position}@fabrikam.com`);
  await waitingMessage(store, { due: 9000, recipients });
  const finishedOrder: string[] = [];
  const making = store.makeDue({}, 5).then((count) => finishedOrder.push(`made ${count}`));
  const accepted = store.enqueue(newMessage(testMessage())).then(() => finishedOrder.push('accepted'));
  await Promise.all([making, accepted]);
  assert.deepEqual(finishedOrder, ['accepted', 'made 2500']);
});

test('a suspended message is not claimed until it is resumed, whatever state it was in', async (context) => {
  const { store } = await openTestStore(context);
  const waits = await waitingMessage(store);
  const untried = testMessage();
  await store.enqueue(newMessage(untried, { inHand: false }));
  const inHand = testMessage();
  await store.enqueue(newMessage(inHand));
  for (const id of [waits, untried.id, inHand.id]) assert.equal(await store.suspend(id, true), true);
  assert.equal(await store.suspend(12_345, true), false);
  await store.settle(settlement(inHand.id, { waiting: [waiting(0)] }));
  const all = {
    now: Date.now() + 1000,
    queues: [QUEUE, ''].map((queue) => ({ queue, limit: 9 })),
    incoming: 9,
  };
  assert.deepEqual(await store.claim(all), []);
  assert.deepEqual(await store.dueQueues(all.now), []);
  assert.equal(await store.nextDue(), null);
  assert.equal((await store.message(inHand.id))?.suspended, true);
  for (const id of [waits, untried.id, inHand.id]) assert.equal(await store.suspend(id, false), true);
  assert.equal((await store.message(inHand.id))?.suspended, false);
  assert.equal((await store.claim(all)).length, 3);
});

test('a suspended queue keeps what is in it and what arrives later, also over a restart', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await openTestStore(context, directory);
  await waitingMessage(first.store);
  await first.store.suspendQueue(QUEUE, true);
  await waitingMessage(first.store);
  assert.deepEqual(await claimAll(first.store), []);
  await first.close();
  const { store } = await openTestStore(context, directory);
  assert.deepEqual(await claimAll(store), []);
  assert.deepEqual(await store.dueQueues(10_000), []);
  const [queue] = await store.queues();
  assert.deepEqual(
    [queue?.waiting, queue?.suspended, queue?.queueSuspended, queue?.nextDue],
    [2, 2, true, null],
  );
  await store.suspendQueue(QUEUE, false);
  assert.equal((await claimAll(store)).length, 2);
});

test('queues are summed up', async (context) => {
  const { store } = await openTestStore(context);
  const oldest = await waitingMessage(store, { due: 700 });
  const second = await waitingMessage(store, { due: 600, recipients: ['a@x.com', 'b@x.com'] });
  await waitingMessage(store, { queue: 'other' });
  await store.suspend(second, true);
  const [queue, other, ...none] = await store.queues();
  assert.deepEqual(queue, {
    queue: QUEUE,
    waiting: 3,
    suspended: 2,
    queueSuspended: false,
    oldestArrival: arrivalOf(oldest),
    nextDue: 700,
    lastStatus: DEFERRED,
  });
  assert.equal(other?.queue, 'other');
  assert.deepEqual(none, []);
});

test('messages are listed in order of identity, page by page, of all queues or one', async (context) => {
  const { store } = await openTestStore(context);
  const a = await waitingMessage(store);
  const b = testMessage();
  await store.enqueue(newMessage(b, { inHand: false }));
  const c = await waitingMessage(store, { queue: 'other' });
  const d = await waitingMessage(store);
  await claimAll(store, 'other');
  const all = await store.messages({ limit: 10 });
  assert.deepEqual(
    all.map((each) => [each.message.id, each.inHand]),
    [
      [a, false],
      [b.id, false],
      [c, true],
      [d, false],
    ],
  );
  assert.deepEqual(
    all[1]?.recipients.map((each) => each.queue),
    [''],
  );
  assert.deepEqual(all[2]?.recipients, [waiting(0, { queue: 'other' })]);
  const page = await store.messages({ limit: 2, after: a });
  assert.deepEqual(
    page.map((each) => each.message.id),
    [b.id, c],
  );
  assert.deepEqual(
    (await store.messages({ queue: QUEUE, limit: 9 })).map((each) => each.message.id),
    [a, d],
  );
  assert.deepEqual(
    (await store.messages({ queue: QUEUE, after: a, limit: 9 })).map((each) => each.message.id),
    [d],
  );
});

test('objects and the record of their changes are kept together', async (context) => {
  const { store } = await openTestStore(context);
  const record = (
    version: number,
    after: ChangeRecord['after'],
    more: Partial<ChangeRecord> = {},
  ): ChangeRecord => ({
    time: version * 1000,
    user: 'admin',
    cmdlet: 'Set-OutboundConnector',
    parameters: { Comment: 'x', ['__proto__']: 'y' },
    line: 'Set-OutboundConnector C -Comment x',
    kind: 'OutboundConnector',
    guid: 'g1',
    objectName: 'C',
    version,
    before: null,
    after,
    ...more,
  });
  await store.change(record(1, { Name: 'C' }, { cmdlet: 'New-OutboundConnector' }));
  await store.change(record(2, { Name: 'C', Comment: 'x' }, { user: 'Other' }));
  await assert.rejects(store.change(record(2, { Name: 'lost' })), { code: 'conflict' });
  assert.deepEqual(await store.objects(), [
    { kind: 'OutboundConnector', guid: 'g1', version: 2, data: { Name: 'C', Comment: 'x' } },
  ]);
  await store.change(record(3, null, { cmdlet: 'Remove-OutboundConnector' }));
  assert.deepEqual(await store.objects(), []);
  const versions = async (query: Parameters<Store['changes']>[0]) =>
    (await store.changes(query)).map((each) => each.version);
  assert.deepEqual(await versions({ limit: 10 }), [3, 2, 1]);
  assert.deepEqual(await versions({ limit: 1 }), [3]);
  assert.deepEqual(await versions({ limit: 9, cmdlets: ['new-outboundconnector'] }), [1]);
  assert.deepEqual(await versions({ limit: 9, users: ['other'], guid: 'g1' }), [2]);
  assert.deepEqual(await versions({ limit: 9, from: 1500, to: 2500 }), [2]);
  assert.deepEqual(
    (await store.changes({ limit: 1 }))[0],
    record(3, null, { cmdlet: 'Remove-OutboundConnector' }),
  );
});

test('threads with ports of their own share the store', async (context) => {
  const opened = await openTestStore(context);
  const other = createStoreClient(opened.connect());
  const message = testMessage();
  await other.enqueue(newMessage(message, { inHand: false }));
  const claims = await opened.store.claim({ now: 0, queues: [], incoming: 5 });
  assert.deepEqual(
    claims.map((claim) => claim.messageId),
    [message.id],
  );
  await other.close();
  await assert.rejects(other.enqueue(newMessage(testMessage())), { code: 'closed' });
});

test('closing answers everything that was asked for', async (context) => {
  const directory = temporaryDirectory(context);
  const seams = createStoreSeams();
  const opened = await openTestStore(context, directory, seams);
  const other = createStoreClient(opened.connect());
  seams.delayCommits(30);
  const messages = Array.from({ length: 5 }, () => testMessage());
  const kept = Promise.all(messages.map((message) => other.enqueue(newMessage(message))));
  await new Promise(setImmediate);
  const closed = opened.close();
  await kept;
  await closed;
  const { store } = await openTestStore(context, directory);
  assert.equal((await store.health()).queuedMessages, 5);
});

test('a second daemon on the same directory is refused, and may have it afterwards', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await openTestStore(context, directory);
  const again = openStore({ directory, onFailure: assert.fail });
  await assert.rejects(again, { code: 'refused', message: /in use by another Postern/ });
  await first.close();
  await openTestStore(context, directory);
});

test('a full disk refuses new mail and keeps nothing of it; with room again all goes on', async (context) => {
  const seams = createStoreSeams();
  const { store } = await openTestStore(context, temporaryDirectory(context), seams);
  const kept = testMessage();
  await store.enqueue(newMessage(kept));
  seams.limitPages(1);
  const bytes = Buffer.alloc(60_000, 'z');
  const refused = Array.from({ length: 20 }, () => testMessage());
  const results = await Promise.allSettled([
    ...refused.map((message) => store.enqueue(newMessage(message, { content: { kind: 'memory', bytes } }))),
    store.settle(settlement(kept.id, { finished: [finished(0)] })),
  ]);
  const delivered = results.pop();
  assert.equal(delivered?.status, 'fulfilled');
  assert.ok(
    results.every((result) => result.status === 'rejected' && result.reason instanceof StoreFullError),
  );
  assert.equal((await store.health()).queuedMessages, 0);
  seams.limitPages(null);
  assert.equal((await store.health()).writable, true);
  await Promise.all(
    refused.map((message) => store.enqueue(newMessage(message, { content: { kind: 'memory', bytes } }))),
  );
  assert.equal((await store.health()).queuedMessages, 20);
});

test('a slow disk makes one stable write serve many messages', async (context) => {
  const seams = createStoreSeams();
  const { store } = await openTestStore(context, temporaryDirectory(context), seams);
  seams.delayCommits(40);
  const begun = performance.now();
  await Promise.all(Array.from({ length: 100 }, () => store.enqueue(newMessage(testMessage()))));
  assert.ok(performance.now() - begun < 40 * 20);
});

test('a backup made while mail is carried is a data directory that goes on from there', async (context) => {
  const directory = temporaryDirectory(context);
  const target = join(temporaryDirectory(context), 'copy');
  const opened = await openTestStore(context, directory);
  const { store } = opened;
  const bytes = Buffer.alloc(SMALL_CONTENT_LIMIT + 1, 'b');
  const content = { kind: 'memory', bytes } as const;
  const kept = [testMessage(), testMessage({ size: bytes.length })];
  await store.enqueue(newMessage(kept[0] ?? testMessage()));
  await store.enqueue(newMessage(kept[1] ?? testMessage(), { content }));
  const carrying = new AbortController();
  const carry = async (): Promise<void> => {
    while (!carrying.signal.aborted) {
      const message = testMessage({ size: bytes.length });
      await store.enqueue(newMessage(message, { content }));
      await store.settle(settlement(message.id, { finished: [finished(0)] }));
    }
  };
  const lanes = [carry(), carry(), carry()];
  await opened.backup(target);
  carrying.abort();
  await Promise.all(lanes);
  await until(() => spoolFiles(directory).length === 1);
  await assert.rejects(opened.backup(target), { code: 'refused' });

  const copy = await openTestStore(context, target);
  const claims = await copy.store.claim({ now: Date.now(), queues: [], incoming: 100 });
  assert.equal((await copy.store.health()).queuedMessages, claims.length);
  assert.deepEqual(
    claims.slice(0, 2).map((claim) => claim.messageId),
    kept.map(({ id }) => id),
  );
  for (const { messageId } of claims.slice(1)) {
    const found = (await copy.store.load(messageId))?.content;
    assert.ok(found?.kind === 'file' && readFileSync(found.path).equals(bytes));
  }
  await copy.store.settle(settlement(kept[1]?.id ?? 0, { finished: [finished(0)] }));
  assert.equal((await store.load(kept[1]?.id ?? 0))?.content.kind, 'file');
});

test('health tells room, depth and the time of a commit', async (context) => {
  const { store } = await openTestStore(context);
  await store.enqueue(newMessage(testMessage()));
  const health = await store.health();
  assert.ok(health.writable && health.freeDiskBytes > 0 && health.lastCommitMilliseconds > 0);
  assert.equal(health.queuedMessages, 1);
});

function spoolFiles(directory: string): readonly string[] {
  return readdirSync(join(directory, 'spool'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Waits, turn by turn, for what happens in the background. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
