// What the trace shows of mail that is accepted, waits and ends, and how it is searched and pruned.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrivalOf } from '#mail/message-id.ts';
import type { Message } from '#mail/message.ts';
import type { Store, TraceQuery } from '#store/store.ts';
import {
  DEFERRED,
  finished,
  type MessageFacts,
  newMessage,
  openTestStore,
  settlement,
  testEvent,
  testMessage,
  waiting,
} from '../../../test/support/stored-mail.ts';

const EVER = { from: 0, to: Date.now() + 3_600_000, limit: 1000 };

async function deliver(
  store: Store,
  facts: MessageFacts = {},
  outcome?: 'Failed' | 'Expanded',
): Promise<Message> {
  const message = testMessage(facts);
  await store.enqueue(newMessage(message));
  const ends = message.envelope.recipients.map((_each, position) => finished(position, outcome));
  await store.settle(settlement(message.id, { finished: ends, events: [testEvent('Deliver')] }));
  return message;
}

test('a message is Pending from acceptance on, and shows the last words while it waits', async (context) => {
  const { store } = await openTestStore(context);
  const message = testMessage({ recipients: ['ann@fabrikam.com', 'bob@fabrikam.com'], subject: 'Plans' });
  await store.enqueue(newMessage(message));
  const accepted = await store.trace(EVER);
  const common = {
    messageId: message.id,
    receivedAt: message.receivedAt,
    sender: 'megan@contoso.com',
    subject: 'Plans',
    messageIdHeader: message.facts.messageId,
    size: 5,
    fromIp: '127.0.0.1',
  };
  const pending = { ...common, toIp: '', status: 'Pending', connector: null, detail: '' };
  assert.deepEqual(accepted, [
    { ...pending, recipient: 0, recipientAddress: 'ann@fabrikam.com' },
    { ...pending, recipient: 1, recipientAddress: 'bob@fabrikam.com' },
  ]);

  await store.settle(
    settlement(message.id, { finished: [finished(1)], waiting: [waiting(0, { lastStatus: null })] }),
  );
  await store.settle(settlement(message.id, { waiting: [waiting(0, { lastStatus: DEFERRED })] }));
  const [first, second] = await store.trace(EVER);
  assert.deepEqual(first, {
    ...pending,
    recipient: 0,
    recipientAddress: 'ann@fabrikam.com',
    toIp: '2001:db8::1',
    detail: '4.4.316 connection refused',
  });
  assert.deepEqual(second, {
    ...common,
    recipient: 1,
    recipientAddress: 'bob@fabrikam.com',
    toIp: '192.0.2.1',
    status: 'Delivered',
    connector: 'Contoso Outbound',
    detail: '250 2.0.0 queued',
  });
  await store.settle(settlement(message.id, { finished: [finished(0, 'Failed')] }));
  assert.deepEqual(
    (await store.trace(EVER)).map((row) => row.status),
    ['Failed', 'Delivered'],
  );
});

test('rows come newest first and page by page, each once', async (context) => {
  const { store } = await openTestStore(context);
  const ids: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    ids.push((await deliver(store, { recipients: ['a@x.com', 'b@x.com', 'c@x.com'] })).id);
    const pending = testMessage();
    await store.enqueue(newMessage(pending));
    ids.push(pending.id);
  }
  const all = await store.trace(EVER);
  assert.deepEqual([...new Set(all.map((row) => row.messageId))], ids.toReversed());
  const paged = [];
  for (let page = await store.trace({ ...EVER, limit: 3 }); page.length > 0; ) {
    paged.push(...page);
    const last = page.at(-1);
    assert.ok(last !== undefined && page.length <= 3);
    page = await store.trace({
      ...EVER,
      limit: 3,
      after: { messageId: last.messageId, recipient: last.recipient },
    });
  }
  assert.deepEqual(paged, all);
});

test('a search finds settled mail and mail that still waits by the same rules', async (context) => {
  const { store } = await openTestStore(context);
  const sought: MessageFacts = {
    sender: 'Ann_B@Contoso.com',
    recipients: ['Bob@Fabrikam.com'],
    subject: '100% of Q3 figures',
    remoteAddress: '192.0.2.7',
  };
  const other: MessageFacts = {
    sender: 'annxb@contoso.com',
    recipients: ['bob@adatum.com'],
    subject: '100x of Q3 Reports',
    remoteAddress: '192.0.2.8',
  };
  const settled = await deliver(store, sought);
  await deliver(store, other, 'Failed');
  const untried = testMessage(sought);
  await store.enqueue(newMessage(untried));
  await store.enqueue(newMessage(testMessage(other)));
  const both = [untried.id, settled.id];
  const finds = async (query: Partial<TraceQuery>, expected: readonly number[]) =>
    assert.deepEqual(
      (await store.trace({ ...EVER, ...query })).map((row) => row.messageId),
      expected,
      JSON.stringify(query),
    );
  await finds({ senders: ['ann_b@contoso.com'] }, both);
  await finds({ senders: ['*_b@contoso.com', 'nobody@x.com'] }, both);
  await finds({ senders: ['ann_b'] }, []);
  await finds({ recipients: ['*@FABRIKAM.com'] }, both);
  await finds({ recipients: ['b*b@*rikam*'] }, both);
  await finds({ subject: { text: '100% OF', how: 'StartsWith' } }, both);
  await finds({ subject: { text: 'Figures', how: 'EndsWith' } }, both);
  await finds({ subject: { text: '% of q3 f', how: 'Contains' } }, both);
  await finds({ fromIp: '192.0.2.7' }, both);
  await finds({ toIp: '192.0.2.1', fromIp: '192.0.2.7' }, [settled.id]);
  await finds({ status: ['Delivered'] }, [settled.id]);
  await finds({ status: ['Pending'], recipients: ['bob@fabrikam.com'] }, [untried.id]);
  await finds({ messageId: settled.id }, [settled.id]);
  await finds({ messageIdHeader: untried.facts.messageId }, [untried.id]);
  await finds({ to: arrivalOf(settled.id) - 1 }, []);
});

test('a date range holds its first and its last millisecond', async (context) => {
  const { store } = await openTestStore(context);
  const { id } = await deliver(store);
  const at = arrivalOf(id);
  assert.equal((await store.trace({ from: at, to: at, limit: 9 })).length, 1);
  assert.equal((await store.trace({ from: at + 1, to: at + 1, limit: 9 })).length, 0);
  assert.equal((await store.trace({ from: at - 1, to: at - 1, limit: 9 })).length, 0);
});

test('pruning takes old traces and their events, and leaves what waits', async (context) => {
  const { store } = await openTestStore(context);
  const old = await deliver(store, { recipients: ['a@x.com', 'b@x.com'] });
  const waits = testMessage();
  await store.enqueue(newMessage(waits));
  await store.settle(settlement(waits.id, { waiting: [waiting(0)] }));
  const before = arrivalOf(waits.id) + 1;
  const recent = testMessage({ id: waits.id + 4096 * 1000 });
  await store.enqueue(newMessage(recent));
  await store.settle(settlement(recent.id, { finished: [finished(0)] }));
  assert.equal(await store.pruneTrace(before), 1);
  assert.deepEqual(
    (await store.trace(EVER)).map((row) => row.messageId),
    [recent.id, waits.id],
  );
  assert.deepEqual(await store.traceEvents(old.id), []);
  assert.equal((await store.traceEvents(waits.id)).length, 1);
});

test('events are kept in the order of time, from acceptance to the end', async (context) => {
  const { store } = await openTestStore(context);
  const message = testMessage();
  await store.enqueue(
    newMessage(message, { events: [testEvent('Receive', '', 1), testEvent('Rule', '', 2)] }),
  );
  await store.settle(settlement(message.id, { events: [testEvent('Suspend', '', 3)] }));
  await store.settle(settlement(message.id, { waiting: [waiting(0)], events: [testEvent('Defer', '', 4)] }));
  await store.settle(settlement(message.id, { events: [testEvent('Resume', '', 5)] }));
  await store.settle(
    settlement(message.id, { finished: [finished(0)], events: [testEvent('Deliver', '', 6)] }),
  );
  const kinds = (await store.traceEvents(message.id)).map((event) => event.kind);
  assert.deepEqual(kinds, ['Receive', 'Rule', 'Suspend', 'Defer', 'Resume', 'Deliver']);
  const hostile = testMessage();
  const data = JSON.parse('{"__proto__":{"polluted":true},"text":"\\u2028 ]"}');
  await store.enqueue(newMessage(hostile, { events: [{ ...testEvent('Receive'), data }] }));
  const [event] = await store.traceEvents(hostile.id);
  assert.equal(event?.data['text'], '\u2028 ]');
  assert.equal('polluted' in {}, false);
});
