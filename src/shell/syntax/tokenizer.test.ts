import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TokenMode } from './token.ts';
import { Tokenizer } from './tokenizer.ts';

/** Kind and text of each token. */
function tokens(text: string, mode: TokenMode): string[] {
  const tokenizer = new Tokenizer(text);
  const found: string[] = [];
  for (let token = tokenizer.next(mode); token.kind !== 'end'; token = tokenizer.next(mode))
    found.push(`${token.kind} ${token.text}`);
  return found;
}

describe('the same characters in the two modes', () => {
  const rows: readonly [text: string, command: readonly string[], expression: readonly string[]][] = [
    ['a-b', ['word a-b'], ['word a', 'operator -b']],
    ['-Name x', ['parameter -Name', 'word x'], ['operator -Name', 'word x']],
    ['-Name:x', ['parameter -Name:', 'word x'], ['operator -Name', 'sign :', 'word x']],
    [
      '192.168.0.1/25',
      ['word 192.168.0.1/25'],
      ['number 192.168', 'number .0', 'number .1', 'sign /', 'number 25'],
    ],
    ['-5', ['number -5'], ['sign -', 'number 5']],
    ['30MB', ['number 30MB'], ['number 30MB']],
    ['*.contoso.com', ['word *.contoso.com'], ['sign *', 'sign .', 'word contoso', 'sign .', 'word com']],
    ['a,b', ['word a', 'sign ,', 'word b'], ['word a', 'sign ,', 'word b']],
    ['$x.y', ['variable $x', 'word .y'], ['variable $x', 'sign .', 'word y']],
    ['$x/y', ['word $x/y'], ['variable $x', 'sign /', 'word y']],
    ['"a"b', ['word "a"b'], ['string "a"', 'word b']],
    ['1..3', ['word 1..3'], ['number 1', 'sign ..', 'number 3']],
    ['2>&1', ['redirection 2>&1'], ['redirection 2>&1']],
    ['a#b #c', ['word a#b'], ['word a']],
    ['@x @{ @(', ['splat @x', 'sign @{', 'sign @('], ['splat @x', 'sign @{', 'sign @(']],
    ['\u2013Name', ['parameter \u2013Name'], ['operator \u2013Name']],
    ['user@contoso.com', ['word user@contoso.com'], ['word user', 'splat @contoso', 'sign .', 'word com']],
  ];
  for (const [text, command, expression] of rows) {
    test(text, () => {
      assert.deepEqual(tokens(text, 'command'), command);
      assert.deepEqual(tokens(text, 'expression'), expression);
    });
  }
});

test('parts of an expandable string', () => {
  const token = new Tokenizer('"a `"$b$($c + ")")`n${d e}"').next('expression');
  assert.equal(token.kind, 'expandable');
  if (token.kind !== 'expandable') return;
  assert.deepEqual(
    token.parts.map((part) =>
      part.kind === 'text' ? part.text : part.kind === 'variable' ? `$${part.variable.name}` : '$()',
    ),
    ['a "', '$b', '$()', '\n', '$d e'],
  );
});
