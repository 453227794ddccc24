import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareNames, distinguishedName, nameFromDistinguishedName } from './object-name.ts';

const CONTAINER = 'CN=Transport Settings,CN=Configuration,CN=contoso';

test('a distinguished name leads back to its name, whatever characters it has', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      assert.equal(nameFromDistinguishedName(distinguishedName(name, CONTAINER), CONTAINER), name);
    }),
  );
  const name = distinguishedName('Contoso, "East"', CONTAINER);
  assert.equal(name, `CN=Contoso\\, \\"East\\",${CONTAINER}`);
  assert.equal(nameFromDistinguishedName(name.replace('CN=Tr', 'cn=TR'), CONTAINER), 'Contoso, "East"');
});

test('names of other containers and deeper ones are not taken for ours', () => {
  for (const other of [
    'Contoso',
    `CN=a,CN=b,${CONTAINER}`,
    'CN=a,CN=Other',
    CONTAINER,
    `,${CONTAINER}`,
    'CN=',
    '',
  ]) {
    assert.equal(nameFromDistinguishedName(other, CONTAINER), null, other);
  }
});

test('names sort without regard to case, and in one order always', () => {
  assert.deepEqual(['b', 'B', 'a', 'C', 'a 1'].sort(compareNames), ['a', 'a 1', 'B', 'b', 'C']);
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => compareNames(a, b) === -compareNames(b, a) || a === b),
  );
});
