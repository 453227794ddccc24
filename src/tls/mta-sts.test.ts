// RFC 8461: records, policies, fetching over real HTTPS on loopback, the cache, and what comes of it all.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import type { Resolver } from '#dns/lookup.ts';
import { createStaticResolver, type StaticName } from '#dns/static-zones.ts';
import { createAuthority, DAY, MINUTE, selfSigned, type Identity } from '../../test/support/certificates.ts';
import { requirementOf } from '../../test/support/tls-peers.ts';
import { startWebServer, type Page } from '../../test/support/web-server.ts';
import { createExpiringFiles, type ExpiringFiles } from './expiring-files.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { createMtaStsCache, type MtaStsAnswer } from './mta-sts-cache.ts';
import { createPolicyFetch } from './mta-sts-fetch.ts';
import { allowsExchanger, parseMtaStsPolicy, readMtaStsRecord } from './mta-sts-policy.ts';
import { connectMtaSts, serveMtaSts } from './mta-sts-port.ts';
import { createNetworkRules } from './network-rules.ts';
import { raiseRequirement } from './policy-precedence.ts';

const root = createAuthority();
const DOMAIN = 'example.com';
/** RFC 8461 §3.2's example. */
const POLICY =
  'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n';
const text = { 'content-type': 'text/plain' };
const PATH = '/.well-known/mta-sts.txt';

test('records: RFC 8461 §3.1', () => {
  const cases: readonly (readonly [texts: readonly string[], id: string | null])[] = [
    [['v=STSv1; id=20160831085700Z;'], '20160831085700Z'],
    [['v=STSv1;id=1'], '1'],
    [['v=spf1 -all', 'v=STSv1; id=a; ext=1'], 'a'],
    [['v=STSv1; ext=1; id=b'], 'b'],
    [['v=STSv1; id=1', 'v=STSv1; id=2'], null],
    [['v=STSv2; id=1'], null],
    [['v=STSv1'], null],
    [['v=STSv1; id='], null],
    [['v=STSv1; id=has-hyphen'], null],
    [[`v=STSv1; id=${'a'.repeat(33)}`], null],
    [['id=1; v=STSv1'], null],
    [[], null],
  ];
  for (const [texts, id] of cases) assert.equal(readMtaStsRecord(texts), id, texts.join('|'));
});

test('policies: RFC 8461 §3.2', () => {
  const good = parseMtaStsPolicy(POLICY);
  assert.ok(good.ok);
  assert.deepEqual(good.value, {
    mode: 'enforce',
    mx: ['mail.example.com', '*.example.net', 'backupmx.example.com'],
    maxAge: 604_800,
  });
  const accepted = [
    POLICY.replaceAll('\r\n', '\n'),
    `${POLICY}unknown_key: whatever\n`,
    `${POLICY}mode: none\n`,
    'version: STSv1\nmode: none\nmax_age: 1\n',
    'version:STSv1\nmode:testing\nmx:a.example\nmax_age:86400',
    POLICY.replace('604800', '9999999999'),
  ];
  for (const each of accepted) assert.equal(parseMtaStsPolicy(each).ok, true, each);
  const capped = parseMtaStsPolicy(POLICY.replace('604800', '9999999999'));
  assert.ok(capped.ok && capped.value.maxAge === 31_557_600);
  const refused = [
    '',
    'mode: enforce\nmx: a.example\nmax_age: 1',
    POLICY.replace('STSv1', 'STSv2'),
    POLICY.replace('enforce', 'strict'),
    POLICY.replace('604800', 'long'),
    POLICY.replace('604800', '-1'),
    POLICY.replace('max_age: 604800', ''),
    POLICY.replaceAll(/mx: .*\r\n/g, ''),
    POLICY.replace('*.example.net', 'a.*.example.net'),
    POLICY.replace('*.example.net', '*example.net'),
    '<!doctype html><html></html>',
  ];
  for (const each of refused) assert.equal(parseMtaStsPolicy(each).ok, false, each);
});

test('exchangers: a wildcard stands for one label', () => {
  const parsed = parseMtaStsPolicy(POLICY);
  assert.ok(parsed.ok);
  const cases: readonly (readonly [string, boolean])[] = [
    ['mail.example.com', true],
    ['backupmx.example.com', true],
    ['other.example.com', false],
    ['mx.example.net', true],
    ['example.net', false],
    ['a.mx.example.net', false],
  ];
  for (const [host, allowed] of cases) assert.equal(allowsExchanger(parsed.value, host), allowed, host);
});

interface Place {
  readonly zones: Record<string, StaticName>;
  readonly web: Awaited<ReturnType<typeof startWebServer>>;
  ask(domain?: string): Promise<MtaStsAnswer>;
  /** A cache that starts anew, as after a restart. */
  restart(): void;
  clock: number;
}

const record = (id: string): StaticName => ({ TXT: [`v=STSv1; id=${id};`] });

async function place(
  t: TestContext,
  page: Page,
  options: { identity?: Identity; files?: ExpiringFiles; networks?: readonly string[] } = {},
): Promise<Place> {
  const identity = options.identity ?? root.issue({ dnsNames: [`mta-sts.${DOMAIN}`] });
  const web = await startWebServer({ [PATH]: page }, identity);
  t.after(() => web.close());
  const zones: Record<string, StaticName> = {
    [`_mta-sts.${DOMAIN}`]: record('1'),
    [`mta-sts.${DOMAIN}`]: { A: ['127.0.0.1'] },
  };
  // The table is read anew with every question, so that a test may change it.
  const resolver: Resolver = { resolve: (name, type) => createStaticResolver(zones).resolve(name, type) };
  const rules = createNetworkRules(options.networks ?? ['127.0.0.1']);
  const fetch = createPolicyFetch(createGuardedFetch(resolver, rules), () => [root.pem], web.port);
  const made: Place = {
    zones,
    web,
    clock: 0,
    ask: (domain = DOMAIN) => cache.policyFor(domain),
    restart() {
      cache = make();
    },
  };
  const make = () =>
    createMtaStsCache({ resolver, fetch, files: options.files ?? null, now: () => Date.now() + made.clock });
  let cache = make();
  return made;
}

test('a policy is found, fetched once, and kept', async (t) => {
  const at = await place(t, { headers: text, body: POLICY });
  const answers = await Promise.all(Array.from({ length: 100 }, () => at.ask()));
  assert.ok(answers.every((answer) => answer.policy?.mode === 'enforce' && answer.fault === null));
  await at.ask();
  assert.equal(at.web.requests.length, 1);
});

const faults: readonly (readonly [
  name: string,
  page: Page,
  fault: string,
  options?: Parameters<typeof place>[2],
])[] = [
  ['not found', { status: 404 }, 'sts-policy-fetch-error'],
  ['server error', { status: 500, headers: text, body: POLICY }, 'sts-policy-fetch-error'],
  [
    'a redirect is not followed',
    { status: 301, headers: { location: '/elsewhere' } },
    'sts-policy-fetch-error',
  ],
  [
    'another media type',
    { headers: { 'content-type': 'text/html' }, body: POLICY },
    'sts-policy-fetch-error',
  ],
  ['no media type', { body: POLICY }, 'sts-policy-fetch-error'],
  ['too large', { headers: text, body: `${POLICY}${'x'.repeat(70_000)}` }, 'sts-policy-fetch-error'],
  ['endless', { headers: text, endless: true }, 'sts-policy-fetch-error'],
  ['not a policy', { headers: text, body: 'hello' }, 'sts-policy-invalid'],
  [
    'expired certificate',
    { headers: text, body: POLICY },
    'sts-webpki-invalid',
    {
      identity: root.issue({
        dnsNames: [`mta-sts.${DOMAIN}`],
        notBefore: Date.now() - 9 * DAY,
        notAfter: Date.now() - DAY,
      }),
    },
  ],
  [
    'certificate for another name',
    { headers: text, body: POLICY },
    'sts-webpki-invalid',
    { identity: root.issue({ dnsNames: [DOMAIN] }) },
  ],
  [
    'self-signed certificate',
    { headers: text, body: POLICY },
    'sts-webpki-invalid',
    { identity: selfSigned({ dnsNames: [`mta-sts.${DOMAIN}`] }) },
  ],
  ['in a private network', { headers: text, body: POLICY }, 'sts-policy-fetch-error', { networks: [] }],
];

for (const [name, page, fault, options] of faults) {
  test(`fetching: ${name}`, async (t) => {
    const at = await place(t, page, options);
    const answer = await at.ask();
    assert.equal(answer.policy, null);
    assert.equal(answer.fault?.type, fault, answer.fault?.detail);
    await at.ask();
    assert.ok(at.web.requests.length <= 1, 'a failure is remembered');
  });
}

test('text/plain may have parameters', async (t) => {
  const at = await place(t, { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: POLICY });
  assert.equal((await at.ask()).policy?.mode, 'enforce');
});

test('no record: nothing is fetched', async (t) => {
  const at = await place(t, { headers: text, body: POLICY });
  delete at.zones[`_mta-sts.${DOMAIN}`];
  assert.deepEqual(await at.ask(), { policy: null, fault: null });
  assert.equal(at.web.requests.length, 0);
});

test('a policy holds when its record or its server goes away, until max_age', async (t) => {
  const at = await place(t, { headers: text, body: POLICY });
  await at.ask();
  delete at.zones[`_mta-sts.${DOMAIN}`];
  assert.equal((await at.ask()).policy?.mode, 'enforce');
  at.zones[`_mta-sts.${DOMAIN}`] = { failing: true };
  assert.equal((await at.ask()).policy?.mode, 'enforce');
  at.zones[`_mta-sts.${DOMAIN}`] = record('2');
  at.web.pages.set(PATH, { status: 503 });
  const answer = await at.ask();
  assert.equal(answer.policy?.mode, 'enforce');
  assert.equal(answer.fault?.type, 'sts-policy-fetch-error');
  at.clock = 8 * DAY;
  assert.equal((await at.ask()).policy, null);
});

test('a new id brings the new policy; mode none ends it', async (t) => {
  const at = await place(t, { headers: text, body: POLICY });
  await at.ask();
  at.web.pages.set(PATH, { headers: text, body: 'version: STSv1\nmode: none\nmax_age: 86400\n' });
  assert.equal((await at.ask()).policy?.mode, 'enforce');
  at.zones[`_mta-sts.${DOMAIN}`] = record('2');
  assert.equal((await at.ask()).policy?.mode, 'none');
});

test('a failed fetch is tried again after five minutes', async (t) => {
  const at = await place(t, { status: 503 });
  await at.ask();
  at.web.pages.set(PATH, { headers: text, body: POLICY });
  assert.equal((await at.ask()).policy, null);
  at.clock = 6 * MINUTE;
  assert.equal((await at.ask()).policy?.mode, 'enforce');
});

test('a policy is renewed daily in the background', async (t) => {
  const at = await place(t, { headers: text, body: POLICY });
  await at.ask();
  at.clock = 1.5 * DAY;
  at.web.pages.set(PATH, { headers: text, body: POLICY.replace('enforce', 'testing') });
  assert.equal((await at.ask()).policy?.mode, 'enforce');
  for (let turn = 0; (await at.ask()).policy?.mode !== 'testing'; turn++) {
    assert.ok(turn < 1_000, 'it is not renewed');
    await setTimeout(1);
  }
});

test('policies survive a restart', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'postern-sts-'));
  t.after(() => rm(directory, { recursive: true }));
  const written: Promise<void>[] = [];
  const files = createExpiringFiles(directory);
  const watched: ExpiringFiles = {
    ...files,
    write(...given) {
      const writing = files.write(...given);
      written.push(writing);
      return writing;
    },
  };
  const at = await place(t, { headers: text, body: POLICY }, { files: watched });
  await at.ask();
  await Promise.all(written);
  at.restart();
  at.web.pages.set(PATH, { status: 503 });
  delete at.zones[`_mta-sts.${DOMAIN}`];
  assert.equal((await at.ask()).policy?.mode, 'enforce');
  assert.equal(at.web.requests.length, 1);
});

test('workers ask through a port, once a minute', async (t) => {
  const at = await place(t, { headers: text, body: POLICY });
  const { port1, port2 } = new MessageChannel();
  let asked = 0;
  serveMtaSts({ policyFor: (domain) => (asked++, at.ask(domain)) }, port1);
  const policies = connectMtaSts(port2, () => Date.now() + at.clock);
  await Promise.all([policies.policyFor(DOMAIN), policies.policyFor(DOMAIN)]);
  assert.equal((await policies.policyFor(DOMAIN)).policy?.mode, 'enforce');
  assert.equal(asked, 1);
  at.clock = 2 * MINUTE;
  await policies.policyFor(DOMAIN);
  assert.equal(asked, 2);
  port1.close();
});

test('what policies make of a requirement: they raise it, never lower it', () => {
  const parsed = parseMtaStsPolicy(POLICY);
  assert.ok(parsed.ok);
  const enforce = parsed.value;
  const testing = { ...enforce, mode: 'testing' } as const;
  const none = { kind: 'none', why: '' } as const;
  const encrypt = { kind: 'encrypt', why: '' } as const;
  const records = [{ usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) }];
  const authenticate = { kind: 'authenticate', records, names: ['mail.example.com'] } as const;
  const refuse = { kind: 'refuse', resultType: 'dnssec-invalid', detail: 'x' } as const;
  const plain = requirementOf({ authority: 'Default' });
  const validating = requirementOf({ level: 'DomainValidation' });
  const requiring = requirementOf({ level: 'DomainValidation', authority: 'RequireTls' });
  const host = 'mail.example.com';
  const raise = (...[base, found]: Parameters<typeof raiseRequirement>) => {
    const result = raiseRequirement(base, found);
    if (result.kind === 'refuse') return `refuse ${result.resultType}`;
    const { level, authority, tlsa, mtaStsName } = result.requirement;
    return `${level} ${authority}${tlsa === null ? '' : ' tlsa'}${mtaStsName === null ? '' : ` ${mtaStsName}`}`;
  };
  assert.equal(raise(plain, { host, dane: none, mtaSts: null }), 'Opportunistic Default');
  assert.equal(raise(plain, { host, dane: none, mtaSts: testing }), 'Opportunistic Default');
  assert.equal(raise(plain, { host, dane: none, mtaSts: enforce }), `EncryptionOnly MtaSts ${host}`);
  assert.equal(
    raise(plain, { host: 'evil.example', dane: none, mtaSts: enforce }),
    'refuse validation-failure',
  );
  assert.equal(raise(plain, { host: 'evil.example', dane: none, mtaSts: testing }), 'Opportunistic Default');
  assert.equal(raise(plain, { host, dane: encrypt, mtaSts: null }), 'EncryptionOnly Dane');
  assert.equal(raise(plain, { host, dane: encrypt, mtaSts: enforce }), `EncryptionOnly MtaSts ${host}`);
  assert.equal(raise(plain, { host, dane: authenticate, mtaSts: enforce }), 'EncryptionOnly Dane tlsa');
  assert.equal(raise(plain, { host, dane: refuse, mtaSts: enforce }), 'refuse dnssec-invalid');
  assert.equal(
    raise(validating, { host, dane: authenticate, mtaSts: enforce }),
    'DomainValidation Connector tlsa',
  );
  assert.equal(
    raise(validating, { host, dane: none, mtaSts: enforce }),
    `DomainValidation Connector ${host}`,
  );
  assert.equal(raise(requiring, { host, dane: authenticate, mtaSts: null }), 'EncryptionOnly Dane tlsa');
});
