// The extensions of a certificate (RFC 5280 §4.2) that judgement looks at: names, usage, constraints, and where its
// revocation list is. Reads only; an extension that isn't well formed makes the whole certificate unreadable.
import {
  asciiOf,
  bitStringOf,
  booleanOf,
  contentOf,
  DerReader,
  inside,
  oidOf,
  smallIntegerOf,
  TAG,
  type DerElement,
} from './der.ts';

export interface CertificateExtensions {
  /** True when there is a subject alternative name of any kind: then the common name counts for nothing. */
  readonly hasAlternativeName: boolean;
  /** dNSName entries as written, lower case. */
  readonly dnsNames: readonly string[];
  readonly isAuthority: boolean;
  /** RFC 5280 §4.2.1.9; null: no limit. */
  readonly pathLength: number | null;
  /** Named bits, null without the extension: RFC 5280 §4.2.1.3. */
  readonly keyUsage: Uint8Array | null;
  /** Object identifiers, null without the extension. */
  readonly extendedKeyUsage: readonly string[] | null;
  readonly hasNameConstraints: boolean;
  /** A critical extension that this reader doesn't know. */
  readonly unknownCritical: string | null;
  /** True when the certificate names CRL distribution points, whether usable or not. */
  readonly namesCrl: boolean;
  /** http URLs of complete lists by the certificate's own issuer, in order. */
  readonly crlUrls: readonly string[];
}

export const KEY_USAGE = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;
export const EKU_SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const EKU_OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const MAX_NAMES = 2_000;
const MAX_URLS = 8;

/** `[3] EXPLICIT Extensions` of a certificate, or null where it has none (version 1). */
export function readExtensions(field: DerElement | null): CertificateExtensions {
  const found: Mutable<CertificateExtensions> = {
    hasAlternativeName: false,
    dnsNames: [],
    isAuthority: false,
    pathLength: null,
    keyUsage: null,
    extendedKeyUsage: null,
    hasNameConstraints: false,
    unknownCritical: null,
    namesCrl: false,
    crlUrls: [],
  };
  if (field === null) return found;
  const list = inside(inside(field).expect(TAG.sequence));
  while (list.next()) {
    const { id, critical, value } = readExtension(list.element());
    readValue(found, id, critical, value);
  }
  return found;
}

/** One Extension: `value` is a reader over what the octet string holds. Also used for lists and OCSP answers. */
export function readExtension(element: DerElement): { id: string; critical: boolean; value: DerReader } {
  const extension = inside(element);
  const id = oidOf(extension.expect(TAG.oid));
  const flag = extension.optional(TAG.boolean);
  const octets = extension.expect(TAG.octetString);
  return { id, critical: flag !== null && booleanOf(flag), value: inside(octets) };
}

function readValue(
  found: Mutable<CertificateExtensions>,
  id: string,
  critical: boolean,
  value: DerReader,
): void {
  switch (id) {
    case '2.5.29.17':
      found.hasAlternativeName = true;
      found.dnsNames = readDnsNames(value.expect(TAG.sequence));
      return;
    case '2.5.29.19':
      Object.assign(found, readBasicConstraints(value.expect(TAG.sequence)));
      return;
    case '2.5.29.15':
      found.keyUsage = bitStringOf(value.expect(TAG.bitString));
      return;
    case '2.5.29.37':
      found.extendedKeyUsage = readOids(value.expect(TAG.sequence));
      return;
    case '2.5.29.30':
      found.hasNameConstraints = true;
      return;
    case '2.5.29.31':
      found.namesCrl = true;
      found.crlUrls = readDistributionPoints(value.expect(TAG.sequence));
      return;
    default:
      // Policies, policy mappings and constraints are OpenSSL's; none of them changes what is looked at here.
      if (critical && !/^2\.5\.29\.(32|33|36|54)$/.test(id)) found.unknownCritical = id;
  }
}

function readDnsNames(names: DerElement): string[] {
  const result: string[] = [];
  const list = inside(names);
  while (list.next() && result.length < MAX_NAMES) {
    if (list.tag === 0x82) result.push(asciiOf(list.element()).toLowerCase());
  }
  return result;
}

function readBasicConstraints(constraints: DerElement): { isAuthority: boolean; pathLength: number | null } {
  const list = inside(constraints);
  const flag = list.optional(TAG.boolean);
  const length = list.optional(TAG.integer);
  return {
    isAuthority: flag !== null && booleanOf(flag),
    pathLength: length === null ? null : smallIntegerOf(length),
  };
}

function readOids(element: DerElement): string[] {
  const result: string[] = [];
  const list = inside(element);
  while (list.next() && result.length < 100) result.push(oidOf(list.element()));
  return result;
}

/**
 * RFC 5280 §4.2.1.13. A point with `reasons` covers some reasons only, and one with `cRLIssuer` names an indirect list:
 * neither answers for the certificate on its own, so neither gives a URL here.
 */
function readDistributionPoints(points: DerElement): string[] {
  const urls: string[] = [];
  const list = inside(points);
  while (list.next()) {
    const point = inside(list.element());
    const name = point.optional(0xa0);
    if (point.next() || name === null) continue;
    const fullName = inside(name).optional(0xa0);
    if (fullName === null) continue;
    urls.push(...readUris(fullName).filter((uri) => /^http:\/\//i.test(uri)));
  }
  return urls.slice(0, MAX_URLS);
}

/** The uniformResourceIdentifier entries of GeneralNames. */
export function readUris(generalNames: DerElement): string[] {
  const uris: string[] = [];
  const list = inside(generalNames);
  while (list.next()) {
    if (list.tag === 0x86 && contentOf(list.element()).length <= 2_000) uris.push(asciiOf(list.element()));
  }
  return uris;
}
