// Any octets at all, in either direction: sessions end or go on, but nothing breaks, hangs or leaks.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { smtpReply } from '#mail/smtp-reply.ts';
import { portOf } from '../../test/support/loopback-port.ts';
import { openDialogue } from '../../test/support/smtp-dialogue.ts';
import { SmtpClient } from './client.ts';
import { createSmtpServer } from './server.ts';
import { Watch } from './watch.ts';

const clientSays = fc.array(
  fc.constantFrom(
    'EHLO x\r\n',
    'HELO x\r\n',
    'MAIL FROM:<a@b.c>\r\n',
    'RCPT TO:<a@b.c>\r\n',
    'DATA\r\n',
    'RSET\r\n',
    'STARTTLS\r\n',
    'AUTH PLAIN\r\n',
    'AUTH LOGIN AAAA\r\n',
    'NOOP\r\n',
    '.\r\n',
    '..\r\n',
    '\r\n',
    '\n',
    '\r',
    '\0',
    '\xff',
    'x',
    'MAIL ',
    'FROM:<',
    '>',
    '*\r\n',
    'x'.repeat(3000),
  ),
  { maxLength: 40 },
);

test('our server takes anything', async (t) => {
  let started = 0;
  let ended = 0;
  const server = createSmtpServer({
    hostname: 'relay.test',
    maxSize: 5000,
    tls: null,
    onError: (error) => assert.fail(String(error)),
    createHandler: () => ({
      offersAuthentication: () => true,
      authenticate: async () => smtpReply(535, '5.7.8', 'no'),
      mail: () => null,
      rcpt: async () => null,
      data: () => {
        started += 1;
        const finish = (): void => {
          ended += 1;
        };
        return { write: () => {}, end: () => (finish(), smtpReply(250, '2.0.0', 'ok')), abort: finish };
      },
    }),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.stop(0));
  await fc.assert(
    fc.asyncProperty(clientSays, async (words) => {
      const peer = openDialogue(port);
      assert.match(String(await peer.hear()), /^220 /);
      peer.say(Buffer.from(words.join(''), 'latin1'));
      // Whatever state this leaves, the session ends when the client does.
      peer.socket.end();
      for (const reply of await peer.rest()) assert.match(reply, /^[2345]\d\d/);
    }),
    { numRuns: 150 },
  );
  while (server.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(started, ended);
});

const serverSays = fc.array(
  fc.constantFrom(
    '220 hi\r\n',
    '250 ok\r\n',
    '250-PIPELINING\r\n',
    '250 SIZE\r\n',
    '354 go\r\n',
    '421 bye\r\n',
    '550 no\r\n',
    '250',
    '\r\n',
    '\n',
    'x',
    '\0',
    '\xff',
    '5'.repeat(5000),
  ),
  { maxLength: 15 },
);

test('our client takes anything', async (t) => {
  let words: readonly string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
    socket.end(Buffer.from(words.join(''), 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const watch = new Watch();
  const recipients = [{ address: { localPart: 'a', domain: 'example.org' }, notify: null, orcpt: null }];
  const envelope = {
    returnPath: null,
    recipients,
    body: '7BIT',
    smtpUtf8: false,
    requireTls: false,
    ret: null,
    envid: null,
  } as const;
  await fc.assert(
    fc.asyncProperty(serverSays, async (said) => {
      words = said;
      const client = new SmtpClient(connect(portOf(server), '127.0.0.1'), { hostname: 'relay.test', watch });
      await client.greeting();
      await client.hello();
      const content = { size: 3, pieces: [Buffer.from('x\r\n')] };
      const { answers } = await client.send({ envelope, recipients, content });
      assert.equal(answers.length, 1);
      await client.quit();
      assert.equal(client.closed, true);
    }),
    { numRuns: 150 },
  );
});
