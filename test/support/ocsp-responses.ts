// OCSP answers for tests (RFC 6960 §4.2), with any defect one asks for; made by Authority.ocsp().
import { createHash } from 'node:crypto';
import {
  bitString,
  context,
  contextPrimitive,
  element,
  generalizedTime,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
} from '#tls/der-writer.ts';
import { keyIdentifier, signatureAlgorithm, signDer, subjectOf, type Identity } from './certificates.ts';

export interface OcspOptions {
  readonly certificate: Identity;
  readonly status?: 'good' | 'revoked' | 'unknown';
  /** Default: an hour ago to in a day; null: no nextUpdate. */
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | null;
  /** A responder of its own, whose certificate goes along; default: the authority itself, without a certificate. */
  readonly responder?: Identity;
  readonly respondAs?: 'key' | 'name';
  /** Answers about this serial number instead. */
  readonly serial?: Uint8Array;
  readonly certIdHash?: 'sha1' | 'sha256';
  readonly signatureHash?: 'sha256' | 'sha1';
  /** OCSPResponseStatus; other than 0 has no answer inside. */
  readonly responseStatus?: number;
}

const HOUR = 3_600_000;
const HASH_OIDS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' } as const;

export function makeOcspResponse(issuer: Identity, options: OcspOptions): Buffer {
  const status = element(0x0a, Buffer.from([options.responseStatus ?? 0]));
  if ((options.responseStatus ?? 0) !== 0) return sequence(status);
  const signer = options.responder ?? issuer;
  const now = Date.now();
  const responder =
    options.respondAs === 'name'
      ? context(1, subjectOf(signer.der))
      : context(2, octetString(keyIdentifier(signer.keys.publicKey)));
  const data = sequence(responder, generalizedTime(now), sequence(singleResponse(issuer, options, now)));
  const algorithm = signatureAlgorithm(signer.keys.privateKey, options.signatureHash);
  const basic = sequence(
    data,
    algorithm,
    bitString(signDer(data, signer.keys.privateKey, options.signatureHash)),
    ...(options.responder === undefined ? [] : [context(0, sequence(options.responder.der))]),
  );
  return sequence(status, context(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic))));
}

function singleResponse(issuer: Identity, options: OcspOptions, now: number): Buffer {
  const hash = options.certIdHash ?? 'sha1';
  const keyHash = hash === 'sha1' ? keyIdentifier(issuer.keys.publicKey) : keyBitsHash(issuer, hash);
  const certId = sequence(
    sequence(oid(HASH_OIDS[hash]), nullValue()),
    octetString(createHash(hash).update(subjectOf(issuer.der)).digest()),
    octetString(keyHash),
    integer(options.serial ?? options.certificate.serial),
  );
  const nextUpdate = options.nextUpdate === undefined ? now + 24 * HOUR : options.nextUpdate;
  return sequence(
    certId,
    certStatus(options.status ?? 'good', now),
    generalizedTime(options.thisUpdate ?? now - HOUR),
    ...(nextUpdate === null ? [] : [context(0, generalizedTime(nextUpdate))]),
  );
}

function certStatus(status: 'good' | 'revoked' | 'unknown', now: number): Buffer {
  if (status === 'good') return contextPrimitive(0, Buffer.alloc(0));
  if (status === 'unknown') return contextPrimitive(2, Buffer.alloc(0));
  return context(1, generalizedTime(now - 2 * HOUR));
}

function keyBitsHash(issuer: Identity, hash: string): Buffer {
  const spki = issuer.keys.publicKey.export({ type: 'spki', format: 'der' });
  // An EC P-256 key is the last 65 octets of its SubjectPublicKeyInfo, after the bit string's header.
  return createHash(hash)
    .update(spki.subarray(spki.length - 65))
    .digest();
}
