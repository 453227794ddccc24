// What a TLS socket shows of its peer, as plain facts. Owns nothing; judging them is the business of src/tls and ingress.
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { SmtpTls } from './session-handler.ts';

const MAX_CHAIN = 10;

/** The facts of a finished handshake on the server's side. */
export function describeTls(socket: TLSSocket): SmtpTls {
  const cipher = socket.getCipher();
  const shown = socket.getPeerX509Certificate() !== undefined;
  const problem: unknown = socket.authorizationError;
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: cipher.standardName,
    authorized: shown && socket.authorized,
    authorizationError: shown && !socket.authorized ? errorWord(problem) : null,
    peerCertificates: () => (shown ? certificateChain(socket) : []),
  };
}

function errorWord(problem: unknown): string {
  if (problem instanceof Error) return 'code' in problem ? String(problem.code) : problem.message;
  return typeof problem === 'string' ? problem : 'UNKNOWN';
}

/** DER, leaf first. */
export function certificateChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < MAX_CHAIN) {
    chain.push(certificate.raw);
    const issuer: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
    certificate = issuer === certificate ? undefined : issuer;
  }
  return chain;
}
