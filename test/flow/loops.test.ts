// Mail that goes in circles is stopped: by the number of its Received fields, and before a connection to ourselves is made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { testMessage } from '../support/send-mail.ts';
import { fakeMx, newConnector, parseReport, submit, traced } from '../support/mail-flow.ts';

test('loops', async (t) => {
  const own = await fakeMx(t);
  const host = await fakeMx(t);
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);
  await newConnector(gateway, 'Fabrikam', ['fabrikam.test'], [host]);
  await newConnector(gateway, 'Ourselves', ['self.test'], [`127.0.0.1:${gateway.smtp.port}`]);
  const hops = (count: number) =>
    'Received: from a.test by b.test; Mon, 1 Jan 2024 00:00:00 +0000\r\n'.repeat(count);
  const statusOfReport = async (count: number) => {
    await own.until(() => own.transactions.length === count);
    return parseReport(own.transactions[count - 1]?.content ?? '').perRecipient[0]?.get('status');
  };

  await t.test('twenty Received fields pass, twenty-one are a loop: 5.4.14', async () => {
    const passes = await submit(gateway, {
      to: ['<a@fabrikam.test>'],
      content: hops(20) + testMessage('Twenty'),
    });
    await traced(gateway, passes, 'Delivered');
    const fails = await submit(gateway, {
      to: ['<a@fabrikam.test>'],
      content: hops(21) + testMessage('More'),
    });
    await traced(gateway, fails, 'Failed');
    assert.equal(await statusOfReport(1), '5.4.14');
    assert.equal(host.transactions.length, 1);
  });

  await t.test('MaxHopCount moves the limit', async () => {
    await gateway.run('Set-TransportConfig', { MaxHopCount: 30 });
    const id = await submit(gateway, {
      to: ['<a@fabrikam.test>'],
      content: hops(30) + testMessage('Thirty'),
    });
    await traced(gateway, id, 'Delivered');
  });

  await t.test('a next hop that is ourselves fails with 5.4.6, and no connection is made', async () => {
    const metric = async () =>
      /^postern_connections_accepted_total (\d+)/m.exec(
        await (await fetch(`${gateway.http}/metrics`)).text(),
      )?.[1];
    const id = await submit(gateway, { to: ['<a@self.test>'] });
    await traced(gateway, id, 'Failed');
    assert.equal(await statusOfReport(2), '5.4.6');
    const { objects } = await gateway.run('Get-MessageTraceDetailV2', { MessageTraceId: id });
    assert.equal(objects.filter((one) => one.get('Event') === 'Attempt').length, 0);
    assert.ok(Number(await metric()) <= 4, 'four messages came in over four connections');
  });

  await t.test('another server of this machine may have our name', async () => {
    const neighbour = await fakeMx(t, { hostname: 'gateway.test' });
    await newConnector(gateway, 'Neighbour', ['neighbour.test'], [neighbour]);
    await traced(gateway, await submit(gateway, { to: ['<a@neighbour.test>'] }), 'Delivered');
  });
});
