import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DateTime } from '#parameters/date-time.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import * as expressions from './argv-expression.ts';
import { ArgvValue } from './argv-value.ts';

process.env['TZ'] = 'America/New_York';
const now = (): number => Date.UTC(2026, 10, 23, 12);

function read(text: string, type: string, isList = false): Value {
  return new ArgvValue(text, expressions, now).readFor({
    type,
    isList,
    isSwitch: type === 'SwitchParameter',
    values: [],
  });
}
const plain = (value: Value): unknown =>
  value instanceof Hashtable
    ? Object.fromEntries(value.entries())
    : value instanceof DateTime
      ? value.toJSON()
      : value;

describe('a word on the command line', () => {
  const rows: readonly [text: string, type: string, isList: boolean, value: unknown][] = [
    ['hello', 'String', false, 'hello'],
    ['$null', 'String', false, null],
    ['$true', 'String', false, true],
    ['true', 'String', false, 'true'],
    ['a,b', 'String', false, 'a,b'],
    ['(Get-Date)', 'String', false, '(Get-Date)'],
    ['@{a=1}', 'String', false, '@{a=1}'],
    ['$(Remove-OutboundConnector x)', 'String', false, '$(Remove-OutboundConnector x)'],
    ['false', 'Boolean', false, false],
    ['$FALSE', 'Boolean', false, false],
    ['1', 'Boolean', false, true],
    ['maybe', 'Boolean', false, 'maybe'],
    ['false', 'SwitchParameter', false, false],
    ['a', 'MultiValuedProperty', true, 'a'],
    ['a,b', 'MultiValuedProperty', true, ['a', 'b']],
    ['a, b ,c', 'String[]', true, ['a', 'b', 'c']],
    ['"a,b",c', 'MultiValuedProperty', true, ['a,b', 'c']],
    ["'it''s',b", 'MultiValuedProperty', true, ["it's", 'b']],
    ['a"b,c', 'MultiValuedProperty', true, ['a"b', 'c']],
    ['$null', 'MultiValuedProperty', true, null],
    ['', 'MultiValuedProperty', true, ''],
    ['[::1]:25,10.0.0.0/24', 'MultiValuedProperty', true, ['[::1]:25', '10.0.0.0/24']],
    ['@{Add="a"}', 'MultiValuedProperty', true, { Add: 'a' }],
    ['@{Add="a","b"; Remove=\'c\'}', 'MultiValuedProperty', true, { Add: ['a', 'b'], Remove: 'c' }],
    ['@{Add=a.example}', 'MultiValuedProperty', true, { Add: 'a.example' }],
    ['@{Add=@("a")}', 'MultiValuedProperty', true, { Add: ['a'] }],
    ['2016-05-06 14:30:00z', 'DateTime', false, '2016-05-06 14:30:00z'],
    ['(Get-Date "5/6/2016 9:30 AM").ToUniversalTime()', 'DateTime', false, '2016-05-06T13:30:00.0000000Z'],
    ['(Get-Date).AddDays(-1)', 'DateTime', false, '2026-11-22T07:00:00.0000000-05:00'],
    ['(get-date -Date 5/6/2016).Date', 'DateTime', false, '2016-05-06T00:00:00.0000000'],
  ];
  for (const [text, type, isList, value] of rows) {
    test(`${text} for ${type}`, () => assert.deepEqual(plain(read(text, type, isList)), value));
  }
});

describe('code is refused, never run', () => {
  const rows: readonly [text: string, type: string][] = [
    ['@{Add=(Remove-OutboundConnector x)}', 'MultiValuedProperty'],
    ['@{Add=$(1)}', 'MultiValuedProperty'],
    ['@{Add="$(Get-Date)"}', 'MultiValuedProperty'],
    ['@{Add=$x}', 'MultiValuedProperty'],
    ['@{Add=Remove-OutboundConnector x}', 'MultiValuedProperty'],
    ['@{Add="a"}; Remove-OutboundConnector x', 'MultiValuedProperty'],
    ['@{Add="a"} | Remove-OutboundConnector', 'MultiValuedProperty'],
    ['@{Add="a"', 'MultiValuedProperty'],
    ['(Get-Date (Remove-OutboundConnector x))', 'DateTime'],
    ['(Get-Date; Remove-OutboundConnector x)', 'DateTime'],
    ['(Get-Date | Remove-OutboundConnector)', 'DateTime'],
    ['(Get-Date).GetType()', 'DateTime'],
    ['(Get-Date).AddDays($x)', 'DateTime'],
    ['(Get-Date -Format o)', 'DateTime'],
    ['(Get-Date "nonsense")', 'DateTime'],
  ];
  for (const [text, type] of rows) {
    test(text, () => assert.throws(() => read(text, type, type === 'MultiValuedProperty'), ScriptError));
  }
});

test('any text for a text parameter stays that text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/^\$(?:true|false|null)$/i.test(text));
      assert.equal(read(text, 'String'), text);
    }),
  );
});

test('any text for any parameter is a value or a script error', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string().map((rest) => `@{${rest}`),
    fc.string().map((rest) => `(Get-Date ${rest}`),
  );
  fc.assert(
    fc.property(
      text,
      fc.constantFrom('String', 'MultiValuedProperty', 'DateTime', 'Boolean', 'Hashtable'),
      (value, type) => {
        try {
          read(value, type, type === 'MultiValuedProperty');
        } catch (error) {
          assert.ok(error instanceof ScriptError, String(error));
        }
      },
    ),
  );
});
