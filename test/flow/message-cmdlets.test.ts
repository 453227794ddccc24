// An administrator looks into queued messages, holds some, exports one and takes others out, with and without a report.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { testMessage } from '../support/send-mail.ts';
import { fakeMx, newConnector, parseReport, submit, subjectsOf, shown } from '../support/mail-flow.ts';

test('queued messages', async (t) => {
  const own = await fakeMx(t);
  const host = await fakeMx(t, { behaviour: { greeting: '421 4.3.2 not now' } });
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);
  await newConnector(gateway, 'All', ['*'], [host]);
  const ids = new Map<string, string>();
  for (const subject of ['One', 'Two', 'Three', 'Four', 'Five'])
    ids.set(
      subject,
      await submit(gateway, {
        from: subject === 'Five' ? '<>' : `<${subject.toLowerCase()}@contoso.test>`,
        to: ['<ben@fabrikam.test>'],
        content: testMessage(subject, `The body of ${subject}\r\n.hidden dot\r\n`),
      }),
    );
  await gateway.runUntil(
    'Get-Message',
    { Filter: "Status -eq 'Retry'" },
    ({ objects }) => objects.length === 5,
  );
  const waiting = async () => (await gateway.run('Get-Message')).objects.map((one) => one.get('Subject'));

  await t.test('Get-Message shows them, oldest first, and finds by filter', async () => {
    const { objects } = await gateway.run('Get-Message', { IncludeRecipientInfo: true });
    assert.deepEqual(
      objects.map((one) => one.get('Subject')),
      ['One', 'Two', 'Three', 'Four', 'Five'],
    );
    const [first] = objects;
    assert.equal(first?.get('Identity'), `gateway.test\\All\\${ids.get('One')}`);
    assert.equal(first?.get('FromAddress'), 'one@contoso.test');
    assert.match(shown(first?.get('LastError')), /not now/);
    const queue = (await gateway.run('Get-Queue', { Filter: "NextHopDomain -eq 'All'" })).objects[0];
    assert.equal(shown(first?.get('NextRetryTime')), shown(queue?.get('NextRetryTime')));
    assert.match(shown(first?.get('Recipients')), /^ben@fabrikam\.test;Retry;4\.4\.317;/);
    const found = await gateway.run('Get-Message', {
      Filter: "FromAddress -like 't*@contoso.test'",
      SortOrder: '-Subject',
    });
    assert.deepEqual(
      found.objects.map((one) => one.get('Subject')),
      ['Two', 'Three'],
    );
  });

  await t.test('Export-Message gives it back octet by octet', async () => {
    const { objects } = await gateway.run('Export-Message', { Identity: ids.get('One') ?? '' });
    assert.ok(shown(objects[0]).endsWith(testMessage('One', 'The body of One\r\n.hidden dot\r\n')));
    const header = await gateway.run('Export-Message', { Identity: ids.get('One') ?? '', HeadersOnly: true });
    assert.match(shown(header.objects[0]), /^Received: [^]*Subject: One\r\n/);
    assert.doesNotMatch(shown(header.objects[0]), /The body/);
  });

  await t.test('Remove-Message asks, and tells the sender unless -WithNDR is false', async () => {
    await assert.rejects(gateway.run('Remove-Message', { Identity: ids.get('Two') ?? '' }), /-Confirm/);
    assert.equal((await waiting()).length, 5);
    await gateway.run('Remove-Message', { Identity: ids.get('Two') ?? '', Confirm: false });
    await own.until(() => own.transactions.length === 1);
    const report = parseReport(own.transactions[0]?.content ?? '');
    assert.equal(report.header.get('to'), '<two@contoso.test>');
    assert.equal(report.perRecipient[0]?.get('status'), '5.7.1');
    await gateway.run('Remove-Message', { Identity: ids.get('Three') ?? '', WithNDR: false, Confirm: false });
    await gateway.run('Remove-Message', { Identity: ids.get('Five') ?? '', Confirm: false });
    assert.deepEqual(await waiting(), ['One', 'Four']);
    const { objects } = await gateway.run('Get-MessageTraceV2', { Status: ['Removed'] });
    assert.equal(objects.length, 3);
    const detail = await gateway.run('Get-MessageTraceDetailV2', { MessageTraceId: ids.get('Three') ?? '' });
    assert.equal(detail.objects.at(-1)?.get('Event'), 'Remove');
    assert.equal(own.transactions.length, 1);
  });

  await t.test('a suspended message stays while the others go; resumed, it goes too', async () => {
    await gateway.run('Suspend-Message', { Filter: "Subject -eq 'Four'" });
    delete host.behaviour.greeting;
    await gateway.run('Retry-Queue', { Identity: 'All' });
    await host.until(() => subjectsOf(host).includes('One'));
    const { objects } = await gateway.runUntil('Get-Message', {}, (result) => result.objects.length === 1);
    assert.equal(objects[0]?.get('Status'), 'Suspended');
    await gateway.run('Resume-Message', { Identity: ids.get('Four') ?? '' });
    await gateway.run('Retry-Queue', { Identity: 'All' });
    await host.until(() => subjectsOf(host).includes('Four'));
    assert.equal(host.transactions.length, 2);
  });

  await t.test('what is gone is not found', async () => {
    await assert.rejects(gateway.run('Get-Message', { Identity: 'nonsense' }), /nonsense/);
    await gateway.runUntil('Get-Message', {}, (result) => result.objects.length === 0);
    await assert.rejects(
      gateway.run('Suspend-Message', { Identity: ids.get('One') ?? '' }),
      /couldn't be found/,
    );
  });
});
