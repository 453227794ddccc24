// The options for the client's side of a handshake: TLS 1.2 or 1.3, strong suites, and no verdict by node:tls itself:
// the handshake always completes, judge() decides after it. No session is ever resumed: a resumed session carries no
// certificates, so each handshake is a full one and each is judged (connections are reused for further messages instead).
import { createSecureContext, type ConnectionOptions, type SecureContext } from 'node:tls';
import { needsCertificates, needsChain, needsRevocation, showsChain } from './requirement-needs.ts';
import type { TlsRequirement } from './requirement.ts';
import type { TrustStore } from './trust-store.ts';

/** PEM; `key` may be the same text where a file holds both. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface ClientTls {
  /**
   * For tls.connect(), to which the caller adds `socket`. `serverName` goes out as SNI unless it is an address.
   * Pass the same ClientCertificate object each time: contexts are kept by it.
   */
  optionsFor(
    requirement: TlsRequirement,
    serverName: string | null,
    clientCertificate?: ClientCertificate | null,
  ): ConnectionOptions;
}

/** Forward secrecy and AEAD first; CBC and plain RSA only for old peers that have nothing else. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE+AESGCM',
  'ECDHE+CHACHA20',
  'DHE+AESGCM',
  'ECDHE+AES',
  'DHE+AES',
  'RSA+AESGCM',
  'RSA+AES',
  '!aNULL',
  '!eNULL',
  '!PSK',
  '!SRP',
  '!DSS',
  '!MD5',
].join(':');

/** One per thread. */
export function createClientTls(trust: TrustStore): ClientTls {
  const plain: Contexts = new Map();
  const certified = new WeakMap<ClientCertificate, Contexts>();
  let generation = trust.generation;

  function contextFor(requirement: TlsRequirement, certificate: ClientCertificate | null): SecureContext {
    if (generation !== trust.generation) {
      generation = trust.generation;
      plain.clear();
    }
    const contexts = certificate === null ? plain : contextsOf(certificate);
    const strict = needsChain(requirement);
    const key = strict ? generation : showsChain(requirement) ? -generation : 0;
    let context = contexts.get(key);
    if (context === undefined) {
      context = makeContext(key === 0 ? [] : trust.pem, certificate, strict);
      contexts.set(key, context);
    }
    return context;
  }

  function contextsOf(certificate: ClientCertificate): Contexts {
    let contexts = certified.get(certificate);
    if (contexts === undefined) certified.set(certificate, (contexts = new Map()));
    return contexts;
  }

  return {
    optionsFor(requirement, serverName, clientCertificate = null) {
      const servername = serverName === null || isAddress(serverName) ? '' : serverName;
      return {
        secureContext: contextFor(requirement, clientCertificate),
        servername,
        rejectUnauthorized: false,
        requestOCSP: needsCertificates(requirement) && needsRevocation(requirement),
        checkServerIdentity: () => undefined,
      };
    },
  };
}

/** By trust store generation, negative where nothing depends on the chain; 0: without roots. */
type Contexts = Map<number, SecureContext>;

/**
 * Where nothing depends on the certificate, OpenSSL's own rules for it (SECLEVEL) would only turn encryption into none;
 * where nobody looks at it, the roots would only cost time.
 */
function makeContext(
  roots: readonly string[],
  certificate: ClientCertificate | null,
  strict: boolean,
): SecureContext {
  return createSecureContext({
    ca: [...roots],
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: strict ? CIPHERS : `${CIPHERS}:@SECLEVEL=0`,
    ...(certificate === null ? {} : { cert: certificate.cert, key: certificate.key }),
  });
}

/** RFC 6066 §3: addresses aren't sent as server names. */
function isAddress(name: string): boolean {
  return name.includes(':') || /^\d+(?:\.\d+){3}$/.test(name);
}
