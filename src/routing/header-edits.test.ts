// What rules do to a header, byte for byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeaderFacts } from '#mail/header-block.ts';
import { applyHeaderEdits } from './header-edits.ts';
import type { HeaderEdit } from './routed-group.ts';

const CONTENT = 'Received: x\r\n\ty\r\nSubject: Hello\r\nX-Tag: a\r\nX-tag : b\r\n c\r\n\r\nX-Tag: body\r\n';

function apply(content: string, ...edits: HeaderEdit[]): string {
  return Buffer.from(applyHeaderEdits(Buffer.from(content), edits)).toString();
}

test('no edits, no change', () => {
  const content = Buffer.from(CONTENT);
  assert.equal(applyHeaderEdits(content, []), content);
  assert.equal(applyHeaderEdits(content, [{ kind: 'remove', name: 'X-Absent' }]), content);
});

test('set replaces the first and drops the others, or adds', () => {
  assert.equal(
    apply(CONTENT, { kind: 'set', name: 'x-TAG', value: 'new' }),
    'Received: x\r\n\ty\r\nSubject: Hello\r\nX-Tag: new\r\n\r\nX-Tag: body\r\n',
  );
  assert.equal(apply('A: b\r\n\r\n', { kind: 'set', name: 'X-New', value: 'v' }), 'X-New: v\r\nA: b\r\n\r\n');
  assert.equal(apply('\r\nbody', { kind: 'set', name: 'X-New', value: 'v' }), 'X-New: v\r\n\r\nbody');
});

test('remove takes every field of the name', () => {
  assert.equal(
    apply(CONTENT, { kind: 'remove', name: 'X-TAG' }),
    'Received: x\r\n\ty\r\nSubject: Hello\r\n\r\nX-Tag: body\r\n',
  );
});

test('the subject is prefixed once', () => {
  const edit: HeaderEdit = { kind: 'prepend-subject', text: '[External] ' };
  const once = apply(CONTENT, edit);
  assert.match(once, /^Subject: \[External\] Hello\r$/m);
  assert.equal(apply(once, edit), once);
  assert.equal(apply('A: b\r\n\r\n', edit), 'Subject: [External]\r\nA: b\r\n\r\n');
});

test('other characters travel as encoded words and come back', () => {
  for (const subject of ['Grüße', '社外秘'.repeat(40), '😀'.repeat(30), 'a =?utf-8?q?b?= c']) {
    const edited = apply(CONTENT, { kind: 'set', name: 'Subject', value: subject });
    assert.match(edited, /^[\0-\x7f]*$/);
    for (const word of edited.match(/=\?[^ \r]*/g) ?? []) assert.ok(word.length <= 75);
    assert.equal(readHeaderFacts(Buffer.from(edited)).subject, subject);
  }
  const prefixed = apply('Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n', {
    kind: 'prepend-subject',
    text: '[é] ',
  });
  assert.equal(readHeaderFacts(Buffer.from(prefixed)).subject, '[é] Grüße');
});

test('what an administrator typed stays one field', () => {
  const edited = apply('A: b\r\n\r\n', {
    kind: 'set',
    name: 'X-New',
    value: 'a\r\nBcc: evil@x.test\r\n\r\nbody',
  });
  assert.equal(edited, 'X-New: a Bcc: evil@x.test body\r\nA: b\r\n\r\n');
  assert.equal(apply('A: b\r\n\r\n', { kind: 'set', name: 'X New:\r\n', value: 'v' }), 'A: b\r\n\r\n');
});

test('later edits see earlier ones', () => {
  assert.equal(
    apply(
      'A: b\r\n\r\n',
      { kind: 'set', name: 'X', value: '1' },
      { kind: 'remove', name: 'A' },
      { kind: 'set', name: 'x', value: '2' },
    ),
    'X: 2\r\n\r\n',
  );
});
