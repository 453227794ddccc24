import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResolvConf, toNameServer } from './name-servers.ts';

test('reads the name servers of resolv.conf and trusts those on loopback', () => {
  const text =
    '# made by hand\nsearch test\nnameserver 127.0.0.53\n nameserver 192.0.2.53 \nnameserver nonsense\nnameserver ::1\nnameserver 192.0.2.54\n';
  assert.deepEqual(readResolvConf(text), [
    { address: '127.0.0.53', port: 53, trusted: true },
    { address: '192.0.2.53', port: 53, trusted: false },
    { address: '::1', port: 53, trusted: true },
  ]);
  assert.deepEqual(readResolvConf(''), [{ address: '127.0.0.1', port: 53, trusted: true }]);
  assert.equal(toNameServer('192.0.2.53', 5353, true).trusted, true);
});
