// Delivery over real sockets: transactions, replies, reuse, and everything that breaks off.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Watch } from '#smtp/watch.ts';
import {
  CONTENT,
  at,
  deadPort,
  makeDeliverer,
  message,
  recipient,
  request,
  route,
  serve,
  show,
} from '../../test/support/delivery.ts';
import { type FakeMxOptions } from '../../test/support/fake-mx.ts';
import { createDialler, type Dial } from './dialler.ts';
import type { DeliveryRequest } from './deliverer.ts';

test('a message arrives as it was, with its envelope', async (t) => {
  const mx = await serve(t);
  const { deliverer } = makeDeliverer(t);
  const result = await deliverer.deliver(
    request(at(mx), {
      message: message({
        envid: 'a+b',
        ret: 'HDRS',
        body: '8BITMIME',
        recipients: [recipient('bob', { notify: ['FAILURE', 'DELAY'], orcpt: 'rfc822;bob@x.test' })],
      }),
    }),
  );
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
  const [taken] = mx.transactions;
  assert.equal(taken?.content, CONTENT);
  assert.equal(taken.mail, `<anna@contoso.test> SIZE=${CONTENT.length} BODY=8BITMIME RET=HDRS ENVID=a+2Bb`);
  assert.deepEqual(taken.recipients, ['<bob@fabrikam.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob@x.test']);
  const [status] = result.results;
  assert.deepEqual(status?.status, {
    action: 'delivered',
    status: '2.0.0',
    diagnostic: '250 2.0.0 queued as 1-0',
    diagnosticType: 'smtp',
    remoteMta: null,
    remoteAddress: `127.0.0.1:${mx.port}`,
  });
  assert.deepEqual(
    result.events.map(({ kind, recipients, data }) => [kind, recipients, data['outcome'], data['tls']]),
    [['Attempt', [0], 'delivered', null]],
  );
});

test('a next hop without DSN makes it relayed', async (t) => {
  const mx = await serve(t, { capabilities: ['PIPELINING'] });
  const { deliverer } = makeDeliverer(t);
  assert.deepEqual(show(await deliverer.deliver(request(at(mx)))), ['0 relayed 2.0.0']);
});

test('connections are reused, up to the number of messages they may carry, and quit when idle', async (t) => {
  const mx = await serve(t);
  const { deliverer } = makeDeliverer(t, {}, { messagesPerConnection: () => 3 });
  for (let count = 0; count < 7; count += 1) await deliverer.deliver(request(at(mx)));
  assert.deepEqual(
    mx.transactions.map((transaction) => transaction.connection),
    [1, 1, 1, 2, 2, 2, 3],
  );
  await deliverer.close();
  await mx.until(() => mx.open === 0);
  assert.equal(mx.commands.filter((line) => line.endsWith(' QUIT')).length, 3);
});

test('a connection that the server ended while it was idle costs nothing', async (t) => {
  const mx = await serve(t);
  const { deliverer } = makeDeliverer(t);
  await deliverer.deliver(request(at(mx)));
  mx.dropAll();
  assert.deepEqual(show(await deliverer.deliver(request(at(mx)))), ['0 delivered 2.0.0']);
  // Ended only when the next MAIL comes, which is the race that the first case rarely meets.
  let told = false;
  mx.behaviour.MAIL = (_, session) => {
    if (told || session.connection !== 2) return null;
    told = true;
    return 'drop';
  };
  const result = await deliverer.deliver(request(at(mx)));
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
  assert.equal(result.events.length, 1);
  assert.equal(mx.connections, 3);
});

test('a changed connector never travels over connections of the old one', async (t) => {
  const [one, two] = [await serve(t), await serve(t)];
  const { deliverer } = makeDeliverer(t);
  await deliverer.deliver(request(at(one)));
  await deliverer.deliver(request(at(two)));
  await deliverer.deliver(request(at(one), { route: route(at(one), { tlsLevel: 'EncryptionOnly' }) }));
  assert.deepEqual([one.transactions.length, two.transactions.length, one.connections], [1, 1, 2]);
});

test('each recipient gets its own answer', async (t) => {
  const mx = await serve(t, {
    behaviour: {
      RCPT: (line) =>
        line.includes('<no@') ? '550 5.1.1 no such user' : line.includes('<later@') ? '450 4.2.1 busy' : null,
    },
  });
  const { deliverer } = makeDeliverer(t);
  const result = await deliverer.deliver(
    request(at(mx), {
      message: message({ recipients: ['no', 'yes', 'later', 'too'].map((name) => recipient(name)) }),
    }),
  );
  assert.deepEqual(show(result), [
    '0 failed 5.1.1',
    '1 delivered 2.0.0',
    '2 deferred 4.2.1',
    '3 delivered 2.0.0',
  ]);
  assert.equal(
    result.results.find((one) => one.recipient === 0)?.status.diagnostic,
    '550 5.1.1 no such user',
  );
  assert.deepEqual(
    result.events.map((event) => [event.data['outcome'], event.recipients]),
    [['mixed', [0, 1, 2, 3]]],
  );
  // The connection is still good: nothing was lost by the refusals.
  await deliverer.deliver(request(at(mx)));
  assert.equal(mx.connections, 1);
});

test('all recipients refused, with and without pipelining, and the connection goes on', async (t) => {
  for (const capabilities of [['PIPELINING'], ['SIZE']]) {
    const mx = await serve(t, {
      capabilities,
      behaviour: { RCPT: (line) => (line.includes('<no') ? '550 no' : null) },
    });
    const { deliverer } = makeDeliverer(t);
    const refused = message({ recipients: [recipient('no1'), recipient('no2')] });
    assert.deepEqual(show(await deliverer.deliver(request(at(mx), { message: refused }))), [
      '0 failed 5.1.1',
      '1 failed 5.1.1',
    ]);
    assert.deepEqual(show(await deliverer.deliver(request(at(mx)))), ['0 relayed 2.0.0']);
    assert.equal(mx.connections, 1);
  }
});

test('replies to MAIL, DATA and the content decide for all recipients', async (t) => {
  const rows: readonly [FakeMxOptions['behaviour'], string][] = [
    [{ MAIL: '451 4.3.0 later' }, 'deferred 4.3.0'],
    [{ MAIL: '550 5.7.64 relay access denied' }, 'failed 5.7.64'],
    [{ DATA: '451 4.3.2 not now' }, 'deferred 4.3.2'],
    [{ content: '552 5.2.3 too big' }, 'failed 5.2.3'],
    [{ content: '452 4.3.1 disk full' }, 'deferred 4.3.1'],
    [{ content: '554 no' }, 'failed 5.6.0'],
  ];
  for (const [behaviour = {}, expected] of rows) {
    const mx = await serve(t, { behaviour });
    const { deliverer } = makeDeliverer(t);
    const result = await deliverer.deliver(
      request(at(mx), { message: message({ recipients: [recipient('a'), recipient('b')] }) }),
    );
    assert.deepEqual(show(result), [`0 ${expected}`, `1 ${expected}`], JSON.stringify(behaviour));
  }
});

test('a connection that breaks off sends the message to the next host, but not once the content was sent', async (t) => {
  const steps = ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const;
  for (const step of steps) {
    for (const how of ['drop', 'reset'] as const) {
      const [bad, well] = [await serve(t, { behaviour: { [step]: how } }), await serve(t)];
      const { deliverer } = makeDeliverer(t);
      const result = await deliverer.deliver(request(at(bad, well)));
      assert.deepEqual(show(result), ['0 delivered 2.0.0'], `${step} ${how}`);
      assert.deepEqual(
        result.events.map((event) => event.data['status']),
        ['4.4.318', '2.0.0'],
      );
      const alone = await makeDeliverer(t).deliverer.deliver(request(at(bad)));
      assert.equal(show(alone)[0], '0 deferred 4.4.318');
      assert.equal(alone.nextHop, step === 'greeting' || step === 'EHLO' ? 'unreachable' : 'reached', step);
    }
  }
  const [bad, well] = [await serve(t, { behaviour: { content: 'drop' } }), await serve(t)];
  const result = await makeDeliverer(t).deliverer.deliver(request(at(bad, well)));
  assert.deepEqual(show(result), ['0 deferred 4.4.318']);
  assert.equal(well.connections, 0);
});

test('421 in the middle sends what is undecided to the next host', async (t) => {
  const bad = await serve(t, {
    capabilities: ['SIZE'],
    behaviour: { RCPT: (line) => (line.includes('<b@') ? '421 4.3.2 going down' : '550 5.1.1 no') },
  });
  const well = await serve(t);
  const { deliverer } = makeDeliverer(t);
  const result = await deliverer.deliver(
    request(at(bad, well), {
      message: message({ recipients: ['a', 'b', 'c'].map((name) => recipient(name)) }),
    }),
  );
  assert.deepEqual(show(result), ['0 failed 5.1.1', '1 delivered 2.0.0', '2 delivered 2.0.0']);
  assert.deepEqual(well.transactions[0]?.recipients, ['<b@fabrikam.test>', '<c@fabrikam.test>']);
});

test('greetings and EHLO that refuse, and servers that talk nonsense, send to the next host', async (t) => {
  const rows: readonly [FakeMxOptions['behaviour'], string][] = [
    [{ greeting: '554 5.7.1 go away' }, '4.4.317'],
    [{ greeting: '421 4.3.2 too busy' }, '4.4.317'],
    [{ greeting: 'hello there' }, '4.4.317'],
    [{ EHLO: '550 no', HELO: '550 no' }, '4.4.317'],
  ];
  for (const [behaviour = {}, expected] of rows) {
    const [bad, well] = [await serve(t, { behaviour }), await serve(t)];
    const { deliverer } = makeDeliverer(t);
    const result = await deliverer.deliver(request(at(bad, well)));
    assert.deepEqual(show(result), ['0 delivered 2.0.0']);
    assert.equal(result.events[0]?.data['status'], expected);
    assert.deepEqual(show(await makeDeliverer(t).deliverer.deliver(request(at(bad)))), [
      `0 deferred ${expected}`,
      'unreachable',
    ]);
  }
});

test('a server that calls itself by our name is ourselves behind another address: 5.4.6', async (t) => {
  const [mirror, well] = [await serve(t, { hostname: 'Relay.test' }), await serve(t)];
  const { deliverer } = makeDeliverer(t);
  assert.deepEqual(show(await deliverer.deliver(request(at(mirror)))).slice(0, 1), ['0 failed 5.4.6']);
  assert.deepEqual(mirror.transactions, []);
  assert.deepEqual(show(await deliverer.deliver(request(at(mirror, well)))), ['0 delivered 2.0.0']);
  const neighbour = makeDeliverer(t, {}, { connection: { isThisMachine: () => true } });
  assert.deepEqual(show(await neighbour.deliverer.deliver(request(at(mirror)))), ['0 delivered 2.0.0']);
});

test('refused and silent hosts are passed over for a while; when all are down they are tried after all', async (t) => {
  const dead = await deadPort(t);
  const mx = await serve(t);
  const dialled: number[] = [];
  const real = createDialler();
  const dial: Dial = (address, port) => {
    dialled.push(port);
    return real(address, port);
  };
  const { deliverer, pass } = makeDeliverer(t, {}, { connection: { dial }, messagesPerConnection: () => 1 });
  // Turns begin at 0 and go round.
  for (let count = 0; count < 3; count += 1)
    assert.deepEqual(show(await deliverer.deliver(request(at(dead, mx)))), ['0 delivered 2.0.0']);
  assert.deepEqual(dialled, [dead.port, mx.port, mx.port, mx.port]);
  pass(301_000);
  await deliverer.deliver(request(at(dead, mx)));
  await deliverer.deliver(request(at(dead, mx)));
  assert.equal(dialled.filter((port) => port === dead.port).length, 2);

  dialled.length = 0;
  const result = await deliverer.deliver(request(at(dead)));
  assert.deepEqual(show(result), ['0 deferred 4.4.316', 'unreachable']);
  assert.deepEqual(dialled, [dead.port]);
});

test('a connect that gets no answer times out', async (t) => {
  const dial: Dial = () => Promise.reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' }));
  const { deliverer } = makeDeliverer(t, {}, { connection: { dial } });
  assert.deepEqual(show(await deliverer.deliver(request(at({ port: 25 })))), [
    '0 deferred 4.4.315',
    'unreachable',
  ]);
});

test('a server that falls silent is given up by the clock', async (t) => {
  for (const [step, status, reached] of [
    ['greeting', '4.4.317', false],
    ['RCPT', '4.4.318', true],
    ['content', '4.4.318', true],
  ] as const) {
    const ticks: (() => void)[] = [];
    const watch = new Watch((_, run) => {
      ticks.push(run);
      return () => {};
    });
    const asked = Promise.withResolvers<void>();
    const mx = await serve(t, {
      behaviour: {
        [step]: () => {
          asked.resolve();
          return 'silence';
        },
      },
    });
    const { deliverer } = makeDeliverer(t, {}, { connection: { watch } });
    const delivered = deliverer.deliver(request(at(mx)));
    await asked.promise;
    const clock = setInterval(() => {
      for (const tick of ticks) for (let second = 0; second < 700; second += 1) tick();
    }, 5);
    t.after(() => clearInterval(clock));
    const result = await delivered;
    clearInterval(clock);
    assert.deepEqual(show(result), [`0 deferred ${status}`, ...(reached ? [] : ['unreachable'])], step);
  }
});

test('what a server cannot take fails with the reason, unless another one can', async (t) => {
  const plain = await serve(t, { capabilities: ['PIPELINING', 'SIZE 1000'] });
  const able = await serve(t);
  const large = Buffer.from(`Subject: x\r\n\r\n${'x'.repeat(70)}\r\n`.repeat(30));
  const eight = Buffer.from('Subject: x\r\n\r\nGrüße\r\n');
  const rows: readonly [Partial<DeliveryRequest>, string][] = [
    [{ content: { kind: 'memory', bytes: large } }, '5.3.4'],
    [{ content: { kind: 'memory', bytes: eight }, message: message({ body: '8BITMIME' }) }, '5.6.3'],
    [{ content: { kind: 'memory', bytes: eight }, message: message({ smtpUtf8: true }) }, '5.6.7'],
    [{ message: message({ recipients: [recipient('grüße')] }) }, '5.6.7'],
  ];
  for (const [more, status] of rows) {
    assert.deepEqual(show(await makeDeliverer(t).deliverer.deliver(request(at(plain), more))), [
      `0 failed ${status}`,
    ]);
    assert.deepEqual(show(await makeDeliverer(t).deliverer.deliver(request(at(plain, able), more))), [
      '0 delivered 2.0.0',
    ]);
  }
  // Declared 8-bit and international, but all of it is ASCII.
  const declared = request(at(plain), { message: message({ body: '8BITMIME', smtpUtf8: true }) });
  assert.deepEqual(show(await makeDeliverer(t).deliverer.deliver(declared)), ['0 relayed 2.0.0']);
  assert.equal(plain.transactions.at(-1)?.mail, `<anna@contoso.test> SIZE=${CONTENT.length}`);
});

test('many recipients travel in transactions of a hundred over one connection', async (t) => {
  const mx = await serve(t);
  const { deliverer } = makeDeliverer(t);
  const recipients = Array.from({ length: 250 }, (_, index) => recipient(`r${index}`));
  const result = await deliverer.deliver(request(at(mx), { message: message({ recipients }) }));
  assert.equal(result.results.length, 250);
  assert.deepEqual(
    mx.transactions.map((transaction) => transaction.recipients.length),
    [100, 100, 50],
  );
  assert.equal(mx.connections, 1);
});

test('a connection that breaks off between two transactions leaves the rest to the next host', async (t) => {
  const bad = await serve(t, {
    behaviour: { MAIL: (_, session) => (session.messages === 1 ? 'drop' : null) },
  });
  const well = await serve(t);
  const recipients = Array.from({ length: 150 }, (_, index) => recipient(`r${index}`));
  const send = (nextHop: Parameters<typeof request>[0]) =>
    makeDeliverer(t).deliverer.deliver(request(nextHop, { message: message({ recipients }) }));
  const both = await send(at(bad, well));
  assert.equal(both.results.filter(({ status }) => status.action === 'delivered').length, 150);
  assert.deepEqual(
    [bad.transactions[0]?.recipients.length, well.transactions[0]?.recipients.length],
    [100, 50],
  );
  const alone = await send(at(bad));
  assert.deepEqual(
    [0, 99, 100, 149].map((position) => show(alone)[position]),
    ['0 delivered 2.0.0', '99 delivered 2.0.0', '100 deferred 4.4.318', '149 deferred 4.4.318'],
  );
});

test('large content comes from its file, with an edited header where the route asks for it', async (t) => {
  const mx = await serve(t);
  const folder = await mkdtemp(join(tmpdir(), 'postern-deliver-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'content');
  const body = `${'.'.repeat(76)}\r\n`.repeat(40_000);
  const text = `Subject: x\r\nX-Drop: 1\r\n\r\n${body}`;
  await writeFile(path, text);
  const edit = (header: Uint8Array) =>
    Buffer.from(Buffer.from(header).toString().replace('X-Drop: 1\r\n', ''));
  const { deliverer } = makeDeliverer(t, {}, { editHeader: () => edit });
  const result = await deliverer.deliver(
    request(at(mx), { content: { kind: 'file', path, size: text.length } }),
  );
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
  assert.equal(mx.transactions[0]?.content, `Subject: x\r\n\r\n${body}`);

  const gone = await deliverer.deliver(
    request(at(mx), { content: { kind: 'file', path: join(folder, 'gone'), size: 10 } }),
  );
  assert.deepEqual(show(gone), ['0 deferred 4.3.0']);
  const short = await makeDeliverer(t).deliverer.deliver(
    request(at(mx), { content: { kind: 'file', path, size: text.length + 9 } }),
  );
  assert.deepEqual(show(short), ['0 deferred 4.3.0']);
  assert.equal(mx.transactions.length, 1);
});

test('the sender is rewritten only over routes that ask for it', async (t) => {
  const mx = await serve(t);
  const { deliverer } = makeDeliverer(
    t,
    {},
    { rewriteSender: () => ({ localPart: 'SRS0=x', domain: 'relay.test' }) },
  );
  await deliverer.deliver(request(at(mx)));
  await deliverer.deliver(request(at(mx), { route: route(at(mx), { senderRewriting: true }) }));
  await deliverer.deliver(
    request(at(mx), {
      route: route(at(mx), { senderRewriting: true }),
      message: message({ returnPath: null }),
    }),
  );
  assert.deepEqual(
    mx.transactions.map(({ mail }) => mail.split(' ')[0]),
    ['<anna@contoso.test>', '<SRS0=x@relay.test>', '<>'],
  );
});

test('closing lets what is under way end, and keeps no connection', async (t) => {
  const held = Promise.withResolvers<null>();
  const mx = await serve(t, { behaviour: { content: () => held.promise } });
  const { deliverer } = makeDeliverer(t);
  const delivered = deliverer.deliver(request(at(mx)));
  await mx.until(() => mx.commands.some((line) => line.endsWith('DATA')));
  let closed = false;
  const closing = deliverer.close().then(() => (closed = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(closed, false);
  held.resolve(null);
  assert.deepEqual(show(await delivered), ['0 delivered 2.0.0']);
  await closing;
  await mx.until(() => mx.open === 0);
});
