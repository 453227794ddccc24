// RFC 7671 and RFC 7672 as cases: what the DNS says, what is then asked, and which real handshakes meet it.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createStaticResolver, type StaticName } from '#dns/static-zones.ts';
import { createAuthority, DAY, EKU, selfSigned, type Identity } from '../../test/support/certificates.ts';
import { requirementOf, shakeHands, startTlsServer, trusting } from '../../test/support/tls-peers.ts';
import { strongestDigests } from './dane-match.ts';
import { findDane, isUsable, type DaneMode } from './dane.ts';
import { judge } from './judge.ts';
import type { TlsaRecord, TlsVerdict } from './requirement.ts';

const HOST = 'mail.contoso.com';
const DOMAIN = 'contoso.com';
const now = Date.now();
const root = createAuthority({ commonName: 'DANE anchor' });
const middle = root.intermediate({ commonName: 'DANE intermediate' });
const stranger = createAuthority();
const trust = trusting(stranger);

function tlsa(usage: number, selector: number, matchingType: number, of: Identity): TlsaRecord {
  const certificate = new X509Certificate(of.der);
  const selected =
    selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' });
  const data =
    matchingType === 0
      ? selected
      : createHash(matchingType === 1 ? 'sha256' : 'sha512')
          .update(selected)
          .digest();
  return { usage, selector, matchingType, data };
}

const leaf = middle.issue({ dnsNames: [HOST] });
const good = tlsa(3, 1, 1, leaf);
const digest = (size: number) => new Uint8Array(size).fill(7);

type Zones = Readonly<Record<string, StaticName>>;
const secure = { authenticated: true };
const host = { A: ['192.0.2.1'], ...secure };

const lookups: readonly (readonly [
  name: string,
  zones: Zones,
  exchangers: boolean,
  opportunistic: string,
  mandatory: string,
])[] = [
  [
    'secure records',
    { [HOST]: host, [`_25._tcp.${HOST}`]: { TLSA: [good], ...secure } },
    true,
    'authenticate',
    'authenticate',
  ],
  [
    'insecure MX',
    { [HOST]: host, [`_25._tcp.${HOST}`]: { TLSA: [good], ...secure } },
    false,
    'none',
    'refuse dane-required',
  ],
  [
    'insecure address',
    { [HOST]: { A: ['192.0.2.1'] }, [`_25._tcp.${HOST}`]: { TLSA: [good], ...secure } },
    true,
    'none',
    'refuse dane-required',
  ],
  [
    'insecure TLSA',
    { [HOST]: host, [`_25._tcp.${HOST}`]: { TLSA: [good] } },
    true,
    'none',
    'refuse dane-required',
  ],
  ['no TLSA', { [HOST]: host }, true, 'none', 'refuse dane-required'],
  [
    'TLSA question fails',
    { [HOST]: host, [`_25._tcp.${HOST}`]: { failing: true } },
    true,
    'refuse dnssec-invalid',
    'refuse dnssec-invalid',
  ],
  [
    'PKIX usages only',
    { [HOST]: host, [`_25._tcp.${HOST}`]: { TLSA: [tlsa(0, 0, 1, leaf), tlsa(1, 1, 1, leaf)], ...secure } },
    true,
    'encrypt',
    'refuse dane-required',
  ],
  [
    'unknown parameters only',
    { [HOST]: host, [`_25._tcp.${HOST}`]: { TLSA: [{ ...good, matchingType: 9 }], ...secure } },
    true,
    'encrypt',
    'refuse dane-required',
  ],
  [
    'malformed digest only',
    { [HOST]: host, [`_25._tcp.${HOST}`]: { TLSA: [{ ...good, data: digest(31) }], ...secure } },
    true,
    'encrypt',
    'refuse dane-required',
  ],
  [
    'one usable among unusable',
    { [HOST]: host, [`_25._tcp.${HOST}`]: { TLSA: [tlsa(1, 1, 1, leaf), good], ...secure } },
    true,
    'authenticate',
    'authenticate',
  ],
  [
    'alias, records at its end',
    {
      [HOST]: { CNAME: 'mx.hoster.example', ...secure },
      'mx.hoster.example': host,
      '_25._tcp.mx.hoster.example': { TLSA: [good], ...secure },
    },
    true,
    'authenticate',
    'authenticate',
  ],
  [
    'alias, records at its start',
    {
      [HOST]: { CNAME: 'mx.hoster.example', ...secure },
      'mx.hoster.example': host,
      [`_25._tcp.${HOST}`]: { TLSA: [good], ...secure },
    },
    true,
    'authenticate',
    'authenticate',
  ],
  [
    'alias to an insecure zone',
    { [HOST]: { CNAME: 'mx.hoster.example', ...secure }, 'mx.hoster.example': { A: ['192.0.2.1'] } },
    true,
    'none',
    'refuse dane-required',
  ],
  [
    'alias, the question at its end fails',
    {
      [HOST]: { CNAME: 'mx.hoster.example', ...secure },
      'mx.hoster.example': host,
      '_25._tcp.mx.hoster.example': { failing: true },
      [`_25._tcp.${HOST}`]: { TLSA: [good], ...secure },
    },
    true,
    'refuse dnssec-invalid',
    'refuse dnssec-invalid',
  ],
  [
    'TLSA itself an alias',
    {
      [HOST]: host,
      [`_25._tcp.${HOST}`]: { CNAME: 'tlsa.contoso.com', ...secure },
      'tlsa.contoso.com': { TLSA: [good], ...secure },
    },
    true,
    'authenticate',
    'authenticate',
  ],
  [
    'TLSA alias into an insecure zone',
    {
      [HOST]: host,
      [`_25._tcp.${HOST}`]: { CNAME: 'tlsa.contoso.com', ...secure },
      'tlsa.contoso.com': { TLSA: [good] },
    },
    true,
    'none',
    'refuse dane-required',
  ],
  [
    'other port only',
    { [HOST]: host, [`_587._tcp.${HOST}`]: { TLSA: [good], ...secure } },
    true,
    'none',
    'refuse dane-required',
  ],
];

for (const [name, zones, exchangers, opportunistic, mandatory] of lookups) {
  test(`look-up: ${name}`, async () => {
    const ask = async (mode: DaneMode) => {
      const outcome = await findDane(createStaticResolver(zones), mode, HOST, DOMAIN, 25, exchangers);
      return outcome.kind === 'refuse' ? `refuse ${outcome.resultType}` : outcome.kind;
    };
    assert.equal(await ask('Opportunistic'), opportunistic);
    assert.equal(await ask('Mandatory'), mandatory);
    assert.equal(await ask('None'), 'none');
  });
}

test('the names for DANE-TA are the base domain, the host and the domain', async () => {
  const zones: Zones = {
    [HOST]: { CNAME: 'mx.hoster.example', ...secure },
    'mx.hoster.example': host,
    '_25._tcp.mx.hoster.example': { TLSA: [good, tlsa(1, 1, 1, leaf)], ...secure },
  };
  const outcome = await findDane(createStaticResolver(zones), 'Opportunistic', HOST, DOMAIN, 25, true);
  assert.ok(outcome.kind === 'authenticate');
  assert.deepEqual(outcome.names, ['mx.hoster.example', HOST, DOMAIN]);
  assert.deepEqual(outcome.records, [good]);
});

test('what makes a record usable', () => {
  for (const usage of [0, 1, 4, 255]) assert.equal(isUsable({ ...good, usage }), false);
  for (const selector of [2, 255]) assert.equal(isUsable({ ...good, selector }), false);
  for (const matchingType of [3, 255]) assert.equal(isUsable({ ...good, matchingType }), false);
  assert.equal(isUsable({ ...good, matchingType: 2, data: digest(64) }), true);
  assert.equal(isUsable({ ...good, matchingType: 2, data: digest(32) }), false);
  for (const selector of [0, 1]) {
    assert.equal(isUsable(tlsa(3, selector, 0, leaf)), true);
    assert.equal(isUsable({ usage: 3, selector, matchingType: 0, data: digest(40) }), false);
  }
});

test('RFC 7671 §9: only the strongest digest of a usage and selector counts', () => {
  const weaker = tlsa(3, 1, 1, leaf);
  const stronger = tlsa(3, 1, 2, leaf);
  const full = tlsa(3, 1, 0, leaf);
  const elsewhere = tlsa(3, 0, 1, leaf);
  assert.deepEqual(strongestDigests([weaker, stronger, full, elsewhere]), [stronger, full, elsewhere]);
});

async function verdictOn(server: Identity['tls'], records: readonly TlsaRecord[]): Promise<TlsVerdict> {
  const requirement = requirementOf({
    level: 'EncryptionOnly',
    authority: 'Dane',
    tlsa: records,
    daneNames: [HOST, DOMAIN],
  });
  const listening = await startTlsServer(server);
  try {
    const evidence = await shakeHands(listening.port, requirement, trust);
    return judge(requirement, evidence, { status: 'NotChecked' }, 'Defer', Date.now());
  } finally {
    await listening.close();
  }
}

const old = { notBefore: now - 9 * DAY, notAfter: now - DAY };
const expired = middle.issue({ dnsNames: [HOST], ...old });
const nameless = middle.issue({ dnsNames: ['other.example'] });
const lone = selfSigned({ commonName: 'whatever' });
const wild = middle.issue({ dnsNames: ['*.contoso.com'] });
const expiredMiddle = root.intermediate(old);
const belowExpired = expiredMiddle.issue({ dnsNames: [HOST] });
const shortRoot = createAuthority({ pathLength: 0 });
const tooDeep = shortRoot.intermediate().issue({ dnsNames: [HOST] });
const clientOnly = middle.issue({ dnsNames: [HOST], extendedKeyUsage: [EKU.clientAuth] });
const withAnchor = (identity: Identity, anchor: Identity): Identity['tls'] => ({
  cert: identity.tls.cert + anchor.pem,
  key: identity.keyPem,
});
const bad = tlsa(3, 1, 1, stranger);

const handshakes: readonly (readonly [
  name: string,
  server: Identity['tls'],
  records: readonly TlsaRecord[],
  expected: string,
])[] = [
  ...[0, 1].flatMap((selector) =>
    [0, 1, 2].flatMap((type) => [
      [`3 ${selector} ${type}`, leaf.tls, [tlsa(3, selector, type, leaf)], 'ok'] as const,
      [
        `3 ${selector} ${type} of another`,
        leaf.tls,
        [tlsa(3, selector, type, stranger)],
        'TlsaInvalid',
      ] as const,
      [`2 ${selector} ${type}`, withAnchor(leaf, root), [tlsa(2, selector, type, root)], 'ok'] as const,
      [
        `2 ${selector} ${type} of another`,
        withAnchor(leaf, root),
        [tlsa(2, selector, type, stranger)],
        'TlsaInvalid',
      ] as const,
      [
        `2 ${selector} ${type} of the intermediate`,
        leaf.tls,
        [tlsa(2, selector, type, middle)],
        'ok',
      ] as const,
    ]),
  ),
  ['3: expired counts', expired.tls, [tlsa(3, 1, 1, expired)], 'ok'],
  ['3: another name counts', nameless.tls, [tlsa(3, 1, 1, nameless)], 'ok'],
  ['3: self-signed counts', lone.tls, [tlsa(3, 0, 2, lone)], 'ok'],
  ['3: one of several', leaf.tls, [bad, good], 'ok'],
  ['3: the issuer is not the leaf', leaf.tls, [tlsa(3, 1, 1, middle)], 'TlsaInvalid'],
  [
    '3: the strongest digest alone counts',
    leaf.tls,
    [tlsa(3, 1, 1, leaf), tlsa(3, 1, 2, stranger)],
    'TlsaInvalid',
  ],
  ['2: another name does not', nameless.tls, [tlsa(2, 1, 1, middle)], 'SubjectMismatch'],
  ['2: a wildcard does', wild.tls, [tlsa(2, 1, 1, middle)], 'ok'],
  ['2: expired does not', expired.tls, [tlsa(2, 1, 1, middle)], 'CertificateExpired'],
  [
    '2: an expired intermediate does not',
    withAnchor(belowExpired, root),
    [tlsa(2, 1, 1, root)],
    'CertificateExpired',
  ],
  ['2: not for servers', clientOnly.tls, [tlsa(2, 1, 1, middle)], 'TlsaInvalid'],
  ['2: the leaf is no anchor', leaf.leafOnly, [tlsa(2, 1, 1, leaf)], 'TlsaInvalid'],
  ['2: the anchor was not sent', leaf.tls, [tlsa(2, 1, 1, root)], 'TlsaInvalid'],
  ['2 0 0: the anchor need not be sent', leaf.tls, [tlsa(2, 0, 0, root)], 'ok'],
  ['2 1 0: nor its key', leaf.tls, [tlsa(2, 1, 0, root)], 'ok'],
  ['2: too deep below the anchor', withAnchor(tooDeep, shortRoot), [tlsa(2, 1, 1, shortRoot)], 'TlsaInvalid'],
  ['2 fails, 3 fits', leaf.tls, [tlsa(2, 1, 1, stranger), good], 'ok'],
  ['no record at all', leaf.tls, [], 'TlsaInvalid'],
];

for (const [name, server, records, expected] of handshakes) {
  test(`handshake: ${name}`, async () => {
    const verdict = await verdictOn(server, records);
    assert.equal(verdict.ok ? 'ok' : verdict.reason, expected, verdict.ok ? '' : verdict.detail);
  });
}

test('where the connector asks for validation too, both must hold', async () => {
  const server = await startTlsServer(leaf.tls);
  const base = { tlsa: [good], daneNames: [HOST] };
  const both = requirementOf({ ...base, level: 'CertificateValidation', authority: 'Connector' });
  const evidence = await shakeHands(server.port, both, trust);
  const verdict = judge(both, evidence, { status: 'NotChecked' }, 'Defer', now);
  assert.equal(verdict.ok ? 'ok' : verdict.reason, 'PartialChain');
  const trusted = await shakeHands(server.port, both, trusting(root));
  assert.equal(judge(both, trusted, { status: 'NotChecked' }, 'Defer', now).ok, true);
  await server.close();
});
