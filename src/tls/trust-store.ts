// The roots that Postern believes: those of a PEM file (--ca), or the system's, or Node.js's own where the system has
// none. Owns reading and re-reading them, and finding one by name. Reading a file fails loudly at start and leaves the
// old roots in place on reload. The system's can't fail, and are read when somebody first needs them: they take six
// megabytes of the process. Parsed only when a chain is really looked for.
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { certificateFacts, type CertificateFacts } from './certificate-facts.ts';

export interface TrustStore {
  /** For people: where the roots come from. */
  readonly source: string;
  /** Grows with every reload; what was made for an older generation isn't used any more. */
  readonly generation: number;
  /** One PEM text a root. */
  readonly pem: readonly string[];
  /** The roots with that subject (as in CertificateFacts). */
  named(subject: string): readonly CertificateFacts[];
  /** Reads again. Throws, and changes nothing, when that can't be done. */
  reload(): void;
}

export interface TrustStoreOptions {
  /** PEM file; null: the system's roots. */
  readonly file: string | null;
  readonly readFile: (path: string) => string;
  /** Default: tls.getCACertificates. */
  readonly systemCertificates?: () => readonly string[];
}

/** Throws an Error that names the file and what is wrong with it. */
export function createTrustStore(options: TrustStoreOptions): TrustStore {
  const { file, readFile, systemCertificates = installedCertificates } = options;
  const read = () => (file === null ? null : certificatesIn(file, readFile));
  let pem = read();
  let generation = 1;
  let bySubject: ReadonlyMap<string, readonly CertificateFacts[]> | null = null;
  const roots = () => (pem ??= [...new Set(systemCertificates())]);
  return {
    source: file ?? 'the trusted roots of the system',
    get generation() {
      return generation;
    },
    get pem() {
      return roots();
    },
    named(subject) {
      bySubject ??= indexBySubject(roots());
      return bySubject.get(subject) ?? [];
    },
    reload() {
      pem = read();
      bySubject = null;
      generation += 1;
    },
  };
}

/**
 * Makes the roots those of every TLS context in this thread that names none of its own: for the listener, which would
 * otherwise send the names of all roots to each client. Again after a reload.
 */
export function makeThreadDefault(trust: TrustStore): void {
  setDefaultCACertificates([...trust.pem]);
}

function installedCertificates(): readonly string[] {
  const system = getCACertificates('system');
  return system.length > 0 ? system : getCACertificates('bundled');
}

function certificatesIn(file: string, readFile: (path: string) => string): string[] {
  let text: string;
  try {
    text = readFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The trusted roots can't be read: ${why}. Give --ca a readable PEM file.`, {
      cause: error,
    });
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) {
    throw new Error(
      `${file} holds no certificate in PEM form ("-----BEGIN CERTIFICATE-----"); --ca needs at least one.`,
    );
  }
  for (const [index, each] of found.entries()) {
    if (factsOf(each) === null)
      throw new Error(`Certificate ${index + 1} in ${file} isn't a valid X.509 certificate.`);
  }
  return [...new Set(found)];
}

function indexBySubject(pem: readonly string[]): ReadonlyMap<string, readonly CertificateFacts[]> {
  const index = new Map<string, CertificateFacts[]>();
  for (const each of pem) {
    const facts = factsOf(each);
    if (facts === null) continue;
    const same = index.get(facts.subject);
    if (same === undefined) index.set(facts.subject, [facts]);
    else same.push(facts);
  }
  return index;
}

function factsOf(pem: string): CertificateFacts | null {
  try {
    return certificateFacts(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
  } catch {
    return null;
  }
}
