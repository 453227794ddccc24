// Finds the chain from a leaf to a trusted root among the certificates that a server sent, by names and signatures.
// OpenSSL has already said whether the peer verifies (RFC 5280 §6 in full); this tells which certificates that rests on,
// since node:tls doesn't, so that each can be looked up in its revocation list. A trusted root ends a chain as soon as
// it fits, as in OpenSSL. What was found is remembered by the certificates' fingerprints.
import { certificateFacts, fingerprintOf, type CertificateFacts } from './certificate-facts.ts';
import { bitStringOf, inside, octetsOf, readDer, TAG } from './der.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import { signatureHolds } from './signature-algorithm.ts';
import type { TrustStore } from './trust-store.ts';

const MAX_DEPTH = 10;
/** Signatures checked for one peer; a server that sends more look-alikes than this has no chain. */
const MAX_CHECKS = 40;

const found = new WeakMap<TrustStore, LeastRecentlyUsed<string, readonly CertificateFacts[]>>();

/** Leaf to root; null when there is none, or when a certificate can't be read. */
export function findChain(
  sent: readonly Uint8Array[],
  trust: TrustStore,
): readonly CertificateFacts[] | null {
  const leaf = sent[0];
  if (leaf === undefined) return null;
  let memory = found.get(trust);
  if (memory === undefined) found.set(trust, (memory = new LeastRecentlyUsed(2_000)));
  const key = `${trust.generation} ${sent.map(fingerprintOf).join(' ')}`;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const chain = search(sent, trust);
  if (chain !== null) memory.set(key, chain);
  return chain;
}

function search(sent: readonly Uint8Array[], trust: TrustStore): readonly CertificateFacts[] | null {
  let checks = 0;
  const extra: CertificateFacts[] = [];
  for (const der of sent.slice(1)) {
    const facts = readable(der);
    if (facts !== null) extra.push(facts);
  }

  function extend(chain: readonly CertificateFacts[]): readonly CertificateFacts[] | null {
    const last = chain[chain.length - 1];
    if (last === undefined || chain.length > MAX_DEPTH) return null;
    if (isSelfIssued(last)) return isTrusted(last) ? chain : null;
    const candidates = [...trust.named(last.issuer), ...extra.filter((each) => each.subject === last.issuer)];
    for (const candidate of candidates) {
      if (chain.includes(candidate) || ++checks > MAX_CHECKS || !isIssuedBy(last, candidate)) continue;
      const whole = extend([...chain, candidate]);
      if (whole !== null) return whole;
    }
    return null;
  }

  function isTrusted(facts: CertificateFacts): boolean {
    return trust.named(facts.subject).some((root) => root.fingerprint === facts.fingerprint);
  }

  const leaf = readable(sent[0] ?? new Uint8Array());
  return leaf === null ? null : extend([leaf]);
}

/** Null for what isn't a certificate. */
export function readable(der: Uint8Array): CertificateFacts | null {
  try {
    return certificateFacts(der);
  } catch {
    return null;
  }
}

export function isSelfIssued(facts: CertificateFacts): boolean {
  return facts.issuer === facts.subject;
}

/** Names and signature; dates and usage are others' matter. */
export function isIssuedBy(certificate: CertificateFacts, issuer: CertificateFacts): boolean {
  return certificate.issuer === issuer.subject && isSignedBy(certificate, issuer.publicKey);
}

/** `spki`: SubjectPublicKeyInfo, DER. */
export function isSignedBy(certificate: CertificateFacts, spki: Uint8Array): boolean {
  const parts = inside(readDer(certificate.der));
  const tbs = octetsOf(parts.expect(TAG.sequence));
  parts.expect(TAG.sequence);
  const signature = bitStringOf(parts.expect(TAG.bitString));
  return signatureHolds(certificate.signature, tbs, spki, signature);
}

export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
