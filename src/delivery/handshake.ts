// The TLS handshake of one connection and the verdict on what it showed. Owns the time limit and the order: first the
// handshake completes, then it is judged, and only then is anything said over it. Never decides what is required.
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { ClientCertificate, ClientTls } from '#tls/client-tls.ts';
import { gatherEvidence, watchStapledOcsp } from '#tls/evidence.ts';
import type { PeerVerifier } from '#tls/peer-verifier.ts';
import type { RevocationFailureAction, TlsRequirement } from '#tls/requirement.ts';
import type { TrustStore } from '#tls/trust-store.ts';
import { summarizeTls, type TlsSummary } from './tls-summary.ts';
import type { Trouble } from './trouble.ts';

export interface TlsServices {
  readonly trust: TrustStore;
  readonly clientTls: ClientTls;
  /** Shown to servers that ask for one; null: none. */
  readonly clientCertificate: () => ClientCertificate | null;
  readonly verifier: PeerVerifier;
  /** RevocationFailureAction as it is at the moment. */
  readonly revocationFailureAction: () => RevocationFailureAction;
}

export type Handshake =
  /** `trouble`: the verdict was no. */
  | {
      readonly kind: 'done';
      readonly socket: TLSSocket;
      readonly summary: TlsSummary;
      readonly trouble: Trouble | null;
    }
  /** There was no handshake; `reason` in words. */
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * @param serverName the name that was connected to, or the address as text
 * @param timeout milliseconds
 * @param whenDone told when the handshake is done and what it showed is yet to be judged
 */
export async function shakeHands(
  services: TlsServices,
  socket: Duplex,
  serverName: string,
  requirement: TlsRequirement,
  timeout: number,
  whenDone?: () => void,
): Promise<Handshake> {
  const secure = connectTls({
    ...services.clientTls.optionsFor(requirement, serverName, services.clientCertificate()),
    socket,
  });
  const stapled = watchStapledOcsp(secure);
  const reason = await whenSecure(secure, timeout);
  if (reason !== null) {
    secure.destroy();
    return { kind: 'failed', reason };
  }
  whenDone?.();
  const evidence = gatherEvidence(secure, requirement, serverName, services.trust, stapled());
  const answer = services.verifier.verify(requirement, evidence, services.revocationFailureAction());
  const verdict = answer instanceof Promise ? await answer : answer;
  const trouble: Trouble | null = verdict.ok
    ? null
    : { kind: 'certificate', reason: verdict.reason, detail: verdict.detail };
  const testing = services.verifier.wouldRefuse(requirement, evidence);
  return {
    kind: 'done',
    socket: secure,
    summary: summarizeTls(requirement, evidence, verdict, testing),
    trouble,
  };
}

/** null when the handshake is done, else why it isn't. */
function whenSecure(secure: TLSSocket, timeout: number): Promise<string | null> {
  return new Promise((resolve) => {
    let reason = 'the server closed the connection';
    const finish = (result: string | null) => {
      clearTimeout(timer);
      secure.off('close', closed);
      resolve(result);
    };
    const closed = () => finish(reason);
    const timer = setTimeout(() => finish(`no end within ${timeout} ms`), timeout);
    // Stays on: an error after the handshake is told by the connection's end.
    secure.on('error', (error) => {
      reason = error.message;
    });
    secure.once('close', closed);
    secure.once('secureConnect', () => finish(null));
  });
}
