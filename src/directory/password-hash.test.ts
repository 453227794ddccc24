import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, NOBODY, verifyPassword } from './password-hash.ts';

test('a password verifies against its own hash only, and the hash does not show it', async () => {
  const hash = await hashPassword('corréct horse');
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.ok(!hash.includes('horse'));
  assert.equal(await verifyPassword(hash, 'corréct horse'), true);
  assert.equal(await verifyPassword(hash, 'correct horse'), false);
  assert.notEqual(await hashPassword('corréct horse'), hash);
});

test('what is no hash, or asks for too much, verifies nothing', async () => {
  const hash = await hashPassword('x');
  for (const bad of [
    '',
    'x',
    hash.slice(0, -1),
    hash.replace('m=19456', 'm=9999999'),
    hash.replace('t=2', 't=0'),
    NOBODY,
  ]) {
    assert.equal(await verifyPassword(bad, 'x'), false, bad);
  }
});
