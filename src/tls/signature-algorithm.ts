// Signature algorithms by object identifier: their names, whether they still count, and how node:crypto verifies them.
// Used for certificates, revocation lists and OCSP answers alike. MD2, MD5 and SHA-1 are weak: forgeable at a price.
import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { inside, oidOf, TAG, type DerElement } from './der.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';

export interface SignatureAlgorithm {
  /** For people, as OpenSSL writes it; the object identifier where it isn't known. */
  readonly name: string;
  /** For node:crypto; null: the algorithm has its own (Ed25519). */
  readonly digest: string | null;
  readonly pss: boolean;
  readonly weak: boolean;
  readonly known: boolean;
}

const NAMES: ReadonlyMap<string, readonly [name: string, digest: string | null]> = new Map([
  ['1.2.840.113549.1.1.2', ['md2WithRSAEncryption', 'md2']],
  ['1.2.840.113549.1.1.4', ['md5WithRSAEncryption', 'md5']],
  ['1.2.840.113549.1.1.5', ['sha1WithRSAEncryption', 'sha1']],
  ['1.3.14.3.2.29', ['sha1WithRSA', 'sha1']],
  ['1.2.840.10040.4.3', ['dsaWithSHA1', 'sha1']],
  ['1.2.840.10045.4.1', ['ecdsa-with-SHA1', 'sha1']],
  ['1.2.840.113549.1.1.14', ['sha224WithRSAEncryption', 'sha224']],
  ['1.2.840.113549.1.1.11', ['sha256WithRSAEncryption', 'sha256']],
  ['1.2.840.113549.1.1.12', ['sha384WithRSAEncryption', 'sha384']],
  ['1.2.840.113549.1.1.13', ['sha512WithRSAEncryption', 'sha512']],
  ['1.2.840.10045.4.3.1', ['ecdsa-with-SHA224', 'sha224']],
  ['1.2.840.10045.4.3.2', ['ecdsa-with-SHA256', 'sha256']],
  ['1.2.840.10045.4.3.3', ['ecdsa-with-SHA384', 'sha384']],
  ['1.2.840.10045.4.3.4', ['ecdsa-with-SHA512', 'sha512']],
  ['1.3.101.112', ['Ed25519', null]],
  ['1.3.101.113', ['Ed448', null]],
]);

const PSS = '1.2.840.113549.1.1.10';
const PSS_DIGESTS: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);
const WEAK_DIGESTS: ReadonlySet<string | null> = new Set(['md2', 'md5', 'sha1']);

/** From an AlgorithmIdentifier. */
export function readSignatureAlgorithm(identifier: DerElement): SignatureAlgorithm {
  const parts = inside(identifier);
  const id = oidOf(parts.expect(TAG.oid));
  if (id === PSS) return readPss(parts.optional(TAG.sequence));
  const [name, digest] = NAMES.get(id) ?? [id, null];
  return { name, digest, pss: false, weak: WEAK_DIGESTS.has(digest), known: NAMES.has(id) };
}

/** RFC 4055 §3.1: without parameters the digest is SHA-1. */
function readPss(parameters: DerElement | null): SignatureAlgorithm {
  const field = parameters === null ? null : inside(parameters).optional(0xa0);
  const id = field === null ? null : oidOf(inside(inside(field).expect(TAG.sequence)).expect(TAG.oid));
  const digest = (id === null ? 'sha1' : PSS_DIGESTS.get(id)) ?? null;
  return {
    name: `RSASSA-PSS with ${digest ?? id}`,
    digest,
    pss: true,
    weak: WEAK_DIGESTS.has(digest),
    known: digest !== null,
  };
}

const keys = new LeastRecentlyUsed<string, KeyObject>(500);

/** `spki`: a SubjectPublicKeyInfo in DER. Throws when it isn't one that OpenSSL can use. */
export function publicKeyOf(spki: Uint8Array): KeyObject {
  const id = Buffer.from(spki).toString('latin1');
  let key = keys.get(id);
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    keys.set(id, key);
  }
  return key;
}

/** False for a wrong signature, an unknown algorithm, or a key of another kind. */
export function signatureHolds(
  algorithm: SignatureAlgorithm,
  content: Uint8Array,
  spki: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!algorithm.known) return false;
  try {
    return verify(algorithm.digest, content, verifyKey(algorithm, spki), signature);
  } catch {
    return false;
  }
}

/** As signatureHolds(), in libuv's thread pool: for content of many megabytes. */
export function signatureHoldsLater(
  algorithm: SignatureAlgorithm,
  content: Uint8Array,
  spki: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (!algorithm.known) return resolve(false);
    try {
      verify(algorithm.digest, content, verifyKey(algorithm, spki), signature, (error, holds) =>
        resolve(error === null && holds),
      );
    } catch {
      resolve(false);
    }
  });
}

function verifyKey(algorithm: SignatureAlgorithm, spki: Uint8Array) {
  const key = publicKeyOf(spki);
  return algorithm.pss
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
    : { key };
}
