// Clients that hold connections, say little, or say too much: they are bounded, and nobody else waits for them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, submit, subjectsOf } from '../support/mail-flow.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';

test('--max-connections bounds what silent clients can hold', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t, { flags: ['--max-connections', '20'] });
  await newConnector(gateway, 'All', ['*'], [host]);
  const held: Socket[] = [];
  t.after(() => held.forEach((socket) => socket.destroy()));
  for (let count = 0; count < 20; count += 1) {
    const socket = connect(gateway.smtp);
    socket.on('error', () => undefined);
    held.push(socket);
    const [greeting] = await once(socket, 'data');
    assert.match(String(greeting), /^220 /);
    if (count % 2 === 0) socket.write('EH');
  }
  const late = openDialogue(gateway.smtp.port);
  assert.match((await late.hear()) ?? '', /^421 4\.\d\.\d /);
  assert.equal(await late.hear(), null);
  for (const socket of held.splice(0, 5)) socket.destroy();
  for (;;) {
    try {
      await submit(gateway, { to: ['<ben@fabrikam.test>'], subject: 'Room again' });
      break;
    } catch (error) {
      // The gateway learns a moment later that they are gone.
      assert.match(String(error), /421|null|ECONNRESET/);
      t.signal.throwIfAborted();
    }
  }
  await host.until(() => subjectsOf(host).includes('Room again'));
});

test('--max-connections-per-address bounds one client, and clients that dribble hold up nobody', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t, { flags: ['--max-connections-per-address', '100'] });
  await newConnector(gateway, 'All', ['*'], [host]);
  const slow = Array.from({ length: 150 }, () => openDialogue(gateway.smtp.port, '127.0.0.2'));
  t.after(() => slow.forEach((client) => client.end()));
  const greetings = await Promise.all(slow.map((client) => client.hear()));
  assert.equal(greetings.filter((greeting) => greeting?.startsWith('220 ')).length, 100);
  assert.equal(greetings.filter((greeting) => greeting?.startsWith('421 4.7.0 ')).length, 50);
  const dribble = setInterval(() => slow.forEach((client) => client.say('E')), 5);
  t.after(() => clearInterval(dribble));
  for (let count = 0; count < 20; count += 1)
    await submit(gateway, { to: ['<ben@fabrikam.test>'], subject: `Quick ${count}` });
  await host.until(() => subjectsOf(host).length === 20);
});

test('what is no SMTP ends the session, and only that one', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t);
  await newConnector(gateway, 'All', ['*'], [host]);
  const garbage: readonly (readonly [string, string | Buffer])[] = [
    ['HTTP', 'POST / HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 9\r\n\r\nMAIL FROM\r\n'],
    ['TLS without STARTTLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ['NULs', Buffer.alloc(100_000)],
    ['a command without end', 'EHLO '.padEnd(3_000_000, 'x')],
    ['a huge command line', `EHLO ${'x'.repeat(100_000)}\r\n`],
    ['pipelined nonsense', 'XYZZY\r\n'.repeat(10_000)],
    ['commands without end', 'NOOP\r\n'.repeat(100_000)],
    ['line feeds only', 'EHLO a\nMAIL FROM:<a@b.c>\nRCPT TO:<d@e.f>\nDATA\n'.repeat(100)],
    ['high octets', Buffer.alloc(50_000, 0xff)],
  ];
  for (const [name, octets] of garbage) {
    await t.test(name, async () => {
      const client = openDialogue(gateway.smtp.port);
      await client.hear();
      client.say(octets);
      client.socket.end();
      for (const reply of await client.rest()) assert.match(reply, /^[2345]\d\d[ -]/);
    });
  }
  await t.test('mail flows as if nothing had been', async () => {
    await submit(gateway, { to: ['<ben@fabrikam.test>'], subject: 'Unharmed' });
    await host.until(() => subjectsOf(host).includes('Unharmed'));
    assert.equal(host.transactions.length, 1);
    assert.doesNotMatch(gateway.log(), /"level":"error"/);
  });
});
