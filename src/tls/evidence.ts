// What a handshake showed, taken from a TLSSocket for judge(). Takes only what the requirement needs: where no
// certificate is looked at, none is even fetched. A resumed session never counts as evidence.
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { findChain } from './chain.ts';
import { needsCertificates, showsChain } from './requirement-needs.ts';
import type { TlsEvidence, TlsRequirement } from './requirement.ts';
import type { TrustStore } from './trust-store.ts';

/** Certificates taken from one server at most; chains in use have two to four. */
const MAX_CERTIFICATES = 20;

/**
 * To be called right after tls.connect(): the stapled answer arrives during the handshake. Until `secureConnect` it also
 * keeps node:tls from turning the whole chain into plain objects for a name check that is judge()'s: that costs as much
 * as everything else that is done to a certificate here, several times over.
 */
export function watchStapledOcsp(socket: TLSSocket): () => Uint8Array | null {
  Object.defineProperty(socket, 'getPeerCertificate', { value: () => ({}), configurable: true });
  socket.once('secureConnect', () => Reflect.deleteProperty(socket, 'getPeerCertificate'));
  let stapled: Uint8Array | null = null;
  socket.once('OCSPResponse', (response: Buffer | null) => {
    stapled = response !== null && response.length > 0 ? response : null;
  });
  return () => stapled;
}

/**
 * After `secureConnect`, once for a socket: node:tls gives the certificates as sent one time only. `serverName`: the name that was connected to (SNI), or the address as text.
 * `stapledOcsp`: what watchStapledOcsp() has seen.
 */
export function gatherEvidence(
  socket: TLSSocket,
  requirement: TlsRequirement,
  serverName: string,
  trust: TrustStore,
  stapledOcsp: Uint8Array | null,
): TlsEvidence {
  const certificates = needsCertificates(requirement) ? sentCertificates(socket) : [];
  const chainError = showsChain(requirement) ? chainErrorOf(socket) : 'NOT_VERIFIED';
  const chain = chainError === null ? findChain(certificates, trust) : null;
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    certificates,
    chainError: chainError ?? (chain === null ? 'CHAIN_NOT_FOUND' : null),
    verifiedChain: chain?.map((facts) => facts.der) ?? [],
    stapledOcsp,
    serverName,
  };
}

function sentCertificates(socket: TLSSocket): readonly Uint8Array[] {
  const sent: Uint8Array[] = [];
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (certificate !== undefined && sent.length < MAX_CERTIFICATES) {
    sent.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return sent;
}

function chainErrorOf(socket: TLSSocket): string | null {
  if (socket.isSessionReused()) return 'SESSION_REUSED';
  if (socket.authorized) return null;
  // node:tls gives OpenSSL's code as a string, whatever its type says.
  const error: unknown = socket.authorizationError;
  return typeof error === 'string' ? error : error instanceof Error ? error.message : 'UNSPECIFIED';
}
