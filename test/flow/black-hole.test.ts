// A host that takes connections and never says a word holds up nobody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, submit, traced, shown } from '../support/mail-flow.ts';

test('a black hole holds up only its own mail', async (t) => {
  const hole = await fakeMx(t, { behaviour: { greeting: 'silence' } });
  const host = await fakeMx(t);
  const gateway = await startGateway(t);
  await gateway.run('Set-TransportConfig', { MessageRetryInterval: '00:00:01' });
  await newConnector(gateway, 'Hole', ['hole.test'], [hole]);
  await newConnector(gateway, 'Fabrikam', ['fabrikam.test'], [host]);
  await Promise.all(Array.from({ length: 50 }, () => submit(gateway, { to: ['<a@hole.test>'] })));
  await hole.until(() => hole.open === 20);

  const begun = performance.now();
  const ids = await Promise.all(
    Array.from({ length: 20 }, () => submit(gateway, { to: ['<a@fabrikam.test>', '<a@hole.test>'] })),
  );
  await host.until(() => host.transactions.length === 20);
  t.diagnostic(`20 messages past the black hole in ${Math.round(performance.now() - begun)} ms`);
  assert.equal(hole.connections, 20, 'no more connections than MaxOutboundConnectionsPerNextHop');
  await gateway.runUntil('Get-MessageTraceV2', { MessageTraceId: ids[0] ?? '' }, ({ objects }) => {
    const states = objects.map((one) => `${shown(one.get('RecipientAddress'))} ${shown(one.get('Status'))}`);
    return states.join() === 'a@fabrikam.test Delivered,a@hole.test Pending';
  });
  const queued = await gateway.run('Get-Queue');
  assert.equal(
    queued.objects.reduce((sum, one) => sum + Number(one.get('MessageCount')), 0) >= 50,
    true,
    'mail in hand is shown too',
  );

  hole.behaviour.greeting = '220 awake';
  hole.dropAll();
  // What was cut off is settled before the connector changes: else the next hop would rest a while.
  await gateway.runUntil('Get-Queue', {}, ({ objects }) =>
    objects.some((one) => shown(one.get('NextHopDomain')) === 'Hole'),
  );
  await gateway.run('Set-OutboundConnector', { Identity: 'Hole', Comment: 'It answers again.' });
  await hole.until(() => hole.transactions.length === 70);
  await traced(gateway, ids[0] ?? '', 'Delivered');
});
