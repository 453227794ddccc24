// Real handshakes on loopback: every TlsSettings against every kind of certificate, and what judge() says to each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainPattern } from '#mail/domain-pattern.ts';
import {
  createAuthority,
  DAY,
  EKU,
  selfSigned,
  toAuthority,
  type Identity,
} from '../../test/support/certificates.ts';
import { requirementOf, shakeHands, startTlsServer, trusting } from '../../test/support/tls-peers.ts';
import { element, oid, sequence, set } from './der-writer.ts';
import { judge } from './judge.ts';
import type { TlsLevel, TlsVerdict } from './requirement.ts';

const root = createAuthority({ commonName: 'Trusted root' });
const middle = root.intermediate({ commonName: 'Trusted intermediate' });
const stranger = createAuthority({ commonName: 'Unknown root' });
const trust = trusting(root);
const NAME = 'mail.contoso.com';
const now = Date.now();

type Pem = Identity['tls'];
const withRoot = (identity: Identity, above: Identity): Pem => ({
  cert: identity.tls.cert + above.pem,
  key: identity.keyPem,
});

/** What each level says to it: `ok`, or the reason. */
interface Case {
  readonly name: string;
  readonly server: Pem;
  readonly certificate: string;
  readonly domain: string;
}

const same = (name: string, server: Pem, reason: string): Case => ({
  name,
  server,
  certificate: reason,
  domain: reason,
});
const named = (name: string, identity: Identity, domain: string): Case => ({
  name,
  server: identity.tls,
  certificate: 'ok',
  domain,
});

const good = { dnsNames: [NAME] };
const spelt = sequence(set(sequence(oid('2.5.4.3'), element(0x13, Buffer.from(' trusted  ROOT')))));
const weakMiddle = root.intermediate({ key: 'rsa-1024', nth: 1 });
const forgeableMiddle = root.intermediate({ signatureHash: 'sha1' });
const oldMiddle = root.intermediate({ notBefore: now - 9 * DAY, notAfter: now - DAY });
const noAuthority = root.issue({ ...good, commonName: 'No authority' });
const falseChain = toAuthority(noAuthority).issue(good);

const cases: readonly Case[] = [
  same('valid, by the root', root.issue(good).tls, 'ok'),
  same('valid, by an intermediate', middle.issue(good).tls, 'ok'),
  same('valid, RSA', root.issue({ ...good, key: 'rsa-2048' }).tls, 'ok'),
  same('valid, Ed25519', root.issue({ ...good, key: 'ed25519' }).tls, 'ok'),
  same('valid, the root sent along', withRoot(middle.issue(good), root), 'ok'),
  same('valid, other names beside', root.issue({ dnsNames: ['a.example', NAME, 'b.example'] }).tls, 'ok'),
  same('valid, the issuer spelt differently', root.issue({ ...good, issuerName: spelt }).tls, 'ok'),
  same('valid, no extended key usage', root.issue({ ...good, extendedKeyUsage: null }).tls, 'ok'),
  same(
    'expired',
    root.issue({ ...good, notBefore: now - 9 * DAY, notAfter: now - DAY }).tls,
    'CertificateExpired',
  ),
  same('intermediate expired', oldMiddle.issue(good).tls, 'CertificateExpired'),
  same('not yet valid', root.issue({ ...good, notBefore: now + DAY }).tls, 'CertificateNotYetValid'),
  same('self-signed', selfSigned(good).tls, 'UntrustedRoot'),
  same('unknown authority', stranger.issue(good).tls, 'PartialChain'),
  same('unknown authority, root sent along', withRoot(stranger.issue(good), stranger), 'UntrustedRoot'),
  same('missing intermediate', middle.issue(good).leafOnly, 'PartialChain'),
  same('weak key', root.issue({ ...good, key: 'rsa-1024' }).tls, 'WeakKey'),
  same('weak key of the intermediate', weakMiddle.issue(good).tls, 'WeakKey'),
  same('SHA-1', root.issue({ ...good, signatureHash: 'sha1' }).tls, 'WeakSignature'),
  same('SHA-1 above', forgeableMiddle.issue(good).tls, 'WeakSignature'),
  same('for mail only', root.issue({ ...good, extendedKeyUsage: [EKU.emailProtection] }).tls, 'WrongUsage'),
  same('for clients only', root.issue({ ...good, extendedKeyUsage: [EKU.clientAuth] }).tls, 'WrongUsage'),
  same('issued by a leaf', falseChain.tls, 'InvalidChain'),
  named('wrong name', root.issue({ dnsNames: ['mail.fabrikam.com'] }), 'SubjectMismatch'),
  named('the domain, not the host', root.issue({ dnsNames: ['contoso.com'] }), 'SubjectMismatch'),
  named('wildcard, one label', root.issue({ dnsNames: ['*.contoso.com'] }), 'ok'),
  named('wildcard, two labels', root.issue({ dnsNames: ['*.com'] }), 'SubjectMismatch'),
  named('wildcard below', root.issue({ dnsNames: ['*.mail.contoso.com'] }), 'SubjectMismatch'),
  named('wildcard in part of a label', root.issue({ dnsNames: ['m*.contoso.com'] }), 'SubjectMismatch'),
  named('name only in CN', root.issue({ commonName: NAME }), 'ok'),
  named(
    'name in CN, another in SAN',
    root.issue({ commonName: NAME, dnsNames: ['a.example'] }),
    'SubjectMismatch',
  ),
  named(
    'name in CN, an address in SAN',
    root.issue({ commonName: NAME, ipAddresses: ['127.0.0.1'] }),
    'SubjectMismatch',
  ),
  named('address only', root.issue({ commonName: null, ipAddresses: ['127.0.0.1'] }), 'SubjectMismatch'),
  named('no name at all', root.issue({ commonName: null }), 'SubjectMismatch'),
  named('name with a zero octet', root.issue({ dnsNames: [`${NAME}\0.evil.example`] }), 'SubjectMismatch'),
];

const levels: readonly TlsLevel[] = [
  'Opportunistic',
  'EncryptionOnly',
  'CertificateValidation',
  'DomainValidation',
];
const exact: DomainPattern = { kind: 'exact', domain: NAME };

async function verdictOn(server: Pem, level: TlsLevel, names: readonly DomainPattern[]): Promise<TlsVerdict> {
  const listening = await startTlsServer(server);
  try {
    const requirement = requirementOf({ level, names });
    const evidence = await shakeHands(listening.port, requirement, trust);
    return judge(requirement, evidence, { status: 'NotChecked' }, 'Defer', Date.now());
  } finally {
    await listening.close();
  }
}

for (const { name, server, certificate, domain } of cases) {
  test(`certificate: ${name}`, async () => {
    for (const level of levels) {
      const expected =
        level === 'CertificateValidation' ? certificate : level === 'DomainValidation' ? domain : 'ok';
      const verdict = await verdictOn(server, level, [exact]);
      const said = verdict.ok ? 'ok' : verdict.reason;
      assert.ok(said === expected, `${level}: ${expected} expected, ${said} said`);
      if (!verdict.ok) assert.match(verdict.detail, /^[A-Z"m][^\n]{20,}\.$/);
    }
  });
}

test('TLS 1.0 and 1.1 only: no handshake at any level', async () => {
  for (const maxVersion of ['TLSv1', 'TLSv1.1'] as const) {
    const server = await startTlsServer({ ...root.issue(good).tls, minVersion: 'TLSv1', maxVersion });
    for (const level of levels) {
      await assert.rejects(
        shakeHands(server.port, requirementOf({ level, names: [exact] }), trust),
        /protocol version/i,
      );
    }
    await server.close();
  }
});

test('where nobody looks at the certificate, none is taken', async () => {
  const server = await startTlsServer(root.issue(good).tls);
  const evidence = await shakeHands(server.port, requirementOf({ level: 'EncryptionOnly' }), trust);
  await server.close();
  assert.deepEqual(evidence.certificates, []);
  assert.equal(evidence.protocol, 'TLSv1.3');
});

test('an encrypted level takes even keys that OpenSSL would refuse, and says so by not looking', async () => {
  const verdict = await verdictOn({ ...root.issue({ key: 'rsa-1024' }).tls }, 'EncryptionOnly', []);
  assert.deepEqual(verdict, { ok: true, revocation: 'NotChecked', warning: null });
});

test('a wildcard in TlsDomain takes the domain and all below it', async () => {
  const names: readonly DomainPattern[] = [{ kind: 'subtree', domain: 'contoso.com' }];
  for (const dnsName of ['contoso.com', 'a.b.contoso.com', '*.eu.contoso.com']) {
    const verdict = await verdictOn(root.issue({ dnsNames: [dnsName] }).tls, 'DomainValidation', names);
    assert.equal(verdict.ok, true, dnsName);
  }
  assert.equal(
    (await verdictOn(root.issue({ dnsNames: ['xcontoso.com'] }).tls, 'DomainValidation', names)).ok,
    false,
  );
});

test('a mismatch names what was seen and what was wanted', async () => {
  const verdict = await verdictOn(root.issue({ dnsNames: ['mail.fabrikam.com'] }).tls, 'DomainValidation', [
    exact,
  ]);
  assert.ok(!verdict.ok && verdict.detail.includes('mail.fabrikam.com') && verdict.detail.includes(NAME));
});

test('MTA-STS asks for chain and name, whatever the level, and takes no common name', async () => {
  const requirement = requirementOf({ level: 'Opportunistic', authority: 'MtaSts', mtaStsName: NAME });
  const expectations: readonly (readonly [Identity, string])[] = [
    [root.issue(good), 'ok'],
    [root.issue({ commonName: NAME }), 'SubjectMismatch'],
    [root.issue({ dnsNames: ['other.example'] }), 'SubjectMismatch'],
    [selfSigned(good), 'UntrustedRoot'],
  ];
  for (const [identity, expected] of expectations) {
    const server = await startTlsServer(identity.tls);
    const evidence = await shakeHands(server.port, requirement, trust);
    await server.close();
    const verdict = judge(requirement, evidence, { status: 'NotChecked' }, 'Defer', now);
    assert.equal(verdict.ok ? 'ok' : verdict.reason, expected);
  }
});

test('a second handshake is a full one again: no session is resumed', async () => {
  const server = await startTlsServer(root.issue(good).tls);
  const requirement = requirementOf({ level: 'DomainValidation', names: [exact] });
  for (let i = 0; i < 3; i++) {
    const evidence = await shakeHands(server.port, requirement, trust);
    assert.equal(evidence.certificates.length, 1);
    assert.equal(evidence.verifiedChain.length, 2);
  }
  await server.close();
});

test('a certificate that changes between attempts is judged anew', async () => {
  const requirement = requirementOf({ level: 'DomainValidation', names: [exact] });
  const said: string[] = [];
  for (const identity of [root.issue(good), stranger.issue(good), root.issue(good)]) {
    const server = await startTlsServer(identity.tls);
    const evidence = await shakeHands(server.port, requirement, trust);
    await server.close();
    const verdict = judge(requirement, evidence, { status: 'NotChecked' }, 'Defer', now);
    said.push(verdict.ok ? 'ok' : verdict.reason);
  }
  assert.deepEqual(said, ['ok', 'PartialChain', 'ok']);
});

test('a reload of the roots takes effect with the next handshake', async () => {
  let text = stranger.pem;
  const { createTrustStore } = await import('./trust-store.ts');
  const store = createTrustStore({ file: 'roots.pem', readFile: () => text });
  const server = await startTlsServer(root.issue(good).tls);
  const requirement = requirementOf({ level: 'CertificateValidation' });
  assert.notEqual((await shakeHands(server.port, requirement, store)).chainError, null);
  text = root.pem;
  store.reload();
  assert.equal((await shakeHands(server.port, requirement, store)).chainError, null);
  text = 'nonsense';
  assert.throws(() => store.reload(), /roots.pem holds no certificate/);
  assert.equal((await shakeHands(server.port, requirement, store)).chainError, null);
  await server.close();
});
