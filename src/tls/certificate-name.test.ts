import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DomainPattern } from '#mail/domain-pattern.ts';
import { matchesHost, matchesPattern, matchesPatterns, presentedNames } from './certificate-name.ts';

const exact = (domain: string): DomainPattern => ({ kind: 'exact', domain });
const subtree = (domain: string): DomainPattern => ({ kind: 'subtree', domain });

const hostCases: readonly (readonly [presented: string, host: string, matches: boolean])[] = [
  ['mail.contoso.com', 'mail.contoso.com', true],
  ['mail.contoso.com', 'mail2.contoso.com', false],
  ['contoso.com', 'mail.contoso.com', false],
  ['mail.contoso.com', 'contoso.com', false],
  // RFC 9525 §6.3: the wildcard is the whole leftmost label and covers exactly one.
  ['*.contoso.com', 'mail.contoso.com', true],
  ['*.contoso.com', 'contoso.com', false],
  ['*.contoso.com', 'a.mail.contoso.com', false],
  ['*.contoso.com', '.contoso.com', false],
  ['m*.contoso.com', 'mail.contoso.com', false],
  ['*l.contoso.com', 'mail.contoso.com', false],
  ['mail.*.com', 'mail.contoso.com', false],
  ['*.*.com', 'mail.contoso.com', false],
  ['*', 'com', false],
  ['*.com', 'contoso.com', false],
  ['*.', 'a.', false],
  ['', '', false],
  ['*.xn--bcher-kva.example', 'mail.xn--bcher-kva.example', true],
  ['bücher.example', 'xn--bcher-kva.example', false],
  ['mail.contoso.com\0.evil.example', 'mail.contoso.com', false],
  ['mail.contoso.com.', 'mail.contoso.com', false],
  ['192.0.2.1', '192.0.2.1', false],
  ['*.0.2.1', '192.0.2.1', false],
  ['mail.contoso.com ', 'mail.contoso.com', false],
];

test('a presented name speaks for a host by RFC 9525', () => {
  for (const [presented, host, matches] of hostCases) {
    assert.equal(matchesHost(presented, host), matches, `${presented} for ${host}`);
  }
});

const subtreeCases: readonly (readonly [presented: string, domain: string, matches: boolean])[] = [
  ['contoso.com', 'contoso.com', true],
  ['mail.contoso.com', 'contoso.com', true],
  ['a.b.mail.contoso.com', 'contoso.com', true],
  ['*.contoso.com', 'contoso.com', true],
  ['*.eu.contoso.com', 'contoso.com', true],
  ['*.contoso.com', 'mail.contoso.com', true],
  ['*.com', 'contoso.com', false],
  ['evilcontoso.com', 'contoso.com', false],
  ['contoso.com.evil.example', 'contoso.com', false],
  ['com', 'contoso.com', false],
  ['m*.contoso.com', 'contoso.com', false],
];

test('a wildcard in TlsDomain stands for the domain and all below it', () => {
  for (const [presented, domain, matches] of subtreeCases) {
    assert.equal(matchesPattern(presented, subtree(domain)), matches, `${presented} for *.${domain}`);
  }
});

test('the common name counts only where there is no SAN of any kind', () => {
  const names = { hasAlternativeName: false, dnsNames: [], commonName: 'Mail.Contoso.COM' };
  assert.deepEqual(presentedNames(names), ['mail.contoso.com']);
  assert.deepEqual(presentedNames({ ...names, hasAlternativeName: true }), []);
  assert.deepEqual(presentedNames({ ...names, commonName: null }), []);
});

test('no pattern, no match', () => {
  assert.equal(matchesPatterns(['a.example'], []), false);
  assert.equal(matchesPatterns([], [exact('a.example')]), false);
});

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const domain = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));

test('a certificate for a wildcard covers each label once, never zero or two times', () => {
  fc.assert(
    fc.property(label, label, domain, (first, second, base) => {
      assert.equal(matchesHost(`*.${base}`, `${first}.${base}`), true);
      assert.equal(matchesHost(`*.${base}`, base), base.split('.').slice(1).join('.') === base);
      assert.equal(matchesHost(`*.${base}`, `${first}.${second}.${base}`), false);
    }),
  );
});

test('what matches a domain exactly also matches its subtree', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        domain,
        domain.map((name) => `*.${name}`),
        fc.string(),
      ),
      domain,
      (presented, name) => {
        if (matchesPattern(presented, exact(name)))
          assert.equal(matchesPattern(presented, subtree(name)), true);
      },
    ),
  );
});

test('a match never reaches outside the pattern', () => {
  fc.assert(
    fc.property(domain, domain, (presented, name) => {
      const expected = presented === name || presented.endsWith(`.${name}`);
      assert.equal(matchesPattern(presented, subtree(name)), expected);
    }),
  );
});
