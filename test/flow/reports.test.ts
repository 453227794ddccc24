// What senders are told: failure reports that programs and people can read, with everything RFC 3461 lets a sender ask for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { testMessage } from '../support/send-mail.ts';
import {
  fakeMx,
  newConnector,
  type ParsedReport,
  parseReport,
  submit,
  traced,
  shown,
} from '../support/mail-flow.ts';

test('reports to senders', async (t) => {
  const own = await fakeMx(t);
  const host = await fakeMx(t, {
    hostname: 'mx.fabrikam.test',
    behaviour: { RCPT: (text) => (text.includes('gone') ? '550 5.1.1 no such user here' : null) },
  });
  const plain = await fakeMx(t, { capabilities: ['PIPELINING'] });
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);
  await newConnector(gateway, 'Fabrikam', ['fabrikam.test'], [host]);
  await newConnector(gateway, 'Plain', ['plain.test'], [plain]);
  const nextReport = async (): Promise<ParsedReport> => {
    const count = own.transactions.length + 1;
    await own.until(() => own.transactions.length >= count);
    return parseReport(own.transactions[count - 1]?.content ?? '');
  };

  await t.test('a failure report says what, to whom, why and by whom', async () => {
    const arriving = nextReport();
    await submit(gateway, {
      from: '<anna@contoso.test> RET=HDRS ENVID=QQ314159',
      to: ['<gone@fabrikam.test> ORCPT=rfc822;former+2Bname@fabrikam.test', '<ben@fabrikam.test>'],
      content: testMessage('Numbers', 'Body that stays here\r\n'),
    });
    const report = await arriving;
    assert.equal(own.transactions[0]?.mail.split(' ')[0], '<>');
    assert.match(own.transactions[0]?.recipients[0] ?? '', /^<anna@contoso\.test>/);
    assert.equal(report.header.get('auto-submitted'), 'auto-replied');
    assert.equal(report.header.get('to'), '<anna@contoso.test>');
    assert.match(report.header.get('from') ?? '', /<postmaster@gateway\.test>/);
    assert.equal(report.header.get('in-reply-to'), '<Numbers@contoso.test>');
    assert.equal(report.perMessage.get('reporting-mta'), 'dns;gateway.test');
    assert.equal(report.perMessage.get('original-envelope-id'), 'QQ314159');
    assert.ok(report.perMessage.has('arrival-date'));
    const [recipient, ...others] = report.perRecipient;
    assert.deepEqual(others, []);
    // RFC 3464 §2.3.1: the address itself, no longer as xtext.
    assert.equal(recipient?.get('original-recipient'), 'rfc822;former+name@fabrikam.test');
    assert.equal(recipient?.get('final-recipient'), 'rfc822;gone@fabrikam.test');
    assert.equal(recipient?.get('action'), 'failed');
    assert.equal(recipient?.get('status'), '5.1.1');
    assert.equal(recipient?.get('diagnostic-code'), 'smtp;550 5.1.1 no such user here');
    assert.equal(recipient?.get('remote-mta'), 'dns;[127.0.0.1]');
    assert.match(report.text, /gone@fabrikam\.test/);
    assert.equal(report.returnedType, 'text/rfc822-headers');
    assert.match(report.returned, /^Subject: Numbers\r$/m);
    assert.ok(!report.returned.includes('Body that stays here'));
  });

  await t.test('RET=FULL brings the whole message back', async () => {
    const arriving = nextReport();
    await submit(gateway, {
      from: '<anna@contoso.test> RET=FULL',
      to: ['<gone@fabrikam.test>'],
      content: testMessage('Full', 'Body that comes back\r\n'),
    });
    const report = await arriving;
    assert.equal(report.returnedType, 'message/rfc822');
    assert.match(report.returned, /Body that comes back/);
  });

  await t.test('NOTIFY=SUCCESS: the next hop is asked, or Postern says relayed', async () => {
    const delivered = await submit(gateway, { to: ['<ben@fabrikam.test> NOTIFY=SUCCESS'] });
    await traced(gateway, delivered, 'Delivered');
    assert.match(host.transactions.at(-1)?.recipients[0] ?? '', /NOTIFY=SUCCESS/);
    const arriving = nextReport();
    await submit(gateway, { to: ['<ben@plain.test> NOTIFY=SUCCESS'] });
    const report = await arriving;
    assert.equal(report.perRecipient[0]?.get('action'), 'relayed');
    assert.equal(own.transactions.length, 3);
  });

  await t.test('a report that nobody takes is discarded, and the trace says so', async () => {
    own.behaviour.RCPT = '550 5.1.1 no such user either';
    const before = own.transactions.length;
    await submit(gateway, { from: '<lost@contoso.test>', to: ['<gone@fabrikam.test>'], subject: 'Double' });
    const { objects } = await gateway.runUntil('Get-MessageTraceV2', {}, (result) =>
      result.objects.some(
        (one) => one.get('RecipientAddress') === 'lost@contoso.test' && one.get('Status') === 'Failed',
      ),
    );
    const bounce = objects.find((one) => one.get('RecipientAddress') === 'lost@contoso.test');
    assert.equal(bounce?.get('SenderAddress'), '<>');
    const detail = await gateway.run('Get-MessageTraceDetailV2', {
      MessageTraceId: shown(bounce?.get('MessageTraceId')),
    });
    assert.equal(detail.objects.at(-1)?.get('Event'), 'Fail');
    assert.equal(own.transactions.length, before);
  });
});
