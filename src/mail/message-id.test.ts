import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrivalOf, createMessageIds, firstIdAt, parseMessageId, printMessageId } from './message-id.ts';

test('identities rise, even when the clock stands or goes back, and stay exact', () => {
  const times = fc.array(fc.integer({ min: 1_740_000_000_000, max: 2_900_000_000_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 15 }), (clock, thread) => {
      let now = 1_740_000_000_000;
      const next = createMessageIds(thread, () => now);
      let last = 0;
      for (const time of clock) {
        now = time;
        for (let count = 0; count < 300; count += 1) {
          const id = next();
          assert.ok(id > last && Number.isSafeInteger(id));
          last = id;
          if (count === 0) assert.equal(parseMessageId(printMessageId(id)), id);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('an identity tells when the message arrived', () => {
  const time = Date.UTC(2026, 5, 1);
  const id = createMessageIds(7, () => time)();
  assert.equal(arrivalOf(id), time);
  assert.ok(id >= firstIdAt(time) && id < firstIdAt(time + 1));
  assert.equal(parseMessageId(String(id)), id);
  for (const text of ['', ' ', 'a b', '-1', 'x'.repeat(17)]) assert.equal(parseMessageId(text), null);
});
