// Every TlsSettings against every kind of server that can be met, over real sockets through the real deliverer: delivered,
// delivered in clear text, or deferred with which code and reason. The servers prove what the results claim: where a
// delivery must be refused, no MAIL command ever came.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createDeliverer } from '#delivery/deliver.ts';
import type { DeliveryResult } from '#delivery/deliverer.ts';
import { createStaticResolver } from '#dns/static-zones.ts';
import type { DomainPattern } from '#mail/domain-pattern.ts';
import type { NextHop } from '#routing/route.ts';
import { createClientTls } from '#tls/client-tls.ts';
import { createCrlCache } from '#tls/crl-cache.ts';
import { createExpiringFiles } from '#tls/expiring-files.ts';
import { createGuardedFetch } from '#tls/guarded-fetch.ts';
import { createNetworkRules } from '#tls/network-rules.ts';
import { createPeerVerifier } from '#tls/peer-verifier.ts';
import type { RevocationFailureAction, TlsLevel } from '#tls/requirement.ts';
import { createRevocation } from '#tls/revocation.ts';
import { createAuthority, DAY, type Identity, selfSigned } from '../support/certificates.ts';
import type { CrlOptions } from '../support/revocation-lists.ts';
import { deliveryParts, request, route } from '../support/delivery.ts';
import { type FakeMx, type FakeMxOptions, type FakeTls, startFakeMx } from '../support/fake-mx.ts';
import { trusting } from '../support/tls-peers.ts';
import { type Page, startWebServer } from '../support/web-server.ts';

const NAME = 'mx.fabrikam.test';
const now = Date.now();
const root = createAuthority({ commonName: 'Trusted root' });
const middle = root.intermediate({ commonName: 'Trusted intermediate' });
const stranger = createAuthority({ commonName: 'Unknown root' });
const impostor = createAuthority({ commonName: 'Trusted root' });
const good = { dnsNames: [NAME] };

const web = await startWebServer();
const directory = await mkdtemp(join(tmpdir(), 'postern-'));
const resolver = createStaticResolver({ [NAME]: { A: ['127.0.0.1'] } });
const lists = createCrlCache({
  fetch: createGuardedFetch(resolver, createNetworkRules(['127.0.0.0/8'])),
  files: createExpiringFiles(directory),
  now: Date.now,
});
const trust = trusting(root);
let failureAction: RevocationFailureAction = 'Defer';
const parts = deliveryParts();
const deliverer = createDeliverer({
  ...parts,
  resolver,
  // A connection that is kept would spare the next cell its handshake.
  messagesPerConnection: () => 1,
  connection: {
    ...parts.connection,
    handshakeTimeout: 5_000,
    tls: {
      trust,
      clientTls: createClientTls(trust),
      clientCertificate: () => null,
      verifier: createPeerVerifier(createRevocation(lists, Date.now), Date.now),
      revocationFailureAction: () => failureAction,
    },
  },
});
after(async () => {
  await deliverer.close();
  await web.close();
  await rm(directory, { recursive: true, force: true });
});

let published = 0;
function publish(page: Page): string {
  const path = `/${++published}.crl`;
  web.pages.set(path, page);
  return `${web.origin}${path}`;
}

/** A leaf of the root whose list is what `crl` says of it. */
function listed(crl: (leaf: Identity) => CrlOptions, by = root): FakeTls {
  const url = publish({ status: 500 });
  const leaf = root.issue({ ...good, crlUrls: [url] });
  web.pages.set(new URL(url).pathname, { body: by.crl(crl(leaf)) });
  return leaf.tls;
}

const withPage = (page: Page): FakeTls => root.issue({ ...good, crlUrls: [publish(page)] }).tls;

/** The leaf's list is in order; the intermediate is revoked by the root. */
function revokedIntermediate(): FakeTls {
  const url = publish({ status: 500 });
  const revoked = root.intermediate({ commonName: 'Revoked intermediate', crlUrls: [url] });
  web.pages.set(new URL(url).pathname, { body: root.crl({ revoked: [{ serial: revoked.serial }] }) });
  return revoked.issue(good).tls;
}

/** Its list can't be had: what is stapled decides, if it is valid. */
function stapled(status: 'good' | 'revoked', age = 0): FakeTls {
  const leaf = root.issue({ ...good, crlUrls: [publish({ status: 404 })] });
  const times = { thisUpdate: now - age - 3_600_000, nextUpdate: now - age + 3_600_000 };
  return { ...leaf.tls, staple: root.ocsp({ certificate: leaf, status, ...times }) };
}

/** As old servers are: whatever OpenSSL still can. */
const lax = (tls: FakeTls): FakeTls => ({ ...tls, ciphers: 'DEFAULT:@SECLEVEL=0' });
const named = (...dnsNames: string[]): FakeMxOptions => ({ tls: root.issue({ dnsNames }).tls });
const valid = root.issue(good).tls;

/** `tls`: delivered under TLS; `clear`: delivered without; else the code and a word of the reason. */
type Outcome = string;

interface Row {
  readonly server: FakeMxOptions;
  /** TlsDomain of the column `exact`; default: the host's own name. */
  readonly domain?: string;
  /** TlsSettings null, EncryptionOnly, CertificateValidation, DomainValidation (exact name), (`*.fabrikam.test`). */
  readonly outcomes: readonly [Outcome, Outcome, Outcome, Outcome, Outcome];
  readonly action?: RevocationFailureAction;
}

const all = (server: FakeMxOptions): Row => ({ server, outcomes: ['tls', 'tls', 'tls', 'tls', 'tls'] });
/** Encryption is had, the certificate is refused for this reason. */
const untrusted = (tls: FakeTls, reason: string): Row => {
  const refused = `4.7.320 [Message=${reason}]`;
  return { server: { tls }, outcomes: ['tls', 'tls', refused, refused, refused] };
};
const names = (server: FakeMxOptions, exact: boolean, subtree: boolean, domain = NAME): Row => ({
  server,
  domain,
  outcomes: [
    'tls',
    'tls',
    'tls',
    exact ? 'tls' : '4.7.320 [Message=SubjectMismatch]',
    subtree ? 'tls' : '4.7.320 [Message=SubjectMismatch]',
  ],
});
/** No TLS is had. */
const without = (server: FakeMxOptions, words: string, withNull = 'clear'): Row => {
  const refused = `4.4.317 ${words}`;
  return { server, outcomes: [withNull, refused, refused, refused, refused] };
};
const allowing = (row: Row): Row => ({ ...row, action: 'Allow' });
const unknown = 'RevocationStatusUnknown';

const rows: Readonly<Record<string, Row>> = {
  valid: all({ tls: valid }),
  'valid, by an intermediate': all({ tls: middle.issue(good).tls }),
  'valid, TLS 1.2 only': all({ tls: { ...valid, maxVersion: 'TLSv1.2' } }),
  expired: untrusted(
    root.issue({ ...good, notBefore: now - 9 * DAY, notAfter: now - DAY }).tls,
    'CertificateExpired',
  ),
  'not yet valid': untrusted(root.issue({ ...good, notBefore: now + DAY }).tls, 'CertificateNotYetValid'),
  'self-signed': untrusted(selfSigned(good).tls, 'UntrustedRoot'),
  'wrong name': names(named('mx.woodgrove.test'), false, false),
  'a sibling below TlsDomain': names(named('other.fabrikam.test'), false, true),
  'wildcard, one label': names(named('*.fabrikam.test'), true, true),
  'wildcard, two labels': names(named('*.fabrikam.test'), false, true, 'mx.eu.fabrikam.test'),
  'wildcard of a top-level domain': names(named('*.test'), false, false, 'fabrikam.test'),
  'name only in CN': names({ tls: root.issue({ commonName: NAME }).tls }, true, true),
  'name in CN, SAN says otherwise': names(
    { tls: root.issue({ commonName: NAME, dnsNames: ['mx.woodgrove.test'] }).tls },
    false,
    false,
  ),
  'IP SAN only': names(
    { tls: root.issue({ commonName: NAME, ipAddresses: ['127.0.0.1'] }).tls },
    false,
    false,
  ),
  'unknown CA': untrusted(stranger.issue(good).tls, 'PartialChain'),
  'unknown CA that calls itself as ours does': untrusted(impostor.issue(good).tls, 'PartialChain'),
  'missing intermediate': untrusted(middle.issue(good).leafOnly, 'PartialChain'),
  'for e-mail only': untrusted(
    root.issue({ ...good, extendedKeyUsage: ['1.3.6.1.5.5.7.3.4'] }).tls,
    'WrongUsage',
  ),
  'list in order': all({ tls: listed(() => ({})) }),
  'revoked leaf': untrusted(
    listed(({ serial }) => ({ revoked: [{ serial, reason: 1 }] })),
    'Revoked',
  ),
  'revoked intermediate': untrusted(revokedIntermediate(), 'Revoked'),
  'CRL unreachable': untrusted(withPage({ status: 503 }), unknown),
  'CRL unreachable, Allow': allowing(all({ tls: withPage({ status: 503 }) })),
  'CRL stale': untrusted(
    listed(() => ({ thisUpdate: now - 9 * DAY, nextUpdate: now - DAY })),
    unknown,
  ),
  'CRL stale, Allow': allowing(
    all({ tls: listed(() => ({ thisUpdate: now - 9 * DAY, nextUpdate: now - DAY })) }),
  ),
  'CRL signed by another': untrusted(
    listed(() => ({}), impostor),
    unknown,
  ),
  'CRL is a web page': untrusted(withPage({ body: '<!doctype html>' }), unknown),
  'revoked leaf, Allow': allowing(
    untrusted(
      listed(({ serial }) => ({ revoked: [{ serial }] })),
      'Revoked',
    ),
  ),
  'huge CRL, not on it': all({ tls: listed(() => ({ filler: 150_000 })) }),
  'huge CRL, on it': untrusted(
    listed(({ serial }) => ({ filler: 150_000, revoked: [{ serial }] })),
    'Revoked',
  ),
  'CRL without an end': untrusted(withPage({ endless: true }), unknown),
  'stapled good': all({ tls: stapled('good') }),
  'stapled revoked': untrusted(stapled('revoked'), 'Revoked'),
  'stapled stale': untrusted(stapled('good', DAY), unknown),
  'stapled revoked, Allow': allowing(untrusted(stapled('revoked'), 'Revoked')),
  'weak key': untrusted(lax(root.issue({ ...good, key: 'rsa-1024' }).tls), 'WeakKey'),
  'SHA-1': untrusted(lax(root.issue({ ...good, signatureHash: 'sha1' }).tls), 'WeakSignature'),
  'TLS 1.0 only': without(
    { tls: { ...lax(valid), minVersion: 'TLSv1', maxVersion: 'TLSv1' } },
    'The TLS handshake',
  ),
  'TLS 1.1 only': without(
    { tls: { ...lax(valid), minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } },
    'The TLS handshake',
  ),
  'no STARTTLS': without({}, 'does not offer STARTTLS'),
  'STARTTLS refused': without(
    { tls: valid, behaviour: { STARTTLS: '454 4.7.0 TLS not available' } },
    '454 4.7.0',
  ),
  'STARTTLS unknown though offered': without(
    { tls: valid, behaviour: { STARTTLS: '502 5.5.1 what?' } },
    '502 5.5.1',
  ),
  'connection dropped at STARTTLS': without({ tls: valid, behaviour: { STARTTLS: 'drop' } }, 'broke off'),
  'plaintext injected behind the answer to STARTTLS': without(
    { tls: valid, behaviour: { STARTTLS: '220 2.0.0 go ahead\r\n250 injected' } },
    'more in clear text behind its answer to STARTTLS',
  ),
  'handshake cut': without({ tls: valid, brokenHandshake: 'cut' }, 'The TLS handshake'),
  'nonsense for a handshake': without({ brokenHandshake: 'nonsense' }, 'The TLS handshake'),
};

const columns: readonly (readonly [name: string, level: TlsLevel, domain: 'exact' | 'subtree' | null])[] = [
  ['null', 'Opportunistic', null],
  ['EncryptionOnly', 'EncryptionOnly', null],
  ['CertificateValidation', 'CertificateValidation', null],
  ['DomainValidation', 'DomainValidation', 'exact'],
  ['DomainValidation *.', 'DomainValidation', 'subtree'],
];

function deliver(mx: FakeMx, level: TlsLevel, tlsDomain: DomainPattern | null): Promise<DeliveryResult> {
  const nextHop: NextHop = { kind: 'smart-hosts', hosts: [{ kind: 'name', name: NAME, port: mx.port }] };
  return deliverer.deliver(request(nextHop, { route: route(nextHop, { tlsLevel: level, tlsDomain }) }));
}

const mailCommands = (mx: FakeMx) =>
  mx.commands.filter((line) => /MAIL|RCPT|DATA|Subject/i.test(line)).length;

/** What the result and the server say of one delivery, in the table's words. */
function outcomeOf(result: DeliveryResult, mx: FakeMx, before: number, expected: Outcome): Outcome {
  const status = result.results[0]?.status;
  assert.ok(status !== undefined);
  if (status.action === 'delivered' || status.action === 'relayed') {
    return mx.transactions[before]?.tls === true ? 'tls' : 'clear';
  }
  const [, ...words] = expected.split(' ');
  const told = status.diagnostic.includes(words.join(' ')) ? words.join(' ') : status.diagnostic;
  return `${status.action === 'deferred' ? '' : `${status.action} `}${status.status} ${told}`;
}

let cells = 0;
for (const [name, row] of Object.entries(rows)) {
  test(name, async (t) => {
    const mx = await startFakeMx(row.server);
    t.after(() => mx.close());
    failureAction = row.action ?? 'Defer';
    for (const [index, [column, level, how]] of columns.entries()) {
      const expected = row.outcomes[index] ?? '';
      const domain: DomainPattern | null =
        how === null
          ? null
          : how === 'exact'
            ? { kind: 'exact', domain: row.domain ?? NAME }
            : { kind: 'subtree', domain: 'fabrikam.test' };
      const transactions = mx.transactions.length;
      const mails = mailCommands(mx);
      const result = await deliver(mx, level, domain);
      assert.equal(outcomeOf(result, mx, transactions, expected), expected, `${name} / ${column}`);
      const delivered = expected === 'tls' || expected === 'clear';
      assert.equal(mx.transactions.length - transactions, delivered ? 1 : 0, `${name} / ${column}`);
      if (!delivered) assert.equal(mailCommands(mx), mails, `${name} / ${column}: MAIL came`);
      const attempt = result.events.find((event) => event.kind === 'Attempt');
      assert.equal(attempt?.data['host'], NAME);
      cells += 1;
    }
  });
}

test('a certificate that changes between attempts is judged anew each time, and no session is resumed', async (t) => {
  const mx = await startFakeMx({ tls: valid });
  t.after(() => mx.close());
  failureAction = 'Defer';
  const domain: DomainPattern = { kind: 'exact', domain: NAME };
  const changes: readonly (readonly [tls: FakeTls, validated: Outcome])[] = [
    [valid, 'tls'],
    [selfSigned(good).tls, '4.7.320 [Message=UntrustedRoot]'],
    [root.issue({ dnsNames: ['mx.woodgrove.test'] }).tls, '4.7.320 [Message=SubjectMismatch]'],
    [root.issue(good).tls, 'tls'],
  ];
  for (const [tls, validated] of changes) {
    mx.tls = tls;
    for (const level of ['Opportunistic', 'EncryptionOnly', 'DomainValidation'] as const) {
      const expected = level === 'DomainValidation' ? validated : 'tls';
      const transactions = mx.transactions.length;
      const mails = mailCommands(mx);
      const result = await deliver(mx, level, level === 'DomainValidation' ? domain : null);
      assert.equal(outcomeOf(result, mx, transactions, expected), expected, level);
      if (expected !== 'tls') assert.equal(mailCommands(mx), mails);
      cells += 1;
    }
  }
});

test('the matrix is as large as it claims to be', () => assert.ok(cells >= 240, String(cells)));
