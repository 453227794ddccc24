// Our server against nodemailer's client, and our client against the smtp-server package: two implementations that know
// nothing of ours.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { smtpReply } from '#mail/smtp-reply.ts';
import { createAuthority } from '../../test/support/certificates.ts';
import { portOf } from '../../test/support/loopback-port.ts';
import { SmtpClient } from './client.ts';
import { createSmtpServer } from './server.ts';
import { Watch } from './watch.ts';

const authority = createAuthority();
const identity = authority.issue({ dnsNames: ['localhost'] });

test('nodemailer hands a message to our server, under TLS and with AUTH', async (t) => {
  const taken: { user: string | null; protocol: string; content: string }[] = [];
  const server = createSmtpServer({
    hostname: 'relay.test',
    maxSize: 10_000_000,
    tls: () => identity.tls,
    onError: (error) => assert.fail(String(error)),
    createHandler: (session) => ({
      offersAuthentication: () => session.tls !== null,
      authenticate: (user, password) =>
        user === 'user' && password === 'secret' ? null : smtpReply(535, '5.7.8', 'no'),
      mail: () => null,
      rcpt: () => null,
      data: () => {
        let content = '';
        return {
          write: (chunk) => {
            content += chunk.toString();
          },
          end: () => {
            taken.push({ user: session.user, protocol: session.tls?.protocol ?? 'none', content });
            return smtpReply(250, '2.0.0', 'queued');
          },
          abort: () => {},
        };
      },
    }),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.stop(0));
  const transport = createTransport({
    host: 'localhost',
    port,
    requireTLS: true,
    tls: { ca: authority.pem },
    auth: { user: 'user', pass: 'secret' },
    pool: true,
    maxConnections: 2,
  });
  const text = `${'.line\r\n'.repeat(5000)}end`;
  const sent = await Promise.all(
    ['one', 'two', 'three'].map((subject) =>
      transport.sendMail({
        from: 'a@example.org',
        to: ['b@example.org', 'jürgen@bücher.example'],
        subject,
        text,
        textEncoding: 'quoted-printable',
      }),
    ),
  );
  transport.close();
  for (const { response, rejected } of sent) {
    assert.equal(response, '250 2.0.0 queued');
    assert.deepEqual(rejected, []);
  }
  assert.deepEqual(
    new Set(taken.map(({ content }) => /Subject: (\w+)/.exec(content)?.[1])),
    new Set(['one', 'two', 'three']),
  );
  for (const { user, protocol, content } of taken) {
    assert.deepEqual([user, protocol], ['user', 'TLSv1.3']);
    assert.equal(content.match(/^\.line\r$/gm)?.length, 5000);
  }
});

test('our client hands messages to smtp-server, under TLS and with AUTH', async (t) => {
  const taken: { sender: string; recipients: string[]; content: string; secure: boolean }[] = [];
  const server = new SMTPServer({
    ...identity.tls,
    onAuth: (auth, _session, callback) =>
      auth.username === 'user' && auth.password === 'secret'
        ? callback(null, { user: 'user' })
        : callback(new Error('no')),
    onRcptTo: (address, _session, callback) =>
      address.address.startsWith('no')
        ? callback(Object.assign(new Error('not here'), { responseCode: 550 }))
        : callback(),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          sender: mailFrom === false ? '' : mailFrom.address,
          recipients: rcptTo.map(({ address }) => address),
          content: Buffer.concat(chunks).toString(),
          secure: session.secure,
        });
        callback(null, 'kept');
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  t.after(() => new Promise<void>((resolve) => server.close(resolve)));
  const socket = connect(portOf(server.server), '127.0.0.1');
  const client = new SmtpClient(socket, { hostname: 'relay.test', watch: new Watch() });
  assert.equal((await client.greeting()).kind, 'reply');
  await client.hello();
  assert.equal(client.capabilities.startTls, true);
  const start = await client.startTls();
  assert.ok(start.kind === 'reply' && start.reply.code === 220);
  const secured = connectTls({ socket, ca: authority.pem, servername: 'localhost' });
  await once(secured, 'secureConnect');
  client.upgrade(secured);
  await client.hello();
  assert.equal(client.capabilities.startTls, false);
  const proven = await client.authenticate({ user: 'user', password: 'secret' });
  assert.ok(proven.kind === 'reply' && proven.reply.code === 235);
  const recipients = ['no', 'yes', 'other'].map((localPart) => ({
    address: { localPart, domain: 'example.org' },
    notify: null,
    orcpt: null,
  }));
  const envelope = {
    returnPath: { localPart: 'a', domain: 'example.org' },
    recipients,
    body: '8BITMIME',
    smtpUtf8: false,
    requireTls: false,
    ret: null,
    envid: null,
  } as const;
  const pieces = [Buffer.from('Subject: hi\r\n\r\n'), Buffer.from('.dot\r\n'.repeat(5000))];
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  for (let count = 0; count < 3; count += 1) {
    const { answers } = await client.send({ envelope, recipients, content: { size, pieces } });
    assert.deepEqual(
      answers.map((answer) => (answer.kind === 'reply' ? answer.reply.code : answer.kind)),
      [550, 250, 250],
    );
  }
  await client.quit();
  assert.equal(taken.length, 3);
  for (const message of taken) {
    assert.deepEqual([message.sender, message.secure], ['a@example.org', true]);
    assert.deepEqual(message.recipients, ['yes@example.org', 'other@example.org']);
    assert.equal(message.content, Buffer.concat(pieces).toString());
  }
});
