import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import { address } from '../../../test/support/configurations.ts';
import { buildValidationMail, type BuiltMail, validationTrace } from './validation-mail.ts';

function build(name: string, recipient = 'ada@fabrikam.test'): BuiltMail {
  return buildValidationMail({
    id: 4711,
    sender: address('connector-validation@contoso.test'),
    recipient: address(recipient),
    connector: { name, guid: '11111111-2222-3333-4444-555555555555' },
    hostname: 'gateway.test',
    now: Date.UTC(2026, 0, 2, 3, 4, 5),
  });
}

test('is a well-formed message in US-ASCII, whatever the connector is called', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }), (name) => {
      const { content, message } = build(name);
      const text = Buffer.from(content).toString('latin1');
      assert.match(text, /^(?:[ -~]*\r\n)+$/);
      assert.equal(text.split('\r\n\r\n').length, 2);
      assert.equal(message.size, content.length);
    }),
  );
  const text = Buffer.from(build('Contoso').content).toString('latin1');
  assert.match(
    text,
    /^Date: Fri, 02 Jan 2026 03:04:05 \+0000\r\nFrom: <connector-validation@contoso\.test>\r\n/,
  );
  assert.match(text, /"Contoso" of gateway\.test/);
  assert.match(Buffer.from(build('Łódź').content).toString('latin1'), /"11111111-/);
});

test('asks for no report, and for SMTPUTF8 only where an address needs it', () => {
  const { message } = build('C');
  assert.deepEqual(message.envelope.recipients[0]?.notify, ['NEVER']);
  assert.deepEqual([message.envelope.smtpUtf8, message.envelope.body], [false, '7BIT']);
  const wide = build('C', 'ädá@fabrikam.test').message.envelope;
  assert.deepEqual([wide.smtpUtf8, wide.body], [true, '8BITMIME']);
});

test('the trace has a beginning and an end, and nothing waits', () => {
  const mail = build('C');
  const status = (action: DeliveryStatus['action']): DeliveryStatus => ({
    action,
    status: action === 'deferred' ? '4.2.0' : '2.0.0',
    diagnostic: 'words',
    diagnosticType: 'smtp',
    remoteMta: null,
    remoteAddress: null,
  });
  for (const [action, outcome, end] of [
    ['relayed', 'Delivered', 'Deliver'],
    ['deferred', 'Failed', 'Fail'],
    ['failed', 'Failed', 'Fail'],
  ] as const) {
    const results = [{ recipient: 0, status: status(action) }];
    const { entry, settlement } = validationTrace(
      mail,
      { results, events: [], nextHop: 'reached' },
      'C',
      'ada',
      1,
    );
    assert.equal(entry.inHand, true);
    assert.deepEqual(settlement.waiting, []);
    assert.deepEqual(
      settlement.finished.map((one) => [one.recipient, one.outcome, one.connector]),
      [[0, outcome, 'C']],
    );
    assert.equal(settlement.events.at(-1)?.kind, end);
  }
});
