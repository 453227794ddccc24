// Which regular expressions rules take, and what is said about the others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRulePattern } from './rule-pattern.ts';

test('what cannot be used is named, with the cure', () => {
  assert.equal(compileRulePattern('^[a-z]+@contoso\\.com$').test('Ada@CONTOSO.com'), true);
  const refused: readonly (readonly [string, RegExp])[] = [
    ['(a)\\1', /"\(a\)\\\\1" is not .*: invalid escape sequence/],
    ['(?=a)b', /no look-ahead/],
    ['[a', /missing closing/],
    ['', /empty pattern/],
    ['a'.repeat(1025), /maximum is 1024/],
    ['(a{1000}){1000}', /invalid repeat count/],
    ['(a{500}b)'.repeat(30), /smaller counts/],
  ];
  for (const [pattern, problem] of refused) assert.throws(() => compileRulePattern(pattern), problem);
});
