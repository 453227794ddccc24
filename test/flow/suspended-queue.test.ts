// An administrator holds a queue: mail that waits in it and mail that comes for it stays, across a restart too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeMx } from '../support/fake-mx.ts';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { sendMail } from '../support/send-mail.ts';

test('a suspended queue holds waiting and new mail, survives a restart, and goes on when resumed', async (t) => {
  const host = await startFakeMx({ behaviour: { greeting: '421 not now' } });
  t.after(() => host.close());
  const data = await temporaryDirectory(t);
  const first = await startGateway(t, { data });
  await first.run('New-OutboundConnector', {
    Name: 'Held',
    RecipientDomains: ['*'],
    UseMXRecord: false,
    SmartHosts: [`127.0.0.1:${host.port}`],
  });
  const send = (gateway: typeof first, subject: string) =>
    sendMail(gateway.smtp, { from: 'anna@contoso.test', to: ['ben@fabrikam.test'], subject });
  await send(first, 'Before');
  await first.runUntil('Get-Queue', {}, ({ objects }) => objects[0]?.get('Status') === 'Retry');
  await first.run('Suspend-Queue', { Identity: 'Held' });
  delete host.behaviour.greeting;
  await send(first, 'While held');
  await first.runUntil('Get-Queue', {}, ({ objects }) => objects[0]?.get('MessageCount') === 2);
  assert.equal(await first.stop(), 0);

  const second = await startGateway(t, { data });
  await send(second, 'After the restart');
  const { objects } = await second.runUntil(
    'Get-Queue',
    {},
    (found) => found.objects[0]?.get('MessageCount') === 3,
  );
  assert.equal(objects[0]?.get('Status'), 'Suspended');
  assert.equal(host.transactions.length, 0);
  await second.run('Resume-Queue', { Identity: 'Held' });
  await host.until(() => host.transactions.length === 3);
});
