// What has to be gathered and checked for a requirement, so that nothing more is: the one place that reads a level that
// way. Pure.
import type { TlsRequirement } from './requirement.ts';

function validates(requirement: TlsRequirement): boolean {
  return requirement.level === 'CertificateValidation' || requirement.level === 'DomainValidation';
}

/**
 * RFC 7672 §2.2: where DANE raised the level, the TLSA records alone authenticate the host. Where the connector itself
 * asks for validation both must hold: DANE never lowers what the administrator set (delivery.md).
 */
function daneAlone(requirement: TlsRequirement): boolean {
  return requirement.tlsa !== null && requirement.authority === 'Dane';
}

/** The certificates that the server sent are looked at. */
export function needsCertificates(requirement: TlsRequirement): boolean {
  return showsChain(requirement) || validates(requirement) || requirement.tlsa !== null;
}

/** The chain is verified, be it only to tell what would have been (MTA-STS in mode testing). */
export function showsChain(requirement: TlsRequirement): boolean {
  return needsChain(requirement) || requirement.mtaStsTesting !== null;
}

/** The chain must verify to a trusted root. */
export function needsChain(requirement: TlsRequirement): boolean {
  return requirement.mtaStsName !== null || (validates(requirement) && !daneAlone(requirement));
}

/** One of `names` must match. */
export function needsName(requirement: TlsRequirement): boolean {
  return requirement.level === 'DomainValidation' && !daneAlone(requirement);
}

/**
 * seed: CertificateValidation and DomainValidation check revocation lists. RFC 8461 §4.1 asks for none, so a level that
 * only MTA-STS raised doesn't either: a CRL server out of reach must not stop what MTA-STS would let through.
 */
export function needsRevocation(requirement: TlsRequirement): boolean {
  return validates(requirement) && !daneAlone(requirement) && requirement.authority !== 'MtaSts';
}
