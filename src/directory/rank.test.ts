import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rankBetween } from './rank.ts';

test('there is always room: any sequence of insertions keeps its order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1000 }), { maxLength: 120 }), (places) => {
      const ranks: string[] = [];
      for (const place of places) {
        const at = place % (ranks.length + 1);
        ranks.splice(at, 0, rankBetween(ranks[at - 1] ?? null, ranks[at] ?? null));
      }
      assert.deepEqual(ranks, [...new Set(ranks)].sort());
      for (const rank of ranks) assert.match(rank, /^[0-9a-z]*[1-9a-z]$/);
    }),
  );
});

test('appending a thousand keeps ranks short enough', () => {
  let last: string | null = null;
  for (let count = 0; count < 1000; count += 1) last = rankBetween(last, null);
  assert.ok((last ?? '').length <= 40, `${last?.length}`);
});
