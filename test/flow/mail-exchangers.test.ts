// Mail without a connector goes to the mail exchangers of the recipient's domain, in their order, and to the next one when
// one fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeExchangers, submit, subjectsOf, testDns, shown } from '../support/mail-flow.ts';

test('mail by MX', async (t) => {
  const exchangers = await fakeExchangers(t, 3);
  const [first, second, third] = exchangers;
  assert.ok(first && second && third);
  const dns = await testDns(t, {
    'ordered.test': {
      MX: [
        [20, 'mx2.test'],
        [10, 'mx1.test'],
      ],
    },
    'equal.test': {
      MX: [
        [10, 'mx1.test'],
        [10, 'mx2.test'],
      ],
    },
    'implicit.test': { A: [third.address] },
    'mx1.test': { A: [first.address] },
    'mx2.test': { A: [second.address] },
  });
  const gateway = await startGateway(t, {
    flags: ['--dns', `127.0.0.1:${dns.port}`, '--mx-port', String(first.port)],
  });
  const took = (subject: string) => exchangers.filter((host) => subjectsOf(host).includes(subject));

  await t.test('the lower preference comes first', async () => {
    await submit(gateway, { to: ['<ben@ordered.test>'], subject: 'Ordered' });
    await first.until(() => subjectsOf(first).includes('Ordered'));
    assert.equal(second.connections, 0);
  });

  await t.test('a domain without MX is its own exchanger', async () => {
    await submit(gateway, { to: ['<ben@implicit.test>'], subject: 'Implicit' });
    await third.until(() => subjectsOf(third).includes('Implicit'));
  });

  await t.test('of equal exchangers each gets some', async () => {
    for (
      let count = 0;
      exchangers.slice(0, 2).some((host) => !/Equal/.test(subjectsOf(host).join()));
      count += 1
    ) {
      assert.ok(count < 60, 'sixty messages in a row went to one of two equal exchangers');
      // A new connection each time: one that is kept would take them all.
      for (const host of exchangers) host.dropAll();
      const subject = `Equal ${count}`;
      await submit(gateway, { to: ['<ben@equal.test>'], subject });
      await Promise.race([first, second].map((host) => host.until(() => took(subject).length > 0)));
    }
  });

  await t.test('where the first is down or busy, the second gets it in the same attempt', async () => {
    first.dropAll();
    first.behaviour.EHLO = '421 4.3.2 too busy';
    const id = await submit(gateway, { to: ['<ben@ordered.test>'], subject: 'Busy' });
    await second.until(() => subjectsOf(second).includes('Busy'));
    await first.close();
    await submit(gateway, { to: ['<carl@ordered.test>'], subject: 'Down' });
    await second.until(() => subjectsOf(second).includes('Down'));
    const { objects } = await gateway.run('Get-MessageTraceDetailV2', {
      MessageTraceId: id,
      Event: ['Attempt'],
    });
    assert.equal(objects.length, 2);
    assert.match(shown(objects[0]?.get('Detail')), /too busy/);
  });
});
