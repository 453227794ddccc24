// The certificate that the listener shows: the operator's files, or one of its own making that is kept in the data
// directory. Reads, checks and names what is wrong before a listener is opened or reloaded; a bad file at reload leaves
// the old certificate in place. The key never leaves this machine and is readable by its owner alone.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSelfSigned, type SelfSigned } from './self-signed.ts';

export interface ListenerCertificate {
  /** PEM; the chain, leaf first. */
  readonly cert: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  readonly selfSigned: boolean;
}

export interface ListenerCertificateOptions {
  /** PEM files; both or neither. The same file may hold both. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Where the self-signed one is kept: `<data>/tls`. */
  readonly directory: string;
  /** A-labels. */
  readonly hostname: string;
  readonly now: () => number;
}

const CERT = 'self-signed.pem';
const KEY = 'self-signed.key';
/** A self-signed certificate is made anew this long before it ends. */
const RENEW_BEFORE = 30 * 24 * 3_600_000;

/** Throws an Error that says what is wrong with which file. */
export function loadListenerCertificate(options: ListenerCertificateOptions): ListenerCertificate {
  const { certFile, keyFile } = options;
  if (certFile === null && keyFile === null) return loadOwn(options);
  if (certFile === null || keyFile === null) {
    throw new Error('The listener needs a certificate file and a key file; only one of them is set.');
  }
  const cert = read(certFile, 'certificate');
  const key = read(keyFile, 'key');
  return { ...check(cert, key, certFile, keyFile), selfSigned: false };
}

/** The one made earlier for this name, or a new one. */
function loadOwn(options: ListenerCertificateOptions): ListenerCertificate {
  const { directory, hostname, now } = options;
  const certPath = join(directory, CERT);
  const keyPath = join(directory, KEY);
  try {
    const known = check(readFileSync(certPath, 'utf8'), readFileSync(keyPath, 'utf8'), certPath, keyPath);
    const fits = new X509Certificate(known.cert).checkHost(hostname) !== undefined;
    if (fits && known.notAfter - RENEW_BEFORE > now()) return { ...known, selfSigned: true };
  } catch {
    // None yet, or one that can't be used: a new one takes its place.
  }
  const made = makeSelfSigned(hostname, now());
  store(made, directory, certPath, keyPath);
  return { ...check(made.cert, made.key, certPath, keyPath), selfSigned: true };
}

function store(made: SelfSigned, directory: string, certPath: string, keyPath: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [path, text] of [
    [keyPath, made.key],
    [certPath, made.cert],
  ] as const) {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}

function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The listener's ${what} can't be read: ${why}.`, { cause: error });
  }
}

function check(
  cert: string,
  key: string,
  certFile: string,
  keyFile: string,
): Omit<ListenerCertificate, 'selfSigned'> {
  const certificate = parse(() => new X509Certificate(cert), `${certFile} holds no certificate in PEM form`);
  const privateKey = parse(
    () => createPrivateKey(key),
    `${keyFile} holds no private key in PEM form without a password`,
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`The key in ${keyFile} doesn't belong to the first certificate in ${certFile}.`);
  }
  return { cert, key, notAfter: certificate.validToDate.getTime() };
}

function parse<T>(make: () => T, complaint: string): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`${complaint}.`, { cause: error });
  }
}
