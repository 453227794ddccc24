// Clients behind proxies: who they are taken for with XCLIENT and the PROXY protocol, and that nobody else may say so.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { smtpReply } from '#mail/smtp-reply.ts';
import { createAuthority } from '../../test/support/certificates.ts';
import { type Dialogue, openDialogue } from '../../test/support/smtp-dialogue.ts';
import { createSmtpServer, type SmtpServerOptions } from './server.ts';
import { parseXclient } from './xclient.ts';

interface Fixture {
  readonly port: number;
  /** The session as the handler saw it at MAIL. */
  readonly seen: string[];
  readonly pass: (seconds: number) => void;
  readonly dial: () => Dialogue;
}

async function serve(t: TestContext, options: Partial<SmtpServerOptions>): Promise<Fixture> {
  const seen: string[] = [];
  let tick = (): void => {};
  const server = createSmtpServer({
    hostname: 'relay.test',
    maxSize: 100_000,
    tls: null,
    onError: (error) => assert.fail(String(error)),
    every: (_milliseconds, run) => {
      tick = run;
      return () => {};
    },
    createHandler: (session) => ({
      mail() {
        const { peer, helo, esmtp, user, tls } = session;
        const shown = tls === null ? 'clear' : `certificate:${tls.peerCertificates().length > 0}`;
        seen.push(`${peer.address}:${peer.port} ${helo} ${esmtp} ${user} ${shown}`);
        return null;
      },
      rcpt: () => null,
      data: () => smtpReply(554, '5.0.0', 'no'),
    }),
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.stop(0));
  return {
    port,
    seen,
    pass: (seconds) => {
      for (let second = 0; second < seconds; second += 1) tick();
    },
    dial: () => {
      const dialogue = openDialogue(port);
      t.after(() => dialogue.end());
      return dialogue;
    },
  };
}

const everybody = (): boolean => true;

test('XCLIENT is offered to listed addresses and makes a new session of the client that is named', async (t) => {
  const { dial, seen } = await serve(t, { mayUseXclient: (address) => address === '127.0.0.1' });
  const proxy = dial();
  await proxy.hear();
  assert.match((await proxy.ask('EHLO proxy.test')) ?? '', /\|250 XCLIENT NAME ADDR PORT PROTO HELO LOGIN$/);
  assert.equal(
    await proxy.ask(
      'XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.7 PORT=4711 HELO=client.test PROTO=ESMTP LOGIN=anna+40contoso.test',
    ),
    '220 relay.test ESMTP',
  );
  // As Postfix: without another EHLO the one that was named counts.
  assert.equal(await proxy.ask('MAIL FROM:<a@example.org>'), '250 2.1.0 Sender ok');
  assert.equal(
    await proxy.ask('XCLIENT ADDR=192.0.2.8'),
    '503 5.5.1 A transaction is under way, send RSET before XCLIENT',
  );
  await proxy.ask('RSET');
  assert.equal(await proxy.ask('XCLIENT addr=IPV6:2001:DB8::7'), '220 relay.test ESMTP');
  assert.match((await proxy.ask('MAIL FROM:<a@example.org>')) ?? '', /^503 5\.5\.1 Send EHLO/);
  // It is the connection that has the right, not the address that it was given.
  assert.match((await proxy.ask('EHLO second.test')) ?? '', /XCLIENT/);
  await proxy.ask('MAIL FROM:<a@example.org>');
  assert.deepEqual(seen, [
    '192.0.2.7:4711 client.test true anna@contoso.test clear',
    '2001:db8::7:4711 second.test true null clear',
  ]);
});

test('XCLIENT from anybody else is refused and changes nothing', async (t) => {
  const { dial, seen } = await serve(t, { mayUseXclient: (address) => address === '192.0.2.1' });
  const peer = dial();
  await peer.hear();
  assert.doesNotMatch((await peer.ask('EHLO client.test')) ?? '', /XCLIENT/);
  assert.match((await peer.ask('XCLIENT ADDR=192.0.2.1 LOGIN=anna')) ?? '', /^550 5\.7\.0 /);
  await peer.ask('MAIL FROM:<a@example.org>');
  assert.match(seen[0] ?? '', /^127\.0\.0\.1:\d+ client\.test true null clear$/);
});

test("the proxy's own certificate doesn't speak for the client that it names", async (t) => {
  const authority = createAuthority();
  const server = authority.issue({ dnsNames: ['relay.test'] });
  const client = authority.issue({ dnsNames: ['proxy.test'] });
  const { dial, seen } = await serve(t, {
    mayUseXclient: everybody,
    tls: () => ({ ...server.tls, ca: authority.pem }),
  });
  const proxy = dial();
  await proxy.hear();
  await proxy.ask('EHLO proxy.test');
  await proxy.ask('STARTTLS');
  await proxy.secure(client.tls);
  await proxy.ask('EHLO proxy.test');
  await proxy.ask('MAIL FROM:<a@example.org>');
  await proxy.ask('RSET');
  await proxy.ask('XCLIENT ADDR=192.0.2.7 HELO=client.test');
  await proxy.ask('MAIL FROM:<a@example.org>');
  assert.deepEqual(
    seen.map((one) => one.split(' ').at(-1)),
    ['certificate:true', 'certificate:false'],
  );
});

test('attributes of XCLIENT', () => {
  const nothing = { address: undefined, port: undefined, helo: undefined, esmtp: undefined, user: undefined };
  assert.deepEqual(parseXclient('NAME=client.test DESTADDR=192.0.2.1 DESTPORT=25'), nothing);
  assert.deepEqual(parseXclient('HELO=[UNAVAILABLE] LOGIN=[unavailable] PORT=[TEMPUNAVAIL]'), {
    ...nothing,
    helo: null,
    user: null,
    port: 0,
  });
  for (const bad of [
    '',
    'ADDR',
    'ADDR=',
    'ADDR=[UNAVAILABLE]',
    'ADDR=client.test',
    'ADDR=192.0.2.7 ADDR=192.0.2.8',
    'PORT=65536',
    'PROTO=LMTP',
    'WHAT=ever',
    'HELO=two+20words',
    'LOGIN=line+0D+0Abreak',
    'LOGIN=half+4',
    'LOGIN=+FF',
    `LOGIN=a ${'NAME=x '.repeat(20)}`.trim(),
  ])
    assert.equal(parseXclient(bad), null, bad);
});

test('the PROXY header comes before the greeting and names the client', async (t) => {
  const { dial, seen } = await serve(t, { isProxy: everybody, maxConnectionsPerAddress: 1 });
  const first = dial();
  first.say('PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\r\n');
  assert.equal(await first.hear(), '220 relay.test ESMTP');
  await first.ask('EHLO client.test');
  await first.ask('MAIL FROM:<a@example.org>');
  assert.deepEqual(seen, ['192.0.2.7:4711 client.test true null clear']);
  // The limit of connections is the client's, not the proxy's.
  const second = dial();
  second.say('PROXY TCP4 192.0.2.8 127.0.0.1 4711 25\r\n');
  assert.equal(await second.hear(), '220 relay.test ESMTP');
  const third = dial();
  third.say('PROXY TCP4 192.0.2.7 127.0.0.1 4712 25\r\n');
  assert.match((await third.hear()) ?? '', /^421 4\.7\.0 /);
  first.end();
});

test('connections count for the clients that XCLIENT names, one after the other', async (t) => {
  const { dial } = await serve(t, { mayUseXclient: everybody, maxConnectionsPerAddress: 1 });
  const [first, second] = [dial(), dial()];
  for (const proxy of [first, second]) {
    await proxy.hear();
    await proxy.ask('EHLO proxy.test');
  }
  const name = (proxy: Dialogue, address: string) => proxy.ask(`XCLIENT ADDR=${address}`);
  assert.match((await name(first, '192.0.2.7')) ?? '', /^220 /);
  assert.match((await name(first, '192.0.2.7')) ?? '', /^220 /);
  assert.match((await name(first, '192.0.2.8')) ?? '', /^220 /);
  assert.match((await name(second, '192.0.2.7')) ?? '', /^220 /);
  assert.match((await name(second, '192.0.2.8')) ?? '', /^421 4\.7\.0 /);
  assert.equal(await second.hear(), null);
});

test('a header in pieces; speaking before the greeting is an offence behind a proxy too', async (t) => {
  const { dial } = await serve(t, { isProxy: everybody });
  const slow = dial();
  slow.say('PROXY TCP4 192.0.2.7 ');
  await new Promise((resolve) => setImmediate(resolve));
  slow.say('127.0.0.1 4711 25\r\n');
  assert.equal(await slow.hear(), '220 relay.test ESMTP');
  const hasty = dial();
  hasty.say('PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\r\nEHLO client.test\r\n');
  assert.match((await hasty.hear()) ?? '', /^554 5\.5\.1 /);
});

test('no header, no word: malformed ones and silence end the connection', async (t) => {
  const { port, pass, dial } = await serve(t, { isProxy: everybody });
  const client = dial();
  client.say('EHLO client.test\r\n');
  assert.deepEqual(await client.rest(), []);
  const silent = connect({ port, host: '127.0.0.1' });
  await new Promise((resolve) => silent.once('connect', resolve));
  const closed = new Promise((resolve) => silent.once('close', resolve));
  let heard = '';
  silent.on('data', (text) => (heard += text.toString()));
  silent.on('error', () => {});
  // The server has to have taken the connection before its time can run out.
  const other = dial();
  other.say('PROXY UNKNOWN\r\n');
  await other.hear();
  pass(11);
  await closed;
  assert.equal(heard, '');
});

test('who is no proxy gains nothing by a header', async (t) => {
  const { dial } = await serve(t, { isProxy: (address) => address === '192.0.2.1' });
  const peer = dial();
  await peer.hear();
  assert.match((await peer.ask('PROXY TCP4 192.0.2.7 127.0.0.1 4711 25')) ?? '', /^500 5\.5\.2 /);
});
