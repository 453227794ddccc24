// Addresses and ranges as they are written, and the tree against a naive scan.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AddressRange, createRangeIndex, numericAddress, parseAddressRange } from './address-ranges.ts';

function holds(range: string, address: string): boolean {
  const parsed = parseAddressRange(range);
  const numeric = numericAddress(address);
  assert.ok(parsed !== null && numeric !== null, `${range} ${address}`);
  let found = false;
  createRangeIndex([{ range: parsed, value: 1 }]).visit(numeric, () => (found = true));
  return found;
}

test('addresses, ranges and networks', () => {
  assert.equal(holds('192.0.2.1', '192.0.2.1'), true);
  assert.equal(holds('192.0.2.1', '192.0.2.2'), false);
  assert.equal(holds('192.0.2.0/24', '192.0.2.255'), true);
  assert.equal(holds('192.0.2.77/24', '192.0.2.1'), true);
  assert.equal(holds('192.0.2.0/24', '192.0.3.0'), false);
  assert.equal(holds('0.0.0.0/0', '255.255.255.255'), true);
  assert.equal(holds('192.0.2.5-192.0.3.5', '192.0.3.5'), true);
  assert.equal(holds('192.0.2.5-192.0.3.5', '192.0.2.4'), false);
  assert.equal(holds('2001:db8::/33', '2001:db8:7fff::1'), true);
  assert.equal(holds('2001:db8::/33', '2001:db8:8000::'), false);
  assert.equal(holds('::1', '0:0:0:0:0:0:0:1'), true);
  assert.equal(holds('fe80::/10', 'fe80::1%eth0'), true);
  assert.equal(holds('2001:db8::1 - 2001:db8::ff', '2001:db8::80'), true);
  assert.equal(holds('::/0', 'ffff::'), true);
});

test('IPv4 in the form of IPv6 is IPv4', () => {
  assert.equal(holds('192.0.2.0/24', '::ffff:192.0.2.7'), true);
  assert.equal(holds('192.0.2.0/24', '::ffff:c000:207'), true);
  assert.equal(holds('::/0', '::ffff:192.0.2.7'), false);
});

test('what is no range', () => {
  for (const text of [
    '',
    'x',
    '192.0.2.1/33',
    '::1/129',
    '192.0.2.1/',
    '192.0.2.9-192.0.2.1',
    '192.0.2.1-::1',
    '1.2.3',
    '1.2.3.4/x',
  ]) {
    assert.equal(parseAddressRange(text), null, text);
  }
});

test('the tree finds what a scan finds', () => {
  const range = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 30 }), fc.boolean())
    .map(([first, length, wide]): AddressRange => {
      const last = first + length;
      return wide ? { family: 6, first: BigInt(first), last: BigInt(last) } : { family: 4, first, last };
    });
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 30 }),
      fc.integer({ min: 0, max: 95 }),
      fc.boolean(),
      (ranges, at, wide) => {
        const found: number[] = [];
        const index = createRangeIndex(ranges.map((one, value) => ({ range: one, value })));
        const address = wide ? { family: 6 as const, value: BigInt(at) } : { family: 4 as const, value: at };
        index.visit(address, (value) => found.push(value));
        const expected = ranges.flatMap((one, value) =>
          one.family === address.family && one.first <= address.value && address.value <= one.last
            ? [value]
            : [],
        );
        assert.deepEqual(
          found.sort((a, b) => a - b),
          expected,
        );
      },
    ),
    { numRuns: 500 },
  );
});
