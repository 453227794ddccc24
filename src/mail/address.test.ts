import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { needsSmtpUtf8, parseAddress, printAddress } from './address.ts';

const accepted: readonly (readonly [text: string, localPart: string, domain: string])[] = [
  ['user@example.org', 'user', 'example.org'],
  ['User+Tag@EXAMPLE.org', 'User+Tag', 'example.org'],
  ["o'hara!#$%&*/=?^_`{|}~-@example.org", "o'hara!#$%&*/=?^_`{|}~-", 'example.org'],
  ['"a b@c"@example.org', '"a b@c"', 'example.org'],
  ['"quote\\"d"@example.org', '"quote\\"d"', 'example.org'],
  ['""@example.org', '""', 'example.org'],
  ['user@localhost', 'user', 'localhost'],
  ['user@under_score.example', 'user', 'under_score.example'],
  ['user@[192.0.2.1]', 'user', '[192.0.2.1]'],
  ['user@[IPv6:2001:DB8::0:1]', 'user', '[IPv6:2001:db8::1]'],
  ['user@[ipv6:::1]', 'user', '[IPv6:::1]'],
  ['jürgen@bücher.example', 'jürgen', 'xn--bcher-kva.example'],
  ['用户@例え。jp', '用户', 'xn--r8jz45g.jp'],
  ['"ü b"@example.org', '"ü b"', 'example.org'],
  [`${'a'.repeat(64)}@example.org`, 'a'.repeat(64), 'example.org'],
];

const refused: readonly string[] = [
  '',
  '@',
  'user',
  'user@',
  '@example.org',
  '.user@example.org',
  'us..er@example.org',
  'user.@example.org',
  'us er@example.org',
  'a@b@example.org',
  'user@-example.org',
  'user@example-.org',
  'user@example..org',
  'user@example.org.',
  'user@192.0.2.1',
  'user@[192.0.2.256]',
  'user@[2001:db8::1]',
  'user@[IPv6:192.0.2.1]',
  'user@[IPv6:fe80::1%eth0]',
  'user@[example.org]',
  '"open@example.org',
  '"back\\"@example.org',
  'us\u0085er@example.org',
  'us\u2028er@example.org',
  'us\ud800er@example.org',
  'us\0er@example.org',
  'user@exam\rple.org',
  'user@exa\nmple.org',
  'user<@example.org',
  `${'a'.repeat(65)}@example.org`,
  `${'ü'.repeat(33)}@example.org`,
  `user@${'a'.repeat(64)}.org`,
  `user@${'abcdefgh.'.repeat(28)}org`,
  'user@xn--a\u00fc.example.',
];

test('addresses that RFC 5321 and 6531 allow are read', () => {
  for (const [text, localPart, domain] of accepted)
    assert.deepEqual(parseAddress(text), { localPart, domain }, text);
});

test('everything else is no address', () => {
  for (const text of refused) assert.equal(parseAddress(text), null, JSON.stringify(text));
});

test('only the local part asks for SMTPUTF8', () => {
  assert.equal(needsSmtpUtf8({ localPart: 'jürgen', domain: 'example.org' }), true);
  assert.equal(needsSmtpUtf8({ localPart: 'user', domain: 'xn--bcher-kva.example' }), false);
});

const piece = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '"',
    '\\',
    '@',
    '.',
    '[',
    ']',
    'IPv6:',
    '::1',
    '192.0.2.1',
    'xn--',
    'ü',
    '例',
    '-',
    ' ',
    'example',
    'org',
  ),
);
const candidate = fc
  .tuple(fc.array(piece, { maxLength: 4 }), fc.array(piece, { maxLength: 4 }))
  .map(([local, domain]) => `${local.join('')}@${domain.join('')}`);

test('what is read prints and reads back the same, and holds nothing that breaks a command', () => {
  fc.assert(
    fc.property(candidate, (text) => {
      const address = parseAddress(text);
      if (address === null) return;
      const printed = printAddress(address);
      assert.deepEqual(parseAddress(printed), address);
      assert.doesNotMatch(printed, /[\0-\x1f\x7f]/);
      assert.ok(Buffer.byteLength(printed) <= 254);
    }),
    { numRuns: 2000 },
  );
});

test('a quoted local part of any printable text is read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), (text) => {
      const quoted = `"${text.replace(/[^ -~]/g, '').replace(/["\\]/g, '\\$&')}"`;
      assert.deepEqual(parseAddress(`${quoted}@example.org`), { localPart: quoted, domain: 'example.org' });
    }),
  );
});
