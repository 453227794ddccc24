import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError } from './log-fields.ts';

test('a failure is logged with its words and where it came from; where there is none, nothing is', () => {
  assert.deepEqual(describeError(null), {});
  assert.deepEqual(describeError('late'), { error: 'late' });
  assert.match(describeError(new TypeError('late')).stack ?? '', /^TypeError: late\n/);
});
