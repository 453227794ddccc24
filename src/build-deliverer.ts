// The outward side of a thread, built: resolver, TLS with its trust and revocation, credentials, connections, deliverer.
import { createCredentialVault, openCredential } from '#directory/credential-vault.ts';
import { createDeliverer } from '#delivery/deliver.ts';
import type { Deliverer } from '#delivery/deliverer.ts';
import { createDialler } from '#delivery/dialler.ts';
import { createTlsPolicies } from '#delivery/tls-policies.ts';
import { createClientTls } from '#tls/client-tls.ts';
import { connectCrls } from '#tls/crl-port.ts';
import { connectMtaSts } from '#tls/mta-sts-port.ts';
import { createPeerVerifier } from '#tls/peer-verifier.ts';
import { createRevocation } from '#tls/revocation.ts';
import { Watch } from '#smtp/watch.ts';
import { buildResolver } from './build-resolver.ts';
import { readClientCertificate, readTrustStore } from './certificates.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { WorkerStart } from './worker-messages.ts';

export interface DelivererBuild {
  readonly start: WorkerStart;
  readonly live: LiveConfiguration;
  readonly random: (below: number) => number;
  readonly log: (message: string, error: unknown) => void;
  /** Is this one of our own listeners? */
  readonly isOwn: (address: string, port: number) => boolean;
}

export interface Outward {
  readonly deliverer: Deliverer;
  reloadCertificates(): void;
  close(): Promise<void>;
}

export function buildDeliverer({ start, live, random, isOwn, log }: DelivererBuild): Outward {
  const { settings } = start;
  const vault = createCredentialVault(start.credentialKey);
  const trust = readTrustStore(settings);
  const revocation = createRevocation(connectCrls(start.network.crls), Date.now);
  let clientCertificate = readClientCertificate(settings);
  const resolver = buildResolver(settings, random);
  const deliverer = createDeliverer({
    resolver,
    now: Date.now,
    random,
    connection: {
      dial: createDialler(),
      hostname: settings.hostname,
      watch: new Watch(),
      tls: {
        trust,
        clientTls: createClientTls(trust),
        verifier: createPeerVerifier(revocation, Date.now),
        clientCertificate: () => clientCertificate,
        revocationFailureAction: () => live.current.transportConfig.RevocationFailureAction,
      },
      credentials: async (guid) => {
        const sealed =
          live.current.outboundConnectors.find((one) => one.Guid === guid)?.SealedCredential ?? null;
        return sealed === null ? null : openCredential(vault, sealed, guid);
      },
    },
    policies: createTlsPolicies({ resolver, mtaSts: connectMtaSts(start.network.mtaSts, Date.now) }),
    isOwnListener: (address, port) => isOwn(address, port),
    editHeader: (request) => live.headerEditOf(request),
    rewriteSender: (sender) => live.rewriteSender(sender),
    messagesPerConnection: () => live.current.transportConfig.MaxMessagesPerConnection,
    mxPort: settings['mx-port'],
  });
  return {
    deliverer,
    reloadCertificates() {
      try {
        clientCertificate = readClientCertificate(settings);
        trust.reload();
      } catch (error) {
        log('the certificates could not be read again; the old ones stay', error);
      }
    },
    close: () => deliverer.close(),
  };
}
