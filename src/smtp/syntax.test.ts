// The grammar of commands, parameters and replies, without a socket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Notify } from '#mail/envelope.ts';
import { printSmtpReply, smtpReply, type SmtpReply } from '#mail/smtp-reply.ts';
import { mailLine, rcptLine, wantsSmtpUtf8 } from './client-commands.ts';
import { CommandLines } from './command-lines.ts';
import { parseCapabilities, type Capabilities } from './ehlo.ts';
import { isReply, parseMail, parseRcpt } from './mail-parameters.ts';
import { parsePath, pathEnd } from './path.ts';
import { refusals } from './refusals.ts';
import { ReplyReader } from './reply-reader.ts';
import { parseLogin, parsePlain, printPlain } from './sasl.ts';
import { decodeXtext, encodeXtext } from './xtext.ts';

const EVERYTHING: Capabilities = {
  ...parseCapabilities(
    smtpReply(250, null, 'mx.test', 'SIZE', '8BITMIME', 'SMTPUTF8', 'DSN', 'REQUIRETLS'),
    true,
  ),
};
const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 25,
});
const localPart = fc.oneof(
  fc.stringMatching(/^[a-z0-9+]{1,20}$/),
  fc.constantFrom('"a >b"', '"<\\">"', 'jürgen', '用户'),
);
const address = fc.record({
  localPart,
  domain: fc.constantFrom('example.org', '[192.0.2.1]', 'xn--bcher-kva.example'),
});
const notify: fc.Arbitrary<readonly Notify[] | null> = fc.constantFrom(
  null,
  ['NEVER'],
  ['SUCCESS', 'DELAY'],
  ['FAILURE'],
);

test('what our client prints, our server reads back the same', () => {
  const envelopes = fc.record({
    returnPath: fc.option(address),
    recipients: fc.constant([]),
    body: fc.constantFrom('7BIT' as const, '8BITMIME' as const),
    smtpUtf8: fc.boolean(),
    requireTls: fc.boolean(),
    ret: fc.constantFrom(null, 'FULL' as const, 'HDRS' as const),
    envid: fc.option(printable.filter((text) => text !== '')),
  });
  const recipients = fc.record({
    address,
    notify,
    orcpt: fc.option(printable.filter((text) => text !== '').map((text) => `rfc822;${text}`)),
  });
  fc.assert(
    fc.property(envelopes, recipients, fc.nat(), (envelope, recipient, size) => {
      const utf8 = wantsSmtpUtf8(envelope, [recipient]);
      const mail = parseMail(mailLine(envelope, size, utf8, EVERYTHING).slice(5, -2), true);
      const { recipients: _none, ...asked } = envelope;
      const returnPath = envelope.returnPath === null ? null : { ...envelope.returnPath };
      assert.deepEqual(mail, { ...asked, returnPath, smtpUtf8: utf8, size });
      const rcpt = parseRcpt(rcptLine(recipient, utf8, EVERYTHING).slice(5, -2), utf8, 'relay.test');
      assert.deepEqual(rcpt, { ...recipient, address: { ...recipient.address } });
    }),
  );
});

test('no text makes the parsers fail', () => {
  const text = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        'FROM:',
        'TO:',
        '<',
        '>',
        '"',
        '\\',
        '@',
        ' ',
        'SIZE=',
        'ORCPT=rfc822;',
        'NOTIFY=',
        '+',
        '=',
        'a@b.c',
      ),
    ),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(text, fc.boolean(), (parts, utf8) => {
      const argument = parts.join('');
      for (const parsed of [parseMail(argument, utf8), parseRcpt(argument, utf8, 'relay.test')]) {
        if (isReply(parsed)) assert.ok(parsed.code >= 500);
      }
    }),
    { numRuns: 1000 },
  );
});

test('paths end where their brackets do, quoted ones apart', () => {
  const table = [
    ['<a@b.c>', 7],
    ['<"a>b"@b.c> X', 11],
    ['<"a\\">b"@b.c>', 13],
    ['<a@b.c', -1],
    ['<"a@b.c>', -1],
  ] as const;
  for (const [text, end] of table) assert.equal(pathEnd(text, 0), end, text);
  assert.deepEqual(parsePath('<@a.example,@b.example:u@example.org>'), {
    localPart: 'u',
    domain: 'example.org',
  });
  assert.equal(parsePath('<@a.example u@example.org>'), null);
  assert.equal(parsePath('<@a b:u@example.org>'), null);
});

test('xtext goes there and back', () => {
  fc.assert(fc.property(printable, (text) => assert.equal(decodeXtext(encodeXtext(text)), text)));
  for (const text of ['a=b', 'a+2', 'a+2g', 'a+0A', 'a b', 'ü', '+7F'])
    assert.equal(decodeXtext(text), null, text);
});

test('credentials go there and back, and nothing else is taken for them', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !text.includes('\0') && !text.includes('\ufffd'));
  fc.assert(
    fc.property(word, word, (user, password) => {
      assert.deepEqual(parsePlain(printPlain({ user, password })), { user, password });
      const base64 = (text: string): string => Buffer.from(text).toString('base64');
      assert.deepEqual(parseLogin(base64(user), base64(password)), { user, password });
    }),
  );
  const encoded = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
  for (const text of [
    'a',
    'a\0b',
    '\0a\0b\0c',
    '\0\0b',
    'x\0a\0b',
    '\0a\xff\0b',
    `\0${'a'.repeat(2000)}\0b`,
  ]) {
    assert.equal(parsePlain(encoded(text)), null, text.slice(0, 20));
  }
  for (const line of ['====', 'AGEAY', 'AGE AY===', 'AGEAYg']) assert.equal(parsePlain(line), null, line);
});

test('replies are read however they are cut', () => {
  const line = printable.filter((text) => !/^[245]\.\d/.test(text));
  const replies = fc.array(
    fc.tuple(
      fc.constantFrom(220, 250, 354, 421, 451, 550),
      fc.boolean(),
      fc.array(line, { minLength: 1, maxLength: 4 }),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(replies, fc.integer({ min: 1, max: 9 }), (texts, step) => {
      const sent: SmtpReply[] = texts.map(([code, enhanced, lines]) => ({
        code,
        enhanced: enhanced && code === 550 ? '5.1.1' : null,
        lines,
      }));
      const wire = Buffer.from(sent.map(printSmtpReply).join(''));
      const reader = new ReplyReader();
      const heard: SmtpReply[] = [];
      for (let at = 0; at < wire.length; at += step) {
        assert.equal(
          reader.push(wire.subarray(at, at + step), (reply) => heard.push(reply)),
          null,
        );
      }
      assert.deepEqual(heard, sent);
      assert.equal(reader.empty, true);
    }),
  );
});

test('what is no reply is said to be none, and is bounded', () => {
  const read = (text: string): string | null => new ReplyReader().push(Buffer.from(text), () => {});
  for (const text of [
    'hello\r\n',
    '1x0 a\r\n',
    '199 a\r\n',
    '600 a\r\n',
    '250_a\r\n',
    '25\r\n',
    '\r\n',
    '250-a\r\n550 b\r\n',
    '2'.repeat(5000),
    `250 ${'a'.repeat(5000)}\r\n`,
    '250-a\r\n'.repeat(300),
  ]) {
    assert.notEqual(read(text), null, text.slice(0, 20));
  }
  for (const text of ['250\r\n', '250 \r\n', '250 ok\n', '250-a\r\n250-b\r\n250 c\r\n'])
    assert.equal(read(text), null, text);
});

test('the answer to EHLO is read with all its dialects', () => {
  const read = (...lines: readonly string[]): Capabilities =>
    parseCapabilities(smtpReply(250, null, ...lines), true);
  const offered = read(
    'mx.test Hello [192.0.2.1]',
    'size 35882577',
    'AUTH LOGIN plain',
    'AUTH=LOGIN XOAUTH2',
    'starttls',
    '',
    '??',
    'X-ODD a b',
  );
  assert.deepEqual(
    [offered.name, offered.size, offered.auth, offered.startTls, offered.dsn],
    ['mx.test', 35882577, ['LOGIN', 'PLAIN', 'XOAUTH2'], true, false],
  );
  assert.equal(read('mx.test', 'SIZE').size, 0);
  assert.equal(read('mx.test', 'SIZE many').size, 0);
  assert.equal(read('mx.test').size, null);
});

test('lines are cut the same however they arrive', () => {
  const input = fc.array(fc.constantFrom('NOOP', '\r\n', '\n', '\r', '\0', 'x'.repeat(40), 'ü', '\xff'), {
    maxLength: 30,
  });
  const cut = (bytes: Buffer, step: number): readonly unknown[] => {
    const lines = new CommandLines();
    const found: unknown[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      const chunk = bytes.subarray(at, at + step);
      for (let from = 0; from < chunk.length; from = lines.next) {
        const line = lines.take(chunk, from, 100);
        if (line !== null) found.push(line);
      }
    }
    return found;
  };
  fc.assert(
    fc.property(input, fc.integer({ min: 1, max: 7 }), (parts, step) => {
      const bytes = Buffer.from(parts.join(''), parts.includes('ü') ? 'utf8' : 'latin1');
      const whole = cut(bytes, bytes.length + 1);
      assert.deepEqual(cut(bytes, step), whole);
      for (const line of whole) {
        if (typeof line === 'string') assert.doesNotMatch(line, /[\0\r\n]/);
        else
          assert.ok(line === refusals.badLine || line === refusals.lineTooLong || line === refusals.badUtf8);
      }
    }),
    { numRuns: 500 },
  );
});
