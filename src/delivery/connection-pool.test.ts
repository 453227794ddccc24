import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createConnectionPool, type Pooled } from './connection-pool.ts';

class FakeConnection implements Pooled {
  transactions = 1;
  usable = true;
  quits = 0;
  whenEnded: (() => void) | null = null;
  async quit() {
    this.quits += 1;
    this.usable = false;
  }
  endedByServer() {
    this.usable = false;
    this.whenEnded?.();
  }
}

function make(t: TestContext, more: { maxMessages?: number; maxIdle?: number; maxIdlePerKey?: number } = {}) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now = 0;
  const pool = createConnectionPool<FakeConnection>({
    now: () => now,
    idleTime: 5_000,
    ...more,
    maxMessages: () => more.maxMessages ?? 100,
  });
  t.after(() => pool.close());
  return {
    pool,
    pass: (milliseconds: number): void => {
      now += milliseconds;
      t.mock.timers.tick(milliseconds);
    },
  };
}

test('gives back the connection that was put last, per key', (t) => {
  const { pool } = make(t);
  const [a, b, c] = [new FakeConnection(), new FakeConnection(), new FakeConnection()];
  pool.put('x', a);
  pool.put('x', b);
  pool.put('y', c);
  assert.equal(pool.idle, 3);
  assert.deepEqual([pool.take('x'), pool.take('x'), pool.take('x'), pool.take('y')], [b, a, undefined, c]);
  assert.equal(pool.idle, 0);
});

test('quits what was idle too long', (t) => {
  const { pool, pass } = make(t);
  const [a, b] = [new FakeConnection(), new FakeConnection()];
  pool.put('x', a);
  pass(3_000);
  pool.put('x', b);
  pass(3_000);
  assert.deepEqual([a.quits, b.quits, pool.idle], [1, 0, 1]);
  pass(3_000);
  assert.deepEqual([b.quits, pool.idle, pool.take('x')], [1, 0, undefined]);
});

test('quits what has carried enough, and what is too many', (t) => {
  const { pool } = make(t, { maxMessages: 3, maxIdlePerKey: 1, maxIdle: 2 });
  const full = new FakeConnection();
  full.transactions = 3;
  pool.put('x', full);
  assert.equal(full.quits, 1);
  const [a, b, c, d] = [
    new FakeConnection(),
    new FakeConnection(),
    new FakeConnection(),
    new FakeConnection(),
  ];
  pool.put('x', a);
  pool.put('x', b);
  pool.put('y', c);
  pool.put('z', d);
  assert.deepEqual([a.quits, b.quits, c.quits, d.quits], [0, 1, 0, 1]);
});

test('a connection that the server ended is never given out', (t) => {
  const { pool } = make(t);
  const [a, b] = [new FakeConnection(), new FakeConnection()];
  pool.put('x', a);
  pool.put('x', b);
  a.endedByServer();
  assert.equal(pool.idle, 1);
  b.usable = false;
  assert.equal(pool.take('x'), undefined);
  pool.put('x', b);
  assert.equal(pool.idle, 0);
});

test('closing quits all, and what comes back later too', async (t) => {
  const { pool } = make(t);
  const [a, b] = [new FakeConnection(), new FakeConnection()];
  pool.put('x', a);
  await pool.close();
  pool.put('x', b);
  assert.deepEqual([a.quits, b.quits, pool.idle], [1, 1, 0]);
});
