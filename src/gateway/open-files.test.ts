// Connections that bring mail never take all that the system lets us open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsWithin } from './open-files.ts';

const line = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft.padEnd(20)} 1048576              files\n`;

test('half of the open files beyond our own, 2,000 at most and 100 at least', () => {
  assert.deepEqual(
    ['1024', '4096', '1048576', 'unlimited', '90'].map((soft) => connectionsWithin(line(soft))),
    [384, 1920, 2000, 2000, 100],
  );
  assert.equal(connectionsWithin(''), 2000);
});
