import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertibleNames } from '#routing/cross-premises-headers.ts';
import { at, message, request, route } from '../../test/support/delivery.ts';
import { createHeaderEditor } from './outgoing-header.ts';

const editorFor = createHeaderEditor({
  hostname: 'relay.test',
  convertible: () => convertibleNames(['SCL']),
});
const HEADER = 'Subject: a\r\nX-MS-Exchange-Organization-SCL: 5\r\nX-MS-Exchange-Organization-Secret: x\r\n';
const plain = message();
const marked = { ...plain, facts: { ...plain.facts, exchangeHeaders: true } };
const preserve = route(at(), { crossPremisesHeaders: 'Preserve' });

function edited(change: Parameters<typeof request>[1]): string | null {
  const edit = editorFor(request(at(), change));
  return edit === null ? null : Buffer.from(edit(Buffer.from(HEADER))).toString();
}

test('a message without such headers is not even looked at', () => {
  assert.equal(edited({ message: plain }), null);
});

test('the firewall takes away, a hybrid connector converts', () => {
  assert.equal(edited({ message: marked }), 'Subject: a\r\n');
  const converted = edited({ message: marked, route: preserve }) ?? '';
  assert.match(converted, /^X-MS-Exchange-CrossPremises-SCL: 5\r$/m);
  assert.doesNotMatch(converted, /Organization-/);
});

test('what a rule puts in passes the firewall too', () => {
  const scl = { kind: 'set', name: 'X-MS-Exchange-Organization-SCL', value: '9' } as const;
  const subject = { kind: 'prepend-subject', text: '[ext] ' } as const;
  const text = edited({ message: plain, headerEdits: [subject, scl] }) ?? '';
  assert.match(text, /^Subject: \[ext\] a\r$/m);
  assert.doesNotMatch(text, /Organization-/);
  assert.match(edited({ message: plain, route: preserve, headerEdits: [scl] }) ?? '', /CrossPremises-SCL: 9/);
});
