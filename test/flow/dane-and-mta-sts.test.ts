// DANE and MTA-STS against a DNS that signs, doesn't, lies and stays silent, and a web server that serves policies: over
// real sockets, from the resolver to the servers that must not see mail. Cases follow RFC 7671, RFC 7672 and RFC 8461.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { createDeliverer } from '#delivery/deliver.ts';
import type { DeliveryResult } from '#delivery/deliverer.ts';
import { createTlsPolicies } from '#delivery/tls-policies.ts';
import { createResolver } from '#dns/resolver.ts';
import type { NextHop, Route } from '#routing/route.ts';
import { createClientTls } from '#tls/client-tls.ts';
import { createGuardedFetch } from '#tls/guarded-fetch.ts';
import { createMtaStsCache } from '#tls/mta-sts-cache.ts';
import { createPolicyFetch } from '#tls/mta-sts-fetch.ts';
import { createNetworkRules } from '#tls/network-rules.ts';
import type { TlsSession } from '#tls/tls-tally.ts';
import { createAuthority, DAY, type Identity, selfSigned } from '../support/certificates.ts';
import { deliveryParts, message, request, route } from '../support/delivery.ts';
import { type FakeMx, type FakeMxOptions, startFakeMx } from '../support/fake-mx.ts';
import { startTestDns, type TestDns, type TestName, type TestTlsa } from '../support/test-dns.ts';
import { trusting } from '../support/tls-peers.ts';
import { type Page, startWebServer } from '../support/web-server.ts';

const DOMAIN = 'example.com';
const FIRST = 'mx1.example.com';
const SECOND = 'mx2.example.com';
const root = createAuthority({ commonName: 'Trusted root' });
const anchor = createAuthority({ commonName: 'Anchor of example.com' });
const stranger = createAuthority({ commonName: 'Unknown root' });
const own = selfSigned({ dnsNames: ['whatever.invalid'] });
const good = root.issue({ dnsNames: [FIRST] });
const now = Date.now();

const web = await startWebServer({}, root.issue({ dnsNames: [`mta-sts.${DOMAIN}`] }));
after(() => web.close());

const spki = ({ x509 }: Identity) => x509.publicKey.export({ type: 'spki', format: 'der' });
const digest = (name: 'sha256' | 'sha512', data: Uint8Array) => createHash(name).update(data).digest();
const tlsa = (usage: number, selector: number, matchingType: number, data: Uint8Array): TestTlsa => ({
  usage,
  selector,
  matchingType,
  data,
});
/** RFC 7672 §3.1.1: what is recommended. */
const ee = (identity: Identity) => tlsa(3, 1, 1, digest('sha256', spki(identity)));
const ta = (identity: Identity) => tlsa(2, 0, 1, digest('sha256', identity.der));

interface Case {
  /** What the first exchanger shows; null: no STARTTLS. The second one is there only where `second` says what it shows. */
  readonly shows: Identity | null;
  readonly server?: FakeMxOptions;
  readonly second?: Identity;
  /** The zones as they differ from: all signed, no TLSA, no MTA-STS. `P` stands for the port. */
  readonly zones?: Readonly<Record<string, TestName | null>>;
  readonly policy?: Page | string;
  readonly route?: Partial<Route>;
  readonly requireTls?: boolean;
  /** The resolver isn't one to be trusted: its AD bit counts for nothing. */
  readonly untrusted?: boolean;
  /** `tls`, `clear`, or code and words; `2:` before it: by the second exchanger. */
  readonly expected: string;
  /** Who decided, as the attempt's evidence says. */
  readonly authority?: string;
  /** What a TLS report would say of it: policy and result. */
  readonly reported?: string;
}

const signed: TestName = { authenticated: true };
const records = (...list: readonly TestTlsa[]): TestName => ({ TLSA: list, authenticated: true });
const at = (...list: readonly TestTlsa[]) => ({ [`_P._tcp.${FIRST}`]: records(...list) });
const MANDATORY: Partial<Route> = { smtpDaneMode: 'Mandatory' };

const daneCases: Readonly<Record<string, Case>> = {
  'no TLSA records: opportunistic TLS': {
    shows: own,
    expected: 'tls',
    authority: 'Default',
    reported: 'no-policy-found ok',
  },
  'no TLSA records, no STARTTLS: clear text': {
    shows: null,
    expected: 'clear',
    reported: 'no-policy-found starttls-not-supported',
  },
  '3 1 1 matches, whatever the certificate says': {
    shows: own,
    zones: at(ee(own)),
    expected: 'tls',
    authority: 'Dane',
    reported: 'tlsa ok',
  },
  '3 0 1 matches': {
    shows: own,
    zones: at(tlsa(3, 0, 1, digest('sha256', own.der))),
    expected: 'tls',
    authority: 'Dane',
  },
  '3 1 2 matches': {
    shows: own,
    zones: at(tlsa(3, 1, 2, digest('sha512', spki(own)))),
    expected: 'tls',
    authority: 'Dane',
  },
  '3 0 0 matches': { shows: own, zones: at(tlsa(3, 0, 0, own.der)), expected: 'tls', authority: 'Dane' },
  '3 1 0 matches': { shows: own, zones: at(tlsa(3, 1, 0, spki(own))), expected: 'tls', authority: 'Dane' },
  'RFC 7672 §3.1.1: an expired certificate doesn’t matter to DANE-EE': {
    shows: selfSigned({ notBefore: now - 9 * DAY, notAfter: now - DAY, nth: 77 }),
    zones: at(ee(selfSigned({ nth: 77 }))),
    expected: 'tls',
    authority: 'Dane',
  },
  'no match': {
    shows: good,
    zones: at(ee(own)),
    expected: '4.7.320 [Message=TlsaInvalid]',
    authority: 'Dane',
    reported: 'tlsa tlsa-invalid',
  },
  'RFC 7672 §8.1: one of two matches (rollover)': {
    shows: own,
    zones: at(ee(good), ee(own)),
    expected: 'tls',
    authority: 'Dane',
  },
  'RFC 7671 §9: a weaker digest doesn’t count beside a stronger one': {
    shows: own,
    zones: at(tlsa(3, 1, 1, digest('sha256', spki(own))), tlsa(3, 1, 2, digest('sha512', spki(good)))),
    expected: '4.7.320 [Message=TlsaInvalid]',
  },
  'RFC 7672 §2.2: TLSA records, no STARTTLS: deferred': {
    shows: null,
    zones: at(ee(own)),
    expected: '4.4.317 does not offer STARTTLS',
    reported: 'tlsa starttls-not-supported',
  },
  'TLSA records, STARTTLS refused: deferred': {
    shows: own,
    server: { behaviour: { STARTTLS: '454 4.7.0 no' } },
    zones: at(ee(own)),
    expected: '4.4.317 454 4.7.0',
  },
  '2 0 1 matches, with the name of the exchanger': {
    shows: withRoot(anchor.issue({ dnsNames: [FIRST] })),
    zones: at(ta(anchor)),
    expected: 'tls',
    authority: 'Dane',
  },
  '2 0 1 matches, with the name of the domain (RFC 7672 §3.2.2)': {
    shows: withRoot(anchor.issue({ dnsNames: [DOMAIN] })),
    zones: at(ta(anchor)),
    expected: 'tls',
  },
  '2 0 1, another name': {
    shows: withRoot(anchor.issue({ dnsNames: ['other.test'] })),
    zones: at(ta(anchor)),
    expected: '4.7.320 [Message=SubjectMismatch]',
  },
  '2 0 1, expired': {
    shows: withRoot(anchor.issue({ dnsNames: [FIRST], notBefore: now - 9 * DAY, notAfter: now - DAY })),
    zones: at(ta(anchor)),
    expected: '4.7.320 [Message=CertificateExpired]',
  },
  '2 0 1, another authority': {
    shows: withRoot(stranger.issue({ dnsNames: [FIRST] }), stranger),
    zones: at(ta(anchor)),
    expected: '4.7.320 [Message=TlsaInvalid]',
  },
  '2 0 0: the anchor needn’t be sent': {
    shows: anchor.issue({ dnsNames: [FIRST] }),
    zones: at(tlsa(2, 0, 0, anchor.der)),
    expected: 'tls',
  },
  'RFC 7672 §3.1.3: usages 0 and 1 can’t be used: encryption only': {
    shows: own,
    zones: at(tlsa(1, 1, 1, Buffer.alloc(32)), tlsa(0, 0, 1, Buffer.alloc(32))),
    expected: 'tls',
    authority: 'Dane',
  },
  'unusable records, no STARTTLS: deferred': {
    shows: null,
    zones: at(tlsa(3, 1, 9, Buffer.alloc(9))),
    expected: '4.4.317 does not offer STARTTLS',
  },
  'records without AD don’t count': {
    shows: own,
    zones: { [`_P._tcp.${FIRST}`]: { TLSA: [ee(good)] } },
    expected: 'tls',
    authority: 'Default',
  },
  'MX without AD: no DANE at all (RFC 7672 §2.2.1)': {
    shows: own,
    zones: { ...at(ee(good)), [DOMAIN]: { MX: [[10, FIRST]] } },
    expected: 'tls',
    authority: 'Default',
  },
  'addresses without AD: no DANE (RFC 7672 §2.2.2)': {
    shows: own,
    zones: { ...at(ee(good)), [FIRST]: { A: ['127.0.0.1'] } },
    expected: 'tls',
    authority: 'Default',
  },
  'a resolver that isn’t trusted: its AD is nobody’s word': {
    shows: own,
    zones: at(ee(good)),
    untrusted: true,
    expected: 'tls',
    authority: 'Default',
  },
  'TLSA question fails: not sent without knowing (RFC 7672 §2.1.2)': {
    shows: own,
    zones: { [`_P._tcp.${FIRST}`]: { fault: 'servfail' } },
    expected: '4.7.324 TLSA records',
    reported: 'tlsa dnssec-invalid',
  },
  'TLSA question is never answered': {
    shows: own,
    zones: { [`_P._tcp.${FIRST}`]: { fault: 'silent' } },
    expected: '4.7.324 TLSA records',
  },
  'TLSA answer of another question': {
    shows: own,
    zones: { [`_P._tcp.${FIRST}`]: { fault: 'wrong-question' } },
    expected: '4.7.324 TLSA records',
  },
  'TLSA answer with another identity': {
    shows: own,
    zones: { [`_P._tcp.${FIRST}`]: { fault: 'wrong-id' } },
    expected: '4.7.324 TLSA records',
  },
  'TLSA answer is garbage': {
    shows: own,
    zones: { [`_P._tcp.${FIRST}`]: { fault: 'garbage' } },
    expected: '4.7.324 TLSA records',
  },
  'RFC 7672 §2.2.3: an alias is followed, its target asked first': {
    shows: own,
    zones: {
      [FIRST]: { CNAME: 'real.example.net', authenticated: true },
      'real.example.net': { A: ['127.0.0.1'], authenticated: true },
      '_P._tcp.real.example.net': records(ee(own)),
      [`_P._tcp.${FIRST}`]: records(ee(good)),
    },
    expected: 'tls',
    authority: 'Dane',
  },
  'an alias whose target has none: its own name': {
    shows: own,
    zones: {
      [FIRST]: { CNAME: 'real.example.net', authenticated: true },
      'real.example.net': { A: ['127.0.0.1'], authenticated: true },
      ...at(ee(own)),
    },
    expected: 'tls',
    authority: 'Dane',
  },
  'the next-hop domain is its own exchanger': {
    shows: own,
    zones: { [DOMAIN]: { A: ['127.0.0.1'], authenticated: true }, [`_P._tcp.${DOMAIN}`]: records(ee(own)) },
    expected: 'tls',
    authority: 'Dane',
  },
  'secondary exchanger: the first doesn’t match, the second does': {
    shows: good,
    second: own,
    zones: { ...at(ee(own)), [`_P._tcp.${SECOND}`]: records(ee(own)) },
    expected: '2:tls',
    authority: 'Dane',
  },
  'secondary exchanger without TLSA records stays opportunistic': {
    shows: good,
    second: own,
    zones: at(ee(own)),
    expected: '2:tls',
    authority: 'Dane',
  },
  'Mandatory: matches': {
    shows: own,
    zones: at(ee(own)),
    route: MANDATORY,
    expected: 'tls',
    authority: 'Dane',
  },
  'Mandatory: no TLSA records': {
    shows: good,
    route: MANDATORY,
    expected: '4.7.323 SmtpDaneMode is Mandatory',
    reported: 'tlsa dane-required',
  },
  'Mandatory: MX not signed': {
    shows: own,
    zones: { ...at(ee(own)), [DOMAIN]: { MX: [[10, FIRST]] } },
    route: MANDATORY,
    expected: '4.7.323 SmtpDaneMode is Mandatory',
  },
  'Mandatory: unusable records': {
    shows: own,
    zones: at(tlsa(1, 1, 1, Buffer.alloc(32))),
    route: MANDATORY,
    expected: '4.7.323 SmtpDaneMode is Mandatory',
  },
  'Mandatory: the first has none, the second does': {
    shows: good,
    second: own,
    zones: { [`_P._tcp.${SECOND}`]: records(ee(own)) },
    route: MANDATORY,
    expected: '2:tls',
  },
  'None: records are not asked for': {
    shows: own,
    zones: at(ee(good)),
    route: { smtpDaneMode: 'None' },
    expected: 'tls',
    authority: 'Default',
  },
  'beside CertificateValidation both must hold': {
    shows: own,
    zones: at(ee(own)),
    route: { tlsLevel: 'CertificateValidation' },
    expected: '4.7.320 [Message=UntrustedRoot]',
    authority: 'Connector',
  },
  'beside CertificateValidation both hold': {
    shows: good,
    zones: at(ee(good)),
    route: { tlsLevel: 'CertificateValidation' },
    expected: 'tls',
    authority: 'Connector',
  },
};

/** RFC 8461 §3.2, with exchangers of our own. */
const policy = (mode: string, ...hosts: readonly string[]) =>
  `version: STSv1\r\nmode: ${mode}\r\n${hosts.map((host) => `mx: ${host}\r\n`).join('')}max_age: 604800\r\n`;
const announced: Readonly<Record<string, TestName>> = {
  [`_mta-sts.${DOMAIN}`]: { TXT: ['v=STSv1; id=20160831085700Z;'] },
};
const unsigned: Readonly<Record<string, TestName>> = { [DOMAIN]: { MX: [[10, FIRST]] } };
const enforce = policy('enforce', FIRST);
const stsCase = (given: Case): Case => ({ ...given, zones: { ...unsigned, ...announced, ...given.zones } });

const stsCases: Readonly<Record<string, Case>> = {
  'enforce: a trusted certificate for the exchanger': {
    shows: good,
    policy: enforce,
    expected: 'tls',
    authority: 'MtaSts',
    reported: 'sts ok',
  },
  'enforce: a wildcard names it': {
    shows: good,
    policy: policy('enforce', '*.example.com'),
    expected: 'tls',
    authority: 'MtaSts',
  },
  'enforce: RFC 8461 §4.1, a wildcard covers one label': {
    shows: good,
    policy: policy('enforce', '*.com'),
    expected: '4.7.5 MTA-STS',
    reported: 'sts validation-failure',
  },
  'enforce: not among its hosts': {
    shows: good,
    policy: policy('enforce', 'mail.example.net'),
    expected: '4.7.5 MTA-STS',
  },
  'enforce: the second is': {
    shows: good,
    second: root.issue({ dnsNames: [SECOND] }),
    policy: policy('enforce', SECOND),
    expected: '2:tls',
  },
  'enforce: self-signed': {
    shows: own,
    policy: enforce,
    expected: '4.7.320 [Message=UntrustedRoot]',
    authority: 'MtaSts',
    reported: 'sts certificate-not-trusted',
  },
  'enforce: expired': {
    shows: root.issue({ dnsNames: [FIRST], notBefore: now - 9 * DAY, notAfter: now - DAY }),
    policy: enforce,
    expected: '4.7.320 [Message=CertificateExpired]',
    reported: 'sts certificate-expired',
  },
  'enforce: another name': {
    shows: root.issue({ dnsNames: ['other.test'] }),
    policy: enforce,
    expected: '4.7.320 [Message=SubjectMismatch]',
    reported: 'sts certificate-host-mismatch',
  },
  'enforce: the name in the CN only': {
    shows: root.issue({ commonName: FIRST }),
    policy: enforce,
    expected: '4.7.320 [Message=SubjectMismatch]',
  },
  'enforce: no STARTTLS': {
    shows: null,
    policy: enforce,
    expected: '4.4.317 does not offer STARTTLS',
    reported: 'sts starttls-not-supported',
  },
  'enforce: handshake cut': {
    shows: good,
    server: { brokenHandshake: 'cut' },
    policy: enforce,
    expected: '4.4.317 The TLS handshake',
    reported: 'sts validation-failure',
  },
  'testing: everything wrong, delivered and reported': {
    shows: own,
    policy: policy('testing', FIRST),
    expected: 'tls',
    authority: 'Default',
    reported: 'sts certificate-not-trusted',
  },
  'testing: no STARTTLS, delivered in clear text and reported': {
    shows: null,
    policy: policy('testing', FIRST),
    expected: 'clear',
    reported: 'sts starttls-not-supported',
  },
  'testing: handshake cut, delivered in clear text and reported': {
    shows: good,
    server: { brokenHandshake: 'cut' },
    policy: policy('testing', FIRST),
    expected: 'clear',
    reported: 'sts validation-failure',
  },
  'testing: not among its hosts': {
    shows: good,
    policy: policy('testing', 'other.test'),
    expected: 'tls',
    reported: 'sts validation-failure',
  },
  'testing: all well': { shows: good, policy: policy('testing', FIRST), expected: 'tls', reported: 'sts ok' },
  'none: as if there were no policy': {
    shows: own,
    policy: policy('none', FIRST),
    expected: 'tls',
    authority: 'Default',
    reported: 'no-policy-found ok',
  },
  'no record: the policy isn’t looked for': {
    shows: own,
    zones: { [`_mta-sts.${DOMAIN}`]: null },
    policy: enforce,
    expected: 'tls',
    reported: 'no-policy-found ok',
  },
  'two records: no policy (RFC 8461 §3.1)': {
    shows: own,
    zones: { [`_mta-sts.${DOMAIN}`]: { TXT: ['v=STSv1; id=1;', 'v=STSv1; id=2;'] } },
    policy: enforce,
    expected: 'tls',
  },
  'announced, but the page isn’t there': {
    shows: own,
    policy: { status: 404 },
    expected: 'tls',
    reported: 'sts sts-policy-fetch-error',
  },
  'announced, but redirected (RFC 8461 §3.3)': {
    shows: own,
    policy: { status: 302, headers: { location: '/elsewhere' } },
    expected: 'tls',
    reported: 'sts sts-policy-fetch-error',
  },
  'announced, but not text/plain': {
    shows: own,
    policy: { body: enforce, headers: { 'content-type': 'text/html' } },
    expected: 'tls',
    reported: 'sts sts-policy-fetch-error',
  },
  'announced, but nonsense': {
    shows: own,
    policy: 'hello',
    expected: 'tls',
    reported: 'sts sts-policy-invalid',
  },
  'announced, but the web host’s name is an address inside (SSRF)': {
    shows: own,
    zones: { [`mta-sts.${DOMAIN}`]: { A: ['10.0.0.1'] } },
    policy: enforce,
    expected: 'tls',
    reported: 'sts sts-policy-fetch-error',
  },
  'MtaStsMode None: not looked at': {
    shows: own,
    policy: enforce,
    route: { mtaStsMode: 'None' },
    expected: 'tls',
    authority: 'Default',
  },
  'beside DomainValidation both must hold': {
    shows: good,
    policy: enforce,
    route: { tlsLevel: 'DomainValidation', tlsDomain: { kind: 'exact', domain: 'other.test' } },
    expected: '4.7.320 [Message=SubjectMismatch]',
    authority: 'Connector',
  },
  'RFC 8461 §2: where DANE authenticates, it decides: a self-signed certificate passes': {
    shows: own,
    zones: { [DOMAIN]: { MX: [[10, FIRST]], authenticated: true }, ...at(ee(own)) },
    policy: enforce,
    expected: 'tls',
    authority: 'Dane',
    reported: 'tlsa ok',
  },
  'DANE fails, MTA-STS would pass: not sent': {
    shows: good,
    zones: { [DOMAIN]: { MX: [[10, FIRST]], authenticated: true }, ...at(ee(own)) },
    policy: enforce,
    expected: '4.7.320 [Message=TlsaInvalid]',
    authority: 'Dane',
  },
  'unusable TLSA records: MTA-STS decides': {
    shows: own,
    zones: { [DOMAIN]: { MX: [[10, FIRST]], authenticated: true }, ...at(tlsa(1, 1, 1, Buffer.alloc(32))) },
    policy: enforce,
    expected: '4.7.320 [Message=UntrustedRoot]',
  },
  'REQUIRETLS: MTA-STS proves who takes the mail': {
    shows: good,
    server: { capabilities: ['REQUIRETLS'] },
    policy: enforce,
    requireTls: true,
    expected: 'tls',
    authority: 'MtaSts',
  },
  'REQUIRETLS: nothing proves it': {
    shows: good,
    server: { capabilities: ['REQUIRETLS'] },
    zones: { [`_mta-sts.${DOMAIN}`]: null },
    requireTls: true,
    expected: 'failed 5.7.10 nothing proves',
  },
  'REQUIRETLS: DNSSEC proves it, the chain is enough': {
    shows: good,
    server: { capabilities: ['REQUIRETLS'] },
    zones: { [DOMAIN]: { MX: [[10, FIRST]], authenticated: true }, [`_mta-sts.${DOMAIN}`]: null },
    requireTls: true,
    expected: 'tls',
    authority: 'RequireTls',
  },
  'REQUIRETLS: DANE is enough': {
    shows: own,
    server: { capabilities: ['REQUIRETLS'] },
    zones: { [DOMAIN]: { MX: [[10, FIRST]], authenticated: true }, ...at(ee(own)) },
    requireTls: true,
    expected: 'tls',
    authority: 'Dane',
  },
};

/** The chain with its anchor, as a server with a private authority sends it. */
function withRoot(leaf: Identity, above: Identity = anchor): Identity {
  return { ...leaf, tls: { cert: leaf.tls.cert + above.pem, key: leaf.keyPem } };
}

interface Ran {
  readonly result: DeliveryResult;
  readonly hosts: readonly FakeMx[];
  readonly sessions: readonly TlsSession[];
  readonly dns: TestDns;
}

async function run(given: Case): Promise<Ran> {
  const mx1 = await startFakeMx({
    ...given.server,
    ...(given.shows === null ? {} : { tls: given.shows.tls }),
  });
  const mx2 =
    given.second !== undefined
      ? await startFakeMx({ address: '127.0.0.2', port: mx1.port, tls: given.second.tls })
      : null;
  const zones: Record<string, TestName> = {
    [DOMAIN]: {
      ...signed,
      MX:
        mx2 === null
          ? [[10, FIRST]]
          : [
              [10, FIRST],
              [20, SECOND],
            ],
    },
    [FIRST]: { ...signed, A: ['127.0.0.1'] },
    [SECOND]: { ...signed, A: ['127.0.0.2'] },
    [`mta-sts.${DOMAIN}`]: { A: ['127.0.0.1'] },
  };
  for (const [name, data] of Object.entries(given.zones ?? {})) {
    const at = name.replace('_P.', `_${mx1.port}.`);
    if (data === null) delete zones[at];
    else
      zones[at] =
        mx2 !== null && name === DOMAIN && data.MX
          ? {
              ...data,
              MX: [
                [10, FIRST],
                [20, SECOND],
              ],
            }
          : data;
  }
  const dns = await startTestDns(zones);
  const resolver = createResolver({
    servers: [{ address: dns.address, port: dns.port, trusted: given.untrusted !== true }],
    now: Date.now,
    random: (below) => Math.floor(Math.random() * below),
    // What is never answered is waited for in full.
    timeout: Object.values(given.zones ?? {}).some((name) => name?.fault !== undefined) ? 800 : 10_000,
    tries: 1,
  });
  if (given.policy !== undefined) {
    const page =
      typeof given.policy === 'string'
        ? { body: given.policy, headers: { 'content-type': 'text/plain' } }
        : given.policy;
    web.pages.set('/.well-known/mta-sts.txt', page);
  }
  const trust = trusting(root);
  const fetch = createGuardedFetch(resolver, createNetworkRules(['127.0.0.0/8']));
  const mtaSts = createMtaStsCache({
    resolver,
    fetch: createPolicyFetch(fetch, () => trust.pem, web.port),
    files: null,
    now: Date.now,
  });
  const parts = deliveryParts();
  const sessions: TlsSession[] = [];
  const deliverer = createDeliverer({
    ...parts,
    resolver,
    policies: createTlsPolicies({ resolver, mtaSts }),
    recordTls: (session) => void sessions.push(session),
    mxPort: mx1.port,
    connection: {
      ...parts.connection,
      tls: { ...parts.connection.tls, trust, clientTls: createClientTls(trust) },
    },
  });
  const hosts = mx2 === null ? [mx1] : [mx1, mx2];
  try {
    const nextHop: NextHop = { kind: 'mx', domain: DOMAIN };
    const way = route(nextHop, {
      smtpDaneMode: 'Opportunistic',
      mtaStsMode: 'Opportunistic',
      ...given.route,
    });
    const sent = message({ requireTls: given.requireTls ?? false });
    return {
      result: await deliverer.deliver(request(nextHop, { route: way, message: sent })),
      hosts,
      sessions,
      dns,
    };
  } finally {
    await deliverer.close();
    await Promise.all([...hosts.map((host) => host.close()), dns.close()]);
    web.pages.clear();
  }
}

function outcomeOf({ result, hosts }: Ran, expected: string): string {
  const status = result.results[0]?.status;
  const taker = hosts.findIndex((host) => host.transactions.length > 0);
  if (taker >= 0)
    return `${taker === 0 ? '' : '2:'}${hosts[taker]?.transactions[0]?.tls === true ? 'tls' : 'clear'}`;
  const code = `${status?.action === 'deferred' ? '' : `${status?.action} `}${status?.status}`;
  const words = expected.slice(code.length + 1);
  const diagnostic = status?.diagnostic ?? '';
  return `${code} ${words !== '' && diagnostic.includes(words) ? words : diagnostic}`;
}

function check(name: string, given: Case): void {
  test(name, async () => {
    const ran = await run(given);
    assert.equal(outcomeOf(ran, given.expected), given.expected);
    for (const host of ran.hosts)
      if (host.transactions.length === 0)
        assert.equal(
          host.commands.some((line) => line.includes('MAIL')),
          false,
        );
    const attempts = ran.result.events.filter((event) => event.kind === 'Attempt');
    assert.ok(attempts.length > 0);
    const { tls, policies } = attempts[0]?.data ?? {};
    if (given.authority !== undefined) assert.partialDeepStrictEqual(tls, { authority: given.authority });
    assert.ok(
      typeof policies === 'object' && policies !== null && 'dane' in policies && 'mtaSts' in policies,
    );
    const [session] = ran.sessions;
    if (given.reported !== undefined)
      assert.equal(`${session?.policy.type} ${session?.failure?.type ?? 'ok'}`, given.reported);
  });
}

for (const [name, given] of Object.entries(daneCases)) check(`DANE: ${name}`, given);
for (const [name, given] of Object.entries(stsCases)) check(`MTA-STS: ${name}`, stsCase(given));
