// Who raises what: a table over routes, wishes and policies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Route } from '#routing/route.ts';
import type { TlsLevel } from '#tls/requirement.ts';
import type { TargetHost } from './target-hosts.ts';
import type { DaneOutcome } from '#tls/dane.ts';
import type { MtaStsPolicy } from '#tls/mta-sts-policy.ts';
import { allowsClearText, type RequirementResult, toTlsRequirement } from './tls-requirement.ts';

const base: Route = {
  connector: { guid: 'g', name: 'C' },
  reason: 'ExactDomain',
  because: '',
  nextHop: { kind: 'mx', domain: 'fabrikam.test' },
  tlsLevel: 'Opportunistic',
  tlsDomain: null,
  ruleRequiresTls: false,
  mtaStsMode: 'Opportunistic',
  smtpDaneMode: 'Opportunistic',
  crossPremisesHeaders: 'Remove',
  senderRewriting: false,
  hasCredential: false,
};
const smart: Route = { ...base, nextHop: { kind: 'smart-hosts', hosts: [] } };
const host: TargetHost = {
  name: 'mx.fabrikam.test',
  address: null,
  port: 25,
  smartHost: false,
  authenticated: false,
};
const tlsa: DaneOutcome = {
  kind: 'authenticate',
  records: [{ usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(1) }],
  names: ['mx.fabrikam.test', 'fabrikam.test'],
};
const none: DaneOutcome = { kind: 'none', why: '' };
const encrypt: DaneOutcome = { kind: 'encrypt', why: '' };
const refuse = (resultType: 'dnssec-invalid' | 'dane-required' | 'tlsa-invalid'): DaneOutcome => ({
  kind: 'refuse',
  resultType,
  detail: '',
});
const listed: MtaStsPolicy = { mode: 'enforce', mx: ['*.fabrikam.test'], maxAge: 1 };

function show(result: RequirementResult): string {
  if (result.kind === 'trouble')
    return result.trouble.kind === 'policy' ? result.trouble.status : result.trouble.kind;
  const { level, authority, names, tlsa: records, mtaStsName } = result.requirement;
  const wanted = names.map((name) => (name.kind === 'any' ? '*' : `${name.kind} ${name.domain}`)).join(',');
  return [level, authority, wanted, records === null ? '' : 'tlsa', mtaStsName ?? '']
    .filter(Boolean)
    .join(' ');
}

function require(
  of: Route,
  more: { requireTls?: boolean; dane?: DaneOutcome; sts?: MtaStsPolicy; host?: TargetHost } = {},
) {
  const policies = of.nextHop.kind === 'mx' ? { dane: more.dane ?? none, mtaSts: more.sts ?? null } : null;
  return show(toTlsRequirement(of, more.host ?? host, more.requireTls ?? false, policies));
}

test('the connector sets the level, a rule raises it', () => {
  assert.equal(require(base), 'Opportunistic Default');
  assert.equal(require({ ...base, tlsLevel: 'EncryptionOnly' }), 'EncryptionOnly Connector');
  assert.equal(require({ ...base, ruleRequiresTls: true }), 'EncryptionOnly TransportRule');
  assert.equal(
    require({ ...base, tlsLevel: 'CertificateValidation', ruleRequiresTls: true }),
    'CertificateValidation Connector',
  );
  assert.equal(
    require({ ...base, tlsLevel: 'DomainValidation' }),
    'DomainValidation Connector exact fabrikam.test',
  );
  const tlsDomain = { kind: 'subtree', domain: 'contoso.test' } as const;
  assert.equal(
    require({ ...smart, tlsLevel: 'DomainValidation', tlsDomain }),
    'DomainValidation Connector subtree contoso.test',
  );
});

test('DANE raises, and beside a connector that verifies both hold', () => {
  assert.equal(require(base, { dane: tlsa }), 'EncryptionOnly Dane tlsa');
  assert.equal(require({ ...base, tlsLevel: 'EncryptionOnly' }, { dane: tlsa }), 'EncryptionOnly Dane tlsa');
  assert.equal(
    require({ ...base, tlsLevel: 'CertificateValidation' }, { dane: tlsa }),
    'CertificateValidation Connector tlsa',
  );
  assert.equal(require(base, { dane: encrypt }), 'EncryptionOnly Dane');
});

test('what a policy refuses has a code of its own', () => {
  assert.equal(require(base, { dane: refuse('tlsa-invalid') }), '4.7.323');
  assert.equal(require(base, { dane: refuse('dane-required') }), '4.7.323');
  assert.equal(require(base, { dane: refuse('dnssec-invalid') }), '4.7.324');
  assert.equal(require(base, { sts: { ...listed, mx: ['other.test'] } }), '4.7.5');
});

test('MTA-STS raises where it is enforced and DANE is not there', () => {
  assert.equal(require(base, { sts: listed }), 'EncryptionOnly MtaSts mx.fabrikam.test');
  assert.equal(
    require({ ...base, tlsLevel: 'DomainValidation' }, { sts: listed }),
    'DomainValidation Connector exact fabrikam.test mx.fabrikam.test',
  );
  assert.equal(require(base, { sts: { ...listed, mode: 'testing' } }), 'Opportunistic Default');
  assert.equal(require(base, { sts: listed, dane: tlsa }), 'EncryptionOnly Dane tlsa');
});

test('a credential and a rule ask for encryption', () => {
  assert.equal(require({ ...smart, hasCredential: true }), 'EncryptionOnly Connector');
  assert.equal(
    require({ ...smart, hasCredential: true, tlsLevel: 'CertificateValidation' }),
    'CertificateValidation Connector',
  );
  assert.equal(require({ ...smart, ruleRequiresTls: true }), 'EncryptionOnly TransportRule');
});

test('REQUIRETLS asks for a certificate that speaks for the host', () => {
  const signed = { ...host, authenticated: true };
  assert.equal(
    require(base, { requireTls: true, host: signed }),
    'DomainValidation RequireTls exact mx.fabrikam.test',
  );
  assert.equal(require(base, { requireTls: true, dane: tlsa }), 'EncryptionOnly Dane tlsa');
  assert.equal(require(base, { requireTls: true, sts: listed }), 'EncryptionOnly MtaSts mx.fabrikam.test');
  assert.equal(
    require({ ...smart, tlsLevel: 'DomainValidation', tlsDomain: { kind: 'any' } }, { requireTls: true }),
    'DomainValidation Connector *',
  );
  assert.equal(
    require(smart, { requireTls: true, host: { ...host, name: '192.0.2.1', address: '192.0.2.1' } }),
    'CertificateValidation RequireTls',
  );
});

test('REQUIRETLS goes only where it is certain who takes the mail: RFC 8689 §4.2.1', () => {
  const testing: MtaStsPolicy = { ...listed, mode: 'testing' };
  assert.equal(require(base, { requireTls: true }), '4.7.5');
  assert.equal(require({ ...base, tlsLevel: 'CertificateValidation' }, { requireTls: true }), '4.7.5');
  assert.equal(require(base, { requireTls: true, sts: { ...listed, mode: 'none' } }), '4.7.5');
  assert.equal(require(base, { requireTls: true, sts: { ...testing, mx: ['other.test'] } }), '4.7.5');
  assert.equal(
    require(base, { requireTls: true, sts: testing }),
    'DomainValidation RequireTls exact mx.fabrikam.test',
  );
  assert.equal(
    require({ ...base, tlsLevel: 'DomainValidation' }, { requireTls: true }),
    'DomainValidation Connector exact fabrikam.test',
  );
});

test('nothing ever lowers what the connector asks', () => {
  const levels: readonly TlsLevel[] = [
    'Opportunistic',
    'EncryptionOnly',
    'CertificateValidation',
    'DomainValidation',
  ];
  const danes: readonly DaneOutcome[] = [tlsa, encrypt, none];
  const policies: readonly (MtaStsPolicy | null)[] = [null, { ...listed, mode: 'testing' }, listed];
  fc.assert(
    fc.property(
      fc.constantFrom(...levels),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(...danes),
      fc.constantFrom(...policies),
      fc.constantFrom(base, smart),
      (tlsLevel, ruleRequiresTls, requireTls, dane, mtaSts, of) => {
        const signed = { ...host, authenticated: true };
        const result = toTlsRequirement({ ...of, tlsLevel, ruleRequiresTls }, signed, requireTls, {
          dane,
          mtaSts,
        });
        assert.equal(result.kind, 'requirement');
        const { requirement } = result;
        assert.ok(levels.indexOf(requirement.level) >= levels.indexOf(tlsLevel));
        assert.equal(requirement.requireTls, requireTls);
        if (tlsLevel !== 'Opportunistic' || ruleRequiresTls || requireTls)
          assert.equal(allowsClearText(requirement), false);
      },
    ),
  );
});
