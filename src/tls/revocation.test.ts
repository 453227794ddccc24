// Revocation from the handshake to the verdict: lists over real HTTP on loopback, stapled answers over real TLS.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { createStaticResolver } from '#dns/static-zones.ts';
import type { DomainPattern } from '#mail/domain-pattern.ts';
import {
  createAuthority,
  DAY,
  EKU,
  MINUTE,
  type Authority,
  type CertificateOptions,
  type Identity,
} from '../../test/support/certificates.ts';
import type { CrlOptions } from '../../test/support/revocation-lists.ts';
import type { OcspOptions } from '../../test/support/ocsp-responses.ts';
import { requirementOf, shakeHands, startTlsServer, trusting } from '../../test/support/tls-peers.ts';
import { startWebServer, type Page } from '../../test/support/web-server.ts';
import { certificateFacts } from './certificate-facts.ts';
import { createCrlCache } from './crl-cache.ts';
import { connectCrls, serveCrls } from './crl-port.ts';
import type { CrlSource } from './crl-source.ts';
import { createExpiringFiles } from './expiring-files.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { createNetworkRules } from './network-rules.ts';
import { createPeerVerifier } from './peer-verifier.ts';
import type { RevocationFailureAction, RevocationResult, TlsLevel, TlsVerdict } from './requirement.ts';
import { createRevocation } from './revocation.ts';

const NAME = 'mail.contoso.com';
const names: readonly DomainPattern[] = [{ kind: 'exact', domain: NAME }];
const now = Date.now();
const web = await startWebServer();
after(() => web.close());

const resolver = createStaticResolver({
  'crl.contoso.com': { A: ['127.0.0.1'] },
  'down.contoso.com': { failing: true },
});
const openFetch = createGuardedFetch(resolver, createNetworkRules(['127.0.0.0/8']));
const strictFetch = createGuardedFetch(resolver, createNetworkRules());

let clock = 0;
const time = () => Date.now() + clock;
const freshCache = (files: Parameters<typeof createCrlCache>[0]['files'] = null) =>
  createCrlCache({ fetch: openFetch, files, now: time });

let pages = 0;
/** Puts a page up at a path of its own and gives its URL. */
function publish(page: Page): string {
  const path = `/${++pages}.crl`;
  web.pages.set(path, page);
  return `${web.origin}${path}`;
}

const requestsFor = (url: string) => web.requests.filter((path) => url.endsWith(path)).length;

async function verdictOn(
  root: Authority,
  leaf: Identity,
  source: CrlSource,
  options: { level?: TlsLevel; action?: RevocationFailureAction; staple?: Buffer } = {},
): Promise<TlsVerdict> {
  const requirement = requirementOf({ level: options.level ?? 'DomainValidation', names });
  const server = await startTlsServer(leaf.tls, options.staple ?? null);
  try {
    const evidence = await shakeHands(server.port, requirement, trusting(root));
    const verifier = createPeerVerifier(createRevocation(source, time), time);
    return await verifier.verify(requirement, evidence, options.action ?? 'Defer');
  } finally {
    await server.close();
  }
}

const said = (verdict: TlsVerdict) => (verdict.ok ? verdict.revocation : verdict.reason);

/** A root and a leaf whose list is what `crl` makes of them. */
function withList(
  page: (root: Authority, leaf: () => Identity, url: string) => Page,
  leafOptions: CertificateOptions = {},
) {
  const root = createAuthority({ commonName: 'Listing root' });
  const url = publish({ status: 500 });
  const leaf = root.issue({ dnsNames: [NAME], crlUrls: [url], ...leafOptions });
  web.pages.set(
    new URL(url).pathname,
    page(root, () => leaf, url),
  );
  return { root, leaf, url };
}

const stranger = createAuthority({ commonName: 'Listing root' });
const lists: readonly (readonly [
  name: string,
  page: (root: Authority, leaf: () => Identity, url: string) => Page,
  reason: string,
  detail: RegExp,
])[] = [
  ['valid list', (root) => ({ body: root.crl() }), 'Good', /^$/],
  ['valid list, in PEM', (root) => ({ body: pem(root.crl()) }), 'Good', /^$/],
  [
    'revoked',
    (root, leaf) => ({ body: root.crl({ revoked: [{ serial: leaf().serial, reason: 1 }] }) }),
    'Revoked',
    /revoked .* on \d{4}-\d\d-\d\d \(key compromise\)/,
  ],
  [
    'on hold',
    (root, leaf) => ({ body: root.crl({ revoked: [{ serial: leaf().serial, reason: 6 }] }) }),
    'Revoked',
    /on hold/,
  ],
  [
    'revoked among many',
    (root, leaf) => ({ body: root.crl({ filler: 5_000, revoked: [{ serial: leaf().serial }] }) }),
    'Revoked',
    /revoked/,
  ],
  ['not among many', (root) => ({ body: root.crl({ filler: 5_000 }) }), 'Good', /^$/],
  ['for this point only', (root, _leaf, url) => ({ body: root.crl({ scope: { uri: url } }) }), 'Good', /^$/],
  [
    'for another point',
    (root) => ({ body: root.crl({ scope: { uri: 'http://crl.example/other.crl' } }) }),
    'RevocationStatusUnknown',
    /is for other certificates/,
  ],
  [
    'for authorities only',
    (root) => ({ body: root.crl({ scope: { onlyAuthorityCertificates: true } }) }),
    'RevocationStatusUnknown',
    /doesn't cover/,
  ],
  ['for users only', (root) => ({ body: root.crl({ scope: { onlyUserCertificates: true } }) }), 'Good', /^$/],
  [
    'indirect',
    (root) => ({ body: root.crl({ scope: { indirect: true } }) }),
    'RevocationStatusUnknown',
    /indirect/,
  ],
  [
    'some reasons',
    (root) => ({ body: root.crl({ scope: { onlySomeReasons: true } }) }),
    'RevocationStatusUnknown',
    /some reasons/,
  ],
  [
    'attribute certificates',
    (root) => ({ body: root.crl({ scope: { onlyAttributeCertificates: true } }) }),
    'RevocationStatusUnknown',
    /attribute/,
  ],
  ['delta', (root) => ({ body: root.crl({ delta: true }) }), 'RevocationStatusUnknown', /delta/],
  [
    'unknown critical extension',
    (root) => ({ body: root.crl({ criticalUnknown: true }) }),
    'RevocationStatusUnknown',
    /critical extension/,
  ],
  [
    'unknown critical entry extension',
    (root) => ({ body: root.crl({ revoked: [{ serial: Buffer.from([1]), criticalUnknown: true }] }) }),
    'RevocationStatusUnknown',
    /critical extension/,
  ],
  [
    'stale',
    (root) => ({ body: root.crl({ thisUpdate: now - 9 * DAY, nextUpdate: now - DAY }) }),
    'RevocationStatusUnknown',
    /stale/,
  ],
  [
    'from the future',
    (root) => ({ body: root.crl({ thisUpdate: now + DAY, nextUpdate: now + 9 * DAY }) }),
    'RevocationStatusUnknown',
    /valid only from/,
  ],
  [
    'without an end',
    (root) => ({ body: root.crl({ nextUpdate: null }) }),
    'RevocationStatusUnknown',
    /nextUpdate/,
  ],
  [
    'signed by another key',
    (root) => ({ body: root.crl({ signer: stranger }) }),
    'RevocationStatusUnknown',
    /signature isn't/,
  ],
  [
    'of another authority',
    () => ({ body: createAuthority().crl() }),
    'RevocationStatusUnknown',
    /another authority/,
  ],
  ['of a namesake', () => ({ body: stranger.crl() }), 'RevocationStatusUnknown', /signature isn't/],
  [
    'tampered with',
    (root, leaf) => ({ body: tampered(root.crl({ revoked: [{ serial: leaf().serial }] }), leaf().serial) }),
    'RevocationStatusUnknown',
    /signature isn't/,
  ],
  [
    'signed with SHA-1',
    (root) => ({ body: root.crl({ signatureHash: 'sha1' }) }),
    'RevocationStatusUnknown',
    /forged/,
  ],
  ['not a list', () => ({ body: '<html>' }), 'RevocationStatusUnknown', /well-formed/],
  ['empty', () => ({ body: '' }), 'RevocationStatusUnknown', /well-formed/],
  ['cut off', (root) => ({ body: root.crl().subarray(0, 90) }), 'RevocationStatusUnknown', /well-formed/],
  ['not found', () => ({ status: 404 }), 'RevocationStatusUnknown', /HTTP status 404/],
  [
    'redirect loop',
    (_root, _leaf, url) => ({ status: 302, headers: { location: url } }),
    'RevocationStatusUnknown',
    /redirects more than 3 times/,
  ],
  [
    'redirect to https',
    () => ({ status: 302, headers: { location: 'https://crl.contoso.com/a.crl' } }),
    'RevocationStatusUnknown',
    /plain http/,
  ],
  [
    'redirect to a file',
    () => ({ status: 302, headers: { location: 'file:///etc/passwd' } }),
    'RevocationStatusUnknown',
    /plain http/,
  ],
  ['endless', () => ({ endless: true }), 'RevocationStatusUnknown', /more than 67108864 octets/],
  [
    'too long by its own word',
    () => ({ headers: { 'content-length': '99999999999' }, stallAfter: 0 }),
    'RevocationStatusUnknown',
    /more than/,
  ],
];

function pem(der: Buffer): string {
  return `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
}

function tampered(list: Buffer, serial: Buffer): Buffer {
  const copy = Buffer.from(list);
  copy[copy.indexOf(serial) + 3] = (copy[copy.indexOf(serial) + 3] ?? 0) ^ 1;
  return copy;
}

for (const [name, page, reason, detail] of lists) {
  test(`list: ${name}`, async () => {
    const { root, leaf } = withList(page);
    const source = freshCache();
    const verdict = await verdictOn(root, leaf, source);
    assert.equal(said(verdict), reason, verdict.ok ? '' : verdict.detail);
    assert.match(verdict.ok ? '' : verdict.detail, detail);
    const lenient = await verdictOn(root, leaf, source, { action: 'Allow', level: 'CertificateValidation' });
    assert.equal(said(lenient), reason === 'RevocationStatusUnknown' ? 'Unknown' : reason);
    if (lenient.ok) assert.equal(lenient.warning !== null, lenient.revocation === 'Unknown');
    for (const level of ['Opportunistic', 'EncryptionOnly'] as const) {
      assert.equal(said(await verdictOn(root, leaf, source, { level })), 'NotChecked');
    }
  });
}

test('a revoked intermediate', async () => {
  const root = createAuthority();
  const url = publish({});
  const middle = root.intermediate({ crlUrls: [url] });
  const leaf = middle.issue({ dnsNames: [NAME] });
  web.pages.set(new URL(url).pathname, { body: root.crl({ revoked: [{ serial: middle.serial }] }) });
  assert.equal(said(await verdictOn(root, leaf, freshCache())), 'Revoked');
  web.pages.set(new URL(url).pathname, { body: root.crl() });
  assert.equal(said(await verdictOn(root, leaf, freshCache())), 'Good');
});

test('one unknown list among good ones makes the whole unknown, and one revoked makes it revoked', async () => {
  const root = createAuthority();
  const url = publish({ body: root.crl() });
  const middle = root.intermediate({ crlUrls: [url] });
  const unknown = middle.issue({ dnsNames: [NAME], crlUrls: [publish({ status: 404 })] });
  assert.equal(said(await verdictOn(root, unknown, freshCache())), 'RevocationStatusUnknown');
  web.pages.set(new URL(url).pathname, { body: root.crl({ revoked: [{ serial: middle.serial }] }) });
  assert.equal(said(await verdictOn(root, unknown, freshCache())), 'Revoked');
});

test('no list named: nothing to check', async () => {
  const root = createAuthority();
  assert.equal(said(await verdictOn(root, root.issue({ dnsNames: [NAME] }), freshCache())), 'NotChecked');
});

test('only a list that HTTP cannot reach: unknown', async () => {
  const root = createAuthority();
  const leaf = root.issue({ dnsNames: [NAME], crlUrls: ['ldap://dc.contoso.com/cn=ca'] });
  const verdict = await verdictOn(root, leaf, freshCache());
  assert.equal(said(verdict), 'RevocationStatusUnknown');
});

test('the second URL serves where the first does not', async () => {
  const root = createAuthority();
  const leaf = root.issue({
    dnsNames: [NAME],
    crlUrls: [publish({ status: 503 }), publish({ body: root.crl() })],
  });
  assert.equal(said(await verdictOn(root, leaf, freshCache())), 'Good');
});

test('an issuer that may not sign lists', async () => {
  const root = createAuthority();
  const middle = root.intermediate({ keyUsage: [5] });
  const leaf = middle.issue({ dnsNames: [NAME], crlUrls: [publish({ body: middle.crl() })] });
  assert.equal(said(await verdictOn(root, leaf, freshCache())), 'RevocationStatusUnknown');
});

test('addresses of the own network are never fetched from, whatever name or redirect leads there', async () => {
  const root = createAuthority();
  const port = web.port;
  const source = createCrlCache({ fetch: strictFetch, files: null, now: time });
  const before = web.requests.length;
  for (const host of [
    '127.0.0.1',
    'crl.contoso.com',
    'localhost',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0',
    '169.254.169.254',
    '10.0.0.1',
    '[fe80::1]',
    '[fd00::1]',
  ]) {
    const leaf = root.issue({ dnsNames: [NAME], crlUrls: [`http://${host}:${port}/a.crl`] });
    const verdict = await verdictOn(root, leaf, source);
    assert.equal(said(verdict), 'RevocationStatusUnknown', host);
  }
  assert.equal(web.requests.length, before);
});

test('a name with public and private addresses is reached at the public ones only', async () => {
  const mixed = createStaticResolver({ 'mixed.contoso.com': { A: ['10.1.2.3', '127.0.0.1'] } });
  const fetch = createGuardedFetch(mixed, createNetworkRules(['127.0.0.1']));
  const url = publish({ body: 'x' });
  const answer = await fetch(url.replace('127.0.0.1', 'mixed.contoso.com'), {
    maxBytes: 10,
    timeout: 2_000,
    maxRedirects: 0,
  });
  assert.equal(answer.ok, true);
});

test('a server that hangs, or stalls in the middle, ends with the time limit', async () => {
  for (const page of [{ hang: true }, { body: 'abc', stallAfter: 2 }]) {
    const answer = await openFetch(publish(page), { maxBytes: 10, timeout: 150, maxRedirects: 0 });
    assert.ok(!answer.ok && answer.reason === 'network');
  }
  const dead = await openFetch('http://down.contoso.com/', { maxBytes: 10, timeout: 500, maxRedirects: 0 });
  assert.ok(!dead.ok && /SERVFAIL/.test(dead.detail));
});

test('a thousand deliveries fetch a list once, also through a port', async () => {
  const { root, leaf, url } = withList((authority) => ({ body: authority.crl() }));
  const { port1, port2 } = new MessageChannel();
  serveCrls(freshCache(), port1);
  const remote = createRevocation(connectCrls(port2), time);
  const chain = [leaf.der, root.der];
  const answers = await Promise.all(Array.from({ length: 1_000 }, async () => remote.check(chain, null)));
  assert.ok(answers.every((answer) => answer.status === 'Good'));
  assert.equal(requestsFor(url), 1);
  const again = remote.check(chain, null);
  assert.ok(!(again instanceof Promise), 'with the list at hand there is nothing to wait for');
  port1.close();
});

test('a failure is remembered for a minute, then asked again', async () => {
  const { root, leaf, url } = withList(() => ({ status: 503 }));
  const revocation = createRevocation(freshCache(), time);
  const check = async (): Promise<RevocationResult> => revocation.check([leaf.der, root.der], null);
  assert.equal((await check()).status, 'Unknown');
  assert.equal((await check()).status, 'Unknown');
  assert.equal(requestsFor(url), 1);
  web.pages.set(new URL(url).pathname, { body: root.crl() });
  clock += 2 * MINUTE;
  assert.equal((await check()).status, 'Good');
  clock = 0;
});

test('lists survive a restart on disk, are verified again, and go when they are old', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'postern-crl-'));
  t.after(() => rm(directory, { recursive: true }));
  const { root, leaf, url } = withList((authority) => ({ body: authority.crl() }));
  const files = createExpiringFiles(directory);
  const written: Promise<void>[] = [];
  const watched = {
    ...files,
    write: (...given: Parameters<typeof files.write>) => (written.push(files.write(...given)), written[0]!),
  };
  const first = createRevocation(freshCache(watched), time);
  assert.equal((await first.check([leaf.der, root.der], null)).status, 'Good');
  await Promise.all(written);
  const [name = ''] = await readdir(directory);
  const second = createRevocation(freshCache(files), time);
  assert.equal((await second.check([leaf.der, root.der], null)).status, 'Good');
  assert.equal(requestsFor(url), 1);

  await writeFile(join(directory, name), root.crl({ signer: stranger }));
  const third = createRevocation(freshCache(files), time);
  assert.equal((await third.check([leaf.der, root.der], null)).status, 'Good');
  assert.equal(requestsFor(url), 2, 'a forged file is fetched anew');

  await writeFile(join(directory, 'ff.cached'), 'old');
  await utimes(join(directory, 'ff.cached'), 1, 1);
  await files.prune(Date.now());
  assert.ok(!(await readdir(directory)).includes('ff.cached'));
});

/** Lets the event loop turn until it is so; fails when that doesn't come about. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (await condition()) return;
    await setTimeout(1);
  }
  assert.fail('it did not come about');
}

test('a list is renewed in the background before it ends, and an older one never replaces it', async (t) => {
  t.after(() => (clock = 0));
  const { root, url } = withList((authority) => ({
    body: authority.crl({ nextUpdate: Date.now() + 4 * DAY }),
  }));
  const path = new URL(url).pathname;
  const issuer = certificateFacts(root.der);
  const cache = freshCache();
  const ask = () => cache.list({ url, issuerName: issuer.subject, issuerKey: issuer.publicKey });
  const first = await ask();
  assert.ok(first.ok);
  web.pages.set(path, { body: root.crl({ thisUpdate: now - 2 * DAY, nextUpdate: now + 9 * DAY }) });
  clock = 2 * DAY;
  await until(async () => {
    const held = await ask();
    assert.ok(held.ok && held.thisUpdate === first.thisUpdate);
    return held.refreshAt > time();
  });
  assert.equal(requestsFor(url), 2);
  clock += 11 * MINUTE;
  web.pages.set(path, { body: root.crl({ nextUpdate: now + 9 * DAY }) });
  await until(async () => {
    const held = await ask();
    return held.ok && held.nextUpdate > first.nextUpdate;
  });
  assert.equal(requestsFor(url), 3);
});

const responder = { extendedKeyUsage: [EKU.ocspSigning] };
const staples: readonly (readonly [
  name: string,
  staple: (root: Authority, leaf: Identity) => Omit<OcspOptions, 'certificate'>,
  /** With a list that says good, with one that says revoked, and without any list. */
  good: string,
  revoked: string,
  none: string,
])[] = [
  ['good', () => ({}), 'Good', 'Good', 'Good'],
  ['good, by name', () => ({ respondAs: 'name' }), 'Good', 'Good', 'Good'],
  ['good, SHA-256 identifiers', () => ({ certIdHash: 'sha256' }), 'Good', 'Good', 'Good'],
  [
    'good, by a responder of its own',
    (root) => ({ responder: root.issue(responder) }),
    'Good',
    'Good',
    'Good',
  ],
  ['revoked', () => ({ status: 'revoked' }), 'Revoked', 'Revoked', 'Revoked'],
  ['unknown', () => ({ status: 'unknown' }), 'Good', 'Revoked', 'RevocationStatusUnknown'],
  ['stale', () => ({ thisUpdate: now - 9 * DAY, nextUpdate: now - DAY }), 'Good', 'Revoked', 'NotChecked'],
  [
    'from the future',
    () => ({ thisUpdate: now + DAY, nextUpdate: now + 2 * DAY }),
    'Good',
    'Revoked',
    'NotChecked',
  ],
  ['without an end', () => ({ nextUpdate: null }), 'Good', 'Revoked', 'NotChecked'],
  ['about another certificate', () => ({ serial: Buffer.from([7]) }), 'Good', 'Revoked', 'NotChecked'],
  ['signed by a stranger', () => ({ responder: stranger.issue(responder) }), 'Good', 'Revoked', 'NotChecked'],
  [
    'signed by a leaf',
    (root) => ({ responder: root.issue({ dnsNames: ['x.example'] }) }),
    'Good',
    'Revoked',
    'NotChecked',
  ],
  ['signed by the leaf itself', (_root, leaf) => ({ responder: leaf }), 'Good', 'Revoked', 'NotChecked'],
  [
    'by an expired responder',
    (root) => ({ responder: root.issue({ ...responder, notBefore: now - 9 * DAY, notAfter: now - DAY }) }),
    'Good',
    'Revoked',
    'NotChecked',
  ],
  ['signed with SHA-1', () => ({ signatureHash: 'sha1' }), 'Good', 'Revoked', 'NotChecked'],
  ['refused', () => ({ responseStatus: 3 }), 'Good', 'Revoked', 'NotChecked'],
];

for (const [name, staple, good, revoked, none] of staples) {
  test(`stapled: ${name}`, async () => {
    const listed = (options: (leaf: Identity) => CrlOptions) =>
      withList((root, leaf) => ({ body: root.crl(options(leaf())) }));
    const withGood = listed(() => ({}));
    const withRevoked = listed((leaf) => ({ revoked: [{ serial: leaf.serial }] }));
    const root = createAuthority();
    const withNone = { root, leaf: root.issue({ dnsNames: [NAME] }) };
    for (const [place, expected] of [
      [withGood, good],
      [withRevoked, revoked],
      [withNone, none],
    ] as const) {
      const answer = place.root.ocsp({ ...staple(place.root, place.leaf), certificate: place.leaf });
      const verdict = await verdictOn(place.root, place.leaf, freshCache(), { staple: answer });
      assert.equal(said(verdict), expected);
    }
  });
}

test('a stapled answer spares the list', async () => {
  const { root, leaf, url } = withList((authority) => ({ body: authority.crl() }));
  await verdictOn(root, leaf, freshCache(), { staple: root.ocsp({ certificate: leaf }) });
  assert.equal(requestsFor(url), 0);
});

test('a stapled answer that is no answer changes nothing', async () => {
  const { root, leaf } = withList((authority) => ({ body: authority.crl() }));
  for (const staple of [Buffer.from('garbage'), Buffer.alloc(100), Buffer.from([0x30, 0x80])]) {
    assert.equal(said(await verdictOn(root, leaf, freshCache(), { staple })), 'Good');
  }
});

test('a refused certificate makes nobody fetch anything', async () => {
  const { leaf, url } = withList((authority) => ({ body: authority.crl() }));
  assert.equal(said(await verdictOn(createAuthority(), leaf, freshCache())), 'PartialChain');
  assert.equal(requestsFor(url), 0);
});

test('a list of 60 megabytes is found through without a million objects', async () => {
  const { root, leaf } = withList((authority, subject) => ({
    body: authority.crl({ filler: 1_600_000, revoked: [{ serial: subject().serial }] }),
  }));
  const source = freshCache();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  assert.equal(said(await verdictOn(root, leaf, source)), 'Revoked');
  assert.ok(process.memoryUsage().heapUsed - before < 30_000_000, 'the JavaScript heap hardly grows');
});
