// Reads a certificate revocation list (RFC 5280 §5): its header, whom it covers, and where its entries lie. The entries
// themselves are never turned into objects here: SerialIndex (serial-index.ts) walks over them. What this reader can't
// honour makes the list unusable, with the reason; a list is never half used.
import { canonicalName } from './canonical-name.ts';
import { readExtension, readUris } from './certificate-extensions.ts';
import {
  bitStringOf,
  booleanOf,
  DerError,
  DerReader,
  inside,
  octetsOf,
  readDer,
  smallIntegerOf,
  TAG,
  timeOf,
  type DerElement,
} from './der.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts';

/** The issuing distribution point's limits (RFC 5280 §5.2.5). */
export interface ListScope {
  /** The URLs that the list says it is for; null: for all of the issuer's certificates. */
  readonly urls: readonly string[] | null;
  readonly onlyUserCertificates: boolean;
  readonly onlyAuthorityCertificates: boolean;
}

export interface RevocationList {
  /** What the signature is over. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  /** Canonical, for comparison. */
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly scope: ListScope;
  /** The octets of revokedCertificates' content. */
  readonly entries: Uint8Array;
}

/** Well-formed, but not to be used; the message says why, without a final full stop. */
export class UnusableList extends Error {
  override readonly name = 'UnusableList';
}

/** DER, or PEM as some authorities serve against RFC 5280 §4.2.1.13. Throws DerError or UnusableList. */
export function readRevocationList(octets: Uint8Array): RevocationList {
  const outer = inside(readDer(toDer(octets)));
  const tbsElement = outer.expect(TAG.sequence);
  const algorithmElement = outer.expect(TAG.sequence);
  const signature = bitStringOf(outer.expect(TAG.bitString));
  const tbs = inside(tbsElement);
  tbs.optional(TAG.integer);
  const innerAlgorithm = tbs.expect(TAG.sequence);
  if (Buffer.compare(octetsOf(innerAlgorithm), octetsOf(algorithmElement)) !== 0) {
    throw new UnusableList('it names two different signature algorithms');
  }
  const issuer = canonicalName(tbs.expect(TAG.sequence));
  const thisUpdate = timeOf(anyTime(tbs));
  const next = tbs.optional(TAG.utcTime) ?? tbs.optional(TAG.generalizedTime);
  if (next === null) throw new UnusableList("it doesn't say until when it is valid (nextUpdate)");
  const revoked = tbs.optional(TAG.sequence);
  return {
    signed: octetsOf(tbsElement),
    signature,
    algorithm: readSignatureAlgorithm(algorithmElement),
    issuer,
    thisUpdate,
    nextUpdate: timeOf(next),
    scope: readScope(tbs.optional(0xa0)),
    entries: revoked === null ? new Uint8Array() : revoked.source.subarray(revoked.contentStart, revoked.end),
  };
}

function anyTime(reader: DerReader): DerElement {
  const time = reader.optional(TAG.utcTime) ?? reader.optional(TAG.generalizedTime);
  if (time === null) throw new DerError('thisUpdate is missing');
  return time;
}

function toDer(octets: Uint8Array): Uint8Array {
  if (octets[0] !== 0x2d) return octets;
  const text = Buffer.from(octets).toString('latin1');
  const body = /-----BEGIN (?:X509 )?CRL-----([^-]+)-----END/.exec(text)?.[1];
  if (body === undefined) throw new DerError('neither DER nor PEM');
  return Buffer.from(body, 'base64');
}

/** RFC 5280 §5.2: known are AKI, list number, issuing distribution point; a delta list says so critically. */
function readScope(field: DerElement | null): ListScope {
  let scope: ListScope = { urls: null, onlyUserCertificates: false, onlyAuthorityCertificates: false };
  if (field === null) return scope;
  const extensions = inside(inside(field).expect(TAG.sequence));
  while (extensions.next()) {
    const { id, critical, value } = readExtension(extensions.element());
    if (id === '2.5.29.27') throw new UnusableList('it is a delta list, which only changes another');
    if (id === '2.5.29.28') scope = readIssuingPoint(value.expect(TAG.sequence));
    else if (critical && id !== '2.5.29.35' && id !== '2.5.29.20') {
      throw new UnusableList(`it has a critical extension that Postern doesn't know (${id})`);
    }
  }
  return scope;
}

function readIssuingPoint(point: DerElement): ListScope {
  let urls: readonly string[] | null = null;
  const flags = [false, false, false, false, false, false];
  const parts = inside(point);
  while (parts.next()) {
    const number = parts.tag & 0x1f;
    if (number === 0) {
      const fullName = inside(parts.element()).optional(0xa0);
      if (fullName === null) throw new UnusableList('its distribution point has no full name');
      urls = readUris(fullName);
    } else if (number === 3) flags[3] = true;
    else flags[number] = booleanOf({ ...parts.element(), tag: TAG.boolean });
  }
  const [, users = false, authorities = false, reasons, indirect, attributes] = flags;
  if (indirect === true)
    throw new UnusableList("it is an indirect list, with other authorities' certificates");
  if (reasons === true) throw new UnusableList('it covers some reasons of revocation only');
  if (attributes === true) throw new UnusableList('it covers attribute certificates only');
  return { urls, onlyUserCertificates: users, onlyAuthorityCertificates: authorities };
}

export interface RevokedEntry {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** In words. */
  readonly reason: string | null;
}

const REASONS = [
  'unspecified',
  'key compromise',
  'compromise of the authority',
  'affiliation changed',
  'superseded',
  'cessation of operation',
  'on hold',
  null,
  'removed from the list',
  'privilege withdrawn',
  'compromise of the attribute authority',
] as const;

/** One entry, for telling people. */
export function readRevokedEntry(entry: DerElement): RevokedEntry {
  const parts = inside(entry);
  parts.expect(TAG.integer);
  const since = timeOf(anyTime(parts));
  const extensions = parts.optional(TAG.sequence);
  let reason: string | null = null;
  if (extensions !== null) {
    const list = inside(extensions);
    while (list.next()) {
      const { id, value } = readExtension(list.element());
      if (id === '2.5.29.21') reason = REASONS[smallIntegerOf(value.expect(TAG.enumerated))] ?? null;
    }
  }
  return { since, reason };
}
