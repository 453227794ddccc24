// How connections to a next hop are used: kept for further messages, ended after so many, never more than so many.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { eventually, fakeMx, newConnector, submit } from '../support/mail-flow.ts';

test('connections to a next hop', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t, { workers: 2 });
  await newConnector(gateway, 'Fabrikam', ['fabrikam.test'], [host]);
  const to = ['<ben@fabrikam.test>'];

  await t.test('are kept for the next message', async () => {
    await gateway.run('Set-TransportConfig', { MaxOutboundConnectionsPerNextHop: 1 });
    for (let count = 1; count <= 5; count += 1) {
      await submit(gateway, { to });
      await host.until(() => host.transactions.length === count);
    }
    assert.ok(host.connections <= 2, `${host.connections} connections for five messages of two threads`);
  });

  await t.test('are ended after MaxMessagesPerConnection', async () => {
    await gateway.run('Set-TransportConfig', { MaxMessagesPerConnection: 2 });
    const before = host.transactions.length;
    for (let count = 0; count < 6; count += 1) await submit(gateway, { to });
    await host.until(() => host.transactions.length === before + 6);
    const used = new Map<number, number>();
    for (const { connection } of host.transactions.slice(before))
      used.set(connection, (used.get(connection) ?? 0) + 1);
    assert.ok(
      [...used.values()].every((messages) => messages <= 2),
      JSON.stringify([...used]),
    );
  });

  await t.test('never exceed MaxOutboundConnectionsPerNextHop, over all threads', async (t) => {
    await gateway.run('Set-TransportConfig', {
      MaxOutboundConnectionsPerNextHop: 3,
      MaxMessagesPerConnection: 100,
    });
    let atOnce = 0;
    let most = 0;
    const held: (() => void)[] = [];
    host.behaviour.content = async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise<void>((resolve) => held.push(resolve));
      atOnce -= 1;
      return null;
    };
    const before = host.transactions.length;
    await Promise.all(Array.from({ length: 12 }, () => submit(gateway, { to })));
    await eventually(t, () => held.length === 3);
    for (let done = 1; done <= 12; done += 1) {
      await eventually(t, () => held.length > 0);
      held.shift()?.();
      await host.until(() => host.transactions.length === before + done);
    }
    assert.equal(most, 3);
  });
});
