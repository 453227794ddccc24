import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOwnListeners } from './own-listeners.ts';

test('a listener on one address is that address and port only', () => {
  const isOwn = createOwnListeners([{ address: '192.0.2.1', port: 25 }], ['192.0.2.1', '192.0.2.2']);
  assert.equal(isOwn('192.0.2.1', 25), true);
  assert.equal(isOwn('::ffff:192.0.2.1', 25), true);
  assert.equal(isOwn('192.0.2.1', 26), false);
  assert.equal(isOwn('192.0.2.2', 25), false);
});

test('a listener on all addresses is every address of the machine', () => {
  for (const address of ['0.0.0.0', '::']) {
    const isOwn = createOwnListeners([{ address, port: 25 }], ['192.0.2.1', '2001:db8:0::1']);
    for (const own of ['192.0.2.1', '2001:DB8::1', '127.0.0.1', '127.9.9.9', '::1', '0.0.0.0']) {
      assert.equal(isOwn(own, 25), true, own);
      assert.equal(isOwn(own, 2525), false, own);
    }
    assert.equal(isOwn('192.0.2.9', 25), false);
  }
});
