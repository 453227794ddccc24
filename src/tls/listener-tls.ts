// The server's side of TLS: 1.2 and 1.3, suites with forward secrecy and AEAD only, in the server's order. The client
// certificate is asked for by the SMTP server and never insisted on: inbound connectors decide what it is worth, and only
// one that verifies against the trusted roots counts (routing.md).
import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { ListenerCertificate } from './listener-certificate.ts';
import type { TrustStore } from './trust-store.ts';

const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/** The names of that many roots are sent to clients as a hint; of more they would only be a burden (some 15 KB). */
const MAX_NAMED_ROOTS = 20;

/**
 * What tls.createServer() or setSecureContext() takes; make it anew after a reload (SIGHUP), sessions that have begun
 * keep theirs. With more roots than that, the thread's default roots serve: see makeThreadDefault() (trust-store.ts).
 */
export function listenerContextOptions(
  certificate: Pick<ListenerCertificate, 'cert' | 'key'>,
  trust: TrustStore,
): SecureContextOptions {
  return {
    ...serverContextOptions(certificate),
    ...(trust.pem.length <= MAX_NAMED_ROOTS ? { ca: [...trust.pem] } : {}),
  };
}

/** The same for a listener that asks nobody for a certificate. */
export function serverContextOptions(
  certificate: Pick<ListenerCertificate, 'cert' | 'key'>,
): SecureContextOptions {
  return {
    cert: certificate.cert,
    key: certificate.key,
    ciphers: CIPHERS,
    honorCipherOrder: true,
    // Clients that renegotiate again and again cost the server far more than themselves; nobody needs it.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  };
}
