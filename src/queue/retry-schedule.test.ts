import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextAttempt, retryDelay } from './retry-schedule.ts';

const MINUTE = 60_000;
const config = {
  MessageRetryInterval: MINUTE,
  MaxMessageRetryInterval: 60 * MINUTE,
  MessageExpirationTimeout: 24 * 60 * MINUTE,
};

test('waits one minute first and doubles up to an hour', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map(
    (attempts) => retryDelay(attempts, config, () => 0) / MINUTE,
  );
  assert.deepEqual(delays, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('jitter takes off a quarter at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 1023 }), (attempts, draw) => {
      const longest = retryDelay(attempts, config, () => 0);
      const delay = retryDelay(attempts, config, () => draw);
      assert.ok(delay <= longest && delay > longest * 0.74, `${delay} of ${longest}`);
    }),
  );
});

test('a longer first interval than the longest one wins', () => {
  assert.equal(
    retryDelay(3, { ...config, MessageRetryInterval: 90 * MINUTE }, () => 0),
    90 * MINUTE,
  );
});

test('the last attempt falls on the expiry, not behind it', () => {
  const expiry = 24 * 60 * MINUTE;
  assert.equal(
    nextAttempt(expiry - 10 * MINUTE, 0, 20, config, () => 0),
    expiry,
  );
  assert.equal(
    nextAttempt(0, 0, 1, config, () => 0),
    MINUTE,
  );
  assert.equal(
    nextAttempt(expiry + 5, 0, 1, config, () => 0),
    expiry + 6,
  );
});
