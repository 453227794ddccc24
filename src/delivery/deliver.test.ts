// Delivery over real sockets: fake mail servers, static zones, and everything that goes wrong on the way.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createStaticResolver, type StaticName } from '#dns/static-zones.ts';
import type { Envelope, Recipient } from '#mail/envelope.ts';
import type { Content, Message } from '#mail/message.ts';
import type { SmartHost } from '#mail/smart-host.ts';
import type { NextHop, Route } from '#routing/route.ts';
import { Watch } from '#smtp/watch.ts';
import { createClientTls } from '#tls/client-tls.ts';
import { createPeerVerifier } from '#tls/peer-verifier.ts';
import { createTrustStore } from '#tls/trust-store.ts';
import { createAuthority, selfSigned } from '../../test/support/certificates.ts';
import { type FakeMx, type FakeMxOptions, startFakeMx } from '../../test/support/fake-mx.ts';
import { createDeliverer, type DelivererParts } from './deliver.ts';
import { createDialler, type Dial } from './dialler.ts';
import type { DeliveryRequest, DeliveryResult } from './deliverer.ts';
import type { TlsSummary } from './tls-summary.ts';

const authority = createAuthority();
const good = authority.issue({ dnsNames: ['mx.fabrikam.test', 'fabrikam.test'] }).tls;

type Change = Omit<Partial<DelivererParts>, 'connection'> & {
  readonly connection?: Partial<DelivererParts['connection']>;
};

function makeDeliverer(t: TestContext, zones: Record<string, StaticName> = {}, change: Change = {}) {
  const trust = createTrustStore({ file: 'roots', readFile: () => authority.pem });
  let time = 1_000_000;
  const deliverer = createDeliverer({
    resolver: createStaticResolver(zones),
    now: () => time,
    random: () => 0,
    policies: null,
    isOwnListener: () => false,
    editHeader: () => null,
    rewriteSender: (sender) => sender,
    messagesPerConnection: () => 100,
    ...change,
    connection: {
      dial: createDialler({ timeout: 2_000 }),
      hostname: 'relay.test',
      watch: new Watch(),
      tls: {
        trust,
        clientTls: createClientTls(trust),
        verifier: createPeerVerifier({ check: () => ({ status: 'NotChecked' }) }, () => Date.now()),
        revocationFailureAction: () => 'Defer',
      },
      credentials: () => Promise.resolve(null),
      ...change.connection,
    },
  });
  t.after(() => deliverer.close());
  return { deliverer, pass: (milliseconds: number) => void (time += milliseconds) };
}

async function serve(t: TestContext, options: FakeMxOptions = {}): Promise<FakeMx> {
  const mx = await startFakeMx(options);
  t.after(() => mx.close());
  return mx;
}

const CONTENT = 'Subject: hi\r\n\r\nline\r\n.dot\r\n';

function message(change: Partial<Envelope> = {}, size = CONTENT.length): Message {
  return {
    id: 1,
    receivedAt: 0,
    envelope: {
      returnPath: { localPart: 'anna', domain: 'contoso.test' },
      recipients: [recipient('bob')],
      body: '7BIT',
      smtpUtf8: false,
      requireTls: false,
      ret: null,
      envid: null,
      ...change,
    },
    origin: {
      remoteAddress: '',
      helo: '',
      tls: null,
      inboundConnector: null,
      fromOnPremises: false,
      authenticatedUser: null,
    },
    facts: { subject: 'hi', messageId: '', hopCount: 0, exchangeHeaders: false },
    size,
  };
}

function recipient(localPart: string, more: Partial<Recipient> = {}): Recipient {
  return { address: { localPart, domain: 'fabrikam.test' }, notify: null, orcpt: null, ...more };
}

function route(nextHop: NextHop, more: Partial<Route> = {}): Route {
  return {
    connector: { guid: 'guid', name: 'C' },
    reason: 'ExactDomain',
    because: '',
    nextHop,
    tlsLevel: 'Opportunistic',
    tlsDomain: null,
    ruleRequiresTls: false,
    mtaStsMode: 'None',
    smtpDaneMode: 'None',
    crossPremisesHeaders: 'Remove',
    senderRewriting: false,
    hasCredential: false,
    ...more,
  };
}

const at = (...servers: readonly { readonly port: number }[]): NextHop => ({
  kind: 'smart-hosts',
  hosts: servers.map(({ port }): SmartHost => ({ kind: 'address', address: '127.0.0.1', port })),
});

const MX: NextHop = { kind: 'mx', domain: 'fabrikam.test' };

function request(
  nextHop: NextHop,
  more: Partial<DeliveryRequest> & { readonly route?: Route } = {},
): DeliveryRequest {
  const content: Content = { kind: 'memory', bytes: Buffer.from(CONTENT) };
  const sent = more.message ?? message();
  return {
    message: sent,
    content,
    route: route(nextHop),
    recipients: sent.envelope.recipients.map((_, index) => index),
    headerEdits: [],
    ...more,
  };
}

/** A port where nobody listens. */
async function deadPort(t: TestContext): Promise<{ readonly port: number }> {
  const mx = await startFakeMx();
  t.after(() => {});
  await mx.close();
  return { port: mx.port };
}

function show({ results, nextHop }: DeliveryResult): string[] {
  return [...results]
    .sort((a, b) => a.recipient - b.recipient)
    .map(({ recipient: position, status }) => `${position} ${status.action} ${status.status}`)
    .concat(nextHop === 'unreachable' ? ['unreachable'] : []);
}

function tlsOf({ events }: DeliveryResult): TlsSummary {
  const tls = events[0]?.data['tls'];
  assert.ok(isTlsSummary(tls));
  return tls;
}

function isTlsSummary(value: unknown): value is TlsSummary {
  return typeof value === 'object' && value !== null && 'verdict' in value && 'chain' in value;
}

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

test('mail exchangers are tried in order of preference; the first one broken, the second takes it', async (t) => {
  const mx = await serve(t, { address: '127.0.0.2' });
  const zones: Record<string, StaticName> = {
    'fabrikam.test': {
      MX: [
        { preference: 20, exchange: 'b.fabrikam.test' },
        { preference: 10, exchange: 'a.fabrikam.test' },
      ],
    },
    'a.fabrikam.test': { A: ['127.0.0.3'] },
    'b.fabrikam.test': { A: ['127.0.0.2'] },
  };
  const { deliverer } = makeDeliverer(t, zones, { mxPort: mx.port });
  const result = await deliverer.deliver(request(MX));
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
  assert.deepEqual(
    result.events.map((event) => [event.data['host'], event.data['status']]),
    [
      ['a.fabrikam.test', '4.4.316'],
      ['b.fabrikam.test', '2.0.0'],
    ],
  );
  assert.equal(result.results[0]?.status.remoteMta, 'b.fabrikam.test');
});

test('what the DNS says about a domain ends its mail at once, or lets it wait', async (t) => {
  const zones: Record<string, StaticName> = {
    'null.test': { MX: [{ preference: 0, exchange: '.' }] },
    'broken.test': { failing: true },
    'empty.test': { TXT: ['x'] },
    'dangling.test': { MX: [{ preference: 1, exchange: 'gone.test' }] },
    'shaky.test': { MX: [{ preference: 1, exchange: 'broken.test' }] },
  };
  const { deliverer } = makeDeliverer(t, zones);
  const deliver = async (domain: string) => show(await deliverer.deliver(request({ kind: 'mx', domain })));
  assert.deepEqual(await deliver('null.test'), ['0 failed 5.1.10']);
  assert.deepEqual(await deliver('gone.test'), ['0 failed 5.1.2']);
  assert.deepEqual(await deliver('empty.test'), ['0 failed 5.4.4']);
  assert.deepEqual(await deliver('dangling.test'), ['0 failed 5.4.4']);
  assert.deepEqual(await deliver('broken.test'), ['0 deferred 4.4.312', 'unreachable']);
  assert.deepEqual(await deliver('shaky.test'), ['0 deferred 4.4.312', 'unreachable']);
  const gone: NextHop = { kind: 'smart-hosts', hosts: [{ kind: 'name', name: 'gone.test', port: 25 }] };
  assert.deepEqual(show(await deliverer.deliver(request(gone))), ['0 deferred 4.4.312', 'unreachable']);
});

test('a pool is tried in its order', async (t) => {
  const mx = await serve(t, { address: '127.0.0.6' });
  const pool: NextHop = {
    kind: 'smart-hosts',
    hosts: [{ kind: 'pool', address: '127.0.0.4', prefix: 29, port: mx.port }],
  };
  const { deliverer } = makeDeliverer(t);
  const result = await deliverer.deliver(request(pool));
  assert.deepEqual(
    result.events.map((event) => event.data['address']),
    ['127.0.0.4', '127.0.0.5', '127.0.0.6'].map((address) => `${address}:${mx.port}`),
  );
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
});

test('our own listener is never connected to', async (t) => {
  const mx = await serve(t, { address: '127.0.0.2' });
  const zones: Record<string, StaticName> = {
    'fabrikam.test': {
      MX: [
        { preference: 10, exchange: 'self.test' },
        { preference: 20, exchange: 'other.test' },
      ],
    },
    'self.test': { A: ['127.0.0.1'] },
    'other.test': { A: ['127.0.0.2'] },
  };
  const { deliverer } = makeDeliverer(t, zones, {
    mxPort: mx.port,
    isOwnListener: (address, port) => address === '127.0.0.1' && port === mx.port,
  });
  assert.deepEqual(show(await deliverer.deliver(request(MX))), ['0 failed 5.4.6']);
  assert.deepEqual(show(await deliverer.deliver(request(at(mx)))), ['0 failed 5.4.6']);
  assert.equal(mx.connections, 0);
});

test('opportunistic TLS: used when offered, whatever the certificate', async (t) => {
  const mx = await serve(t, { tls: selfSigned({ dnsNames: ['whoever.test'] }).tls });
  const { deliverer } = makeDeliverer(t);
  const result = await deliverer.deliver(request(at(mx)));
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
  assert.equal(mx.transactions[0]?.tls, true);
  const tls = tlsOf(result);
  assert.deepEqual(
    [tls.protocol, tls.level, tls.authority, tls.verdict],
    ['TLSv1.3', 'Opportunistic', 'Default', 'Accepted'],
  );
});

test('opportunistic TLS: a failed handshake goes on in clear text on a new connection, a refused STARTTLS on the same', async (t) => {
  const broken = await serve(t, { brokenHandshake: true });
  const { deliverer } = makeDeliverer(t);
  assert.deepEqual(show(await deliverer.deliver(request(at(broken)))), ['0 delivered 2.0.0']);
  assert.deepEqual([broken.transactions[0]?.tls, broken.transactions[0]?.connection], [false, 2]);
  const refusing = await serve(t, { tls: good, behaviour: { STARTTLS: '454 4.7.0 not now' } });
  assert.deepEqual(show(await deliverer.deliver(request(at(refusing)))), ['0 delivered 2.0.0']);
  assert.deepEqual([refusing.transactions[0]?.tls, refusing.transactions[0]?.connection], [false, 1]);
});

test('EncryptionOnly: no STARTTLS, a refusal or a failed handshake send to the next host, then defer with 4.4.317', async (t) => {
  const rows: readonly FakeMxOptions[] = [
    {},
    { tls: good, behaviour: { STARTTLS: '454 4.7.0 not now' } },
    { brokenHandshake: true },
  ];
  for (const options of rows) {
    const bad = await serve(t, options);
    const well = await serve(t, { tls: selfSigned().tls });
    const { deliverer } = makeDeliverer(t);
    const strict = (nextHop: NextHop) =>
      request(nextHop, { route: route(nextHop, { tlsLevel: 'EncryptionOnly' }) });
    assert.deepEqual(show(await deliverer.deliver(strict(at(bad)))), ['0 deferred 4.4.317', 'unreachable']);
    assert.deepEqual(show(await deliverer.deliver(strict(at(bad, well)))), ['0 delivered 2.0.0']);
    assert.equal(bad.transactions.length, 0);
    assert.equal(
      bad.commands.some((line) => line.includes('MAIL')),
      false,
    );
  }
});

test('CertificateValidation and DomainValidation are judged before MAIL, and the reason is named', async (t) => {
  const bad = await serve(t, { tls: selfSigned({ dnsNames: ['mx.fabrikam.test'] }).tls });
  const well = await serve(t, { tls: good });
  const { deliverer } = makeDeliverer(t);
  const strict = (
    level: 'CertificateValidation' | 'DomainValidation',
    domain: string | null,
    ...servers: FakeMx[]
  ) =>
    request(at(...servers), {
      route: route(at(...servers), {
        tlsLevel: level,
        tlsDomain: domain === null ? null : { kind: 'exact', domain },
      }),
    });
  const refused = await deliverer.deliver(strict('CertificateValidation', null, bad));
  assert.deepEqual(show(refused), ['0 deferred 4.7.320', 'unreachable']);
  assert.match(
    refused.results[0]?.status.diagnostic ?? '',
    /^Certificate validation failed \[Message=\w+\]: /,
  );
  assert.equal(
    bad.commands.some((line) => line.includes('MAIL')),
    false,
  );
  assert.deepEqual(show(await deliverer.deliver(strict('CertificateValidation', null, bad, well))), [
    '0 delivered 2.0.0',
  ]);
  assert.deepEqual(show(await deliverer.deliver(strict('DomainValidation', 'fabrikam.test', well))), [
    '0 delivered 2.0.0',
  ]);
  const other = await deliverer.deliver(strict('DomainValidation', 'woodgrove.test', well));
  assert.match(other.results[0]?.status.diagnostic ?? '', /\[Message=SubjectMismatch\]/);
  const tls = tlsOf(other);
  assert.equal(tls.verdict, 'Refused');
  assert.deepEqual(tls.chain[0]?.names, ['mx.fabrikam.test', 'fabrikam.test']);
});

test('the server name of a host goes out as SNI, an address does not', async (t) => {
  const mx = await serve(t, { tls: good });
  const named: NextHop = {
    kind: 'smart-hosts',
    hosts: [{ kind: 'name', name: 'mx.fabrikam.test', port: mx.port }],
  };
  const { deliverer } = makeDeliverer(t, { 'mx.fabrikam.test': { A: ['127.0.0.1'] } });
  await deliverer.deliver(request(named));
  await deliverer.deliver(request(at(mx)));
  assert.deepEqual(
    mx.transactions.map((transaction) => transaction.serverName),
    ['mx.fabrikam.test', null],
  );
});

test('a credential is used under TLS only', async (t) => {
  const mx = await serve(t, { tls: good, capabilities: ['PIPELINING', 'AUTH PLAIN LOGIN'] });
  const clear = await serve(t, { capabilities: ['AUTH PLAIN'] });
  const silent = await serve(t, { tls: good });
  const wrong = await serve(t, {
    tls: good,
    capabilities: ['AUTH LOGIN'],
    behaviour: { AUTH: '535 5.7.8 no' },
  });
  const credentials = (guid: string) =>
    Promise.resolve(guid === 'guid' ? { user: 'anna', password: 'secret' } : null);
  const { deliverer } = makeDeliverer(t, {}, { connection: { credentials } });
  const withCredential = (nextHop: NextHop, guid = 'guid') =>
    request(nextHop, { route: route(nextHop, { hasCredential: true, connector: { guid, name: 'C' } }) });
  assert.deepEqual(show(await deliverer.deliver(withCredential(at(mx)))), ['0 relayed 2.0.0']);
  const plain = Buffer.from('\0anna\0secret').toString('base64');
  assert.ok(mx.commands.includes(`1 AUTH PLAIN ${plain}`));
  assert.deepEqual(show(await deliverer.deliver(withCredential(at(clear)))), [
    '0 deferred 4.4.317',
    'unreachable',
  ]);
  assert.equal(
    clear.commands.some((line) => line.includes('AUTH')),
    false,
  );
  assert.deepEqual(show(await deliverer.deliver(withCredential(at(silent)))), [
    '0 deferred 4.7.0',
    'unreachable',
  ]);
  const refused = await deliverer.deliver(withCredential(at(wrong)));
  assert.deepEqual(show(refused), ['0 deferred 4.7.8', 'unreachable']);
  assert.equal(JSON.stringify(refused).includes('secret'), false);
  assert.deepEqual(show(await deliverer.deliver(withCredential(at(mx), 'other'))), [
    '0 deferred 4.7.0',
    'unreachable',
  ]);
});

test('what a server cannot take fails with the reason, unless another one can', async (t) => {
  const plain = await serve(t, { capabilities: ['PIPELINING', 'SIZE 1000'] });
  const able = await serve(t);
  const large = Buffer.from(`Subject: x\r\n\r\n${'x'.repeat(70)}\r\n`.repeat(30));
  const eight = Buffer.from('Subject: x\r\n\r\nGrüße\r\n');
  const rows: readonly [Partial<DeliveryRequest>, string][] = [
    [{ content: { kind: 'memory', bytes: large } }, '5.3.4'],
    [{ content: { kind: 'memory', bytes: eight }, message: message({ body: '8BITMIME' }) }, '5.6.3'],
    [{ message: message({ smtpUtf8: true }) }, '5.6.7'],
  ];
  for (const [more, status] of rows) {
    assert.deepEqual(show(await makeDeliverer(t).deliverer.deliver(request(at(plain), more))), [
      `0 failed ${status}`,
    ]);
    assert.deepEqual(show(await makeDeliverer(t).deliverer.deliver(request(at(plain, able), more))), [
      '0 delivered 2.0.0',
    ]);
  }
  // Declared 8-bit, but all of it is ASCII.
  const declared = request(at(plain), { message: message({ body: '8BITMIME' }) });
  assert.deepEqual(show(await makeDeliverer(t).deliverer.deliver(declared)), ['0 relayed 2.0.0']);
  assert.equal(plain.transactions.at(-1)?.mail.includes('BODY'), false);
});

test('REQUIRETLS needs a server that offers it, and says so to it', async (t) => {
  const without = await serve(t, { tls: good });
  const able = await serve(t, { tls: good, capabilities: ['PIPELINING', 'REQUIRETLS'] });
  const { deliverer } = makeDeliverer(t);
  const wish = { message: message({ requireTls: true }) };
  assert.deepEqual(show(await deliverer.deliver(request(at(without), wish))), ['0 failed 5.7.30']);
  assert.deepEqual(show(await deliverer.deliver(request(at(able), wish))), ['0 relayed 2.0.0']);
  assert.match(able.transactions[0]?.mail ?? '', / REQUIRETLS/);
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
