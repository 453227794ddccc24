import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  beginsWithHeader,
  editHeader,
  fieldValues,
  headerEnd,
  readHeaderFacts,
  visitFields,
} from './header-block.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

test('the facts are read in one pass and only from the header', () => {
  const facts = readHeaderFacts(
    bytes(
      'Received: from a by b;\r\n\tdate\r\nreceived: x\r\nReceived-SPF: pass\r\nSUBJECT: Hello\r\n world\r\nMessage-Id: <1@example.org>\r\n' +
        'Subject: second\r\n\r\nReceived: body\r\nX-MS-Exchange-Organization-SCL: 9\r\n',
    ),
  );
  assert.deepEqual(facts, {
    subject: 'Hello world',
    messageId: '<1@example.org>',
    hopCount: 2,
    exchangeHeaders: false,
  });
});

test('the firewall flag sees every family, any case and obsolete syntax', () => {
  for (const name of [
    'X-MS-Exchange-Organization-SCL',
    'x-ms-exchange-forest-x',
    'X-MS-EXCHANGE-CROSSPREMISES-BCC',
    'X-MS-Exchange-Organization-SCL \t',
  ]) {
    assert.equal(
      readHeaderFacts(bytes(`A: b\r\nno field at all\r\n${name}: 1\r\n\r\n`)).exchangeHeaders,
      true,
      name,
    );
  }
  for (const name of ['X-MS-Exchange-Transport', 'X-MS-Exchange-Organizatio', 'X-MS-Exchange-']) {
    assert.equal(readHeaderFacts(bytes(`${name}: 1\r\n\r\n`)).exchangeHeaders, false, name);
  }
});

test('subjects are decoded, bounded and never hold controls', () => {
  const table = [
    ['=?utf-8?B?SsO8cmdlbg==?=', 'Jürgen'],
    ['=?utf-8?Q?J=C3=BCrgen_x?= and', 'Jürgen x and'],
    ['=?iso-8859-1?q?=FCber?=\r\n =?iso-8859-1?q?all?=', 'überall'],
    ['=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=', 'ü'],
    ['=?nonsense?Q?=FC?=', 'ü'],
    ['=?utf-8?X?abc?=', '=?utf-8?X?abc?='],
    ['Grüße', 'Grüße'],
    ['a\x07b', 'a b'],
    ['', ''],
  ] as const;
  for (const [value, subject] of table) {
    assert.equal(readHeaderFacts(bytes(`Subject: ${value}\r\n\r\n`)).subject, subject, value);
  }
  assert.equal(readHeaderFacts(Buffer.from('Subject: Gr\xfc\xdfe\r\n', 'latin1')).subject, 'Grüße');
  assert.equal(readHeaderFacts(bytes(`Subject: ${'x'.repeat(1e6)}\r\n`)).subject.length, 512);
});

test('the end of the header is found', () => {
  assert.equal(headerEnd(bytes('\r\nbody')), 0);
  assert.equal(headerEnd(bytes('A: b\r\n\r\nbody')), 6);
  assert.equal(headerEnd(bytes('A: b\r\n')), 6);
  assert.equal(headerEnd(bytes('A: b')), 4);
  assert.equal(beginsWithHeader(bytes('A: b\r\n')), true);
  assert.equal(beginsWithHeader(bytes('\r\nbody')), true);
  assert.equal(beginsWithHeader(bytes('Dear all,\r\n')), false);
  assert.equal(beginsWithHeader(bytes('')), false);
});

test('fields are read by name, unfolded and decoded', () => {
  const header = bytes('X-A: 1\r\nx-a:\r\n =?utf-8?q?=C3=BC?=\r\nX-AB: 3\r\nX-A: 4\r\n');
  assert.deepEqual(fieldValues(header, 'X-A'), ['1', 'ü', '4']);
  assert.deepEqual(fieldValues(header, 'x-a', 1), ['1']);
});

test('fields are removed, renamed, replaced and put on top', () => {
  const header = bytes('A: 1\r\nB:  two\r\n\tfolded\r\nno field\r\nC : 3\r\n');
  const edited = editHeader(
    header,
    (name) => (name === 'A' ? 'remove' : name === 'B' ? { name: 'X-B' } : { value: 'ü' }),
    'Top: 0\r\n',
  );
  assert.equal(edited.toString(), 'Top: 0\r\nX-B:  two\r\n\tfolded\r\nno field\r\nC : ü\r\n');
  assert.equal(
    editHeader(header, () => 'keep'),
    header,
  );
  assert.throws(() => editHeader(header, () => ({ value: 'a\r\nB: c' })), TypeError);
});

const name = fc.constantFrom('A', 'Subject', 'x-ms-exchange-organization-scl', 'Received', 'X');
const value = fc.stringMatching(/^[ -~\t]{0,20}(\r\n[ \t][ -~]{0,10}){0,3}$/);
const field = fc.tuple(name, value).map(([n, v]) => `${n}:${v}\r\n`);
const block = fc.array(
  fc.oneof({ weight: 6, arbitrary: field }, { weight: 1, arbitrary: fc.constant('=junk line\r\n') }),
  {
    maxLength: 12,
  },
);

test('an edit leaves every other field byte for byte', () => {
  fc.assert(
    fc.property(block, name, (fields, target) => {
      const header = Buffer.from(fields.join(''), 'latin1');
      const removed = editHeader(header, (found) => (found === target ? 'remove' : 'keep'));
      const expected = fields.filter((line) => !line.startsWith(`${target}:`)).join('');
      assert.equal(Buffer.from(removed).toString('latin1'), expected);
      const renamed = editHeader(header, (found) => (found === target ? { name: 'New' } : 'keep'));
      const back = editHeader(renamed, (found) => (found === 'New' ? { name: target } : 'keep'));
      assert.deepEqual(Buffer.from(back), header);
    }),
  );
});

test('any octets are walked to the end, and fields cover no octet twice', () => {
  const noise = fc.array(fc.constantFrom('A', ':', ' ', '\t', '\r\n', '\n', '\r', '\0', '\xff', 'Subject:'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(noise, (parts) => {
      const content = Buffer.from(parts.join(''), 'latin1');
      let last = 0;
      const end = visitFields(content, (start, nameEnd, valueStart, fieldEnd) => {
        assert.ok(last <= start && start < nameEnd && nameEnd < valueStart && valueStart <= fieldEnd);
        last = fieldEnd;
      });
      assert.ok(last <= end && end <= content.length);
      readHeaderFacts(content);
    }),
  );
});
