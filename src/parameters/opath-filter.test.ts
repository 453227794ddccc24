import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DateTime } from './date-time.ts';
import { parseOpathFilter } from './opath-filter.ts';
import { ConversionProblem } from './parameter-type.ts';
import { PsObject } from './value.ts';

const message = new PsObject('Message', [
  ['Status', 'Retry'],
  ['FromAddress', "o'hara@contoso.com"],
  ['Size', '1.5 MB (1,572,864 bytes)'],
  ['RetryCount', 7],
  ['LastError', null],
  ['DateReceived', DateTime.fromUtcMilliseconds(Date.UTC(2026, 0, 2))],
]);
const names = ['Status', 'FromAddress', 'Size', 'RetryCount', 'LastError', 'DateReceived'];

const CASES: readonly (readonly [string, boolean])[] = [
  ["Status -eq 'Retry'", true],
  ['status -EQ "retry"', true],
  ["Status -ne 'Retry'", false],
  ["FromAddress -like '*@contoso.com'", true],
  ["FromAddress -notlike '*@contoso.com'", false],
  ["FromAddress -eq 'o''hara@contoso.com'", true],
  ['RetryCount -gt 6 -and RetryCount -lt 8', true],
  ['RetryCount -ge 10', false],
  ['RetryCount -gt 10 -or Status -eq "Retry"', true],
  ['-not (RetryCount -eq 7)', false],
  ["Size -gt '1MB'", true],
  ["Size -lt '2MB'", true],
  ['LastError -eq $null', true],
  ['LastError -ne $null', false],
  ["DateReceived -gt '2026-01-01'", true],
  ["DateReceived -lt '2026-01-01T00:00:00Z'", false],
  ['Status -eq Retry -and (Size -gt 5MB -or RetryCount -le 7)', true],
];

for (const [text, expected] of CASES) {
  test(`filter: ${text}`, () => assert.equal(parseOpathFilter(text, names)(message), expected));
}

for (const text of [
  '',
  'Status',
  'Status -eq',
  'Nope -eq 1',
  'Status -is 1',
  '(Status -eq 1',
  "Status -eq 'x",
  'Status -eq 1 2',
  '('.repeat(60),
]) {
  test(`refused: ${text.slice(0, 20)}`, () =>
    assert.throws(() => parseOpathFilter(text, names), ConversionProblem));
}

test('whatever the text, it is read or refused', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      try {
        parseOpathFilter(text, names)(message);
      } catch (error) {
        assert.ok(error instanceof ConversionProblem);
      }
    }),
  );
});
