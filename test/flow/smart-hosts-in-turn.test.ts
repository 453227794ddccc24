// Several smart hosts share the work; one that fails is passed over. Names go through MX, pools are walked through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeExchangers, newConnector, submit, subjectsOf, testDns } from '../support/mail-flow.ts';

test('smart hosts of a connector', async (t) => {
  const hosts = await fakeExchangers(t, 4);
  const [a, b, c, d] = hosts;
  assert.ok(a && b && c && d);
  const dns = await testDns(t, {
    'relay.test': { MX: [[10, 'mx.relay.test']], A: [d.address] },
    'mx.relay.test': { A: [c.address] },
    'plain.test': { A: [d.address] },
  });
  const gateway = await startGateway(t, { flags: ['--dns', `127.0.0.1:${dns.port}`] });
  await gateway.run('Set-TransportConfig', { MaxMessagesPerConnection: 1 });

  await t.test('go round in turn, each message on the next host', async () => {
    await newConnector(gateway, 'Turns', ['turns.test'], [a, b, c]);
    for (let count = 0; count < 6; count += 1) {
      await submit(gateway, { to: ['<ben@turns.test>'], subject: `Turn ${count}` });
      await Promise.race(
        [a, b, c].map((host) => host.until(() => subjectsOf(host).includes(`Turn ${count}`))),
      );
    }
    for (const host of [a, b, c]) assert.equal(subjectsOf(host).length, 2);
  });

  await t.test('one that is down is passed over, and nothing waits', async () => {
    await newConnector(gateway, 'Fails', ['fails.test'], ['127.0.0.1:9', d]);
    for (let count = 0; count < 3; count += 1)
      await submit(gateway, { to: ['<ben@fails.test>'], subject: `Over ${count}` });
    await d.until(() => subjectsOf(d).length === 3);
  });

  await t.test('a name is looked up as MX first, else as an address', async () => {
    await newConnector(gateway, 'Named', ['named.test'], [`relay.test:${c.port}`]);
    await submit(gateway, { to: ['<ben@named.test>'], subject: 'Through MX' });
    await c.until(() => subjectsOf(c).includes('Through MX'));
    await newConnector(gateway, 'Address', ['address.test'], [`plain.test:${d.port}`]);
    await submit(gateway, { to: ['<ben@address.test>'], subject: 'Through A' });
    await d.until(() => subjectsOf(d).includes('Through A'));
  });

  await t.test('a pool is walked through until one answers', async () => {
    // 127.0.0.4/31 holds .4 and .5: c answers nobody any more, d does.
    await c.close();
    await newConnector(gateway, 'Pool', ['pool.test'], [`127.0.0.4/31:${d.port}`]);
    await submit(gateway, { to: ['<ben@pool.test>'], subject: 'Pooled' });
    await d.until(() => subjectsOf(d).includes('Pooled'));
  });
});
