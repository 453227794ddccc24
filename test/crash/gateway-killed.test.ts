// kill -9 at the instants that matter: what was answered 250 is delivered after the next start, whatever happened.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type FakeMx, startFakeMx } from '../support/fake-mx.ts';
import { type Gateway, startGateway, temporaryDirectory } from '../support/gateway.ts';
import { sendMail, testMessage } from '../support/send-mail.ts';

interface Scene {
  readonly host: FakeMx;
  readonly data: string;
  start(): Promise<Gateway>;
}

/** A fake smart host that takes all mail, and a gateway that can be started again and again on one data directory. */
async function scene(t: TestContext): Promise<Scene & { readonly gateway: Gateway }> {
  const host = await startFakeMx();
  t.after(() => host.close());
  const data = await temporaryDirectory(t);
  const start = () => startGateway(t, { data, workers: 2 });
  const gateway = await start();
  await gateway.run('New-OutboundConnector', {
    Name: 'All',
    RecipientDomains: ['*'],
    UseMXRecord: false,
    SmartHosts: [`127.0.0.1:${host.port}`],
  });
  return { host, data, start, gateway };
}

function subjectsOf(host: FakeMx): readonly string[] {
  return host.transactions.map(({ content }) => /^Subject: (.*)\r$/m.exec(content)?.[1] ?? '');
}

async function isEmpty(gateway: Gateway): Promise<void> {
  await gateway.runUntil('Get-Queue', {}, ({ objects }) => objects.length === 0);
}

/** A raw SMTP client that has said everything up to DATA. */
async function inData(gateway: Gateway): Promise<Socket> {
  const socket = connect(gateway.smtp);
  socket.on('error', () => undefined);
  for (const line of [
    '',
    'EHLO client.test',
    'MAIL FROM:<anna@contoso.test>',
    'RCPT TO:<ben@fabrikam.test>',
    'DATA',
  ]) {
    if (line !== '') socket.write(`${line}\r\n`);
    await once(socket, 'data');
  }
  return socket;
}

test('killed during DATA: nothing half-taken is kept, small or large', async (t) => {
  const { gateway, start, host } = await scene(t);
  for (const size of [1_000, 3_000_000]) {
    const socket = await inData(gateway);
    const half = `Subject: half\r\n\r\n${'x'.repeat(78)}\r\n`.padEnd(size, `${'y'.repeat(78)}\r\n`);
    await new Promise((resolve) => socket.write(half, resolve));
  }
  await gateway.kill();
  const again = await start();
  await isEmpty(again);
  assert.deepEqual((await again.run('Get-MessageTraceV2')).objects, []);
  assert.equal(host.transactions.length, 0);
});

test('killed when the final dot was sent: answered or not, never half', async (t) => {
  const { gateway, start, host } = await scene(t);
  const socket = await inData(gateway);
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.write(`${testMessage('Dot')}.\r\n`);
  await gateway.kill();
  const again = await start();
  await isEmpty(again);
  const count = subjectsOf(host).filter((subject) => subject === 'Dot').length;
  assert.ok(count <= 1, `delivered ${count} times`);
  if (/^250 /m.test(answer)) assert.equal(count, 1);
});

test('killed after 250, before any attempt succeeded: delivered after the start', async (t) => {
  const { gateway, start, host } = await scene(t);
  host.behaviour.greeting = '421 not now';
  await sendMail(gateway.smtp, {
    from: 'anna@contoso.test',
    to: ['ben@fabrikam.test'],
    subject: 'Kept small',
  });
  const large = testMessage('Kept large', `${'z'.repeat(76)}\r\n`.repeat(20_000));
  await sendMail(gateway.smtp, { from: 'anna@contoso.test', to: ['ben@fabrikam.test'], content: large });
  await gateway.kill();
  delete host.behaviour.greeting;
  const again = await start();
  await host.until(() => host.transactions.length === 2);
  assert.deepEqual([...subjectsOf(host)].sort(), ['Kept large', 'Kept small']);
  assert.ok(host.transactions.some(({ content }) => content.endsWith(large)));
  await isEmpty(again);
});

test('killed while the next hop has the content and is silent: delivered after the start', async (t) => {
  const { gateway, start, host } = await scene(t);
  host.behaviour.content = 'silence';
  await sendMail(gateway.smtp, {
    from: 'anna@contoso.test',
    to: ['ben@fabrikam.test'],
    subject: 'In flight',
  });
  await host.until(() => host.commands.some((line) => line.endsWith(' DATA')));
  await gateway.kill();
  delete host.behaviour.content;
  const again = await start();
  await host.until(() => subjectsOf(host).includes('In flight'));
  await isEmpty(again);
});

test("killed between the remote's 250 and the commit: never lost, at most once too often", async (t) => {
  const { gateway, start, host } = await scene(t);
  const killed: Promise<void>[] = [];
  host.behaviour.content = () => {
    if (killed.length === 0) killed.push(gateway.kill());
    return null;
  };
  await sendMail(gateway.smtp, { from: 'anna@contoso.test', to: ['ben@fabrikam.test'], subject: 'Window' });
  await host.until(() => killed.length > 0);
  await killed[0];
  const again = await start();
  await isEmpty(again);
  const count = subjectsOf(host).filter((subject) => subject === 'Window').length;
  assert.ok(count === 1 || count === 2, `delivered ${count} times`);
});

test('killed at random under load, again and again: every 250 is delivered', async (t) => {
  const { gateway, start, host } = await scene(t);
  const accepted = new Set<string>();
  let running = gateway;
  for (let round = 0; round < 4; round += 1) {
    const senders = Array.from({ length: 5 }, async (_, sender) => {
      for (let count = 0; ; count += 1) {
        const subject = `R${round} S${sender} N${count}`;
        try {
          await sendMail(running.smtp, { from: 'anna@contoso.test', to: ['ben@fabrikam.test'], subject });
        } catch {
          return;
        }
        accepted.add(subject);
      }
    });
    await host.until(() => accepted.size > 40 * (round + 1) + Math.random() * 20);
    await running.kill();
    await Promise.all(senders);
    running = await start();
  }
  const missing = () => {
    const delivered = new Set(subjectsOf(host));
    return [...accepted].filter((subject) => !delivered.has(subject));
  };
  await host.until(() => missing().length === 0);
  await isEmpty(running);
});
