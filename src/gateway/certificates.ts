// The certificates of the gateway as settings name them: the listeners', the one shown to next hops, the trusted roots.
// Read at start, so that a mistake is seen then, and again on SIGHUP. Errors name the file and what is wrong with it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ClientCertificate } from '#tls/client-tls.ts';
import { type ListenerCertificate, loadListenerCertificate } from '#tls/listener-certificate.ts';
import { serverContextOptions } from '#tls/listener-tls.ts';
import { createTrustStore, type TrustStore } from '#tls/trust-store.ts';
import type { Settings } from './settings.ts';

type CertificateSettings = Pick<
  Settings,
  | 'data'
  | 'hostname'
  | 'ca'
  | 'tls-cert'
  | 'tls-key'
  | 'http-cert'
  | 'http-key'
  | 'client-cert'
  | 'client-key'
>;

export function readTrustStore(settings: CertificateSettings): TrustStore {
  return createTrustStore({ file: settings.ca, readFile: (path) => readFileSync(path, 'utf8') });
}

export function readListenerCertificate(settings: CertificateSettings): ListenerCertificate {
  return loadListenerCertificate({
    certFile: settings['tls-cert'],
    keyFile: settings['tls-key'],
    directory: join(settings.data, 'tls'),
    hostname: settings.hostname,
    now: Date.now,
  });
}

/** null: HTTP is served without TLS. @throws Error with the settings and what is wrong */
export function readHttpCertificate(settings: CertificateSettings): SecureContextOptions | null {
  const [certFile, keyFile] = [settings['http-cert'], settings['http-key']];
  if (certFile === null || keyFile === null) return null;
  const { hostname, data } = settings;
  try {
    const certificate = loadListenerCertificate({
      certFile,
      keyFile,
      directory: join(data, 'tls'),
      hostname,
      now: Date.now,
    });
    return serverContextOptions(certificate);
  } catch (error) {
    throw new Error(`--http-cert, --http-key: ${(error as Error).message}`, { cause: error });
  }
}

/** null: none is shown. @throws Error with the setting and what is wrong */
export function readClientCertificate(settings: CertificateSettings): ClientCertificate | null {
  const [certFile, keyFile] = [settings['client-cert'], settings['client-key']];
  if (certFile === null || keyFile === null) return null;
  try {
    const certificate = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    createSecureContext(certificate);
    return certificate;
  } catch (error) {
    throw new Error(`--client-cert, --client-key: ${(error as Error).message}`, { cause: error });
  }
}
