// What is found in messages of many shapes, in chunks of any size; that limits hold; that nothing malformed throws.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { htmlToText } from './html-text.ts';
import { readStructuredField } from './mime-parameters.ts';
import { createMimeReader, MIME_LIMITS, type MimeFacts, type MimeLimits } from './mime-reader.ts';

function read(content: string | Uint8Array, limits: Partial<MimeLimits> = {}, step = 1 << 20): MimeFacts {
  const reader = createMimeReader({ ...MIME_LIMITS, ...limits });
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += step) reader.write(bytes.subarray(at, at + step));
  return reader.end();
}

const lines = (...text: string[]): string => text.map((line) => `${line}\r\n`).join('');

const NESTED = lines(
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed;',
  ' boundary="outer"',
  '',
  'Preamble, not text',
  '--outer',
  'Content-Type: multipart/alternative; boundary=inner',
  '',
  '--inner',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=FC=DFe aus M=   ',
  '=FCnchen  ',
  '--inner',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('<p>Gr&uuml;&szlig;e &#x26; <b>Ku</b>ss</p>').toString('base64'),
  '--inner--',
  'Epilogue',
  '--outer',
  'Content-Type: application/pdf; name="wrong.pdf"',
  "Content-Disposition: attachment; filename*0*=UTF-8''%e2%82%ac%20; filename*1=rates; filename*2*=%2epdf",
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.alloc(100).toString('base64').slice(0, 76),
  Buffer.alloc(100).toString('base64').slice(76),
  '--outer',
  'Content-Type: message/rfc822',
  '',
  'Subject: attached',
  'Content-Type: multipart/mixed; boundary=deep',
  '',
  '--deep',
  'Content-Type: image/png',
  'Content-Disposition: inline; filename="=?utf-8?q?caf=C3=A9.png?="',
  '',
  '12345',
  '67890',
  '--outer--',
  'more epilogue',
);

test('text and attachments of a nested message', () => {
  const facts = read(NESTED);
  const inner = NESTED.slice(NESTED.indexOf('Subject: attached'), NESTED.indexOf('\r\n--outer--'));
  assert.equal(facts.text.replace(/\s+/g, ' ').trim(), 'Grüße aus München Grüße & Kuss');
  assert.deepEqual(
    facts.attachments.map(({ fileName, contentType, size }) => [fileName, contentType, size]),
    [
      ['€ rates.pdf', 'application/pdf', 100],
      ['café.png', 'image/png', 12],
      ['message.eml', 'message/rfc822', inner.length],
    ],
  );
  assert.deepEqual([...facts.contentTypes].sort(), [
    'application/pdf',
    'image/png',
    'message/rfc822',
    'multipart/alternative',
    'multipart/mixed',
    'text/html',
    'text/plain',
  ]);
  assert.equal(facts.truncated, false);
});

test('chunks of any size give the same', () => {
  const whole = read(NESTED);
  for (const step of [1, 2, 3, 7, 64, 100]) assert.deepEqual(read(NESTED, {}, step), whole, `${step}`);
});

test('a message that is no MIME is text', () => {
  assert.equal(read('Subject: x\r\n\r\nHello\r\n').text, 'Hello\r\n');
  assert.equal(read('\r\nHello').text, 'Hello');
  assert.equal(read('').text, '');
  assert.equal(read('no header at all').text, '');
});

test('charsets: named, unknown, missing, wrong', () => {
  const text = (charset: string, body: Uint8Array): string =>
    read(Buffer.concat([Buffer.from(`Content-Type: text/plain${charset}\r\n\r\n`), body])).text;
  assert.equal(text('; charset=koi8-r', Buffer.from([0xf0, 0xd2, 0xc9])), 'При');
  assert.equal(text('; charset=utf-16le', Buffer.from('hi', 'utf16le')), 'hi');
  assert.equal(text('; charset=no-such-thing', Buffer.from('é')), 'é');
  assert.equal(text('', Buffer.from('é')), 'é');
  assert.equal(text('', Buffer.from([0xe9])), 'é');
});

test('sizes of attachments as they are once decoded', () => {
  const size = (encoding: string, body: string): number | undefined =>
    read(
      lines(
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: application/x',
        `Content-Transfer-Encoding: ${encoding}`,
        '',
      ) + `${body}\r\n--b--\r\n`,
    ).attachments[0]?.size;
  for (const length of [0, 1, 2, 3, 57, 58, 1000]) {
    const encoded = Buffer.alloc(length).toString('base64').replace(/.{76}/g, '$&\r\n');
    assert.equal(size('base64', encoded), length);
    assert.equal(size('BASE64 ', encoded), length);
  }
  assert.equal(size('quoted-printable', 'a=3Db=\r\nc\r\nd'), 'a=bc\r\nd'.length);
  assert.equal(size('7bit', 'abc\r\ndef'), 8);
  assert.equal(size('x-unknown', 'abc'), 3);
});

test('boundaries that others contain, and white space behind them', () => {
  const facts = read(
    lines(
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a  ',
      '',
      'one',
      '--ab',
      'still one',
      '--a\t',
      '',
      'two',
      '--a--  ',
      'no',
    ),
  );
  assert.equal(facts.text, 'one\r\n--ab\r\nstill one\r\n\ntwo\r\n');
});

test('limits: depth, parts, header, text', () => {
  const deep = Array.from(
    { length: 50 },
    (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
  ).join('');
  assert.equal(read(deep).truncated, true);
  const forwarded = 'Content-Type: message/rfc822\r\n\r\n'.repeat(50);
  assert.equal(read(forwarded).truncated, true);

  const many = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Type: image/png\r\n\r\nx\r\n'.repeat(20)}--b--`;
  const some = read(many, { parts: 11 });
  assert.equal(some.truncated, true);
  assert.equal(some.attachments.length, 10);

  const header = read(`X: ${'a'.repeat(500)}\r\n${'Y: b\r\n'.repeat(100)}Content-Type: text/html\r\n\r\nhi`, {
    header: 600,
  });
  assert.equal(header.truncated, true);
  assert.equal(header.text, 'hi');

  const text = read(`\r\n${'word '.repeat(100)}`, { text: 20 });
  assert.equal(text.truncated, true);
  assert.ok(text.text.length <= 20);
});

test('a very long line is taken in pieces', () => {
  const body = 'x'.repeat(300_000);
  const facts = read(`Content-Type: application/x\r\n\r\n${body}`, {}, 10_000);
  assert.equal(facts.attachments[0]?.size, 300_000);
});

test('a large attachment costs no memory to speak of', () => {
  const reader = createMimeReader();
  reader.write(Buffer.from('Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n'));
  const chunk = Buffer.from(`${'A'.repeat(76)}\r\n`.repeat(800));
  const before = process.memoryUsage().rss;
  for (let count = 0; count < 800; count += 1) reader.write(chunk);
  assert.equal(reader.end().attachments[0]?.size, (76 * 800 * 800 * 3) / 4);
  assert.ok(process.memoryUsage().rss - before < 60e6);
});

test('nothing malformed throws, and all ends in time', () => {
  const piece = fc.constantFrom(
    '--b',
    '--b--',
    '\r\n',
    '\n',
    '\r',
    '\r\n\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n',
    'Content-Type: message/rfc822\r\n',
    'Content-Type: multipart/mixed\r\n',
    'Content-Type: text/html; charset="\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    'Content-Transfer-Encoding: quoted-printable\r\n',
    'Content-Disposition: attachment; filename*=%%%\r\n',
    '=',
    '=3',
    '<',
    '<!--',
    '<script',
    '&#99999999;',
    '\0',
    'é',
    ' ',
    'Content-Type: ;;;=\r\n',
    '=?utf-8?b?',
    '--',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (parts, step) => {
      const content = parts.join('');
      assert.deepEqual(read(content, {}, step), read(content));
    }),
    { numRuns: 1000 },
  );
});

test('what grows quadratically elsewhere does not here', () => {
  const hostile = [
    `Content-Type: text/plain${'; '.repeat(4000)}\r\n\r\n`,
    `Content-Type: text/plain; ${'a '.repeat(4000)}\r\n\r\n`,
    `Content-Type: text/plain; a="${'\\'.repeat(8000)}\r\n\r\n`,
    `Content-Type: ${'('.repeat(8000)}\r\n\r\n`,
    `Content-Type: text/html\r\n\r\n${'<!--'.repeat(200_000)}`,
    `Content-Type: text/html\r\n\r\n${'<script>'.repeat(100_000)}`,
    `Content-Type: text/html\r\n\r\n${'&#'.repeat(400_000)}`,
    `Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${' '.repeat(1_000_000)}x`,
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--\r\n'.repeat(200_000)}`,
  ];
  for (const content of hostile) {
    const begun = performance.now();
    read(content, {}, 65_536);
    assert.ok(performance.now() - begun < 1500, content.slice(0, 60));
  }
});

test('parameters', () => {
  const parameter = (text: string, name: string): string | undefined =>
    readStructuredField(text).parameters.get(name);
  assert.equal(readStructuredField('Text/PLAIN (a comment); x=y').value, 'text/plain');
  assert.equal(parameter('a/b; NAME="x \\"y\\" z"', 'name'), 'x "y" z');
  assert.equal(parameter('a/b; name=un quoted.txt ; x=1', 'name'), 'un quoted.txt');
  assert.equal(parameter('a/b; foo; name=x', 'name'), 'x');
  assert.equal(parameter("a/b; name*=iso-8859-1'de'B%FCro", 'name'), 'Büro');
  assert.equal(parameter('a/b; name*1=two; name*0=one; name*3=lost', 'name'), 'onetwo');
  assert.equal(parameter("a/b; name=plain; name*=utf-8''%c3%a9", 'name'), 'é');
  assert.equal(parameter('a/b; name="=?iso-8859-1?q?=E9?="', 'name'), 'é');
  assert.equal(parameter('a/b; __proto__=x', '__proto__'), 'x');
});

test('HTML as words', () => {
  assert.equal(htmlToText('a<br>b<b>c</b>d<!-- no -->e').trim(), 'a bcde');
  assert.equal(htmlToText('<STYLE>x{}</STYLE>1 < 2 &amp;&lt;&#65;&#x42;&bogus;'), ' 1 < 2 &<AB&bogus;');
  assert.equal(htmlToText('x<unclosed').trim(), 'x');
});
