// Whether a server's certificates match TLSA records: RFC 7671 as RFC 7672 narrows it for SMTP. Pure.
// DANE-EE(3) looks at the leaf alone: neither names nor dates nor issuers count. DANE-TA(2) wants a whole chain below
// the anchor that the record names, valid today, and a name. Usages 0 and 1 never reach this file (dane.ts).
import { hash } from 'node:crypto';
import { EKU_SERVER_AUTH, KEY_USAGE } from './certificate-extensions.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { matchesHost, presentedNames } from './certificate-name.ts';
import { isIssuedBy, isSignedBy, readable, sameOctets } from './chain.ts';
import { weakness, type Refusal } from './chain-error.ts';
import { bitOf } from './der.ts';
import type { TlsaRecord, TlsEvidence } from './requirement.ts';

const MAX_DEPTH = 10;

/** Null when one of the records matches. `names`: what a DANE-TA leaf must be for; `now` in milliseconds. */
export function matchTlsa(
  records: readonly TlsaRecord[],
  names: readonly string[],
  evidence: TlsEvidence,
  now: number,
): Refusal | null {
  const host = evidence.serverName;
  const certificates = evidence.certificates.map(readable).filter((facts) => facts !== null);
  const [leaf] = certificates;
  if (leaf === undefined || readable(evidence.certificates[0] ?? new Uint8Array()) !== leaf) {
    return invalid(`${host} sent no certificate that can be read`);
  }
  const strongest = strongestDigests(records);
  if (strongest.some((record) => record.usage === 3 && matchesRecord(record, leaf))) return null;
  const anchors = strongest.filter((record) => record.usage === 2);
  if (anchors.length === 0) {
    return invalid(
      `The certificate "${leaf.label}" of ${host} matches none of the ${records.length} TLSA records`,
    );
  }
  return matchAnchor(anchors, names, certificates, leaf, host, now);
}

/** RFC 7671 §9: for each usage and selector only the strongest digest counts; Full(0) always does. */
export function strongestDigests(records: readonly TlsaRecord[]): readonly TlsaRecord[] {
  return records.filter(
    (record) =>
      record.matchingType === 0 ||
      !records.some(
        (other) =>
          other.usage === record.usage &&
          other.selector === record.selector &&
          other.matchingType > record.matchingType,
      ),
  );
}

/** RFC 6698 §2.1.2 and §2.1.3. */
function matchesRecord(record: TlsaRecord, facts: CertificateFacts): boolean {
  const selected = record.selector === 0 ? facts.der : facts.publicKey;
  if (record.matchingType === 0) return sameOctets(selected, record.data);
  const digest = record.matchingType === 1 ? 'sha256' : 'sha512';
  return sameOctets(hash(digest, selected, 'buffer'), record.data);
}

function matchAnchor(
  anchors: readonly TlsaRecord[],
  names: readonly string[],
  certificates: readonly CertificateFacts[],
  leaf: CertificateFacts,
  host: string,
  now: number,
): Refusal | null {
  const chain = chainToAnchor(anchors, certificates);
  if (chain === null) {
    return invalid(
      `No certificate in the chain of ${host} ("${leaf.label}") is or is issued by a trust anchor of the TLSA records`,
    );
  }
  const fault = faultOf(chain, host, now);
  if (fault !== null) return fault;
  // RFC 7672 §3.2.3: names are checked with DANE-TA only; wildcards cover one label.
  const presented = presentedNames(leaf);
  if (names.some((name) => presented.some((each) => matchesHost(each, name)))) return null;
  return {
    reason: 'SubjectMismatch',
    detail: `The certificate "${leaf.label}" of ${host} is issued below the TLSA trust anchor, but not for ${names.join(' or ')}; its operator must install one that is.`,
  };
}

/** Leaf first, the anchor last unless it is a bare key or wasn't sent (RFC 7671 §5.2.1, §5.2.2). */
function chainToAnchor(
  anchors: readonly TlsaRecord[],
  certificates: readonly CertificateFacts[],
): readonly CertificateFacts[] | null {
  const [leaf] = certificates;
  if (leaf === undefined) return null;
  const chain = [leaf];
  for (let last = leaf; chain.length <= MAX_DEPTH; ) {
    if (last !== leaf && anchors.some((record) => matchesRecord(record, last))) return chain;
    if (anchors.some((record) => isSignedByAnchor(record, last))) return chain;
    const issuer = certificates.find((each) => !chain.includes(each) && isIssuedBy(last, each));
    if (issuer === undefined) return null;
    chain.push(issuer);
    last = issuer;
  }
  return null;
}

/** RFC 7671 §5.2.1: with matching type 0 the anchor is in the record, and needn't be sent. */
function isSignedByAnchor(record: TlsaRecord, certificate: CertificateFacts): boolean {
  if (record.matchingType !== 0) return false;
  if (record.selector === 1) return isSignedBy(certificate, record.data);
  const anchor = readable(record.data);
  return anchor !== null && anchor.isAuthority && isIssuedBy(certificate, anchor);
}

function faultOf(chain: readonly CertificateFacts[], host: string, now: number): Refusal | null {
  for (const [depth, facts] of chain.entries()) {
    if (now > facts.notAfter)
      return dated('CertificateExpired', facts, host, 'has expired; its operator must renew it');
    if (now < facts.notBefore) return dated('CertificateNotYetValid', facts, host, 'is not valid yet');
    if (facts.hasNameConstraints || facts.unknownCritical !== null) {
      return invalid(
        `The certificate "${facts.label}" of ${host} has constraints that can't be checked below a TLSA trust anchor`,
      );
    }
    if (depth > 0 && !maySignAt(facts, depth)) {
      return invalid(`The certificate "${facts.label}" in the chain of ${host} isn't an authority's`);
    }
  }
  const purposes = chain[0]?.extendedKeyUsage ?? null;
  if (purposes !== null && !purposes.includes(EKU_SERVER_AUTH)) {
    return invalid(`The certificate of ${host} isn't issued for server authentication`);
  }
  return weakness(chain.slice(0, -1), host);
}

function dated(reason: string, facts: CertificateFacts, host: string, what: string): Refusal {
  return { reason, detail: `The certificate "${facts.label}" of ${host} ${what}.` };
}

/** RFC 5280 §6.1.4 (k) to (n); `depth` 1 is the leaf's issuer. */
export function maySignAt(facts: CertificateFacts, depth: number): boolean {
  if (!facts.isAuthority) return false;
  if (facts.keyUsage !== null && !bitOf(facts.keyUsage, KEY_USAGE.keyCertSign)) return false;
  return facts.pathLength === null || depth - 1 <= facts.pathLength;
}

function invalid(what: string): Refusal {
  return {
    reason: 'TlsaInvalid',
    detail: `${what}; the receiving domain must publish TLSA records that fit its certificate (RFC 7672).`,
  };
}
