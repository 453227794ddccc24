// A certification authority for tests: roots, intermediates, leaves with any defect one asks for, revocation lists and
// OCSP answers. Everything is made in the process with EC keys (cached), in well under a millisecond each; nothing
// touches the disk. It signs what it is told to: whether that is acceptable is what the tests find out.
import {
  createHash,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  bitString,
  boolean,
  commonName,
  context,
  contextPrimitive,
  extension,
  integer,
  namedBits,
  nullValue,
  octetString,
  oid,
  sequence,
  time,
} from '#tls/der-writer.ts';
import { bitStringOf, inside, readDer } from '#tls/der.ts';
import { makeCrl, type CrlOptions } from './revocation-lists.ts';
import { makeOcspResponse, type OcspOptions } from './ocsp-responses.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

export type KeyKind = 'ec' | 'rsa-1024' | 'rsa-2048' | 'ed25519';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface CertificateOptions {
  /** Default: the first DNS name, or "Test leaf". Null: an empty subject. */
  readonly commonName?: string | null;
  /** Subject alternative names; none given: no SAN extension at all. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly emailAddresses?: readonly string[];
  /** Default `ec` (P-256). RSA keys are slow to make; one of each kind is made per process and `nth`. */
  readonly key?: KeyKind;
  /** Another key of the same kind: certificates with equal `nth` share their key. Default: a fresh one for EC. */
  readonly nth?: number;
  /** Milliseconds since 1970. Default: yesterday to in 90 days. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly crlUrls?: readonly string[];
  /** Object identifiers; default serverAuth and clientAuth; null: no such extension. */
  readonly extendedKeyUsage?: readonly string[] | null;
  /** Bits of KeyUsage; default digitalSignature, for authorities keyCertSign and cRLSign; null: no such extension. */
  readonly keyUsage?: readonly number[] | null;
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** What the issuer signs with. Default sha256. */
  readonly signatureHash?: 'sha256' | 'sha384' | 'sha1' | 'md5';
  /** Most significant octet first. Default: 16 random octets. */
  readonly serial?: Uint8Array;
  /** The issuer's Name (DER) as it is written in this certificate; default: as the issuer writes it. */
  readonly issuerName?: Uint8Array;
  /** Further extensions, in DER. */
  readonly extensions?: readonly Uint8Array[];
}

/** A certificate with its key. */
export interface Identity {
  readonly der: Buffer;
  readonly pem: string;
  readonly x509: X509Certificate;
  readonly serial: Buffer;
  readonly keys: KeyPair;
  readonly keyPem: string;
  /** Leaf first, without the root: what a well-kept server sends. */
  readonly chain: readonly Buffer[];
  /** For tls.createServer: the chain, or (`leafOnly`) the certificate without its intermediates. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly leafOnly: { readonly cert: string; readonly key: string };
}

export interface Authority extends Identity {
  issue(options?: CertificateOptions): Identity;
  intermediate(options?: CertificateOptions): Authority;
  /** A revocation list in DER, signed by this authority unless `signer` is given. */
  crl(options?: CrlOptions): Buffer;
  /** An OCSP answer in DER about a certificate of this authority. */
  ocsp(options: OcspOptions): Buffer;
}

export const EKU = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
} as const;

const keyCache = new Map<string, KeyPair>();
let freshKeys = 0;

/** A key pair; the same one for the same arguments within a process. */
export function testKey(kind: KeyKind = 'ec', nth = 0): KeyPair {
  const id = `${kind}/${nth}`;
  let pair = keyCache.get(id);
  if (pair === undefined) {
    pair = makeKey(kind);
    keyCache.set(id, pair);
  }
  return pair;
}

function makeKey(kind: KeyKind): KeyPair {
  switch (kind) {
    case 'ec':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'rsa-1024':
      return generateKeyPairSync('rsa', { modulusLength: 1024 });
    default:
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}

/** A root of its own. */
export function createAuthority(options: CertificateOptions = {}): Authority {
  const full = { commonName: `Test root ${randomBytes(4).toString('hex')}`, ca: true, ...options };
  return toAuthority(makeCertificate(full, null));
}

/** A leaf that vouches for itself. */
export function selfSigned(options: CertificateOptions = {}): Identity {
  return makeCertificate(options, null);
}

/** Issues in the name of any certificate, whether it may or not. */
export function toAuthority(identity: Identity): Authority {
  return {
    ...identity,
    issue: (options = {}) => makeCertificate(options, identity),
    intermediate: (options = {}) =>
      toAuthority(
        makeCertificate(
          { commonName: `Test intermediate ${randomBytes(4).toString('hex')}`, ca: true, ...options },
          identity,
        ),
      ),
    crl: (options = {}) => makeCrl(identity, options),
    ocsp: (options) => makeOcspResponse(identity, options),
  };
}

function makeCertificate(options: CertificateOptions, issuer: Identity | null): Identity {
  const keys = testKey(options.key, options.nth ?? (options.key?.startsWith('rsa') ? 0 : ++freshKeys));
  const serial = Buffer.from(options.serial ?? positive(randomBytes(16)));
  const name = options.commonName === undefined ? (options.dnsNames?.[0] ?? 'Test leaf') : options.commonName;
  const subject = name === null ? sequence() : commonName(name);
  const signer = issuer?.keys.privateKey ?? keys.privateKey;
  const algorithm = signatureAlgorithm(signer, options.signatureHash);
  const tbs = sequence(
    context(0, integer(2)),
    integer(serial),
    algorithm,
    options.issuerName ?? (issuer === null ? subject : subjectOf(issuer.der)),
    sequence(time(options.notBefore ?? Date.now() - DAY), time(options.notAfter ?? Date.now() + 90 * DAY)),
    subject,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...extensionsOf(options, keys, issuer))),
  );
  const der = sequence(tbs, algorithm, bitString(signDer(tbs, signer, options.signatureHash)));
  return toIdentity(der, serial, keys, issuer);
}

function toIdentity(der: Buffer, serial: Buffer, keys: KeyPair, issuer: Identity | null): Identity {
  const pem = toPem(der, 'CERTIFICATE');
  const keyPem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const above = issuer === null || isRoot(issuer) ? [] : issuer.chain;
  const chain = [der, ...above];
  const cert = chain.map((each) => toPem(each, 'CERTIFICATE')).join('');
  return {
    der,
    pem,
    x509: new X509Certificate(der),
    serial,
    keys,
    keyPem,
    chain,
    tls: { cert, key: keyPem },
    leafOnly: { cert: pem, key: keyPem },
  };
}

function isRoot(identity: Identity): boolean {
  return identity.x509.subject === identity.x509.issuer;
}

function positive(octets: Buffer): Buffer {
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x01;
  return octets;
}

export function toPem(der: Uint8Array, label: string): string {
  const body = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

function extensionsOf(options: CertificateOptions, keys: KeyPair, issuer: Identity | null): Buffer[] {
  const extensions: Buffer[] = [];
  const ca = options.ca ?? false;
  const constraints = ca
    ? [boolean(true), ...(options.pathLength === undefined ? [] : [integer(options.pathLength)])]
    : [];
  extensions.push(extension('2.5.29.19', true, sequence(...constraints)));
  const usage = options.keyUsage === undefined ? (ca ? [5, 6] : [0]) : options.keyUsage;
  if (usage !== null) extensions.push(extension('2.5.29.15', true, namedBits(...usage)));
  const purposes =
    options.extendedKeyUsage === undefined
      ? ca
        ? null
        : [EKU.serverAuth, EKU.clientAuth]
      : options.extendedKeyUsage;
  if (purposes !== null)
    extensions.push(extension('2.5.29.37', false, sequence(...purposes.map((each) => oid(each)))));
  const names = alternativeNames(options);
  if (names.length > 0)
    extensions.push(extension('2.5.29.17', options.commonName === null, sequence(...names)));
  extensions.push(extension('2.5.29.14', false, octetString(keyIdentifier(keys.publicKey))));
  if (issuer !== null) {
    const identifier = contextPrimitive(0, keyIdentifier(issuer.keys.publicKey));
    extensions.push(extension('2.5.29.35', false, sequence(identifier)));
  }
  if (options.crlUrls !== undefined) extensions.push(distributionPoints(options.crlUrls));
  return [...extensions, ...(options.extensions ?? []).map((each) => Buffer.from(each))];
}

function alternativeNames(options: CertificateOptions): Buffer[] {
  return [
    ...(options.emailAddresses ?? []).map((mail) => contextPrimitive(1, Buffer.from(mail, 'latin1'))),
    ...(options.dnsNames ?? []).map((name) => contextPrimitive(2, Buffer.from(name, 'latin1'))),
    ...(options.ipAddresses ?? []).map((address) => contextPrimitive(7, addressOctets(address))),
  ];
}

function addressOctets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function distributionPoints(urls: readonly string[]): Buffer {
  const points = urls.map((url) =>
    sequence(context(0, context(0, contextPrimitive(6, Buffer.from(url, 'latin1'))))),
  );
  return extension('2.5.29.31', false, sequence(...points));
}

/** The subject's Name, as its octets. */
export function subjectOf(certificate: Uint8Array): Buffer {
  const tbs = inside(inside(readDer(certificate)).expect(0x30));
  tbs.optional(0xa0);
  for (let i = 0; i < 5; i++) tbs.next();
  const { source, start, end } = tbs.element();
  return Buffer.from(source.subarray(start, end));
}

/** RFC 5280 §4.2.1.2 (1): SHA-1 of the key's bits. */
export function keyIdentifier(key: KeyObject): Buffer {
  const spki = inside(readDer(key.export({ type: 'spki', format: 'der' })));
  spki.expect(0x30);
  return createHash('sha1')
    .update(bitStringOf(spki.expect(0x03)))
    .digest();
}

const SIGNATURE_OIDS: Readonly<Record<string, string>> = {
  'rsa/md5': '1.2.840.113549.1.1.4',
  'rsa/sha1': '1.2.840.113549.1.1.5',
  'rsa/sha256': '1.2.840.113549.1.1.11',
  'rsa/sha384': '1.2.840.113549.1.1.12',
  'ec/sha1': '1.2.840.10045.4.1',
  'ec/sha256': '1.2.840.10045.4.3.2',
  'ec/sha384': '1.2.840.10045.4.3.3',
};

/** The AlgorithmIdentifier for a signature by this key. */
export function signatureAlgorithm(key: KeyObject, hash = 'sha256'): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return sequence(oid('1.3.101.112'));
  const family = key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec';
  const id = SIGNATURE_OIDS[`${family}/${hash}`];
  if (id === undefined) throw new Error(`no signature algorithm for ${family} with ${hash}`);
  return family === 'rsa' ? sequence(oid(id), nullValue()) : sequence(oid(id));
}

export function signDer(content: Uint8Array, key: KeyObject, hash = 'sha256'): Buffer {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : hash, content, key);
}
