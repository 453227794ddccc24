// What judgement needs to know of a certificate, read once from its DER and remembered by its SHA-256 fingerprint, so
// that a peer that was seen before costs one hash. Owns the reading of RFC 5280 §4 certificates; judges nothing.
// The memory is bounded: the least recently used facts go first.
import { hash } from 'node:crypto';
import { canonicalName } from './canonical-name.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import { readExtensions, type CertificateExtensions } from './certificate-extensions.ts';
import { contentOf, inside, octetsOf, oidOf, readDer, TAG, textOf, timeOf, type DerElement } from './der.ts';
import { readKeyStrength, type KeyStrength } from './key-strength.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts';

export interface CertificateFacts extends CertificateExtensions {
  /** Lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly der: Uint8Array;
  /** The integer's octets as encoded. */
  readonly serial: Uint8Array;
  /** Canonical, for comparison (canonical-name.ts). */
  readonly issuer: string;
  readonly subject: string;
  /** DER. */
  readonly subjectName: Uint8Array;
  /** For people: the common name, else the organization, else the serial number. */
  readonly label: string;
  /** For people, of the issuer. */
  readonly issuerLabel: string;
  /** The last common name of the subject; null where there is none. */
  readonly commonName: string | null;
  /** Milliseconds since 1970; both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly keyStrength: KeyStrength;
  readonly signature: SignatureAlgorithm;
}

/** Facts carry their own octets; who comes back with those needs no hash. */
const byOctets = new WeakMap<Uint8Array, CertificateFacts>();
const remembered = new LeastRecentlyUsed<string, CertificateFacts>(4_000);

/** SHA-256 in lower-case hexadecimal. */
export function fingerprintOf(der: Uint8Array): string {
  return hash('sha256', der, 'hex');
}

/** Throws DerError when the octets aren't a certificate. */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const own = byOctets.get(der);
  if (own !== undefined) return own;
  const fingerprint = fingerprintOf(der);
  const known = remembered.get(fingerprint);
  if (known !== undefined) return known;
  const facts = readCertificate(der, fingerprint);
  remembered.set(fingerprint, facts);
  byOctets.set(facts.der, facts);
  return facts;
}

function readCertificate(given: Uint8Array, fingerprint: string): CertificateFacts {
  // A copy of its own: what came from a socket may be a view of something larger.
  const der = Uint8Array.from(given);
  const certificate = inside(readDer(der));
  const tbs = inside(certificate.expect(TAG.sequence));
  tbs.optional(0xa0);
  const serial = contentOf(tbs.expect(TAG.integer));
  tbs.expect(TAG.sequence);
  const issuer = tbs.expect(TAG.sequence);
  const validity = inside(tbs.expect(TAG.sequence));
  validity.next();
  const notBefore = timeOf(validity.element());
  validity.next();
  const notAfter = timeOf(validity.element());
  const subject = tbs.expect(TAG.sequence);
  const publicKey = tbs.expect(TAG.sequence);
  tbs.optional(0x81);
  tbs.optional(0x82);
  const extensions = readExtensions(tbs.optional(0xa3));
  const signature = readSignatureAlgorithm(certificate.expect(TAG.sequence));
  const names = readName(subject);
  return {
    ...extensions,
    fingerprint,
    der,
    serial,
    issuer: canonicalName(issuer),
    subject: canonicalName(subject),
    subjectName: octetsOf(subject),
    label: labelOf(names) ?? `serial number ${Buffer.from(serial).toString('hex')}`,
    issuerLabel: labelOf(readName(issuer)) ?? 'an unnamed authority',
    commonName: names.commonName,
    notBefore,
    notAfter,
    publicKey: octetsOf(publicKey),
    keyStrength: readKeyStrength(publicKey),
    signature,
  };
}

interface NameParts {
  readonly commonName: string | null;
  readonly organization: string | null;
}

function readName(name: DerElement): NameParts {
  let commonName: string | null = null;
  let organization: string | null = null;
  const relative = inside(name);
  while (relative.next()) {
    const attributes = inside(relative.element());
    while (attributes.next()) {
      const attribute = inside(attributes.element());
      const type = oidOf(attribute.expect(TAG.oid));
      if (!attribute.next()) continue;
      if (type === '2.5.4.3') commonName = textOf(attribute.element());
      else if (type === '2.5.4.10') organization = textOf(attribute.element());
    }
  }
  return { commonName, organization };
}

/** Names come from strangers and end up in logs and mail: one line, printable, short. */
function labelOf(names: NameParts): string | null {
  const text = names.commonName ?? names.organization;
  if (text === null || text === '') return null;
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, 100);
}
