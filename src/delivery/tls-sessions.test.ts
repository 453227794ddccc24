// Which session with a mail exchanger is told of as what (RFC 8460): a table over policies and ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaneOutcome } from '#tls/dane.ts';
import type { MtaStsPolicy } from '#tls/mta-sts-policy.ts';
import { at, MX, route } from '../../test/support/delivery.ts';
import type { TargetHost } from './target-hosts.ts';
import type { HostPolicies } from './tls-requirement.ts';
import { type SessionEnd, toTlsSession } from './tls-sessions.ts';
import type { TlsSummary } from './tls-summary.ts';
import type { Trouble } from './trouble.ts';

const host: TargetHost = {
  name: 'mx.fabrikam.test',
  address: null,
  port: 25,
  smartHost: false,
  authenticated: true,
};
const none: DaneOutcome = { kind: 'none', why: 'unsigned' };
const dane: DaneOutcome = {
  kind: 'authenticate',
  records: [{ usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(0xab) }],
  names: [],
};
const policy = (mode: MtaStsPolicy['mode'], mx = 'mx.fabrikam.test'): MtaStsPolicy => ({
  mode,
  mx: [mx],
  maxAge: 60,
});
const accepted: TlsSummary = {
  protocol: 'TLSv1.3',
  cipher: '',
  serverName: host.name,
  level: 'EncryptionOnly',
  authority: 'MtaSts',
  verdict: 'Accepted',
  revocation: 'NotChecked',
  remark: null,
  testing: null,
  chain: [],
};
const refused = (remark: string, authority: TlsSummary['authority'] = 'MtaSts'): TlsSummary => ({
  ...accepted,
  authority,
  verdict: 'Refused',
  remark,
});
const noStartTls: Trouble = { kind: 'tls-not-offered', detail: '' };
const broken: Trouble = { kind: 'handshake', detail: '' };
const certificate: Trouble = { kind: 'certificate', reason: '', detail: '' };
const sts = (mode: MtaStsPolicy['mode'], mx?: string): HostPolicies => ({
  dane: none,
  mtaSts: policy(mode, mx),
});

function told(policies: HostPolicies | null, end: Partial<SessionEnd>): string | null {
  const session = toTlsSession(route(MX), host, policies, {
    address: '192.0.2.1',
    localAddress: '192.0.2.9',
    tls: null,
    clearTextBecause: null,
    trouble: null,
    ...end,
  });
  return session === null ? null : `${session.policy.type} ${session.failure?.type ?? 'ok'}`;
}

test('sessions in the words of RFC 8460', () => {
  const rows: readonly (readonly [HostPolicies | null, Partial<SessionEnd>, string | null])[] = [
    [null, { tls: accepted }, 'no-policy-found ok'],
    [{ dane: none, mtaSts: null }, { tls: accepted }, 'no-policy-found ok'],
    [{ dane: none, mtaSts: null }, {}, 'no-policy-found starttls-not-supported'],
    [sts('none'), { tls: accepted }, 'no-policy-found ok'],
    [sts('enforce'), { tls: accepted }, 'sts ok'],
    [sts('enforce'), { trouble: noStartTls }, 'sts starttls-not-supported'],
    [sts('enforce'), { trouble: broken }, 'sts validation-failure'],
    [
      sts('enforce'),
      { tls: refused('CertificateExpired: x'), trouble: certificate },
      'sts certificate-expired',
    ],
    [
      sts('enforce'),
      { tls: refused('SubjectMismatch: x'), trouble: certificate },
      'sts certificate-host-mismatch',
    ],
    [
      sts('enforce'),
      { tls: refused('UntrustedRoot: x'), trouble: certificate },
      'sts certificate-not-trusted',
    ],
    // Our connector's own wish isn't the policy's failure.
    [sts('enforce'), { tls: refused('Revoked: x', 'Connector'), trouble: certificate }, 'sts ok'],
    [
      sts('enforce', 'other.test'),
      { trouble: { kind: 'policy', status: '4.7.5', detail: '' } },
      'sts validation-failure',
    ],
    [sts('testing'), { tls: accepted }, 'sts ok'],
    [sts('testing', 'other.test'), { tls: accepted }, 'sts validation-failure'],
    [sts('testing'), {}, 'sts starttls-not-supported'],
    [sts('testing'), { clearTextBecause: 'STARTTLS was refused: 454' }, 'sts starttls-not-supported'],
    [sts('testing'), { clearTextBecause: 'The TLS handshake failed' }, 'sts validation-failure'],
    [
      sts('testing'),
      { tls: { ...accepted, testing: { reason: 'CertificateExpired', detail: 'x' } } },
      'sts certificate-expired',
    ],
    [
      { dane: none, mtaSts: null, mtaStsFault: { type: 'sts-policy-fetch-error', detail: 'x' } },
      { tls: accepted },
      'sts sts-policy-fetch-error',
    ],
    [
      { dane, mtaSts: policy('enforce', 'other.test') },
      { tls: { ...accepted, authority: 'Dane' } },
      'tlsa ok',
    ],
    [
      { dane, mtaSts: null },
      { tls: refused('TlsaInvalid: x', 'Dane'), trouble: certificate },
      'tlsa tlsa-invalid',
    ],
    [{ dane, mtaSts: null }, { trouble: noStartTls }, 'tlsa starttls-not-supported'],
    [
      { dane: { kind: 'refuse', resultType: 'dnssec-invalid', detail: 'x' }, mtaSts: null },
      { trouble: { kind: 'policy', status: '4.7.324', detail: '' } },
      'tlsa dnssec-invalid',
    ],
    [
      { dane: { kind: 'encrypt', why: 'x' }, mtaSts: null },
      { trouble: { kind: 'reply', phase: 'starttls', reply: { code: 454, enhanced: null, lines: [''] } } },
      'tlsa starttls-not-supported',
    ],
    [sts('enforce'), { trouble: { kind: 'connect', outcome: 'refused', detail: '' } }, null],
    [sts('enforce'), { trouble: { kind: 'timeout', phase: 'greeting', detail: '' } }, null],
  ];
  for (const [policies, end, expected] of rows)
    assert.equal(told(policies, end), expected, JSON.stringify([policies, end]));
});

test('smart hosts are nobody’s to report on', () => {
  const toSmartHost = route(at({ port: 25 }));
  const end = { address: '', localAddress: null, tls: accepted, clearTextBecause: null, trouble: null };
  assert.equal(toTlsSession(toSmartHost, { ...host, smartHost: true }, null, end), null);
});

test('a policy is told in its own words', () => {
  const end = { address: '', localAddress: null, tls: accepted, clearTextBecause: null, trouble: null };
  const text = (policies: HostPolicies) => toTlsSession(route(MX), host, policies, end)?.policy.text;
  assert.deepEqual(text({ dane, mtaSts: null }), ['3 1 1 AB']);
  assert.deepEqual(text(sts('enforce')), [
    'version: STSv1',
    'mode: enforce',
    'mx: mx.fabrikam.test',
    'max_age: 60',
  ]);
});
