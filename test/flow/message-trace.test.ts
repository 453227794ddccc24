// An administrator asks what became of a message: by whom, to whom, when, with which words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CmdletResult, startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, submit, traced, shown } from '../support/mail-flow.ts';

test('message trace', async (t) => {
  const host = await fakeMx(t, {
    behaviour: { RCPT: (text) => (text.includes('gone') ? '550 5.1.1 gone' : null) },
  });
  const gateway = await startGateway(t);
  await newConnector(gateway, 'All', ['*'], [host]);
  const first = await submit(gateway, {
    from: '<anna@contoso.test>',
    to: ['<a@fabrikam.test>'],
    subject: 'Monthly figures',
  });
  const second = await submit(gateway, {
    from: '<ben@contoso.test>',
    to: ['<b@fabrikam.test>', '<gone@tailspin.test>'],
    subject: 'Lunch',
  });
  await traced(gateway, first, 'Delivered');
  await gateway.runUntil('Get-MessageTraceV2', { MessageTraceId: second }, ({ objects }) =>
    objects.every((one) => one.get('Status') !== 'Pending'),
  );
  const found = (parameters: Parameters<typeof gateway.run>[1]) =>
    gateway.run('Get-MessageTraceV2', parameters);
  const recipients = ({ objects }: CmdletResult) =>
    objects.map((one) => shown(one.get('RecipientAddress'))).toSorted((a, b) => a.localeCompare(b));

  await t.test('finds by sender, recipient, subject, status and identity', async () => {
    assert.deepEqual(recipients(await found({ SenderAddress: ['anna@contoso.test'] })), ['a@fabrikam.test']);
    assert.deepEqual(recipients(await found({ RecipientAddress: ['b@fabrikam.test'] })), ['b@fabrikam.test']);
    assert.deepEqual(recipients(await found({ Subject: 'figures', SubjectFilterType: 'Contains' })), [
      'a@fabrikam.test',
    ]);
    assert.deepEqual(recipients(await found({ Status: ['Failed'], SenderAddress: ['ben@contoso.test'] })), [
      'gone@tailspin.test',
    ]);
    assert.deepEqual(recipients(await found({ MessageTraceId: second })), [
      'b@fabrikam.test',
      'gone@tailspin.test',
    ]);
    assert.deepEqual(recipients(await found({ SenderAddress: ['nobody@contoso.test'] })), []);
  });

  await t.test('the detail tells every step, for one recipient too', async () => {
    const detail = await gateway.run('Get-MessageTraceDetailV2', {
      MessageTraceId: second,
      RecipientAddress: 'gone@tailspin.test',
    });
    const events = detail.objects.map((one) => one.get('Event'));
    assert.deepEqual(events.slice(0, 2), ['Receive', 'Route']);
    assert.ok(events.includes('Fail'));
    assert.ok(!events.includes('Deliver'));
    assert.match(
      shown(detail.objects.find((one) => one.get('Event') === 'Fail')?.get('Detail')),
      /550 5\.1\.1 gone/,
    );
  });

  await t.test('the report to the sender is a message of its own', async () => {
    const { objects } = await gateway.runUntil(
      'Get-MessageTraceV2',
      { RecipientAddress: ['ben@contoso.test'] },
      (result) => result.objects[0]?.get('Status') === 'Delivered',
    );
    assert.equal(objects[0]?.get('SenderAddress'), '<>');
    assert.deepEqual(recipients(await found({ SenderAddress: ['<>'] })), ['ben@contoso.test']);
    assert.match(shown(objects[0]?.get('Subject')), /^Undeliverable: Lunch$/);
  });
});
