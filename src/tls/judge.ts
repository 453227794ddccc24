// The verdict on a handshake: whether what was seen meets what was required. Pure and synchronous; the only place that
// says yes. No certificate is parsed where the level asks for encryption only. Every refusal carries Exchange's word for
// it and one sentence that says what is wrong and who can put it right.
import { weakness, explainChainError, type Refusal } from './chain-error.ts';
import { readable } from './chain.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { EKU_SERVER_AUTH } from './certificate-extensions.ts';
import { matchesHost, matchesPatterns, presentedNames } from './certificate-name.ts';
import { matchTlsa } from './dane-match.ts';
import { needsCertificates, needsChain, needsName, needsRevocation } from './requirement-needs.ts';
import type {
  RevocationFailureAction,
  RevocationResult,
  TlsEvidence,
  TlsRequirement,
  TlsVerdict,
} from './requirement.ts';
import type { DomainPattern } from '#mail/domain-pattern.ts';

const NOT_CHECKED: TlsVerdict = { ok: true, revocation: 'NotChecked', warning: null };

/** `now`: milliseconds since 1970; only DANE-TA needs it, other dates are OpenSSL's. */
export function judge(
  requirement: TlsRequirement,
  evidence: TlsEvidence,
  revocation: RevocationResult,
  failureAction: RevocationFailureAction,
  now: number,
): TlsVerdict {
  const refusal = refuseCertificate(requirement, evidence, now);
  return refusal === null
    ? judgeRevocation(requirement, evidence, revocation, failureAction)
    : { ok: false, ...refusal };
}

/** Everything but revocation; null when there is nothing to object to. */
export function refuseCertificate(
  requirement: TlsRequirement,
  evidence: TlsEvidence,
  now: number,
): Refusal | null {
  if (evidence.protocol !== 'TLSv1.3' && evidence.protocol !== 'TLSv1.2') return refuseProtocol(evidence);
  if (!needsCertificates(requirement)) return null;
  if (requirement.tlsa !== null) {
    const refusal = matchTlsa(requirement.tlsa, requirement.daneNames, evidence, now);
    if (refusal !== null) return refusal;
  }
  return needsChain(requirement) ? refuseChain(requirement, evidence) : null;
}

function refuseProtocol(evidence: TlsEvidence): Refusal {
  return {
    reason: 'TlsVersion',
    detail: `${evidence.serverName} negotiated ${evidence.protocol}; TLS 1.2 or 1.3 is needed.`,
  };
}

function refuseChain(requirement: TlsRequirement, evidence: TlsEvidence): Refusal | null {
  const host = evidence.serverName;
  if (evidence.chainError !== null)
    return explainChainError(evidence.chainError, evidence.certificates, host);
  const chain: CertificateFacts[] = [];
  for (const der of evidence.verifiedChain) {
    const facts = readable(der);
    if (facts !== null) chain.push(facts);
  }
  const [leaf] = chain;
  if (leaf === undefined || chain.length < evidence.verifiedChain.length) {
    return explainChainError('CHAIN_NOT_FOUND', evidence.certificates, host);
  }
  return weakness(chain, host) ?? refuseUsage(leaf, host) ?? refuseNames(requirement, leaf, host);
}

/** RFC 5280 §4.2.1.12; OpenSSL has looked too, but takes a leaf without the extension for anything. */
function refuseUsage(leaf: CertificateFacts, host: string): Refusal | null {
  const purposes = leaf.extendedKeyUsage;
  if (purposes === null || purposes.includes(EKU_SERVER_AUTH)) return null;
  return {
    reason: 'WrongUsage',
    detail: `The certificate "${leaf.label}" of ${host} isn't issued for server authentication (extended key usage); its operator needs one that is.`,
  };
}

function refuseNames(requirement: TlsRequirement, leaf: CertificateFacts, host: string): Refusal | null {
  const presented = presentedNames(leaf);
  if (needsName(requirement) && !matchesPatterns(presented, requirement.names)) {
    return mismatch(host, presented, requirement.names.map(patternText));
  }
  const { mtaStsName } = requirement;
  // RFC 8461 §4.1: a DNS-ID of the SAN; the common name doesn't count.
  if (mtaStsName !== null && !leaf.dnsNames.some((name) => matchesHost(name, mtaStsName))) {
    return mismatch(host, leaf.dnsNames, [mtaStsName]);
  }
  return null;
}

function mismatch(host: string, presented: readonly string[], wanted: readonly string[]): Refusal {
  const seen = presented.length === 0 ? 'no DNS name' : listed(presented);
  return {
    reason: 'SubjectMismatch',
    detail: `The certificate of ${host} is for ${seen}, not for ${listed(wanted)}; correct TlsDomain, or have a certificate with that name installed there.`,
  };
}

function patternText(pattern: DomainPattern): string {
  return pattern.kind === 'any' ? '*' : pattern.kind === 'subtree' ? `*.${pattern.domain}` : pattern.domain;
}

const MAX_LISTED = 5;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map((name) => name.replace(/[^!-~]/g, '?').slice(0, 253));
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : '';
  return shown.length === 0 ? 'no name at all' : `${shown.join(', ')}${more}`;
}

/** What is left to say once the certificate itself is in order. */
export function judgeRevocation(
  requirement: TlsRequirement,
  evidence: TlsEvidence,
  revocation: RevocationResult,
  failureAction: RevocationFailureAction,
): TlsVerdict {
  if (!needsRevocation(requirement)) return NOT_CHECKED;
  switch (revocation.status) {
    case 'Good':
    case 'NotChecked':
      return { ok: true, revocation: revocation.status, warning: null };
    case 'Revoked':
      return { ok: false, reason: 'Revoked', detail: `${evidence.serverName}: ${revocation.detail}` };
    default:
      return failureAction === 'Allow'
        ? { ok: true, revocation: 'Unknown', warning: `${evidence.serverName}: ${revocation.detail}` }
        : {
            ok: false,
            reason: 'RevocationStatusUnknown',
            detail: `${evidence.serverName}: ${revocation.detail} Make the list reachable, or set RevocationFailureAction to Allow.`,
          };
  }
}
