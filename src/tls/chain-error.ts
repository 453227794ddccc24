// OpenSSL's codes for a chain that doesn't verify, in Exchange's words and in a sentence with the cure. The words come
// from Exchange's NDRs (`[Message=UntrustedRoot]`); where Exchange has none, they are made in the same manner.
import { isSelfIssued, readable } from './chain.ts';
import type { CertificateFacts } from './certificate-facts.ts';

export interface Refusal {
  readonly reason: string;
  readonly detail: string;
}

const day = (at: number) => new Date(at).toISOString().slice(0, 10);

/** `code` as in TlsEvidence.chainError; `sent` in DER, leaf first. */
export function explainChainError(code: string, sent: readonly Uint8Array[], host: string): Refusal {
  const certificates = sent.map(readable).filter((facts) => facts !== null);
  const [leaf] = certificates;
  if (leaf === undefined || certificates.length < sent.length) {
    return sent.length === 0
      ? { reason: 'EmptyCertificate', detail: `${host} sent no certificate; it must be given one.` }
      : {
          reason: 'InvalidCertificate',
          detail: `${host} sent a certificate that isn't well-formed; it must be issued anew.`,
        };
  }
  return weakness(certificates, host) ?? explainCode(code, leaf, certificates, host);
}

function explainCode(
  code: string,
  leaf: CertificateFacts,
  sent: readonly CertificateFacts[],
  host: string,
): Refusal {
  const last = sent[sent.length - 1] ?? leaf;
  switch (code) {
    case 'CERT_HAS_EXPIRED': {
      const old = sent.reduce((first, each) => (each.notAfter < first.notAfter ? each : first), leaf);
      return {
        reason: 'CertificateExpired',
        detail: `The certificate "${old.label}" of ${host} expired on ${day(old.notAfter)}; its operator must renew it.`,
      };
    }
    case 'CERT_NOT_YET_VALID': {
      const young = sent.reduce((latest, each) => (each.notBefore > latest.notBefore ? each : latest), leaf);
      return {
        reason: 'CertificateNotYetValid',
        detail: `The certificate "${young.label}" of ${host} is valid only from ${day(young.notBefore)}; if that is past, this machine's clock is wrong.`,
      };
    }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return untrusted(`${host} presents a self-signed certificate, "${leaf.label}"`);
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return untrusted(`The root "${last.label}" of ${host}'s certificate isn't trusted here`);
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return isSelfIssued(last)
        ? untrusted(`The root "${last.label}" of ${host}'s certificate isn't trusted here`)
        : partial(last, host);
    case 'INVALID_PURPOSE':
      return {
        reason: 'WrongUsage',
        detail: `A certificate of ${host} ("${leaf.label}") isn't meant for what it is used for; it must be issued for server authentication (key usage and extended key usage).`,
      };
    case 'SESSION_REUSED':
      return {
        reason: 'InvalidChain',
        detail: `${host} resumed a TLS session, which shows no certificate to judge.`,
      };
    default:
      return {
        reason: 'InvalidChain',
        detail: `The certificate chain of ${host} ("${leaf.label}", issued by "${leaf.issuerLabel}") doesn't verify: ${code}.`,
      };
  }
}

function untrusted(what: string): Refusal {
  return {
    reason: 'UntrustedRoot',
    detail: `${what}; its operator must use a certificate of a public authority, or the root must be added to the trusted roots (--ca).`,
  };
}

function partial(last: CertificateFacts, host: string): Refusal {
  return {
    reason: 'PartialChain',
    detail: `The chain of ${host} ends at "${last.label}", and its issuer "${last.issuerLabel}" was neither sent nor is it trusted here; its operator must send the intermediate certificates, or the root must be added to the trusted roots (--ca).`,
  };
}

/** Keys and signatures that anyone with some money can forge, in any certificate but a self-signed last one. */
export function weakness(chain: readonly CertificateFacts[], host: string): Refusal | null {
  for (const facts of chain) {
    if (facts.keyStrength.weak) {
      return {
        reason: 'WeakKey',
        detail: `The certificate "${facts.label}" of ${host} has a weak key (${facts.keyStrength.label}); RSA needs 2048 bits or more. Its operator must have a new one issued.`,
      };
    }
    // A root's own signature proves nothing, so its strength doesn't matter.
    if (facts.signature.weak && !isSelfIssued(facts)) {
      return {
        reason: 'WeakSignature',
        detail: `The certificate "${facts.label}" of ${host} is signed with ${facts.signature.name}, which can be forged; its operator must have a new one issued with SHA-256.`,
      };
    }
  }
  return null;
}
