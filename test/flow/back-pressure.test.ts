// When room is short new mail is put off before any content is taken; what waits is delivered, and then mail is welcome again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Gateway, startGateway, temporaryDirectory } from '../support/gateway.ts';
import { fakeMx, newConnector, queueIsEmpty, submit, subjectsOf } from '../support/mail-flow.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';

async function mailReply(gateway: Gateway): Promise<string> {
  const client = openDialogue(gateway.smtp.port);
  await client.hear();
  await client.ask('EHLO client.test');
  const reply = (await client.ask('MAIL FROM:<anna@contoso.test>')) ?? '';
  client.end();
  return reply;
}

async function readiness(gateway: Gateway, status: number): Promise<string> {
  for (;;) {
    const response = await fetch(`${gateway.http}/readyz`);
    const text = await response.text();
    if (response.status === status) return text.trim();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('too little disk: 452 4.3.1 before content, delivery goes on, and it passes', async (t) => {
  const host = await fakeMx(t, { behaviour: { greeting: '421 4.3.2 not now' } });
  const data = await temporaryDirectory(t);
  const before = await startGateway(t, { data });
  await newConnector(before, 'All', ['*'], [host]);
  await submit(before, { to: ['<ben@fabrikam.test>'], subject: 'Waits' });
  await before.stop();
  delete host.behaviour.greeting;

  const short = await startGateway(t, { data, flags: ['--min-free-disk', '900TB'] });
  assert.equal(await readiness(short, 503), 'too little free disk space');
  assert.match(await mailReply(short), /^452 4\.3\.1 .*too little free disk space/);
  await short.run('Retry-Queue', { Filter: 'MessageCount -gt 0' });
  await host.until(() => subjectsOf(host).includes('Waits'));
  assert.match(await (await fetch(`${short.http}/metrics`)).text(), /^postern_refusing_mail 1$/m);
  assert.equal((await fetch(`${short.http}/healthz`)).status, 200);
  await short.stop();
});

test('too many messages: put off until the queue is shorter', async (t) => {
  const host = await fakeMx(t, { behaviour: { greeting: '421 4.3.2 not now' } });
  const gateway = await startGateway(t, { flags: ['--max-queue', '5'] });
  await newConnector(gateway, 'All', ['*'], [host]);
  let accepted = 0;
  await assert.rejects(async () => {
    for (;;) {
      await submit(gateway, { to: ['<ben@fabrikam.test>'] });
      accepted += 1;
    }
  }, /452 4\.3\.1 Mail is put off: too many messages are queued; try again later/);
  assert.ok(accepted > 5);
  delete host.behaviour.greeting;
  await gateway.run('Retry-Queue', { Identity: 'All' });
  await queueIsEmpty(gateway);
  assert.equal(await readiness(gateway, 200), 'ready');
  assert.match(await mailReply(gateway), /^250/);
  assert.equal(host.transactions.length, accepted);
});
