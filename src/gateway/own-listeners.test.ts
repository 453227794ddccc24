import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { ownListeners, thisMachine } from './own-listeners.ts';

test('a listener on one address owns that address and port', () => {
  const isOwn = ownListeners([{ host: '127.0.0.1', port: 2525 }]);
  assert.equal(isOwn('127.0.0.1', 2525), true);
  assert.equal(isOwn('::ffff:127.0.0.1', 2525), true);
  assert.equal(isOwn('127.0.0.1', 2526), false);
  assert.equal(isOwn('127.0.0.2', 2525), false);
  assert.equal(isOwn('::1', 2525), false);
});

test('a listener on all addresses owns every address of the machine', () => {
  for (const host of ['0.0.0.0', '::']) {
    const isOwn = ownListeners([{ host, port: 25 }]);
    const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
    for (const { address } of [
      ...addresses,
      { address: '127.9.9.9' },
      { address: '::1' },
      { address: '0.0.0.0' },
    ])
      assert.equal(isOwn(address, 25), true, address);
    assert.equal(isOwn('192.0.2.1', 25), false);
    assert.equal(isOwn('127.0.0.1', 26), false);
  }
});

test("this machine's addresses, whatever listens there", () => {
  const isThisMachine = thisMachine();
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
    assert.equal(isThisMachine(address), true);
  for (const address of ['192.0.2.1', '2001:db8::1']) assert.equal(isThisMachine(address), false);
});

test('localhost is both loopback addresses', () => {
  const isOwn = ownListeners([{ host: 'localhost', port: 25 }]);
  assert.deepEqual([isOwn('127.0.0.1', 25), isOwn('::1', 25), isOwn('192.0.2.1', 25)], [true, true, false]);
});
