// Stapled OCSP answers (RFC 6960, RFC 6066 §8): read, and believed only when they are about this very certificate, in
// date, and signed by its issuer or by a responder that the issuer has authorised. An answer that isn't believed is as
// good as none. Each answer's signature is verified once and remembered.
import { hash } from 'node:crypto';
import { EKU_OCSP_SIGNING, readExtension } from './certificate-extensions.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { isIssuedBy, readable, sameOctets } from './chain.ts';
import {
  bitStringOf,
  contentOf,
  DerReader,
  inside,
  octetsOf,
  oidOf,
  readDer,
  smallIntegerOf,
  TAG,
  timeOf,
  type DerElement,
} from './der.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import { readSignatureAlgorithm, signatureHolds, type SignatureAlgorithm } from './signature-algorithm.ts';

export type StapledStatus =
  | { readonly status: 'Good' }
  | { readonly status: 'Revoked'; readonly since: number }
  /** The responder doesn't know the certificate. */
  | { readonly status: 'Unknown' }
  /** The answer isn't believed; `why` without a final full stop. */
  | { readonly status: 'Unusable'; readonly why: string };

/** Postern: clocks differ. */
const CLOCK_SKEW = 5 * 60_000;
const MAX_BYTES = 64 * 1024;
const BASIC = '1.3.6.1.5.5.7.48.1.1';
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

interface Answer {
  readonly status: 'Good' | 'Revoked' | 'Unknown';
  readonly since: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
}

const remembered = new LeastRecentlyUsed<string, Answer | string>(2_000);

/** `now`: milliseconds since 1970. */
export function judgeStapled(
  response: Uint8Array,
  leaf: CertificateFacts,
  issuer: CertificateFacts,
  now: number,
): StapledStatus {
  if (response.length > MAX_BYTES) return { status: 'Unusable', why: 'it is too large' };
  const key = `${hash('sha256', response, 'hex')} ${leaf.fingerprint} ${issuer.fingerprint}`;
  let answer = remembered.get(key);
  if (answer === undefined) remembered.set(key, (answer = read(response, leaf, issuer, now)));
  if (typeof answer === 'string') return { status: 'Unusable', why: answer };
  if (answer.thisUpdate > now + CLOCK_SKEW) return { status: 'Unusable', why: 'it is from the future' };
  // Postern: an answer without an end could be replayed for ever.
  if (answer.nextUpdate === null) return { status: 'Unusable', why: "it doesn't say until when it holds" };
  if (answer.nextUpdate < now) return { status: 'Unusable', why: 'it is stale' };
  return answer.status === 'Revoked' ? { status: 'Revoked', since: answer.since } : { status: answer.status };
}

function read(
  response: Uint8Array,
  leaf: CertificateFacts,
  issuer: CertificateFacts,
  now: number,
): Answer | string {
  try {
    return readResponse(response, leaf, issuer, now);
  } catch {
    return "it isn't well-formed";
  }
}

/** The answer, or why it isn't believed. */
function readResponse(
  response: Uint8Array,
  leaf: CertificateFacts,
  issuer: CertificateFacts,
  now: number,
): Answer | string {
  const outer = inside(readDer(Uint8Array.from(response)));
  const status = smallIntegerOf(outer.expect(TAG.enumerated));
  if (status !== 0) return `the responder refused to answer (status ${status})`;
  const bytes = inside(inside(outer.expect(0xa0)).expect(TAG.sequence));
  if (oidOf(bytes.expect(TAG.oid)) !== BASIC) return 'it is of an unknown kind';
  const basic = inside(readDer(contentOf(bytes.expect(TAG.octetString))));
  const data = basic.expect(TAG.sequence);
  const algorithm = readSignatureAlgorithm(basic.expect(TAG.sequence));
  const signature = bitStringOf(basic.expect(TAG.bitString));
  if (algorithm.weak) return `it is signed with ${algorithm.name}, which can be forged`;
  const signers = [issuer, ...authorised(basic.optional(0xa0), issuer, now)];
  if (!signers.some((signer) => isSigned(signer, data, algorithm, signature))) {
    return "it isn't signed by the issuer or a responder of its own";
  }
  return findAnswer(data, leaf, issuer) ?? 'it is about another certificate';
}

function isSigned(
  signer: CertificateFacts,
  data: DerElement,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
): boolean {
  return signatureHolds(algorithm, octetsOf(data), signer.publicKey, signature);
}

/** RFC 6960 §4.2.2.2: issued by the same authority, for OCSP signing. */
function authorised(
  field: DerElement | null,
  issuer: CertificateFacts,
  now: number,
): readonly CertificateFacts[] {
  if (field === null) return [];
  const list = inside(inside(field).expect(TAG.sequence));
  const responders: CertificateFacts[] = [];
  for (let count = 0; count < 5 && list.next(); count++) {
    const facts = readable(octetsOf(list.element()));
    if (facts === null || now < facts.notBefore || now > facts.notAfter) continue;
    const purposes = facts.extendedKeyUsage ?? [];
    if (purposes.includes(EKU_OCSP_SIGNING) && !facts.signature.weak && isIssuedBy(facts, issuer))
      responders.push(facts);
  }
  return responders;
}

function findAnswer(data: DerElement, leaf: CertificateFacts, issuer: CertificateFacts): Answer | null {
  const parts = inside(data);
  parts.optional(0xa0);
  parts.next();
  parts.expect(TAG.generalizedTime);
  const responses = inside(parts.expect(TAG.sequence));
  for (let count = 0; count < 20 && responses.next(); count++) {
    const single = inside(responses.element());
    if (isAbout(single.expect(TAG.sequence), leaf, issuer)) return readAnswer(single);
  }
  return null;
}

function isAbout(certId: DerElement, leaf: CertificateFacts, issuer: CertificateFacts): boolean {
  const parts = inside(certId);
  const digest = DIGESTS.get(oidOf(inside(parts.expect(TAG.sequence)).expect(TAG.oid)));
  if (digest === undefined) return false;
  const nameHash = contentOf(parts.expect(TAG.octetString));
  const keyHash = contentOf(parts.expect(TAG.octetString));
  const serial = contentOf(parts.expect(TAG.integer));
  const spki = inside(readDer(issuer.publicKey));
  spki.expect(TAG.sequence);
  return (
    sameOctets(serial, leaf.serial) &&
    sameOctets(nameHash, hash(digest, issuer.subjectName, 'buffer')) &&
    sameOctets(keyHash, hash(digest, bitStringOf(spki.expect(TAG.bitString)), 'buffer'))
  );
}

/** `single` stands after the certID. */
function readAnswer(single: DerReader): Answer | null {
  single.next();
  const state = single.element();
  const thisUpdate = timeOf(single.expect(TAG.generalizedTime));
  const next = single.optional(0xa0);
  const nextUpdate = next === null ? null : timeOf(inside(next).expect(TAG.generalizedTime));
  const extensions = single.optional(0xa1);
  if (extensions !== null && hasCritical(extensions)) return null;
  if (state.tag === 0x80) return { status: 'Good', since: 0, thisUpdate, nextUpdate };
  if (state.tag !== 0xa1) return { status: 'Unknown', since: 0, thisUpdate, nextUpdate };
  const since = timeOf(inside(state).expect(TAG.generalizedTime));
  return { status: 'Revoked', since, thisUpdate, nextUpdate };
}

function hasCritical(field: DerElement): boolean {
  const list = inside(inside(field).expect(TAG.sequence));
  while (list.next()) if (readExtension(list.element()).critical) return true;
  return false;
}
