import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { Envelope, Recipient } from '#mail/envelope.ts';
import { describeSmtpReply } from '#mail/smtp-reply.ts';
import { portOf } from '../../test/support/loopback-port.ts';
import type { ClientAnswer } from './client-answer.ts';
import { missingExtension } from './client-commands.ts';
import type { OutgoingContent } from './client-content.ts';
import { SmtpClient } from './client.ts';
import { NO_CAPABILITIES } from './ehlo.ts';
import { Watch } from './watch.ts';

/** What the scripted server answers to a line (`.` ends content); `close` ends the connection. */
type Script = (line: string) => string | null;

interface Scene {
  readonly client: SmtpClient;
  /** Every chunk that the server got. */
  readonly writes: string[];
  /** Octets that the server has said. */
  said(): number;
  readonly socket: Socket;
  pass(seconds: number): void;
  closed(): boolean;
}

const EHLO =
  '250-mx.test at your service\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n';

function polite(line: string): string | null {
  if (line.startsWith('EHLO')) return EHLO;
  if (line === 'DATA') return '354 go\r\n';
  if (line === '.') return '250 2.0.0 taken\r\n';
  if (line === 'QUIT') return '221 2.0.0 bye\r\n';
  return '250 2.1.0 ok\r\n';
}

function answering(replies: Readonly<Record<string, string>>): Script {
  return (line) => {
    const key = Object.keys(replies).find((start) => line.startsWith(start));
    return key === undefined ? polite(line) : (replies[key] ?? null);
  };
}

async function play(t: TestContext, script: Script, greeting = '220 mx.test ESMTP\r\n'): Promise<Scene> {
  const writes: string[] = [];
  let accepted: Socket | null = null;
  const server = createServer((socket) => {
    accepted = socket;
    serveScript(socket, script, writes, greeting);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let tick = (): void => {};
  const watch = new Watch((_milliseconds, run) => {
    tick = run;
    return () => {};
  });
  const socket = connect(portOf(server), '127.0.0.1');
  let closed = false;
  const client = new SmtpClient(socket, {
    hostname: 'relay.test',
    watch,
    onClosed: () => {
      closed = true;
    },
  });
  t.after(() => {
    client.destroy();
    server.close();
  });
  return {
    client,
    writes,
    said: () => accepted?.bytesWritten ?? 0,
    socket,
    closed: () => closed,
    pass: (seconds) => {
      for (let second = 0; second < seconds; second += 1) tick();
    },
  };
}

function serveScript(socket: Socket, script: Script, writes: string[], greeting: string): void {
  let text = '';
  let inContent = false;
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.write(greeting);
  socket.on('data', (chunk: Buffer) => {
    writes.push(chunk.toString());
    text += chunk.toString();
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      if (inContent && line !== '.') continue;
      const reply = script(line);
      inContent = reply?.startsWith('354') === true;
      if (reply === 'close') socket.end();
      else if (reply !== null) socket.write(reply);
    }
  });
}

const recipient = (localPart: string): Recipient => ({
  address: { localPart, domain: 'example.org' },
  notify: null,
  orcpt: null,
});
const envelope: Envelope = {
  returnPath: { localPart: 'sender', domain: 'example.org' },
  recipients: [recipient('a'), recipient('b'), recipient('c')],
  body: '8BITMIME',
  smtpUtf8: false,
  requireTls: false,
  ret: 'HDRS',
  envid: 'x y',
};

function content(...pieces: readonly string[]): OutgoingContent {
  const buffers = pieces.map((piece) => Buffer.from(piece));
  return { size: buffers.reduce((sum, buffer) => sum + buffer.length, 0), pieces: buffers };
}

const message = {
  envelope,
  recipients: envelope.recipients,
  content: content('Subject: x\r\n\r\nhello\r\n'),
};

function shown(answer: ClientAnswer | undefined): string {
  if (answer === undefined) return 'nothing';
  return answer.kind === 'reply'
    ? `${answer.phase}: ${describeSmtpReply(answer.reply)}`
    : `${answer.phase} ${answer.kind}`;
}

async function ready(scene: Scene): Promise<SmtpClient> {
  assert.equal(shown(await scene.client.greeting()), 'greeting: 220 mx.test ESMTP');
  assert.match(shown(await scene.client.hello()), /^hello: 250 /);
  return scene.client;
}

test('a message is MAIL, RCPT and DATA in one write and the content in another', async (t) => {
  const scene = await play(t, polite);
  const client = await ready(scene);
  assert.deepEqual(client.capabilities, {
    ...NO_CAPABILITIES,
    name: 'mx.test',
    esmtp: true,
    size: 1000,
    pipelining: true,
    eightBitMime: true,
    dsn: true,
    smtpUtf8: true,
    enhancedStatusCodes: true,
  });
  scene.writes.length = 0;
  const result = await client.send({ ...message, content: content('.dot\r\n', 'x\r', '\n.y') });
  assert.deepEqual(result.answers.map(shown), Array(3).fill('final: 250 2.0.0 taken'));
  assert.equal(result.trouble, null);
  assert.deepEqual(scene.writes, [
    'MAIL FROM:<sender@example.org> SIZE=11 BODY=8BITMIME RET=HDRS ENVID=x+20y\r\n' +
      'RCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n',
    '..dot\r\nx\r\n..y\r\n.\r\n',
  ]);
  assert.equal(client.usable, true);
  assert.equal((await client.send(message)).trouble, null);
  await client.quit();
  assert.equal(scene.closed(), true);
  assert.equal(scene.writes.at(-1), 'QUIT\r\n');
});

test('without PIPELINING every command waits for its reply, and HELO stands in for EHLO', async (t) => {
  const scene = await play(
    t,
    answering({ EHLO: '502 5.5.1 what?\r\n', HELO: '250 mx.test\r\n', 'RCPT TO:<b': '550 5.1.1 no b\r\n' }),
  );
  const client = await ready(scene);
  assert.equal(client.capabilities.esmtp, false);
  const result = await client.send(message);
  assert.deepEqual(result.answers.map(shown), [
    'final: 250 2.0.0 taken',
    'rcpt: 550 5.1.1 no b',
    'final: 250 2.0.0 taken',
  ]);
  assert.deepEqual(scene.writes.slice(2, 7), [
    'MAIL FROM:<sender@example.org>\r\n',
    'RCPT TO:<a@example.org>\r\n',
    'RCPT TO:<b@example.org>\r\n',
    'RCPT TO:<c@example.org>\r\n',
    'DATA\r\n',
  ]);
});

test('every recipient gets the reply that decided about it', async (t) => {
  const withoutPipelining = EHLO.replace('250-PIPELINING\r\n', '');
  const table: readonly (readonly [replies: Readonly<Record<string, string>>, answers: readonly string[]])[] =
    [
      [
        { MAIL: '451 4.7.1 later\r\n', RCPT: '503 no\r\n', DATA: '503 no\r\n' },
        Array(3).fill('mail: 451 4.7.1 later'),
      ],
      [
        { 'RCPT TO:<a': '550 5.1.1 no a\r\n', 'RCPT TO:<c': '450 4.2.0 later\r\n' },
        ['rcpt: 550 5.1.1 no a', 'final: 250 2.0.0 taken', 'rcpt: 450 4.2.0 later'],
      ],
      [
        { RCPT: '550-5.1.1 no\r\n550 5.1.1 one\r\n', DATA: '554 5.5.1 nobody\r\n' },
        Array(3).fill('rcpt: 550 5.1.1 no one'),
      ],
      [{ RCPT: '550 5.1.1 no\r\n' }, Array(3).fill('rcpt: 550 5.1.1 no')],
      [{ DATA: '452 4.3.1 full\r\n' }, Array(3).fill('data: 452 4.3.1 full')],
      [{ '.': '552 5.3.4 big\r\n' }, Array(3).fill('final: 552 5.3.4 big')],
    ];
  for (const ehlo of [EHLO, withoutPipelining]) {
    for (const [replies, answers] of table) {
      const scene = await play(t, answering({ ...replies, EHLO: ehlo }));
      const client = await ready(scene);
      const result = await client.send(message);
      assert.deepEqual(result.answers.map(shown), answers);
      assert.equal(result.trouble, null);
      assert.equal(client.usable, true);
      // The connection serves the next message, after RSET where the server may think the last one is under way.
      scene.writes.length = 0;
      await client.send(message);
      const begins = scene.writes.join('').startsWith('RSET\r\n');
      assert.equal(begins, !result.complete);
    }
  }
});

test('connections that end, hang or talk nonsense are values', async (t) => {
  const table: readonly (readonly [Readonly<Record<string, string>>, readonly string[]])[] = [
    [{ MAIL: 'close' }, Array(3).fill('mail dropped')],
    [{ 'RCPT TO:<b': 'close' }, Array(3).fill('rcpt dropped')],
    [
      { 'RCPT TO:<a': '550 5.1.1 no\r\n', 'RCPT TO:<b': 'close' },
      ['rcpt: 550 5.1.1 no', 'rcpt dropped', 'rcpt dropped'],
    ],
    [{ DATA: 'close' }, Array(3).fill('data dropped')],
    [{ '.': 'close' }, Array(3).fill('final dropped')],
    [{ MAIL: '421 4.3.2 going down\r\n', RCPT: 'close' }, Array(3).fill('mail: 421 4.3.2 going down')],
    [
      { 'RCPT TO:<b': '421 4.3.2 going down\r\n', 'RCPT TO:<c': 'close' },
      ['rcpt: 421 4.3.2 going down', 'rcpt: 421 4.3.2 going down', 'rcpt: 421 4.3.2 going down'],
    ],
    [{ '.': '421 4.3.2 enough\r\n' }, Array(3).fill('final: 421 4.3.2 enough')],
    [{ DATA: '250 what\r\n' }, Array(3).fill('data protocol')],
    [{ MAIL: 'hello there\r\n' }, Array(3).fill('mail protocol')],
    [{ MAIL: '250-a\r\n251 b\r\n' }, Array(3).fill('mail protocol')],
    [{ MAIL: '250-x\r\n'.repeat(1000) }, Array(3).fill('mail protocol')],
    [{ MAIL: '2'.repeat(100_000) }, Array(3).fill('mail protocol')],
  ];
  for (const [replies, answers] of table) {
    const scene = await play(t, answering(replies));
    const client = await ready(scene);
    const result = await client.send(message);
    assert.deepEqual(result.answers.map(shown), answers, JSON.stringify(Object.keys(replies)));
    assert.equal(client.usable, false);
    assert.deepEqual(
      (await client.send(message)).answers.map((answer) => answer.kind),
      ['dropped', 'dropped', 'dropped'],
    );
  }
});

test('each phase has the time limit of RFC 5321 §4.5.3.2', async (t) => {
  const table = [
    ['MAIL', 300, 'mail'],
    ['RCPT TO:<b', 300, 'rcpt'],
    ['DATA', 120, 'data'],
    ['.', 600, 'final'],
  ] as const;
  for (const [start, seconds, phase] of table) {
    let silent = false;
    const reached = Promise.withResolvers<void>();
    const scene = await play(t, (line) => {
      if (line.startsWith(start)) {
        silent = true;
        reached.resolve();
      }
      return silent ? null : polite(line);
    });
    const client = await ready(scene);
    const result = client.send(message);
    await reached.promise;
    while (scene.said() > scene.socket.bytesRead) await new Promise((resolve) => setImmediate(resolve));
    scene.pass(seconds - 1);
    assert.equal(client.closed, false, phase);
    scene.pass(3);
    assert.deepEqual((await result).answers.map(shown), Array(3).fill(`${phase} timed-out`));
    assert.equal(client.closed, true);
  }
});

test('a greeting may refuse, never come, or be no greeting', async (t) => {
  assert.equal(
    shown(await (await play(t, polite, '554 5.7.1 not you\r\n')).client.greeting()),
    'greeting: 554 5.7.1 not you',
  );
  assert.equal(shown(await (await play(t, polite, 'SSH-2.0-x\r\n')).client.greeting()), 'greeting protocol');
  const silent = await play(t, polite, '');
  const answer = silent.client.greeting();
  silent.pass(302);
  assert.equal(shown(await answer), 'greeting timed-out');
});

test('who accepts the content before it was sent has accepted nothing', async (t) => {
  for (const replies of [
    { 'RCPT TO:<b': '250 2.1.5 ok\r\n354 go\r\n250 2.0.0 taken\r\n', DATA: '' },
    { DATA: '354 go\r\n250 2.0.0 taken\r\n' },
  ]) {
    const { client } = await play(t, answering(replies));
    await client.greeting();
    await client.hello();
    const result = await client.send({ ...message, recipients: [recipient('b')] });
    assert.equal(shown(result.answers[0]), 'content protocol');
    assert.equal(client.usable, false);
  }
});

test('an answer in the middle of the content ends the connection and is the answer', async (t) => {
  let refuse = (): void => {};
  const server = createServer((socket) => {
    socket.on('error', () => {});
    refuse = () => socket.write('552 5.3.4 stop\r\n');
    serveScript(socket, polite, [], '220 mx.test ESMTP\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const client = new SmtpClient(connect(portOf(server), '127.0.0.1'), {
    hostname: 'relay.test',
    watch: new Watch(),
  });
  await client.greeting();
  await client.hello();
  async function* endless(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      yield Buffer.from('x\r\n'.repeat(10_000));
      refuse();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const result = await client.send({ ...message, content: { size: 1e9, pieces: endless() } });
  assert.equal(shown(result.answers[0]), 'final: 552 5.3.4 stop');
  assert.equal(client.usable, false);
});

test('content from a file is streamed, and a file that cannot be read never becomes a short message', async (t) => {
  const scene = await play(t, polite);
  const client = await ready(scene);
  async function* pieces(fail: boolean): AsyncGenerator<Buffer, void, undefined> {
    for (let index = 0; index < 50; index += 1) yield Buffer.from(`.${'x'.repeat(20_000)}\r\n`);
    if (fail) throw new Error('disk gone');
  }
  scene.writes.length = 0;
  const good = await client.send({ ...message, content: { size: 50 * 20_003, pieces: pieces(false) } });
  assert.equal(shown(good.answers[0]), 'final: 250 2.0.0 taken');
  const wire = scene.writes.join('');
  assert.equal(wire.slice(wire.indexOf('DATA\r\n') + 6), `${`..${'x'.repeat(20_000)}\r\n`.repeat(50)}.\r\n`);
  scene.writes.length = 0;
  const bad = await client.send({ ...message, content: { size: 50 * 20_003, pieces: pieces(true) } });
  assert.deepEqual(
    [shown(bad.answers[0]), bad.trouble?.detail],
    ['content source', 'the content could not be read: disk gone'],
  );
  assert.equal(client.usable, false);
  assert.equal(scene.writes.join('').includes('\r\n.\r\n'), false);
});

test('nothing in an envelope ends a command line', async (t) => {
  const client = await ready(await play(t, polite));
  const evil = { localPart: 'a>\r\nRCPT TO:<evil', domain: 'example.org' };
  await assert.rejects(
    client.send({ ...message, recipients: [{ ...recipient('a'), address: evil }] }),
    TypeError,
  );
  await assert.rejects(client.send({ ...message, envelope: { ...envelope, returnPath: evil } }), TypeError);
  await assert.rejects(client.send({ ...message, recipients: [recipient('ü\u0000')] }), TypeError);
  const odd = { ...envelope, envid: 'a\r\nb', ret: null, returnPath: null };
  const sent = await client.send({
    ...message,
    envelope: odd,
    recipients: [{ ...recipient('ü'), notify: ['NEVER'], orcpt: 'utf-8;ü+@example.org' }],
  });
  assert.equal(shown(sent.answers[0]), 'final: 250 2.0.0 taken');
});

test('parameters are sent where they are offered', async (t) => {
  const scene = await play(t, polite);
  const client = await ready(scene);
  scene.writes.length = 0;
  const international = {
    ...recipient('ü'),
    notify: ['SUCCESS', 'DELAY'] as const,
    orcpt: 'utf-8;ü+=@example.org',
  };
  await client.send({ ...message, recipients: [international] });
  assert.equal(
    scene.writes[0],
    'MAIL FROM:<sender@example.org> SIZE=21 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x+20y\r\n' +
      'RCPT TO:<ü@example.org> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;\\x{FC}+2B+3D@example.org\r\nDATA\r\n',
  );
  assert.equal(missingExtension(envelope, [international], client.capabilities), null);
  assert.equal(missingExtension(envelope, [international], NO_CAPABILITIES), 'SMTPUTF8');
  assert.equal(missingExtension({ ...envelope, requireTls: true }, [], client.capabilities), 'REQUIRETLS');
});

test('clear text behind the answer to STARTTLS is an injection', async (t) => {
  const injected = await ready(await play(t, answering({ STARTTLS: '220 go\r\n250 injected\r\n' })));
  assert.equal(shown(await injected.startTls()), 'starttls protocol');
  assert.equal(injected.closed, true);
  const partial = await ready(await play(t, answering({ STARTTLS: '220 go\r\n250-inj' })));
  assert.equal(shown(await partial.startTls()), 'starttls protocol');
  const refused = await ready(await play(t, answering({ STARTTLS: '454 4.7.0 no\r\n' })));
  assert.equal(shown(await refused.startTls()), 'starttls: 454 4.7.0 no');
  assert.equal(refused.usable, true);
});

test('AUTH takes PLAIN where it is offered, else LOGIN', async (t) => {
  const offering = (auth: string): Script =>
    answering({
      EHLO: `250-mx.test\r\n250 AUTH ${auth}\r\n`,
      'AUTH PLAIN': '235 2.7.0 yes\r\n',
      'AUTH LOGIN': '334 VXNlcm5hbWU6\r\n',
      dQ: '334 UGFzc3dvcmQ6\r\n',
      cA: '235 2.7.0 yes\r\n',
    });
  for (const [auth, first] of [
    ['LOGIN PLAIN', 'AUTH PLAIN AHUAcA==\r\n'],
    ['LOGIN', 'AUTH LOGIN\r\n'],
  ] as const) {
    const scene = await play(t, offering(auth));
    const client = await ready(scene);
    assert.equal(shown(await client.authenticate({ user: 'u', password: 'p' })), 'auth: 235 2.7.0 yes');
    assert.equal(scene.writes[1], first);
  }
});

test('a server that closes an idle connection, or speaks unasked, makes it unusable', async (t) => {
  const scene = await play(t, answering({ NOOP: '250 ok\r\n', RSET: '250 ok\r\n421 4.4.2 idle\r\n' }));
  const client = await ready(scene);
  const closing = await play(t, answering({ MAIL: '250 ok\r\n250 again\r\n', '.': '250 done\r\n' }));
  const other = await ready(closing);
  await other.send(message);
  assert.equal(other.usable, false);
  const gone = once(client.socket, 'close');
  client.socket.end();
  await gone;
  assert.equal(client.usable, false);
  assert.equal(scene.closed(), true);
});
