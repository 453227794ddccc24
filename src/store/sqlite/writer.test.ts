// The writer against a model of itself: whatever is asked in whatever order and grouping, with groups that fail in
// between and restarts, no recipient is lost, doubled or handed out twice.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrivalOf, firstIdAt } from '#mail/message-id.ts';
import { temporaryDirectory, testMessage } from '../../../test/support/stored-mail.ts';
import { type ClaimedRecord, type EnqueueRecord, printMessage, type SettleRecord } from '../wire.ts';
import { StoreError, StoreFullError } from '../store-error.ts';
import { openForWriting } from './schema.ts';
import { createWriter, isUnfinished, type Writer } from './writer.ts';

const QUEUES = ['', 'g/a.com', 'g/b.com', '/c.com'];

type Command =
  | { readonly do: 'enqueue'; readonly recipients: number; readonly inHand: boolean }
  | {
      readonly do: 'settle';
      readonly message: number;
      readonly fates: readonly number[];
      readonly due: number;
    }
  | { readonly do: 'claim'; readonly queue: number; readonly limit: number; readonly now: number }
  | { readonly do: 'claimOlder'; readonly limit: number }
  | { readonly do: 'makeDue'; readonly queue: number; readonly due: number }
  | { readonly do: 'suspend'; readonly message: number; readonly suspended: boolean }
  | { readonly do: 'suspendQueue'; readonly queue: number; readonly suspended: boolean }
  | { readonly do: 'failing group' }
  | { readonly do: 'restart' };

const small = fc.integer({ min: 0, max: 9 });
const queue = fc.integer({ min: 0, max: 3 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      recipients: fc.integer({ min: 1, max: 3 }),
      inHand: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      message: small,
      fates: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 3 }),
      due: small,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      queue,
      limit: fc.integer({ min: 1, max: 3 }),
      now: small,
    }),
  },
  fc.record({ do: fc.constant('claimOlder' as const), limit: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('makeDue' as const), queue, due: small }),
  fc.record({ do: fc.constant('suspend' as const), message: small, suspended: fc.boolean() }),
  fc.record({ do: fc.constant('suspendQueue' as const), queue, suspended: fc.boolean() }),
  fc.constant({ do: 'failing group' as const }),
  fc.constant({ do: 'restart' as const }),
);

interface Waits {
  queue: string;
  due: number;
  inHand: boolean;
  suspended: boolean;
}

interface ModelMessage {
  readonly id: number;
  /** Nobody has settled or suspended it yet. */
  fresh: boolean;
  readonly waits: Map<number, Waits>;
}

const TIME = Date.UTC(2026, 0, 1);
const FIRST_ID = firstIdAt(TIME - 1000);

class Model {
  readonly messages: ModelMessage[] = [];
  readonly suspendedQueues = new Set<string>();

  get live(): ModelMessage[] {
    return this.messages.filter((message) => message.waits.size > 0);
  }

  claimable(wanted: string, now: number): string[] {
    if (this.suspendedQueues.has(wanted)) return [];
    return this.live
      .filter((message) => !message.fresh)
      .flatMap(({ id, waits }) =>
        [...waits]
          .filter(([, each]) => each.queue === wanted && each.due <= now && !each.inHand && !each.suspended)
          .map(([recipient, each]) => ({ key: `${id}/${recipient}`, due: each.due })),
      )
      .sort((a, b) => a.due - b.due)
      .map(({ key }) => key);
  }

  take(keys: readonly string[]): void {
    for (const key of keys) {
      const [id, recipient] = key.split('/').map(Number);
      const each = this.messages.find((message) => message.id === id)?.waits.get(recipient ?? -1);
      assert.ok(each !== undefined && !each.inHand, `${key} was handed out twice or doesn't wait`);
      each.inHand = true;
    }
  }
}

/** Every operation answers in a shape of its own. */
function run(writer: Writer, operation: string, argument: unknown): any {
  const request = { operation, argument, bytes: null, from: undefined as unknown };
  for (;;) {
    const [result] = writer.commit([request]);
    if (!isUnfinished(result)) return result;
    request.from = result.from;
  }
}

function enqueueRecord(id: number, recipients: number, inHand: boolean): EnqueueRecord {
  const message = testMessage({ id, recipients: ['a@x.com', 'b@y.com', 'c@z.com'].slice(0, recipients) });
  return [id, printMessage(message), recipients, '[]', inHand, null, 0, 0];
}

const keysOf = (records: readonly ClaimedRecord[]): string[] =>
  records.map(([id, recipient]) => `${id}/${recipient}`);

function settleBoth(
  writer: Writer,
  model: Model,
  message: ModelMessage,
  fates: readonly number[],
  due: number,
): void {
  const finished: SettleRecord[1][number][] = [];
  const waiting: SettleRecord[2][number][] = [];
  for (const [recipient, fate] of fates.entries()) {
    if (fate === 0) finished.push([recipient, 1, 'C', 'ok', '192.0.2.1']);
    else if (fate <= 4) waiting.push([recipient, QUEUES[fate - 1] ?? '', TIME + due, 1, null, 0]);
  }
  const known = message.waits.size + [...fates.keys()].length;
  const record: SettleRecord = [
    message.id,
    finished,
    waiting.filter(([recipient]) => recipient < known),
    '',
    [],
  ];
  assert.equal(run(writer, 'settle', record), undefined);
  if (finished.length + waiting.length === 0) return;
  const suspended = [...message.waits.values()].some((each) => each.suspended);
  for (const [recipient] of finished) message.waits.delete(recipient);
  for (const [recipient, name, at] of waiting) {
    if (message.waits.has(recipient)) {
      message.waits.set(recipient, { queue: name, due: at, inHand: false, suspended });
    }
  }
  if (message.waits.size > 0) message.fresh = false;
}

function perform(
  step: Command,
  world: { writer: Writer; model: Model; reopen: () => void; fail: { next: boolean } },
): void {
  const { writer, model } = world;
  const pick = (index: number): ModelMessage | undefined => model.messages.at(-1 - index);
  switch (step.do) {
    case 'enqueue': {
      const id = (model.messages.at(-1)?.id ?? FIRST_ID) + 1;
      assert.equal(run(writer, 'enqueue', enqueueRecord(id, step.recipients, step.inHand)), undefined);
      const waits = Array.from(
        { length: step.recipients },
        (_each, recipient) =>
          [recipient, { queue: '', due: arrivalOf(id), inHand: step.inHand, suspended: false }] as const,
      );
      model.messages.push({ id, fresh: true, waits: new Map(waits) });
      return;
    }
    case 'settle': {
      const message = pick(step.message);
      if (message !== undefined) settleBoth(writer, model, message, step.fates, step.due);
      return;
    }
    case 'claim': {
      const name = QUEUES[step.queue] ?? '';
      const expected = model.claimable(name, TIME + step.now);
      const fresh = model.live.filter(
        (message) => message.fresh && ![...message.waits.values()].some((each) => each.inHand),
      );
      const request = {
        now: TIME + step.now,
        queues: [{ queue: name, limit: step.limit }],
        incoming: step.limit,
      };
      const records: readonly ClaimedRecord[] = run(writer, 'claim', request);
      const untried = fresh
        .slice(0, step.limit)
        .flatMap(({ id, waits }) => [...waits.keys()].map((each) => `${id}/${each}`));
      const keys = keysOf(records);
      assert.equal(keys.length, Math.min(step.limit, expected.length) + untried.length);
      assert.ok(keys.every((key) => expected.includes(key) || untried.includes(key)));
      model.take(keys);
      return;
    }
    case 'claimOlder': {
      const records: readonly ClaimedRecord[] = run(writer, 'claimOlder', {
        after: 0,
        before: Number.MAX_SAFE_INTEGER,
        limit: step.limit,
      });
      const keys = keysOf(records);
      const all = QUEUES.flatMap((name) => model.claimable(name, Infinity));
      assert.ok(keys.every((key) => all.includes(key)));
      assert.equal(keys.length === 0, all.length === 0);
      model.take(keys);
      return;
    }
    case 'makeDue': {
      const name = QUEUES[step.queue] ?? '';
      run(writer, 'makeDue', { queue: name, due: TIME + step.due });
      for (const message of model.live) {
        if (message.fresh) continue;
        for (const each of message.waits.values()) {
          if (each.queue === name && !each.suspended) each.due = Math.min(each.due, TIME + step.due);
        }
      }
      return;
    }
    case 'suspend': {
      const message = pick(step.message);
      if (message === undefined) return;
      const found = run(writer, 'suspend', { id: message.id, suspended: step.suspended });
      assert.equal(found, message.waits.size > 0);
      if (message.waits.size === 0 || (message.fresh && !step.suspended)) return;
      message.fresh = false;
      for (const each of message.waits.values()) each.suspended = step.suspended;
      return;
    }
    case 'suspendQueue': {
      const name = QUEUES[step.queue] ?? '';
      run(writer, 'suspendQueue', { queue: name, suspended: step.suspended });
      if (step.suspended) model.suspendedQueues.add(name);
      else model.suspendedQueues.delete(name);
      return;
    }
    case 'failing group': {
      world.fail.next = true;
      const id = (model.messages.at(-1)?.id ?? FIRST_ID) + 1;
      const settleAll = model.live.map(({ id: each }) => [each, [[0, 1, 'C', 'ok', '']], [], '[]', []]);
      const group = [
        { operation: 'enqueue', argument: enqueueRecord(id, 1, true) },
        ...settleAll.map((argument) => ({ operation: 'settle', argument })),
        {
          operation: 'suspendQueue',
          argument: { queue: 'g/a.com', suspended: !model.suspendedQueues.has('g/a.com') },
        },
      ].map((each) => ({ ...each, bytes: null, from: undefined }));
      const results = writer.commit(group);
      assert.ok(results.every((result) => result instanceof StoreError));
      world.fail.next = false;
      return;
    }
    case 'restart':
      world.reopen();
      for (const message of model.live) for (const each of message.waits.values()) each.inHand = false;
  }
}

function compare(writer: Writer, model: Model): void {
  assert.equal(run(writer, 'counts', undefined).messages, model.live.length);
  for (const now of [TIME + 4, TIME + 100]) {
    const due = run(writer, 'dueQueues', { now, except: [] });
    const expected = QUEUES.map((name) => ({ queue: name, due: model.claimable(name, now).length }))
      .filter((each) => each.due > 0)
      .sort((a, b) => (a.queue < b.queue ? -1 : 1));
    assert.deepEqual(due, expected);
  }
  const fresh = model.live.find(
    (message) => message.fresh && ![...message.waits.values()].some((each) => each.inHand),
  );
  if (fresh !== undefined) return;
  const dues = model.live
    .flatMap((message) => [...message.waits.values()])
    .filter((each) => !each.inHand && !each.suspended && !model.suspendedQueues.has(each.queue))
    .map((each) => each.due);
  const next = run(writer, 'nextDue', undefined);
  if (dues.length === 0) assert.equal(next, null);
  else assert.equal(next, Math.min(...dues));
}

test('no order of requests, failures and restarts loses or doubles a recipient', (context) => {
  const directory = temporaryDirectory(context);
  let count = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 40 }), (commands) => {
      count += 1;
      const file = join(directory, `${count}.db`);
      const fail = { next: false };
      // Past dates only hasten; the clock stands behind every due time of the model.
      const open = (): Writer =>
        createWriter(openForWriting(file), {
          now: () => TIME + 1000,
          beforeCommit() {
            if (fail.next) throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
          },
        });
      const world = { writer: open(), model: new Model(), fail, reopen: () => {} };
      world.reopen = () => {
        world.writer.close();
        world.writer = open();
      };
      try {
        for (const step of commands) {
          perform(step, world);
          compare(world.writer, world.model);
        }
      } finally {
        world.writer.close();
      }
    }),
    { numRuns: 60 },
  );
});

test('a failing commit of a mixed group is told as what it is', (context) => {
  const database = openForWriting(join(temporaryDirectory(context), 'full.db'));
  const writer = createWriter(database, { now: Date.now });
  database.exec('PRAGMA max_page_count = 1');
  const bytes = new Uint8Array(200_000);
  const [id, meta, recipients, events, inHand] = enqueueRecord(5, 1, true);
  const argument = [id, meta, recipients, events, inHand, null, 0, bytes.length];
  const group = ['enqueue', 'counts', 'nonsense'].map((operation) => ({
    operation,
    argument,
    bytes,
    from: undefined,
  }));
  const [full, counts, unknown] = writer.commit(group);
  assert.ok(full instanceof StoreFullError);
  assert.deepEqual(counts, { messages: 0, lastCommitMilliseconds: 0, succeeded: false });
  assert.ok(unknown instanceof StoreError && !(unknown instanceof StoreFullError));
  writer.close();
});

test('a disk that fails is told until a write succeeds again', (context) => {
  let failing = true;
  const writer = createWriter(openForWriting(join(temporaryDirectory(context), 'failing.db')), {
    now: Date.now,
    beforeCommit() {
      if (failing) throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
    },
  });
  assert.ok(run(writer, 'probe', undefined) instanceof StoreError);
  failing = false;
  assert.equal(run(writer, 'counts', undefined).succeeded, false);
  assert.equal(run(writer, 'probe', undefined), undefined);
  const { succeeded, lastCommitMilliseconds } = run(writer, 'counts', undefined);
  assert.ok(succeeded && lastCommitMilliseconds > 0);
  writer.close();
});

test('every commit is on stable storage: the log is synced each time', (context) => {
  const database = openForWriting(join(temporaryDirectory(context), 'sync.db'));
  assert.equal(database.prepare('PRAGMA synchronous').get()?.['synchronous'], 2);
  assert.equal(database.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
  database.close();
});

test('a file that a newer Postern wrote is not opened', (context) => {
  const file = join(temporaryDirectory(context), 'newer.db');
  openForWriting(file).close();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 999');
  database.close();
  assert.throws(() => openForWriting(file), /newer Postern \(format 999/);
});
