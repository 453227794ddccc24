import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pressureReason } from './pressure.ts';

const limits = { 'min-free-disk': 1000, 'max-queue': 100, 'max-memory': 1000 };
const fine = { writable: true, freeDiskBytes: 5000, queuedMessages: 1, lastCommitMilliseconds: 1 };

const CASES = [
  ['all is well', fine, 500, null, null],
  ['a store that cannot be written', { ...fine, writable: false }, 500, null, 'the store cannot be written'],
  ['a full disk', { ...fine, freeDiskBytes: 999 }, 500, null, 'too little free disk space'],
  [
    'still too little air after a full disk',
    { ...fine, freeDiskBytes: 1010 },
    500,
    'too little free disk space',
    'too little free disk space',
  ],
  ['enough air after a full disk', { ...fine, freeDiskBytes: 1100 }, 500, 'too little free disk space', null],
  ['a long queue', { ...fine, queuedMessages: 101 }, 500, null, 'too many messages are queued'],
  ['short memory', fine, 1001, null, 'memory is short'],
] as const;

for (const [name, health, resident, before, expected] of CASES) {
  test(name, () => assert.equal(pressureReason(health, resident, limits, before), expected));
}
