// Both ends of a real TLS handshake on loopback, for tests of what the client concludes from it.
import { connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { once } from 'node:events';
import { createClientTls, type ClientCertificate } from '#tls/client-tls.ts';
import { gatherEvidence, watchStapledOcsp } from '#tls/evidence.ts';
import type { TlsEvidence, TlsRequirement } from '#tls/requirement.ts';
import { createTrustStore, type TrustStore } from '#tls/trust-store.ts';
import type { Authority } from './certificates.ts';
import { portOf } from './loopback-port.ts';

/** A trust store that holds these roots. */
export function trusting(...roots: readonly Pick<Authority, 'pem'>[]): TrustStore {
  const text = roots.map((root) => root.pem).join('');
  return createTrustStore({ file: 'roots.pem', readFile: () => text });
}

/** A requirement by its level; all else as if nothing had raised it. */
export function requirementOf(given: Partial<TlsRequirement>): TlsRequirement {
  return {
    level: 'Opportunistic',
    authority: 'Connector',
    names: [],
    tlsa: null,
    daneNames: [],
    mtaStsName: null,
    mtaStsTesting: null,
    requireTls: false,
    ...given,
  };
}

export interface TlsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A server that takes certificates and versions as weak as a test wants them. `staple`: an OCSP answer, DER.
 */
export async function startTlsServer(
  options: TlsOptions,
  staple: Uint8Array | null = null,
): Promise<TlsServer> {
  const server = createServer({ ciphers: 'DEFAULT:@SECLEVEL=0', ...options }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
  });
  server.on('tlsClientError', () => undefined);
  if (staple !== null) {
    server.on(
      'OCSPRequest',
      (_certificate: Buffer, _issuer: Buffer, callback: (error: null, answer: Buffer) => void) =>
        callback(null, Buffer.from(staple)),
    );
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Rejects when the handshake fails. The connection is closed again. */
export async function shakeHands(
  port: number,
  requirement: TlsRequirement,
  trust: TrustStore,
  serverName = 'mail.contoso.com',
  clientCertificate: ClientCertificate | null = null,
): Promise<TlsEvidence> {
  const options = createClientTls(trust).optionsFor(requirement, serverName, clientCertificate);
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', ...options });
  try {
    const stapled = watchStapledOcsp(socket);
    await once(socket, 'secureConnect');
    return gatherEvidence(socket, requirement, serverName, trust, stapled());
  } finally {
    socket.destroy();
  }
}
