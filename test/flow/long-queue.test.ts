// A long queue for a host that is dead: the gateway is ready at once after a restart, and mail for others flows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untried } from '#queue/attempt.ts';
import { arrivalOf, createMessageIds } from '#mail/message-id.ts';
import { openStore } from '#store/open-store.ts';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { fakeMx, newConnector, submit, subjectsOf, shown } from '../support/mail-flow.ts';
import { DEFERRED, newMessage, settlement, testMessage } from '../support/stored-mail.ts';

const COUNT = 20_000;

/** Puts messages into the store as an attempt that failed leaves them. */
async function fill(data: string, queue: string): Promise<void> {
  const opened = await openStore({
    directory: data,
    onFailure: (error) => {
      throw error;
    },
  });
  const nextId = createMessageIds(0, Date.now);
  for (let first = 0; first < COUNT; first += 1000) {
    const ids = Array.from({ length: 1000 }, nextId);
    await Promise.all(
      ids.map(async (id) => {
        const message = testMessage({ id, recipients: ['ann@dead.test'], subject: `Waits ${id}` });
        await opened.store.enqueue(newMessage(message));
        const waiting = { ...untried(0, arrivalOf(id)), queue, attempts: 1, lastStatus: DEFERRED };
        await opened.store.settle(settlement(id, { waiting: [waiting] }));
      }),
    );
  }
  await opened.close();
}

test('20,000 messages for a dead host', { timeout: 120_000 }, async (t) => {
  const data = await temporaryDirectory(t);
  const host = await fakeMx(t);
  const first = await startGateway(t, { data });
  await newConnector(first, 'Dead', ['dead.test'], ['127.0.0.1:9']);
  await newConnector(first, 'Live', ['live.test'], [host]);
  const { objects } = await first.run('Get-OutboundConnector', { Identity: 'Dead' });
  await first.stop();
  await fill(data, shown(objects[0]?.get('Guid')));

  const begun = performance.now();
  const gateway = await startGateway(t, { data, workers: 2 });
  const ready = performance.now() - begun;
  const sent = performance.now();
  await submit(gateway, { to: ['<ben@live.test>'], subject: 'Flows' });
  await host.until(() => subjectsOf(host).includes('Flows'));
  const flowed = performance.now() - sent;
  t.diagnostic(
    `ready after ${Math.round(ready)} ms; live mail delivered after ${Math.round(flowed)} ms more`,
  );
  assert.ok(ready < 15_000, `ready after ${ready} ms`);
  assert.ok(flowed < 5_000, `delivered after ${flowed} ms`);

  const queues = await gateway.runUntil(
    'Get-Queue',
    {},
    (result) => result.objects[0]?.get('Status') === 'Retry',
  );
  assert.deepEqual(
    queues.objects.map((one) => [one.get('Identity'), one.get('MessageCount')]),
    [['gateway.test\\Dead', COUNT]],
  );

  await gateway.run('Set-OutboundConnector', { Identity: 'Dead', SmartHosts: [`127.0.0.1:${host.port}`] });
  const corrected = performance.now();
  await host.until(() => host.transactions.length >= COUNT + 1);
  t.diagnostic(
    `the corrected connector drained the queue in ${Math.round(performance.now() - corrected)} ms`,
  );
  await gateway.runUntil('Get-Queue', {}, (result) => result.objects.length === 0);
  assert.equal(host.transactions.length, COUNT + 1);
});
