// Regular expressions of rules: what they match, what is refused, and that none of them can run away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { compilePatterns, requiredPieces } from './patterns.ts';
import { SearchableText } from './searchable-text.ts';

const matches = (pattern: string, text: string): boolean =>
  compilePatterns([pattern])(new SearchableText(text));

test('patterns match anywhere, without regard to case', () => {
  assert.equal(matches('invoice', 'Your INVOICE is here'), true);
  assert.equal(matches('^invoice', 'Your invoice'), false);
  assert.equal(matches('(red|blue) \\d{2}', 'BLUE 42'), true);
  assert.equal(matches('\\bbank\\b', 'the banker'), false);
  assert.equal(matches('straße', 'STRASSE'), false);
  assert.equal(matches('größe', 'GRÖSSE GRÖßE'), true);
  assert.equal(matches('kelvin', '\u212aelvin'), true);
  assert.equal(matches('mass', 'ma\u017fs'), true);
});

test('a wrong pattern fails when it is asked, not when the rules are made', () => {
  const test = compilePatterns(['[a']);
  assert.throws(() => test(new SearchableText('a')), RangeError);
});

test('patterns that make other engines run away do not', () => {
  const evil = [
    ['(a+)+$', `${'a'.repeat(50_000)}!`],
    ['(a|aa)+$', `${'a'.repeat(50_000)}!`],
    ['(.*)*x', 'a'.repeat(50_000)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(50_000)],
    ['(x+x+)+y', 'x'.repeat(50_000)],
    ['^(a?){50}a{50}$', 'a'.repeat(50)],
    ['([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}', 'a'.repeat(50_000)],
    ['(\\s*,\\s*)+$', ` ,${' '.repeat(50_000)}x`],
    ['.*.*.*.*.*=', '='.repeat(5000).replaceAll('=', 'z')],
  ] as const;
  for (const [pattern, text] of evil) {
    const begun = performance.now();
    matches(pattern, text);
    assert.ok(performance.now() - begun < 2000, `${pattern} took ${performance.now() - begun} ms`);
  }
});

test('reading a pattern for its pieces is linear too', () => {
  for (const text of ['(', '[', '\\', '(?:', '[[:', '{1,', '|', '[^]', '(a|']) {
    const begun = performance.now();
    requiredPieces(text.repeat(20_000).slice(0, 40_000));
    assert.ok(performance.now() - begun < 1000, text);
  }
});

test('pieces are what a text must have', () => {
  assert.deepEqual(requiredPieces('invoice \\d+'), ['invoice ']);
  assert.deepEqual(requiredPieces('^User\\.[a-z]+@Contoso\\.com$'), ['@contoso.com']);
  assert.deepEqual(requiredPieces('red apple|green(ish)? pear'), ['red apple', 'green']);
  assert.equal(requiredPieces('(red|blue)'), null);
  assert.equal(requiredPieces('a|red'), null);
  assert.equal(requiredPieces('(?i)red'), null);
  assert.equal(requiredPieces('red\\Q|\\E'), null);
  assert.deepEqual(requiredPieces('ab?cde'), ['cde']);
  assert.deepEqual(requiredPieces('[(]abc'), ['abc']);
});

test('pieces never keep a pattern from matching', () => {
  const atom = fc.constantFrom(
    'a',
    'B',
    'ab',
    'k',
    's',
    ' ',
    '.',
    '\\.',
    '\\d',
    '\\w',
    '[ab]',
    '[^a]',
    '(a|b)',
    '(?:ks)',
    '^',
    '$',
    '\\b',
    'é',
    '(?i:a)',
    '\\x61',
    '-',
  );
  const quantified = fc
    .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,1}', '*?'))
    .map(([one, quantifier]) => (/^(?:\^|\$|\\b)$/.test(one) ? one : one + quantifier));
  const pattern = fc
    .array(fc.array(quantified, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 2 })
    .map((alternatives) => alternatives.map((parts) => parts.join('')).join('|'));
  const text = fc
    .array(
      fc.constantFrom('a', 'b', 'A', 'B', 'k', '\u212a', 's', '\u017f', ' ', '.', '1', 'é', 'e\u0301', '-'),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, text, (source, where) => {
      assert.equal(matches(source, where), RE2JS.compile(source, RE2JS.CASE_INSENSITIVE).test(where));
    }),
    { numRuns: 3000 },
  );
});
