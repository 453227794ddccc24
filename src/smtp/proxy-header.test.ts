import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readProxyHeader } from './proxy-header.ts';

const V2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

function binary(versionAndCommand: number, family: number, block: Buffer): Buffer {
  const head = Buffer.from([versionAndCommand, family, block.length >> 8, block.length & 0xff]);
  return Buffer.concat([V2, head, block]);
}

const V4 = Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0xd4, 0x31, 0, 25]);
const V6 = Buffer.from('20010db800000000000000000000000720010db8000000000000000000000001d4310019', 'hex');

const toOctets = (text: string | Buffer): Buffer =>
  typeof text === 'string' ? Buffer.from(text, 'latin1') : text;

const HEADERS: readonly (readonly [string | Buffer, string | null])[] = [
  ['PROXY TCP4 192.0.2.7 198.51.100.1 54321 25\r\n', '192.0.2.7:54321 198.51.100.1:25'],
  ['PROXY TCP6 2001:DB8::7 2001:db8::1 54321 25\r\n', '2001:db8::7:54321 2001:db8::1:25'],
  ['PROXY UNKNOWN\r\n', null],
  ['PROXY UNKNOWN ffff::1 what ever 0 70000\r\n', null],
  [binary(0x21, 0x11, V4), '192.0.2.7:54321 198.51.100.1:25'],
  [binary(0x21, 0x11, Buffer.concat([V4, Buffer.from([4, 0, 1, 0])])), '192.0.2.7:54321 198.51.100.1:25'],
  [binary(0x21, 0x21, V6), '2001:db8::7:54321 2001:db8::1:25'],
  [
    binary(0x21, 0x21, Buffer.concat([Buffer.from(`${'0'.repeat(20)}ffffc0000207`, 'hex'), V6.subarray(16)])),
    '192.0.2.7:54321 2001:db8::1:25',
  ],
  [binary(0x20, 0x00, Buffer.alloc(0)), null],
  [binary(0x20, 0x11, V4), null],
  [binary(0x21, 0x00, Buffer.alloc(0)), null],
  [binary(0x21, 0x31, Buffer.alloc(216)), null],
];

for (const [header, expected] of HEADERS) {
  const octets = toOctets(header);
  test(`reads ${JSON.stringify(octets.toString('latin1')).slice(0, 60)}, however it is cut`, () => {
    for (let length = 0; length < octets.length; length += 1)
      assert.equal(readProxyHeader(octets.subarray(0, length)).kind, 'incomplete');
    const read = readProxyHeader(Buffer.concat([octets, Buffer.from('EHLO')]));
    assert.equal(read.kind, 'header');
    const { ends, rest } = read;
    const told = ends && `${ends.peer.address}:${ends.peer.port} ${ends.local.address}:${ends.local.port}`;
    assert.deepEqual([told, rest.toString()], [expected, 'EHLO']);
  });
}

const MALFORMED: readonly (string | Buffer)[] = [
  'EHLO client.test\r\n',
  'proxy TCP4 192.0.2.7 198.51.100.1 54321 25\r\n',
  'PROXY TCP4 192.0.2.7 198.51.100.1 54321 25\n',
  'PROXY TCP4 192.0.2.7 198.51.100.1 54321\r\n',
  'PROXY TCP4 192.0.2.7 198.51.100.1 54321 25 more\r\n',
  'PROXY TCP4 192.0.2.7 198.51.100.1 54321 65536\r\n',
  'PROXY TCP4 192.0.2.7 198.51.100.1 054 25\r\n',
  'PROXY TCP4 2001:db8::7 2001:db8::1 54321 25\r\n',
  'PROXY TCP6 192.0.2.7 198.51.100.1 54321 25\r\n',
  'PROXY TCP4 192.0.2.700 198.51.100.1 54321 25\r\n',
  'PROXY SCTP 192.0.2.7 198.51.100.1 54321 25\r\n',
  `PROXY UNKNOWN ${'x'.repeat(107)}`,
  `PROXY UNKNOWN ${'x'.repeat(107)}\r\n`,
  Buffer.concat([V2, Buffer.from([0x11, 0x11, 0, 12]), V4]),
  Buffer.concat([V2, Buffer.from([0x22, 0x11, 0, 12]), V4]),
  binary(0x21, 0x11, V4.subarray(0, 11)),
  Buffer.concat([V2, Buffer.from([0x21, 0x11, 0xff, 0xff])]),
];

for (const header of MALFORMED) {
  test(`refuses ${JSON.stringify(header.toString('latin1')).slice(0, 60)}`, () => {
    assert.equal(readProxyHeader(toOctets(header)).kind, 'malformed');
  });
}

test('never throws, and never waits for more than a header may have', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('', 'PROXY ', V2), (octets, start) => {
      const read = readProxyHeader(Buffer.concat([toOctets(start), octets, Buffer.alloc(5000, 'x')]));
      assert.notEqual(read.kind, 'incomplete');
    }),
  );
});
