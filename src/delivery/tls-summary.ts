// What a handshake showed, as it is kept with every attempt and shown to people: version, cipher, chain, names,
// revocation and the policy that decided. Made once for a connection. Pure; holds text and numbers only.
import type { Refusal } from '#tls/chain-error.ts';
import { certificateFacts } from '#tls/certificate-facts.ts';
import { presentedNames } from '#tls/certificate-name.ts';
import type { TlsEvidence, TlsRequirement, TlsVerdict } from '#tls/requirement.ts';

export interface CertificateSummary {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string;
}

export interface TlsSummary {
  readonly protocol: string;
  readonly cipher: string;
  readonly serverName: string;
  readonly level: TlsRequirement['level'];
  readonly authority: TlsRequirement['authority'];
  readonly verdict: 'Accepted' | 'Refused';
  readonly revocation: string;
  /** Why it was refused, or a warning; null: nothing to say. */
  readonly remark: string | null;
  /** What MTA-STS in mode testing would have refused it for; null: nothing, or there is no such policy. */
  readonly testing: Refusal | null;
  /** Leaf first; empty where no certificate was looked at. */
  readonly chain: readonly CertificateSummary[];
}

const MAX_CERTIFICATES = 6;
const MAX_NAMES = 10;

export function summarizeTls(
  requirement: TlsRequirement,
  evidence: TlsEvidence,
  verdict: TlsVerdict,
  testing: Refusal | null = null,
): TlsSummary {
  const shown = evidence.verifiedChain.length > 0 ? evidence.verifiedChain : evidence.certificates;
  return {
    protocol: evidence.protocol,
    cipher: evidence.cipher,
    serverName: evidence.serverName,
    level: requirement.level,
    authority: requirement.authority,
    verdict: verdict.ok ? 'Accepted' : 'Refused',
    revocation: verdict.ok ? verdict.revocation : 'NotChecked',
    remark: verdict.ok ? verdict.warning : `${verdict.reason}: ${verdict.detail}`,
    testing,
    chain: shown.slice(0, MAX_CERTIFICATES).flatMap(summarizeCertificate),
  };
}

function summarizeCertificate(der: Uint8Array): readonly CertificateSummary[] {
  try {
    const facts = certificateFacts(der);
    return [
      {
        subject: facts.label,
        issuer: facts.issuerLabel,
        // An authority's common name is no host's.
        names:
          facts.isAuthority && !facts.hasAlternativeName
            ? []
            : presentedNames(facts).slice(0, MAX_NAMES).map(printable),
        notAfter: facts.notAfter,
        fingerprint: facts.fingerprint,
      },
    ];
  } catch {
    // What isn't a certificate has been refused, or nobody asked for one.
    return [];
  }
}

function printable(name: string): string {
  return name.replace(/[^!-~]/g, '?').slice(0, 253);
}
