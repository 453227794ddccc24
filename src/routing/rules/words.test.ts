// Whole words, without regard to case, in short and long texts alike.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SearchableText } from './searchable-text.ts';
import { compileWords } from './words.ts';

const PADDING = ` ${'filler words '.repeat(40)}`;

/** Asked of the text as it is, and within a long one, where another way is taken. */
function contains(text: string, ...words: string[]): boolean {
  const matches = compileWords(words);
  const short = matches(new SearchableText(text));
  assert.equal(matches(new SearchableText(`${PADDING} ${text} ${PADDING}`)), short, text);
  return short;
}

test('a word is found whole', () => {
  assert.equal(contains('The bank is open', 'bank'), true);
  assert.equal(contains('The bankers are in', 'bank'), false);
  assert.equal(contains('A riverbank', 'bank'), false);
  assert.equal(contains('bank', 'bank'), true);
  assert.equal(contains('bank@contoso.com', 'bank'), true);
  assert.equal(contains('my_bank', 'bank'), false);
  assert.equal(contains('e-bank', 'bank'), true);
  assert.equal(contains('bank2', 'bank'), false);
  assert.equal(contains('bankers bank', 'bank'), true);
});

test('case and composition make no difference', () => {
  assert.equal(contains('TOP SECRET', 'top secret'), true);
  assert.equal(contains('Le CAFÉ', 'cafe\u0301'), true);
  assert.equal(contains('ΣΊΣΥΦΟΣ', 'σίσυφος'.toUpperCase()), true);
  assert.equal(contains('naïveté', 'naïve'), false);
});

test('a phrase runs over line breaks', () => {
  assert.equal(contains('strictly\r\n  confidential', 'strictly confidential'), true);
  assert.equal(contains('strictly, confidential', 'strictly confidential'), false);
});

test('words that begin or end with something else than a letter', () => {
  assert.equal(contains('I write C++.', 'c++'), true);
  assert.equal(contains('user@contoso.com', '@contoso.com'), true);
  assert.equal(contains('user@contoso.community', '@contoso.com'), false);
  assert.equal(contains('costs $500', '$500'), true);
  assert.equal(contains('costs $5000', '$500'), false);
});

test('scripts without spaces have words anywhere', () => {
  assert.equal(contains('社外秘の資料です', '資料'), true);
  assert.equal(contains('contoso社外秘', 'contoso'), true);
  assert.equal(contains('เอกสารลับมาก', 'ลับ'), true);
});

test('one of several is enough; none and empty match nothing', () => {
  assert.equal(contains('red', 'blue', 'red'), true);
  assert.equal(contains('red'), false);
  assert.equal(contains('red', '', ' '), false);
});

test('short and long texts are judged alike', () => {
  const piece = fc.constantFrom('a', 'ab', ' ', '-', 'é', '資', '_', '1', '.', '\u0301', 'İ', '𝒳');
  const text = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (where, what) => {
      const matches = compileWords([what]);
      const short = matches(new SearchableText(`. ${where} .`));
      assert.equal(matches(new SearchableText(`. ${where} .${' zq'.repeat(200)}`)), short);
    }),
    { numRuns: 2000 },
  );
});
