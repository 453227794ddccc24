import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createLinearRegexEngine } from './linear-regex.ts';
import { createRegexEngine, expandReplacement, matchAll, replaceAll } from './regex.ts';
import { ScriptError } from './script-error.ts';

const engines = { full: createRegexEngine(), linear: createLinearRegexEngine() };

for (const [name, engine] of Object.entries(engines)) {
  describe(`${name} engine`, () => {
    const rows: readonly [pattern: string, text: string, match: string | null][] = [
      ['b+', 'abbc', 'bb'],
      ['^a', 'ba', null],
      ['c$', 'abc', 'c'],
      ['\\d{2}', 'a123', '12'],
      ['(?i)CON', 'contoso', 'con'],
      ['[^@]+@contoso\\.com', 'x@contoso.com', 'x@contoso.com'],
      ['\\w+', '-naïve', 'naïve'],
      ['a|b', 'xb', 'b'],
      ['\\bcon\\b', 'a con b', 'con'],
      ['[\\w.-]+', '!a.b-c', 'a.b-c'],
    ];
    for (const [pattern, text, match] of rows) {
      if (name === 'linear' && pattern === '\\w+') continue;
      test(`${pattern} in ${text}`, () =>
        assert.equal(engine.compile(pattern, false).match(text, 0)?.value ?? null, match));
    }
    test('names and numbers of groups: those without a name first', () => {
      const match = engine.compile('(?<key>\\w)=(\\w)', true).match('A=b', 0);
      assert.deepEqual(
        match?.groups.map((group) => [group.name, group.value]),
        [
          ['0', 'A=b'],
          ['1', 'b'],
          ['key', 'A'],
        ],
      );
    });
    test('replaces every match', () => {
      const regex = engine.compile('(\\w)(\\d)', true);
      assert.equal(
        replaceAll(regex, 'a1 b2', (match) => expandReplacement('$2${1}$$', match, 'a1 b2')),
        '1a$ 2b$',
      );
      assert.equal([...matchAll(engine.compile('x*', false), 'axb')].length, 4);
    });
    test('a bad pattern is a script error, whatever it is', () => {
      assert.throws(() => engine.compile('(', false), ScriptError);
      fc.assert(
        fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (pattern, text) => {
          try {
            engine.compile(pattern, true).match(text, 0);
          } catch (error) {
            assert.ok(error instanceof ScriptError, String(error));
          }
        }),
      );
    });
  });
}

test('the linear engine is not held up by a hostile pattern', () => {
  const start = performance.now();
  assert.equal(engines.linear.compile('(a+)+$', false).match(`${'a'.repeat(5000)}b`, 0), null);
  assert.ok(performance.now() - start < 2_000);
});

test('what JavaScript has no equal for is refused by name', () => {
  assert.throws(() => engines.full.compile('(?>a)', false), /atomic groups/);
  assert.throws(() => engines.full.compile('(?<a-b>x)', false), /balancing groups/);
});
