// An administrator makes a connector with smart hosts; mail for its domain goes there, and nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeMx } from '../support/fake-mx.ts';
import { startGateway } from '../support/gateway.ts';
import { shown } from '../support/mail-flow.ts';
import { sendMail, testMessage } from '../support/send-mail.ts';

test('mail for a connector goes to its smart host, byte for byte, and is traced', async (t) => {
  const host = await startFakeMx();
  t.after(() => host.close());
  const gateway = await startGateway(t);
  await gateway.run('New-OutboundConnector', {
    Name: 'Fabrikam',
    RecipientDomains: ['fabrikam.test'],
    UseMXRecord: false,
    SmartHosts: [`127.0.0.1:${host.port}`],
  });
  const content = testMessage('First', 'A line\r\n.dots\r\n..\r\n.\r\nend\r\n');
  const reply = await sendMail(gateway.smtp, {
    from: 'anna@contoso.test',
    to: ['ben@fabrikam.test'],
    content,
  });
  assert.match(reply, /^250 2\.0\.0 Queued as \w+$/);
  await host.until(() => host.transactions.length === 1);
  const [transaction] = host.transactions;
  assert.ok(transaction);
  assert.match(transaction.mail, /^<anna@contoso\.test>/);
  assert.deepEqual(
    transaction.recipients.map((one) => one.split(' ')[0]),
    ['<ben@fabrikam.test>'],
  );
  assert.match(
    transaction.content,
    /^Received: from \S+ \(\[127\.0\.0\.1\]\)\r\n\tby gateway\.test with ESMTP id \w+/,
  );
  assert.ok(transaction.content.endsWith(content));

  const id = reply.split(' ').at(-1) ?? '';
  const trace = await gateway.runUntil(
    'Get-MessageTraceV2',
    { MessageTraceId: id },
    ({ objects }) => objects[0]?.get('Status') === 'Delivered',
  );
  assert.equal(trace.objects[0]?.get('ConnectorName'), 'Fabrikam');
  assert.equal(trace.objects[0]?.get('Subject'), 'First');
  const detail = await gateway.run('Get-MessageTraceDetailV2', { MessageTraceId: id });
  assert.deepEqual(
    detail.objects.map((one) => one.get('Event')),
    ['Receive', 'Route', 'Attempt', 'Deliver'],
  );
  assert.deepEqual((await gateway.run('Get-Queue')).objects, []);
});

test('a corrected connector releases the mail that waits for it at once', async (t) => {
  const host = await startFakeMx();
  t.after(() => host.close());
  const gateway = await startGateway(t);
  // Nothing listens on the discard port.
  await gateway.run('New-OutboundConnector', {
    Name: 'Wrong',
    RecipientDomains: ['*'],
    UseMXRecord: false,
    SmartHosts: ['127.0.0.1:9'],
  });
  await sendMail(gateway.smtp, { from: 'anna@contoso.test', to: ['ben@fabrikam.test'], subject: 'Waits' });
  const waiting = await gateway.runUntil(
    'Get-Queue',
    {},
    ({ objects }) => objects[0]?.get('Status') === 'Retry',
  );
  assert.match(shown(waiting.objects[0]?.get('LastError')), /refused/i);
  assert.equal(waiting.objects[0]?.get('DeliveryType'), 'SmartHostConnectorDelivery');
  await gateway.run('Set-OutboundConnector', { Identity: 'Wrong', SmartHosts: [`127.0.0.1:${host.port}`] });
  await host.until(() => host.transactions.length === 1);
  await gateway.runUntil('Get-Queue', {}, ({ objects }) => objects.length === 0);
});
