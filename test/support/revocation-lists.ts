// Certificate revocation lists for tests (RFC 5280 §5), with any defect one asks for; made by Authority.crl().
import { randomBytes } from 'node:crypto';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  element,
  extension,
  integer,
  namedBits,
  sequence,
  time,
} from '#tls/der-writer.ts';
import { keyIdentifier, signatureAlgorithm, signDer, subjectOf, type Identity } from './certificates.ts';

export interface RevokedEntry {
  readonly serial: Uint8Array;
  /** RFC 5280 §5.3.1; 1 keyCompromise, 6 certificateHold … */
  readonly reason?: number;
  readonly date?: number;
  /** An entry extension nobody knows, marked critical. */
  readonly criticalUnknown?: boolean;
}

export interface CrlOptions {
  readonly revoked?: readonly RevokedEntry[];
  /** Default: an hour ago to in a day; null: no nextUpdate. */
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | null;
  readonly number?: number;
  /** Signs in place of the authority; the issuer's name stays the authority's. */
  readonly signer?: Identity;
  readonly signatureHash?: 'sha256' | 'sha1' | 'md5';
  /** Issuing distribution point (RFC 5280 §5.2.5). */
  readonly scope?: {
    readonly uri?: string;
    readonly onlyUserCertificates?: boolean;
    readonly onlyAuthorityCertificates?: boolean;
    readonly onlyAttributeCertificates?: boolean;
    readonly indirect?: boolean;
    readonly onlySomeReasons?: boolean;
  };
  readonly delta?: boolean;
  readonly criticalUnknown?: boolean;
  /** That many further entries with random serial numbers: how lists get huge (37 octets an entry). */
  readonly filler?: number;
}

const HOUR = 3_600_000;
const UNKNOWN = '1.3.6.1.4.1.99999.1';

export function makeCrl(authority: Identity, options: CrlOptions): Buffer {
  const signer = (options.signer ?? authority).keys.privateKey;
  const algorithm = signatureAlgorithm(signer, options.signatureHash);
  const now = Date.now();
  const nextUpdate = options.nextUpdate === undefined ? now + 24 * HOUR : options.nextUpdate;
  const entries = [
    ...(options.revoked ?? []).map((entry) => makeEntry(entry, now)),
    ...filler(options.filler ?? 0, now),
  ];
  const tbs = sequence(
    integer(1),
    algorithm,
    subjectOf(authority.der),
    time(options.thisUpdate ?? now - HOUR),
    ...(nextUpdate === null ? [] : [time(nextUpdate)]),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    context(0, sequence(...listExtensions(authority, options))),
  );
  return sequence(tbs, algorithm, bitString(signDer(tbs, signer, options.signatureHash)));
}

function makeEntry(entry: RevokedEntry, now: number): Buffer {
  const extensions = [
    ...(entry.reason === undefined
      ? []
      : [extension('2.5.29.21', false, element(0x0a, Buffer.from([entry.reason])))]),
    ...(entry.criticalUnknown === true ? [extension(UNKNOWN, true, integer(1))] : []),
  ];
  const date = time(entry.date ?? now - 2 * HOUR);
  return sequence(integer(entry.serial), date, ...(extensions.length > 0 ? [sequence(...extensions)] : []));
}

/** One buffer with `count` entries of equal size, so that a list of a million is made in a moment. */
function filler(count: number, now: number): Buffer[] {
  if (count === 0) return [];
  const serial = Buffer.alloc(18, 0x40);
  const template = sequence(integer(serial), time(now - 2 * HOUR));
  const at = template.indexOf(serial);
  const all = Buffer.alloc(template.length * count, template);
  const noise = randomBytes(8);
  for (let i = 0; i < count; i++) {
    noise.copy(all, i * template.length + at + 1);
    all.writeUInt32BE(i, i * template.length + at + 10);
  }
  return [all];
}

function listExtensions(authority: Identity, options: CrlOptions): Buffer[] {
  const identifier = contextPrimitive(0, keyIdentifier(authority.keys.publicKey));
  return [
    extension('2.5.29.35', false, sequence(identifier)),
    extension('2.5.29.20', false, integer(options.number ?? 1)),
    ...(options.delta === true ? [extension('2.5.29.27', true, integer(1))] : []),
    ...(options.scope === undefined ? [] : [issuingPoint(options.scope)]),
    ...(options.criticalUnknown === true ? [extension(UNKNOWN, true, boolean(true))] : []),
  ];
}

function issuingPoint(scope: NonNullable<CrlOptions['scope']>): Buffer {
  const yes = Buffer.from([0xff]);
  const uri =
    scope.uri === undefined ? [] : [context(0, context(0, contextPrimitive(6, Buffer.from(scope.uri))))];
  const content = [
    ...uri,
    ...(scope.onlyUserCertificates === true ? [contextPrimitive(1, yes)] : []),
    ...(scope.onlyAuthorityCertificates === true ? [contextPrimitive(2, yes)] : []),
    ...(scope.onlySomeReasons === true ? [contextPrimitive(3, namedBits(1).subarray(2))] : []),
    ...(scope.indirect === true ? [contextPrimitive(4, yes)] : []),
    ...(scope.onlyAttributeCertificates === true ? [contextPrimitive(5, yes)] : []),
  ];
  return extension('2.5.29.28', true, sequence(...content));
}
