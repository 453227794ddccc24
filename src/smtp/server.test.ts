import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Envelope, Recipient } from '#mail/envelope.ts';
import { printAddress } from '#mail/address.ts';
import { smtpReply } from '#mail/smtp-reply.ts';
import { createAuthority } from '../../test/support/certificates.ts';
import { openDialogue, type Dialogue } from '../../test/support/smtp-dialogue.ts';
import { createSmtpServer, type SmtpServer, type SmtpServerOptions } from './server.ts';
import type { SessionHandler, SmtpSession } from './session-handler.ts';

interface Taken {
  readonly envelope: Envelope;
  readonly content: string;
}

interface Fixture {
  readonly server: SmtpServer;
  readonly port: number;
  readonly messages: Taken[];
  readonly errors: unknown[];
  readonly log: string[];
  /** Seconds of the server's time limits go by. */
  readonly pass: (seconds: number) => void;
  readonly dial: () => Dialogue;
  readonly greeted: () => Promise<Dialogue>;
}

type HandlerOf = (session: SmtpSession, messages: Taken[], log: string[]) => Partial<SessionHandler>;

async function serve(
  t: TestContext,
  options: Partial<SmtpServerOptions> = {},
  handlerOf: HandlerOf = () => ({}),
): Promise<Fixture> {
  const messages: Taken[] = [];
  const errors: unknown[] = [];
  const log: string[] = [];
  let tick = (): void => {};
  const { maxSize: _live, ...others } = options;
  const server = createSmtpServer({
    hostname: 'relay.test',
    get maxSize() {
      return options.maxSize ?? 100_000;
    },
    tls: null,
    onError: (error) => errors.push(error),
    every: (_milliseconds, run) => {
      tick = run;
      return () => {};
    },
    createHandler: (session) => ({ ...keeping(messages, log), ...handlerOf(session, messages, log) }),
    ...others,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.stop(0));
  const dial = (): Dialogue => {
    const dialogue = openDialogue(port);
    t.after(() => dialogue.end());
    return dialogue;
  };
  return {
    server,
    port,
    messages,
    errors,
    log,
    pass: (seconds) => {
      for (let second = 0; second < seconds; second += 1) tick();
    },
    dial,
    greeted: async () => {
      const dialogue = dial();
      await dialogue.hear();
      await dialogue.ask('EHLO client.test');
      return dialogue;
    },
  };
}

function keeping(messages: Taken[], log: string[]): SessionHandler {
  return {
    mail: () => null,
    rcpt: () => null,
    data: (envelope) => {
      const chunks: Buffer[] = [];
      return {
        write: (chunk) => void chunks.push(Buffer.from(chunk)),
        end: () => {
          messages.push({ envelope, content: Buffer.concat(chunks).toString('latin1') });
          return smtpReply(250, '2.0.0', `queued as ${messages.length}`);
        },
        abort: () => void log.push('abort'),
      };
    },
    reset: () => void log.push('reset'),
    closed: () => void log.push('closed'),
  };
}

const recipientsOf = (recipients: readonly Recipient[]): string =>
  recipients.map(({ address }) => printAddress(address)).join(' ');

test('a whole session, one command at a time', async (t) => {
  const { dial, messages } = await serve(t);
  const peer = dial();
  assert.equal(await peer.hear(), '220 relay.test ESMTP');
  assert.equal(
    await peer.ask('EHLO client.test'),
    '250-relay.test|250-PIPELINING|250-SIZE 100000|250-8BITMIME|250-SMTPUTF8|250-ENHANCEDSTATUSCODES|250 DSN',
  );
  assert.equal(
    await peer.ask('mail from:<a@Example.org> size=10 BODY=8bitmime RET=hdrs ENVID=a+2Bb'),
    '250 2.1.0 Sender ok',
  );
  assert.equal(
    await peer.ask('RCPT TO:<b@example.org> NOTIFY=success,FAILURE ORCPT=rfc822;x+3Dy@example.org'),
    '250 2.1.5 Recipient ok',
  );
  assert.equal(await peer.ask('RCPT TO:<Postmaster>'), '250 2.1.5 Recipient ok');
  assert.equal(await peer.ask('DATA'), '354 End data with <CRLF>.<CRLF>');
  peer.say('Subject: hi\r\n\r\n..dot\r\n.\r\n');
  assert.equal(await peer.hear(), '250 2.0.0 queued as 1');
  assert.equal(await peer.ask('QUIT'), '221 2.0.0 Goodbye');
  assert.equal(await peer.hear(), null);
  assert.deepEqual(messages, [
    {
      envelope: {
        returnPath: { localPart: 'a', domain: 'example.org' },
        recipients: [
          {
            address: { localPart: 'b', domain: 'example.org' },
            notify: ['SUCCESS', 'FAILURE'],
            orcpt: 'rfc822;x=y@example.org',
          },
          { address: { localPart: 'Postmaster', domain: 'relay.test' }, notify: null, orcpt: null },
        ],
        body: '8BITMIME',
        smtpUtf8: false,
        requireTls: false,
        ret: 'HDRS',
        envid: 'a+b',
      },
      content: 'Subject: hi\r\n\r\n.dot\r\n',
    },
  ]);
});

test('every command gets the reply that RFC 5321 and its extensions ask for', async (t) => {
  const { greeted } = await serve(t);
  const table: readonly (readonly [line: string, reply: RegExp])[] = [
    ['NOOP anything', /^250 2\.0\.0/],
    ['HELP', /^214 /],
    ['VRFY someone', /^252 /],
    ['VRFY', /^501 /],
    ['EXPN list', /^502 5\.5\.1/],
    ['BDAT 10 LAST', /^502 5\.5\.1/],
    ['NONSENSE', /^500 5\.5\.2/],
    ['', /^500 5\.5\.2/],
    ['RCPT TO:<b@example.org>', /^503 5\.5\.1/],
    ['DATA', /^503 5\.5\.1/],
    ['STARTTLS', /^502 5\.5\.1/],
    ['AUTH PLAIN', /^502 5\.5\.1/],
    ['MAIL', /^501 5\.5\.4/],
    ['MAIL FROM:a@example.org', /^501 5\.5\.4/],
    ['MAIL FROM:<a@example.org', /^501 5\.5\.4/],
    ['MAIL FROM:<a@exa mple.org>', /^501 5\.1\.7/],
    ['MAIL FROM:<a@example.org>SIZE=1', /^501 5\.5\.4/],
    ['MAIL FROM:<a@example.org> SIZE=x', /^501 5\.5\.4/],
    ['MAIL FROM:<a@example.org> SIZE=1 SIZE=2', /^501 5\.5\.4/],
    ['MAIL FROM:<a@example.org> SIZE=100001', /^552 5\.3\.4/],
    ['MAIL FROM:<a@example.org> BODY=BINARYMIME', /^501 5\.5\.4/],
    ['MAIL FROM:<a@example.org> XYZ=1', /^555 5\.5\.4/],
    ['MAIL FROM:<a@example.org> REQUIRETLS', /^530 5\.7\.0/],
    ['RSET', /^250 2\.0\.0/],
  ];
  for (const [line, reply] of table) {
    const peer = await greeted();
    assert.match(String(await peer.ask(line)), reply, line);
    peer.end();
  }
});

test('a transaction goes on after what was refused in it', async (t) => {
  const { greeted, messages, log } = await serve(t, { maxRecipients: 2 });
  const peer = await greeted();
  const table: readonly (readonly [line: string, reply: RegExp])[] = [
    ['MAIL FROM:<>', /^250 2\.1\.0/],
    ['MAIL FROM:<a@example.org>', /^503 5\.5\.1/],
    ['DATA', /^554 5\.5\.1/],
    ['RCPT TO:<@hop.example,@hop2.example:"a b"@example.org>', /^250 2\.1\.5/],
    ['RCPT TO: <b@example.org>', /^250 2\.1\.5/],
    ['RCPT TO:<c@example.org>', /^452 4\.5\.3/],
    ['RCPT TO:<>', /^501 5\.1\.3/],
    ['RCPT TO:<jürgen@example.org>', /^553 5\.6\.7/],
    ['RCPT TO:<d@example.org> NOTIFY=NEVER,FAILURE', /^501 5\.5\.4/],
    ['RCPT TO:<d@example.org> ORCPT=nonsense', /^501 5\.5\.4/],
    ['DATA now', /^501 5\.5\.4/],
    ['DATA', /^354 /],
    ['.', /^250 2\.0\.0/],
    ['DATA', /^503 5\.5\.1/],
    ['MAIL FROM:<a@example.org>', /^250 /],
    ['RSET', /^250 /],
    ['MAIL FROM:<jürgen@bücher.example> SMTPUTF8', /^250 /],
    ['EHLO again.test', /^250-/],
  ];
  for (const [line, reply] of table) assert.match(String(await peer.ask(line)), reply, line);
  assert.equal(recipientsOf(messages[0]?.envelope.recipients ?? []), '"a b"@example.org b@example.org');
  assert.equal(messages[0]?.envelope.returnPath, null);
  assert.deepEqual(log, ['reset', 'reset']);
});

const PIPELINED =
  'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<bad>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n.\r\n' +
  'MAIL FROM:<c@example.org>\r\nRSET\r\nNOOP\r\nQUIT\r\n';
const PIPELINED_REPLIES = ['250', '250', '501', '354', '250', '250', '250', '250', '221'];

test('pipelined commands are answered in order at every split', async (t) => {
  const { greeted, messages } = await serve(t);
  for (let split = 0; split < PIPELINED.length; split += 1) {
    const peer = await greeted();
    peer.say(PIPELINED.slice(0, split));
    await new Promise((resolve) => setImmediate(resolve));
    peer.say(PIPELINED.slice(split));
    assert.deepEqual(
      (await peer.rest()).map((reply) => reply.slice(0, 3)),
      PIPELINED_REPLIES,
      String(split),
    );
  }
  assert.equal(messages.length, PIPELINED.length);
  for (const { content } of messages) assert.equal(content, 'Subject: x\r\n\r\n.\r\n');
});

test('what was pipelined is answered in one write', async (t) => {
  const { greeted } = await serve(t);
  const peer = await greeted();
  const chunks: string[] = [];
  peer.socket.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  peer.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
  await peer.hearAll(3);
  assert.deepEqual(chunks, [
    '250 2.1.0 Sender ok\r\n250 2.1.5 Recipient ok\r\n354 End data with <CRLF>.<CRLF>\r\n',
  ]);
});

test('content with a bare CR or LF is refused at its real end, and nothing in it becomes a command', async (t) => {
  const { greeted, messages, log } = await serve(t);
  for (const end of ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\r\n']) {
    const peer = await greeted();
    peer.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
    await peer.hearAll(3);
    peer.say(
      `Subject: x\r\n\r\nbody${end}MAIL FROM:<evil@example.org>\r\nRCPT TO:<v@example.org>\r\nDATA\r\nevil\r\n.\r\nNOOP\r\n`,
    );
    assert.match(String(await peer.hear()), /^550 5\.6\.11/, JSON.stringify(end));
    assert.match(String(await peer.hear()), /^250 2\.0\.0 Ok/, JSON.stringify(end));
    peer.end();
  }
  assert.deepEqual(messages, []);
  assert.equal(log.filter((entry) => entry === 'abort').length, 6);
});

test('content over the size limit is read to its end and refused', async (t) => {
  const { greeted, messages, log } = await serve(t, { maxSize: 1000 });
  const peer = await greeted();
  peer.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
  await peer.hearAll(3);
  peer.say(`${'x'.repeat(998)}\r\n.\r\n`);
  assert.match(String(await peer.hear()), /^250 /);
  peer.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
  await peer.hearAll(3);
  peer.say(`${'x'.repeat(999)}\r\nNOOP\r\n.\r\nNOOP\r\n`);
  assert.match(String(await peer.hear()), /^552 5\.3\.4/);
  assert.match(String(await peer.hear()), /^250 2\.0\.0 Ok/);
  assert.equal(messages.length, 1);
  assert.deepEqual(log, ['abort']);
});

test('command lines are bounded and clean', async (t) => {
  const { greeted } = await serve(t);
  const table: readonly (readonly [line: string | Buffer, reply: RegExp])[] = [
    [`NOOP ${'x'.repeat(3000)}\r\n`, /^500 5\.5\.2 Command line too long/],
    [`NOOP ${'x'.repeat(300_000)}\r\n`, /^500 5\.5\.2 Command line too long/],
    ['NOOP\n', /^500 5\.5\.2 Command lines end in CRLF/],
    ['NO\rOP\r\n', /^500 5\.5\.2 Command lines end in CRLF/],
    ['NOOP \0\r\n', /^500 5\.5\.2 Command lines end in CRLF/],
    [Buffer.from('MAIL FROM:<\xfc@example.org> SMTPUTF8\r\n', 'latin1'), /^501 5\.5\.2/],
  ];
  for (const [line, reply] of table) {
    const peer = await greeted();
    peer.say(line);
    assert.match(String(await peer.hear()), reply);
    assert.equal(await peer.ask('NOOP'), '250 2.0.0 Ok');
    peer.end();
  }
});

test('a line without end, and error upon error, end the session', async (t) => {
  const { greeted } = await serve(t);
  const endless = await greeted();
  endless.say('x'.repeat(2_000_000));
  assert.deepEqual(await endless.rest(), ['421 4.7.0 Too many errors, closing']);
  const clumsy = await greeted();
  clumsy.say('WHAT\r\n'.repeat(100));
  const replies = await clumsy.rest();
  assert.equal(replies.length, 21);
  assert.equal(replies.at(-1), '421 4.7.0 Too many errors, closing');
  const idle = await greeted();
  idle.say('NOOP\r\n'.repeat(500));
  assert.equal((await idle.rest()).at(-1), '421 4.7.0 Too many errors, closing');
});

test('who speaks before the greeting is refused', async (t) => {
  const { dial } = await serve(t, {}, () => ({ connected: async () => null }));
  const peer = dial();
  peer.say('EHLO early.test\r\nMAIL FROM:<a@example.org>\r\n');
  assert.deepEqual(await peer.rest(), ['554 5.5.1 Wait for the greeting before sending commands']);
});

test('a request of HTTP is not heard out, so that no browser hands mail in', async (t) => {
  const { greeted, messages } = await serve(t);
  const mail = 'EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n\r\nx\r\n.\r\n';
  for (const request of ['POST / HTTP/1.1', 'get /']) {
    const peer = await greeted();
    peer.say(`${request}\r\nHost: 127.0.0.1:2525\r\n\r\n${mail}`);
    assert.deepEqual(await peer.rest(), ['554 5.5.1 This is not HTTP but SMTP, closing']);
  }
  assert.deepEqual(messages, []);
});

test('a handler may refuse at the door, and its words are taken', async (t) => {
  const { dial } = await serve(t, {}, () => ({ connected: () => smtpReply(554, '5.7.1', 'Not you') }));
  assert.deepEqual(await dial().rest(), ['554 5.7.1 Not you']);
});

test('decisions may come later, and input waits for them', async (t) => {
  const { greeted, messages } = await serve(t, {}, (_session, taken) => ({
    mail: async () => null,
    rcpt: async ({ address }) =>
      address.localPart === 'no' ? smtpReply(550, '5.7.64', 'Relay access denied') : null,
    data: async (envelope) => ({
      write: async () => {},
      end: async () => {
        taken.push({ envelope, content: '' });
        return smtpReply(250, '2.0.0', 'kept');
      },
      abort: () => {},
    }),
  }));
  const peer = await greeted();
  peer.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<no@example.org>\r\nRCPT TO:<yes@example.org>\r\nDATA\r\n');
  assert.deepEqual(await peer.hearAll(4), [
    '250 2.1.0 Sender ok',
    '550 5.7.64 Relay access denied',
    '250 2.1.5 Recipient ok',
    '354 End data with <CRLF>.<CRLF>',
  ]);
  peer.say('x\r\n.\r\nQUIT\r\n');
  assert.deepEqual(await peer.rest(), ['250 2.0.0 kept', '221 2.0.0 Goodbye']);
  assert.equal(recipientsOf(messages[0]?.envelope.recipients ?? []), 'yes@example.org');
});

test('a failure behind the seam costs one command and is told to the log only', async (t) => {
  const boom = (): never => {
    throw new Error('secret detail');
  };
  const cases: readonly Partial<SessionHandler>[] = [
    { mail: boom },
    { mail: async () => boom() },
    { rcpt: boom },
    { data: boom },
    { data: async () => boom() },
    { data: () => ({ write: boom, end: boom, abort: () => {} }) },
    { data: () => ({ write: async () => boom(), end: boom, abort: () => {} }) },
    { data: () => ({ write: () => {}, end: boom, abort: () => {} }) },
    { data: () => ({ write: () => {}, end: async () => boom(), abort: () => {} }) },
  ];
  for (const handler of cases) {
    const { greeted, errors } = await serve(t, {}, () => handler);
    const peer = await greeted();
    let failed: string | null = null;
    for (const line of ['MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.org>', 'DATA', 'x\r\n.']) {
      const reply = await peer.ask(line);
      if (reply?.startsWith('451') === true) failed = reply;
      if (failed !== null) break;
    }
    assert.equal(failed, '451 4.3.0 Local error in processing, try again later');
    assert.equal(errors.length, 1);
    // After DATA the transaction is over, whatever went wrong; before it, the client may go on or give it up.
    if (handler.data === undefined) assert.equal(await peer.ask('RSET'), '250 2.0.0 Ok');
    assert.equal(
      await peer.ask('MAIL FROM:<>').then((reply) => reply?.slice(0, 1)),
      handler.mail === undefined ? '2' : '4',
    );
    peer.end();
  }
});

test('a client that closes its half after the last command still gets every reply', async (t) => {
  let kept = 0;
  const half = Promise.withResolvers<void>();
  const { dial, log } = await serve(t, {}, () => ({
    data: () => ({
      write: () => {},
      end: async () => {
        await half.promise;
        kept += 1;
        return smtpReply(250, '2.0.0', 'kept');
      },
      abort: () => {},
    }),
  }));
  const transaction = 'MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nx\r\n.\r\n';
  const early = dial();
  const late = dial();
  for (const peer of [early, late]) assert.match(String(await peer.hear()), /^220/);
  early.say(`EHLO x\r\n${transaction}`);
  late.say(`EHLO x\r\n${transaction}MAIL FROM:<>\r\n`);
  for (const peer of [early, late]) {
    peer.socket.end();
    await new Promise((resolve) => peer.socket.once('finish', resolve));
  }
  // The server has seen the end of input by the time that it has answered another connection.
  const third = dial();
  await third.hear();
  await third.ask('EHLO x');
  half.resolve();
  const codes = async (peer: Dialogue): Promise<readonly string[]> =>
    (await peer.rest()).map((reply) => reply.slice(0, 3));
  assert.deepEqual(await codes(early), ['250', '250', '250', '354', '250']);
  assert.deepEqual(await codes(late), ['250', '250', '250', '354', '250', '250']);
  assert.equal(kept, 2);
  assert.deepEqual(
    log.filter((entry) => entry !== 'closed'),
    ['reset'],
  );
});

test('one server listens in several places, and its size limit may change while it runs', async (t) => {
  let maxSize = 100;
  const { server, greeted } = await serve(t, {
    get maxSize() {
      return maxSize;
    },
  });
  const second = await server.listen({ host: '127.0.0.1', port: 0 });
  const other = openDialogue(second.port);
  t.after(() => other.end());
  assert.match(String(await other.hear()), /^220 /);
  const peer = await greeted();
  assert.match(String(await peer.ask('EHLO x')), /SIZE 100\|/);
  maxSize = 2000;
  assert.match(String(await peer.ask('EHLO x')), /SIZE 2000\|/);
  peer.say(`MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n${'x'.repeat(1000)}\r\n.\r\n`);
  assert.match(String((await peer.hearAll(4)).at(-1)), /^250 /);
});

test('a slow sink holds the client back without filling the memory', async (t) => {
  let release = (): void => {};
  let octets = 0;
  const { greeted } = await serve(t, { maxSize: 100_000_000 }, () => ({
    data: () => ({
      write: (chunk) => {
        octets += chunk.length;
        return new Promise((resolve) => {
          release = resolve;
        });
      },
      end: () => smtpReply(250, '2.0.0', String(octets)),
      abort: () => {},
    }),
  }));
  const peer = await greeted();
  peer.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
  await peer.hearAll(3);
  const content = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(20_000));
  peer.say(content);
  peer.say('.\r\n');
  const progress = { answered: false };
  const reply = peer.hear().finally(() => {
    progress.answered = true;
  });
  while (!progress.answered) {
    await new Promise((resolve) => setImmediate(resolve));
    release();
  }
  assert.equal(await reply, `250 2.0.0 ${content.length}`);
});

test('a connection that ends in the middle aborts the content and gives the transaction up', async (t) => {
  const { greeted, log, server } = await serve(t);
  const inContent = await greeted();
  inContent.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
  await inContent.hearAll(3);
  inContent.say('half of it');
  inContent.end();
  const inTransaction = await greeted();
  await inTransaction.ask('MAIL FROM:<a@example.org>');
  inTransaction.end();
  while (server.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(log.sort(), ['abort', 'closed', 'closed', 'reset']);
});

test('silence is ended after the time limit, in a command as in content', async (t) => {
  const { greeted, dial, pass, log } = await serve(t, { idleSeconds: 300 });
  const idle = await greeted();
  const content = await greeted();
  content.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
  await content.hearAll(3);
  pass(200);
  assert.equal(await idle.ask('NOOP'), '250 2.0.0 Ok');
  pass(299);
  assert.equal(await content.hear(), '421 4.4.2 Nothing was heard for too long, closing');
  assert.equal(await idle.ask('NOOP'), '250 2.0.0 Ok');
  pass(301);
  assert.deepEqual(await idle.rest(), ['421 4.4.2 Nothing was heard for too long, closing']);
  assert.deepEqual(
    log.filter((entry) => entry === 'abort'),
    ['abort'],
  );
  await dial().hear();
});

test('connections are limited, in all and by address', async (t) => {
  const byAddress = await serve(t, { maxConnectionsPerAddress: 1 });
  const first = await byAddress.greeted();
  assert.match((await byAddress.dial().rest()).join(), /^421 4\.7\.0 /);
  assert.match(String(await first.ask('QUIT')), /^221/);
  await first.rest();
  while (byAddress.server.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.match(String(await byAddress.dial().hear()), /^220/);
  const inAll = await serve(t, { maxConnections: 1 });
  await inAll.greeted();
  assert.match((await inAll.dial().rest()).join(), /^421 4\.3\.2 /);
});

test('stopping ends idle sessions at once and others after their transaction', async (t) => {
  const { greeted, server, messages } = await serve(t);
  const idle = await greeted();
  const busy = await greeted();
  busy.say('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
  await busy.hearAll(3);
  const stopped = server.stop(10_000);
  assert.deepEqual(await idle.rest(), ['421 4.3.2 Service is closing, try again later']);
  busy.say('x\r\n.\r\n');
  assert.deepEqual(await busy.rest(), [
    '250 2.0.0 queued as 1',
    '421 4.3.2 Service is closing, try again later',
  ]);
  await stopped;
  assert.equal(messages.length, 1);
});

test('stopping does not wait longer than its grace', async (t) => {
  const { greeted, server } = await serve(t);
  const stuck = await greeted();
  await stuck.ask('MAIL FROM:<a@example.org>');
  await server.stop(20);
  assert.equal(await stuck.hear(), null);
});

test('STARTTLS: the session begins anew, and the peer is known by its certificate', async (t) => {
  const authority = createAuthority();
  const relay = authority.issue({ dnsNames: ['relay.test'] });
  const facts: string[] = [];
  const { greeted } = await serve(t, { tls: () => ({ ...relay.tls, ca: authority.pem }) }, (session) => ({
    mail: (command) => {
      const { tls } = session;
      facts.push(
        `${session.helo} ${tls?.protocol} ${tls?.authorized} ${tls?.authorizationError} ${tls?.peerCertificates().length} ${command.requireTls}`,
      );
      return null;
    },
  }));
  const others = createAuthority();
  for (const [identity, expected] of [
    [undefined, 'TLSv1.3 false null 0'],
    [authority.issue({ dnsNames: ['client.test'] }), 'TLSv1.3 true null 2'],
    [others.issue({ dnsNames: ['client.test'] }), /TLSv1\.3 false [A-Z_]+ 1/],
  ] as const) {
    const peer = await greeted();
    assert.match(String(await peer.ask('EHLO plain.test')), /\|250 STARTTLS$/);
    assert.equal(await peer.ask('STARTTLS'), '220 2.0.0 Ready to start TLS');
    await peer.secure(identity?.tls ?? {});
    assert.match(String(await peer.ask('MAIL FROM:<a@example.org>')), /^503 5\.5\.1 Send EHLO/);
    const offer = await peer.ask('EHLO secure.test');
    assert.match(String(offer), /\|250 REQUIRETLS$/);
    assert.doesNotMatch(String(offer), /STARTTLS/);
    assert.match(String(await peer.ask('STARTTLS')), /^503/);
    assert.match(String(await peer.ask('MAIL FROM:<a@example.org> REQUIRETLS')), /^250/);
    assert.match(
      String(facts.pop()),
      expected instanceof RegExp ? expected : new RegExp(`^secure.test ${expected} true$`),
    );
    assert.match(String(await peer.ask('QUIT')), /^221/);
    assert.equal(await peer.hear(), null);
  }
});

test('what comes with STARTTLS in clear text is dropped, and TLS is not begun', async (t) => {
  const authority = createAuthority();
  const { greeted, log } = await serve(t, { tls: () => authority.issue().tls });
  const peer = await greeted();
  peer.say('STARTTLS\r\nMAIL FROM:<evil@example.org>\r\nRSET\r\n');
  assert.match(String(await peer.hear()), /^554 5\.5\.1/);
  assert.match(String(await peer.ask('DATA')), /^503 5\.5\.1 Send MAIL/);
  assert.deepEqual(log, []);
  const second = await greeted();
  assert.match(String(await second.ask('STARTTLS')), /^220/);
  // Behind the 220, clear text is a broken handshake.
  second.say('EHLO plain.test\r\n');
  while ((await second.hear()) !== null);
});

test('a handshake that never comes, or breaks off, leaves no connection behind', async (t) => {
  const authority = createAuthority();
  const { greeted, server, pass } = await serve(t, { tls: () => authority.issue().tls });
  const silent = await greeted();
  await silent.ask('STARTTLS');
  const gone = await greeted();
  await gone.ask('STARTTLS');
  gone.end();
  while (server.connections > 1) await new Promise((resolve) => setImmediate(resolve));
  pass(61);
  assert.equal(await silent.hear(), null);
  while (server.connections > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('AUTH PLAIN and LOGIN, offered only where the handler allows', async (t) => {
  const { greeted } = await serve(t, {}, (session, _messages, log) => ({
    offersAuthentication: () => true,
    authenticate: async (user, password) =>
      user === 'üser' && password === 'p ss' ? null : smtpReply(535, '5.7.8', 'no'),
    mail: () => {
      log.push(String(session.user));
      return session.user === null ? smtpReply(530, '5.7.0', 'Authenticate first') : null;
    },
  }));
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const plain = base64('\0üser\0p ss');
  const peer = await greeted();
  assert.match(String(await peer.ask('EHLO again.test')), /\|250 AUTH PLAIN LOGIN$/);
  assert.match(String(await peer.ask('MAIL FROM:<a@example.org>')), /^530/);
  assert.match(String(await peer.ask('AUTH CRAM-MD5')), /^504/);
  assert.match(String(await peer.ask('AUTH PLAIN !!!')), /^501 5\.5\.2/);
  assert.match(String(await peer.ask(`AUTH PLAIN ${base64('other\0üser\0p ss')}`)), /^501 5\.5\.2/);
  assert.equal(await peer.ask('AUTH PLAIN'), '334');
  assert.match(String(await peer.ask('*')), /^501 5\.7\.0/);
  assert.match(String(await peer.ask(`AUTH PLAIN ${base64('\0üser\0wrong')}`)), /^535 5\.7\.8/);
  assert.equal(await peer.ask('AUTH PLAIN'), '334');
  assert.match(String(await peer.ask(plain)), /^235 2\.7\.0/);
  assert.match(String(await peer.ask(`AUTH PLAIN ${plain}`)), /^503/);
  assert.match(String(await peer.ask('MAIL FROM:<a@example.org>')), /^250/);
  const login = await greeted();
  assert.equal(await login.ask('AUTH LOGIN'), '334 VXNlcm5hbWU6');
  assert.equal(await login.ask(base64('üser')), '334 UGFzc3dvcmQ6');
  assert.match(String(await login.ask(base64('p ss'))), /^235/);
  const initial = await greeted();
  assert.equal(await initial.ask(`AUTH LOGIN ${base64('üser')}`), '334 UGFzc3dvcmQ6');
  assert.match(String(await initial.ask(base64('p ss'))), /^235/);
  const guesser = await greeted();
  guesser.say(`AUTH PLAIN ${base64('\0a\0b')}\r\n`.repeat(4));
  assert.deepEqual(
    (await guesser.rest()).map((reply) => reply.slice(0, 3)),
    ['535', '535', '535', '421'],
  );
});
