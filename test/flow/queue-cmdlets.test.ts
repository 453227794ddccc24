// An administrator looks at the queues and steers them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CmdletResult, startGateway } from '../support/gateway.ts';
import {
  fakeMx,
  newConnector,
  queueIsEmpty,
  submit,
  subjectsOf,
  testDns,
  shown,
} from '../support/mail-flow.ts';

test('queues', async (t) => {
  const host = await fakeMx(t, { address: '127.0.0.2' });
  const dns = await testDns(t, { 'fabrikam.test': { A: ['127.0.0.3'] } });
  const gateway = await startGateway(t, {
    flags: ['--dns', `127.0.0.1:${dns.port}`, '--mx-port', String(host.port)],
  });
  await newConnector(gateway, 'Held up', ['slow.test'], [host]);
  const identities = ({ objects }: CmdletResult) => objects.map((one) => one.get('Identity'));
  const retrying = (count: number) => (result: CmdletResult) =>
    result.objects.filter((one) => one.get('Status') === 'Retry').length === count;

  await t.test('mail that is only in hand is shown as Submission, Active', async () => {
    host.behaviour.greeting = 'silence';
    await submit(gateway, { to: ['<a@slow.test>', '<b@slow.test>'], subject: 'In hand' });
    const { objects } = await gateway.run('Get-Queue');
    assert.deepEqual(
      objects.map((one) => [one.get('Identity'), one.get('Status'), one.get('MessageCount')]),
      [['gateway.test\\Submission', 'Active', 2]],
    );
    const messages = await gateway.run('Get-Message', { Queue: 'Submission' });
    assert.deepEqual(
      messages.objects.map((one) => [one.get('Subject'), one.get('Status')]),
      [['In hand', 'Active']],
    );
    host.behaviour.greeting = '421 4.3.2 not now';
    host.dropAll();
  });

  await t.test('one queue a next hop, with its kind, its state and the last error', async () => {
    await submit(gateway, { to: ['<c@fabrikam.test>'], subject: 'By MX' });
    const { objects } = await gateway.runUntil('Get-Queue', { SortOrder: '+Identity' }, retrying(2));
    assert.deepEqual(
      objects.map((one) => [
        one.get('Identity'),
        one.get('DeliveryType'),
        one.get('NextHopDomain'),
        one.get('MessageCount'),
      ]),
      [
        ['gateway.test\\fabrikam.test', 'DnsConnectorDelivery', 'fabrikam.test', 1],
        ['gateway.test\\Held up', 'SmartHostConnectorDelivery', 'Held up', 2],
      ],
    );
    assert.match(shown(objects[0]?.get('LastError')), /refused/);
    assert.ok(
      objects.every((one) => one.get('NextRetryTime') !== null && Number(one.get('RetryCount')) >= 1),
    );
  });

  await t.test('-Identity, -Filter, -SortOrder and -ResultSize choose', async () => {
    assert.deepEqual(identities(await gateway.run('Get-Queue', { Identity: 'gateway.test\\HELD UP' })), [
      'gateway.test\\Held up',
    ]);
    assert.deepEqual(identities(await gateway.run('Get-Queue', { Filter: 'MessageCount -gt 1' })), [
      'gateway.test\\Held up',
    ]);
    assert.deepEqual(
      identities(
        await gateway.run('Get-Queue', {
          Filter: "DeliveryType -eq 'DnsConnectorDelivery' -or Status -eq 'Active'",
        }),
      ),
      ['gateway.test\\fabrikam.test'],
    );
    assert.deepEqual(
      identities(await gateway.run('Get-Queue', { SortOrder: '-MessageCount', ResultSize: 1 })),
      ['gateway.test\\Held up'],
    );
    await assert.rejects(gateway.run('Get-Queue', { Identity: 'nowhere' }), /nowhere/);
    await assert.rejects(gateway.run('Get-Queue', { Filter: 'Colour -eq 3' }), /Colour/);
  });

  await t.test('Get-QueueDigest adds up', async () => {
    const { objects } = await gateway.run('Get-QueueDigest', { GroupBy: 'DeliveryType' });
    assert.deepEqual(
      objects.map((one) => [one.get('GroupByValue'), one.get('MessageCount')]),
      [
        ['SmartHostConnectorDelivery', 2],
        ['DnsConnectorDelivery', 1],
      ],
    );
  });

  await t.test('Suspend-Queue holds, Retry-Queue does not override it, Resume-Queue lets go', async () => {
    await gateway.run('Suspend-Queue', { Filter: "NextHopDomain -eq 'Held up'" });
    delete host.behaviour.greeting;
    await gateway.run('Retry-Queue', { Identity: 'Held up' });
    await submit(gateway, { to: ['<d@slow.test>'], subject: 'Comes later' });
    const { objects } = await gateway.runUntil(
      'Get-Queue',
      { Identity: 'Held up' },
      (result) => result.objects[0]?.get('MessageCount') === 3,
    );
    assert.equal(objects[0]?.get('Status'), 'Suspended');
    assert.equal(host.transactions.length, 0);
    await gateway.run('Resume-Queue', { Identity: 'Held up' });
    await host.until(() => host.transactions.length === 2);
    assert.deepEqual([...subjectsOf(host)].sort(), ['Comes later', 'In hand']);
  });

  await t.test('Retry-Queue tries at once what would wait for a minute', async () => {
    const exchanger = await fakeMx(t, { address: '127.0.0.3', port: host.port });
    await gateway.run('Retry-Queue', { Identity: 'fabrikam.test' });
    await exchanger.until(() => subjectsOf(exchanger).includes('By MX'));
    await queueIsEmpty(gateway);
  });
});
