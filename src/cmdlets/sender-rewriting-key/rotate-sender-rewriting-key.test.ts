import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { rotateSenderRewritingKey } from './rotate-sender-rewriting-key.ts';

async function start() {
  const fixture = await createDirectoryFixture();
  return {
    keys: () => fixture.directory.configuration().srsKeys,
    run: createRunner([rotateSenderRewritingKey], fixture),
  };
}

test('the new key comes first, older ones stay up to a limit', async () => {
  const { run, keys } = await start();
  const [first] = keys();
  await run('Rotate-SenderRewritingKey');
  const [second, ...older] = keys();
  assert.deepEqual(older, [first]);
  assert.notEqual(second, first);
  for (let count = 0; count < 9; count += 1) await run('Rotate-SenderRewritingKey');
  assert.equal(new Set(keys()).size, 8);
  assert.equal(keys().includes(first ?? ''), false);
});

test('old keys go when they must, and nothing goes with -WhatIf', async () => {
  const { run, keys } = await start();
  const before = keys();
  const { output, whatIf } = await run('Rotate-SenderRewritingKey', { WhatIf: true });
  assert.deepEqual([keys(), output], [before, []]);
  assert.equal(whatIf.at(-1), 'What if: keys that signed and still count: 0 -> 1');
  await run('Rotate-SenderRewritingKey');
  await run('Rotate-SenderRewritingKey', { RemoveOldKeys: true });
  assert.equal(keys().length, 1);
  assert.equal(before.includes(keys()[0] ?? ''), false);
});
