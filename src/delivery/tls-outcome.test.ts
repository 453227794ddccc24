// The words under which sessions are counted, and those that say what policies found: tables.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MtaStsPolicy } from '#tls/mta-sts-policy.ts';
import { describePolicies } from './policy-evidence.ts';
import type { HostPolicies } from './tls-requirement.ts';
import { tlsOutcomeOf } from './tls-outcome.ts';
import type { TlsSummary } from './tls-summary.ts';
import type { Trouble } from './trouble.ts';

const seen: TlsSummary = {
  protocol: 'TLSv1.3',
  cipher: '',
  serverName: '',
  level: 'Opportunistic',
  authority: 'Default',
  verdict: 'Accepted',
  revocation: 'NotChecked',
  remark: null,
  testing: null,
  chain: [],
};
const words = { detail: 'why' };

test('each end of a session has its word', () => {
  const rows: readonly (readonly [
    Partial<TlsSummary> | null,
    string | null,
    Trouble | null,
    string | null,
  ])[] = [
    [{}, null, null, 'TLSv1.3 Encryption accepted'],
    [{ level: 'EncryptionOnly', authority: 'Connector' }, null, null, 'TLSv1.3 Encryption accepted'],
    [{ level: 'EncryptionOnly', authority: 'Dane' }, null, null, 'TLSv1.3 Dane accepted'],
    [
      { level: 'EncryptionOnly', authority: 'MtaSts', protocol: 'TLSv1.2' },
      null,
      null,
      'TLSv1.2 MtaSts accepted',
    ],
    [{ level: 'CertificateValidation' }, null, null, 'TLSv1.3 CertificateValidation accepted'],
    [
      { level: 'DomainValidation', revocation: 'Unknown', remark: 'x' },
      null,
      null,
      'TLSv1.3 DomainValidation accepted, revocation unknown',
    ],
    [
      { verdict: 'Refused', remark: 'SubjectMismatch: x' },
      null,
      { kind: 'certificate', reason: '', ...words },
      'TLSv1.3 refused SubjectMismatch',
    ],
    [null, null, null, 'clear text'],
    [null, 'The TLS handshake failed', null, 'clear text after failure'],
    [null, null, { kind: 'tls-not-offered', ...words }, 'not offered'],
    [null, null, { kind: 'handshake', ...words }, 'handshake failed'],
    [null, null, { kind: 'policy', status: '4.7.5', ...words }, 'refused by policy'],
    [null, null, { kind: 'dropped', phase: 'starttls', ...words }, 'STARTTLS refused'],
    [null, null, { kind: 'timeout', phase: 'greeting', ...words }, null],
    [null, null, { kind: 'connect', outcome: 'refused', ...words }, null],
  ];
  for (const [tls, because, trouble, expected] of rows)
    assert.equal(tlsOutcomeOf(tls === null ? null : { ...seen, ...tls }, because, trouble), expected);
});

test('what DANE and MTA-STS said is told in words', () => {
  const policy: MtaStsPolicy = { mode: 'enforce', mx: ['mx.fabrikam.test'], maxAge: 60 };
  const fault = { type: 'sts-policy-fetch-error', detail: 'no answer' } as const;
  const record = { usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(1) };
  const rows: readonly (readonly [HostPolicies, dane: RegExp, mtaSts: RegExp])[] = [
    [
      { dane: { kind: 'none', why: 'unsigned' }, mtaSts: null },
      /^Not used: unsigned$/,
      /^Not used: no policy$/,
    ],
    [
      { dane: { kind: 'authenticate', records: [record], names: [] }, mtaSts: policy },
      /one TLSA record$/,
      /^Mode enforce, hosts mx\.fabrikam\.test$/,
    ],
    [
      {
        dane: { kind: 'authenticate', records: [record, record], names: [] },
        mtaSts: null,
        mtaStsFault: fault,
      },
      /2 TLSA records$/,
      /^Not used: sts-policy-fetch-error: no answer$/,
    ],
    [
      { dane: { kind: 'encrypt', why: 'unusable' }, mtaSts: policy, mtaStsFault: fault },
      /^Encryption only: unusable$/,
      /fetched earlier; sts-policy-fetch-error/,
    ],
    [
      { dane: { kind: 'refuse', resultType: 'dnssec-invalid', detail: 'bogus' }, mtaSts: null },
      /^Refused \(dnssec-invalid\): bogus$/,
      /^Not used/,
    ],
  ];
  for (const [policies, dane, mtaSts] of rows) {
    const found = describePolicies(policies);
    assert.match(found?.dane ?? '', dane);
    assert.match(found?.mtaSts ?? '', mtaSts);
  }
  assert.equal(describePolicies(null), null);
});
