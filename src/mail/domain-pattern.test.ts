import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isDomainName, toALabels, toULabels } from './domain-name.ts';
import { matchesDomainPattern, parseDomainPattern, printDomainPattern } from './domain-pattern.ts';

function pattern(text: string) {
  const parsed = parseDomainPattern(text);
  assert.ok(typeof parsed !== 'string', `${text}: ${JSON.stringify(parsed)}`);
  return parsed;
}

test('patterns are read and printed in A-labels', () => {
  const table = [
    ['contoso.com', 'contoso.com'],
    [' *.Contoso.COM ', '*.contoso.com'],
    ['*', '*'],
    ['*.bücher.example', '*.xn--bcher-kva.example'],
  ] as const;
  for (const [typed, printed] of table) assert.equal(printDomainPattern(pattern(typed)), printed);
});

test('a refusal names the cure', () => {
  const table = [
    ['domain.*.contoso.com', /whole first label/],
    ['*contoso.com', /whole first label/],
    ['*.', /not a domain name/],
    ['**', /whole first label/],
    ['', /not a domain name/],
    ['user@contoso.com', /the part behind the @/],
    ['contoso..com', /not a domain name/],
    ['192.0.2.1', /not a domain name/],
    ['con toso.com', /not a domain name/],
  ] as const;
  for (const [typed, words] of table) {
    const parsed = parseDomainPattern(typed);
    assert.ok(typeof parsed === 'string', typed);
    assert.match(parsed, words);
  }
});

test('a wildcard matches its own domain and everything below it, and no neighbour', () => {
  const below = pattern('*.contoso.com');
  for (const domain of ['contoso.com', 'sales.contoso.com', 'a.b.contoso.com']) {
    assert.equal(matchesDomainPattern(below, domain), true, domain);
  }
  for (const domain of ['notcontoso.com', 'com', 'contoso.com.evil.example', 'ontoso.com', '.contoso.com']) {
    assert.equal(matchesDomainPattern(below, domain), false, domain);
  }
  assert.equal(matchesDomainPattern(pattern('contoso.com'), 'sales.contoso.com'), false);
  assert.equal(matchesDomainPattern(pattern('*'), 'anything.example'), true);
});

const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const domain = fc
  .tuple(fc.array(label, { maxLength: 4 }), fc.stringMatching(/^[a-z]{2,6}$/))
  .map(([labels, top]) => [...labels, top].join('.'));

test('patterns print and read back the same, and match by labels', () => {
  fc.assert(
    fc.property(domain, domain, fc.boolean(), (a, b, joined) => {
      const below = pattern(`*.${a}`);
      assert.deepEqual(parseDomainPattern(printDomainPattern(below)), below);
      const name = joined ? `${b}.${a}` : b;
      const labels = name.split('.').slice(-a.split('.').length).join('.');
      assert.equal(matchesDomainPattern(below, name), labels === a);
    }),
  );
});

test('names are kept as A-labels and shown as U-labels', () => {
  assert.equal(toALabels('BÜCHER.example'), 'xn--bcher-kva.example');
  assert.equal(toULabels('xn--bcher-kva.example'), 'bücher.example');
  assert.equal(toULabels('xn--zzzzzz--.example'), 'xn--zzzzzz--.example');
  for (const text of [
    '',
    '.',
    'a.',
    '-a',
    'a b',
    'exa\nmple',
    `${'a'.repeat(64)}.de`,
    `${'a.'.repeat(127)}de`,
  ]) {
    assert.equal(toALabels(text), null, text);
    assert.equal(isDomainName(text), false, text);
  }
});
