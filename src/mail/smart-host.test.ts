import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressBytes, canonicalAddress, printAddressBytes } from './ip-address.ts';
import { parseSmartHost, poolAddresses, printSmartHost } from './smart-host.ts';

test('smart hosts are read and printed', () => {
  const table = [
    ['Server.Contoso.com', 'server.contoso.com', { kind: 'name', name: 'server.contoso.com', port: 25 }],
    ['mail.bücher.example:2525', 'mail.xn--bcher-kva.example:2525', undefined],
    ['192.168.0.1', '192.168.0.1', { kind: 'address', address: '192.168.0.1', port: 25 }],
    ['192.168.0.1:25', '192.168.0.1', undefined],
    ['[192.168.0.1]:26', '192.168.0.1:26', undefined],
    ['192.168.0.1/25', '192.168.0.1/25', { kind: 'pool', address: '192.168.0.1', prefix: 25, port: 25 }],
    ['192.168.0.1/24:2525', '192.168.0.1/24:2525', undefined],
    ['192.168.0.1/32', '192.168.0.1', undefined],
    ['2001:DB8:0::1', '2001:db8::1', { kind: 'address', address: '2001:db8::1', port: 25 }],
    ['[2001:db8::1]', '2001:db8::1', undefined],
    ['[IPv6:2001:db8::1]', '2001:db8::1', undefined],
    ['[2001:db8::1]:2525', '[2001:db8::1]:2525', undefined],
    ['2001:db8::/120', '2001:db8::/120', undefined],
    ['[2001:db8::]/121:26', '[2001:db8::]/121:26', undefined],
    [
      '[2001:db8::/121]:26',
      '[2001:db8::]/121:26',
      { kind: 'pool', address: '2001:db8::', prefix: 121, port: 26 },
    ],
  ] as const;
  for (const [typed, printed, value] of table) {
    const host = parseSmartHost(typed);
    assert.ok(typeof host !== 'string', `${typed}: ${JSON.stringify(host)}`);
    assert.equal(printSmartHost(host), printed);
    assert.deepEqual(parseSmartHost(printed), host);
    if (value !== undefined) assert.deepEqual(host, value);
  }
});

test('a refusal names what is wrong and the cure', () => {
  const table = [
    ['', /host name/],
    ['10.0.0.0/8', /the limit is \/24/],
    ['10.0.0.0/23', /the limit is \/24/],
    ['10.0.0.0/33', /use \/24 to \/32/],
    ['2001:db8::/64', /the limit is \/120/],
    ['192.168.0.300', /neither a host name nor an IP address/],
    ['host.example:0', /1 to 65535/],
    ['host.example:70000', /1 to 65535/],
    ['host.example/24', /before the slash/],
    ['[host.example]', /without brackets/],
    ['[fe80::1%eth0]', /brackets/],
    ['0.0.0.0', /unspecified/],
    ['::', /unspecified/],
    ['224.0.0.1', /multicast/],
    ['ff02::1', /multicast/],
    ['smtp://host.example', /not a smart host/],
    ['a b.example', /neither/],
    ['*.example', /neither/],
    ['x'.repeat(400), /not a smart host/],
  ] as const;
  for (const [typed, words] of table) {
    const host = parseSmartHost(typed);
    assert.ok(typeof host === 'string', typed);
    assert.match(host, words);
  }
});

function addresses(text: string): readonly string[] {
  const pool = parseSmartHost(text);
  assert.ok(typeof pool !== 'string' && pool.kind === 'pool', text);
  return [...poolAddresses(pool)];
}

test('a pool is tried from the address that was written, without network and broadcast', () => {
  assert.deepEqual(addresses('192.168.0.0/30'), ['192.168.0.1', '192.168.0.2']);
  assert.deepEqual(addresses('192.168.0.6/30'), ['192.168.0.6', '192.168.0.5']);
  assert.deepEqual(addresses('192.168.0.7/30'), ['192.168.0.5', '192.168.0.6']);
  assert.deepEqual(addresses('192.168.0.0/31'), ['192.168.0.0', '192.168.0.1']);
  assert.deepEqual(addresses('192.168.0.1/31'), ['192.168.0.1', '192.168.0.0']);
  assert.deepEqual(addresses('2001:db8::/126'), ['2001:db8::1', '2001:db8::2', '2001:db8::3']);
  assert.deepEqual(addresses('2001:db8::2/127'), ['2001:db8::2', '2001:db8::3']);
  const wide = addresses('10.0.0.77/24');
  assert.equal(wide.length, 254);
  assert.equal(wide[0], '10.0.0.77');
  assert.equal(new Set(wide).size, 254);
});

test('addresses go to octets and back', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = canonicalAddress(text);
      assert.ok(address !== null, text);
      assert.equal(printAddressBytes(addressBytes(address)), address);
      assert.equal(canonicalAddress(address), address);
    }),
  );
});
