// Group commit: what waits is committed together, answered to whom it belongs, and a long operation takes its turns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGroupCommit } from './group-commit.ts';
import { Unfinished } from './sqlite/long-operation.ts';
import type { Writer, WriterRequest } from './sqlite/writer.ts';
import { StoreFullError } from './store-error.ts';
import type { AnswerBatch } from './wire.ts';

function setUp(commit: (request: WriterRequest) => unknown) {
  const groups: string[][] = [];
  const runs: (() => void)[] = [];
  const late: (() => void)[] = [];
  let time = 0;
  const writer: Writer = {
    commit(group) {
      groups.push(group.map((request) => request.operation));
      return group.map(commit);
    },
    takeEndedFiles: () => [],
    close: () => {},
  };
  const group = createGroupCommit(
    writer,
    { now: () => time, soon: (run) => runs.push(run), later: (run) => late.push(run) },
    () => {},
  );
  const runSoon = (): void => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) run();
  };
  /** Runs what is scheduled, and lets time pass, until nothing is. */
  const settle = (): void => {
    runSoon();
    for (let run = late.shift(); run !== undefined; run = late.shift()) {
      time += 10;
      run();
      runSoon();
    }
  };
  return { group, groups, settle, runSoon };
}

const noAnswers = (): void => {};

test('requests of all clients that wait share one commit, and each is answered by one batch', () => {
  const { group, groups, settle } = setUp((request) => (request.operation === 'ask' ? 42 : undefined));
  const answers: AnswerBatch[][] = [[], []];
  group.add(
    {
      requests: [
        [1, 'a', null],
        [2, 'ask', null],
      ],
      bytes: null,
    },
    (batch) => answers[0]?.push(batch),
  );
  group.add({ requests: [[1, 'b', null]], bytes: null }, (batch) => answers[1]?.push(batch));
  settle();
  assert.deepEqual(groups, [['a', 'ask', 'b']]);
  assert.deepEqual(answers, [
    [{ done: [1], values: [[2, 42]], errors: [] }],
    [{ done: [1], values: [], errors: [] }],
  ]);
});

test('what failed is told with its code', () => {
  const { group, settle } = setUp(() => new StoreFullError('no room'));
  const answers: AnswerBatch[] = [];
  group.add({ requests: [[7, 'a', null]], bytes: null }, (batch) => answers.push(batch));
  settle();
  assert.deepEqual(answers, [{ done: [], values: [], errors: [[7, 'full', 'no room']] }]);
});

test('a long operation takes one step a group; what arrives meanwhile is not kept waiting', () => {
  const { group, groups, settle } = setUp((request) => {
    if (request.operation !== 'long') return undefined;
    const at = Number(request.from ?? 0);
    return at < 3 ? new Unfinished(at + 1) : at;
  });
  const order: string[] = [];
  group.add({ requests: [[1, 'long', null]], bytes: null }, (batch) =>
    order.push(`long ${String(batch.values[0]?.[1])}`),
  );
  group.add({ requests: [[1, 'short', null]], bytes: null }, () => order.push('short'));
  settle();
  assert.deepEqual(groups, [['long', 'short'], ['long'], ['long'], ['long']]);
  assert.deepEqual(order, ['short', 'long 3']);
});

test('a group is bounded; the rest goes into the next at once', () => {
  const { group, groups, settle } = setUp(() => undefined);
  const requests = Array.from({ length: 2500 }, (_each, id) => [id, 'a', null] as const);
  group.add({ requests, bytes: null }, noAnswers);
  settle();
  assert.deepEqual(
    groups.map((each) => each.length),
    [1000, 1000, 500],
  );
});

test('draining leaves nothing behind', () => {
  const { group, groups } = setUp(() => undefined);
  group.add({ requests: [[1, 'a', null]], bytes: null }, noAnswers);
  group.drain();
  assert.deepEqual(groups, [['a']]);
});

test('under load a group waits a moment for company; enough of it goes at once, and a lone client never waits', () => {
  const { group, groups, settle, runSoon } = setUp(() => undefined);
  const add = (count: number): void => {
    const requests = Array.from({ length: count }, (_each, id) => [id, 'a', null] as const);
    group.add({ requests, bytes: null }, noAnswers);
  };
  const sizes = (): number[] => groups.map((each) => each.length);
  for (const count of [1, 2, 5]) {
    add(count);
    runSoon();
  }
  assert.deepEqual(sizes(), [1, 2, 5]);
  add(2);
  runSoon();
  assert.deepEqual(sizes(), [1, 2, 5]);
  add(20);
  runSoon();
  assert.deepEqual(sizes(), [1, 2, 5, 22]);
  add(3);
  settle();
  assert.deepEqual(sizes(), [1, 2, 5, 22, 3]);
});
