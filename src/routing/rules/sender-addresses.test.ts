// Addresses in From and Sender as people and machines write them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressesIn } from './sender-addresses.ts';

const cases: readonly (readonly [value: string, addresses: readonly string[]])[] = [
  ['ada@contoso.com', ['ada@contoso.com']],
  ['Ada Lovelace <Ada@Contoso.COM>', ['ada@contoso.com']],
  ['"Lovelace, Ada" <ada@contoso.com>', ['ada@contoso.com']],
  ['"ceo@contoso.com" <evil@example.org>', ['evil@example.org']],
  ['ceo@contoso.com <evil@example.org>', ['evil@example.org']],
  ['"a \\" <x@y.test>" <evil@example.org>', ['evil@example.org']],
  ['ada@contoso.com (Ada (the first), Countess)', ['ada@contoso.com']],
  ['ada@contoso.com, Bob <bob@fabrikam.com>', ['ada@contoso.com', 'bob@fabrikam.com']],
  ['Team: ada@contoso.com, bob@fabrikam.com;', ['ada@contoso.com', 'bob@fabrikam.com']],
  ['undisclosed-recipients:;', []],
  ['<@relay.test:ada@contoso.com>', ['ada@contoso.com']],
  ['"quoted local"@contoso.com', ['"quoted local"@contoso.com']],
  ['Ada <ada@bücher.example>', ['ada@xn--bcher-kva.example']],
  ['nonsense', []],
  ['', []],
  ['<unclosed@contoso.com', ['unclosed@contoso.com']],
  ['"unclosed <x@y.test>', []],
];

for (const [value, addresses] of cases) {
  test(value === '' ? 'nothing' : value, () => assert.deepEqual(addressesIn(value), addresses));
}

test('anything ends, with few addresses', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (value) => assert.ok(addressesIn(value).length <= 20)),
  );
  assert.equal(addressesIn('a@b.test,'.repeat(1000)).length, 20);
});
