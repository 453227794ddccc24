import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileWildcard } from './wildcard.ts';

test('agrees with the regular expression that it stands for', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '*', '?', '[ab]', 'A'), { maxLength: 8 })
    .map((parts) => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'A'), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, text, (wildcard, subject) => {
      const regex = new RegExp(`^${wildcard.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
      assert.equal(compileWildcard(wildcard)(subject), regex.test(subject));
    }),
  );
});

test('takes no longer than pattern times text', () => {
  const matches = compileWildcard(`${'*a'.repeat(1000)}b`);
  const start = performance.now();
  assert.equal(matches('a'.repeat(20_000)), false);
  assert.ok(performance.now() - start < 2_000);
});

test('signs can be meant as they are', () => {
  assert.equal(compileWildcard('a`*')('a*'), true);
  assert.equal(compileWildcard('a`*')('ab'), false);
  assert.equal(compileWildcard('[a')('[a'), true);
  assert.equal(compileWildcard('Con*', false)('contoso'), false);
});
