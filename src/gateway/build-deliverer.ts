// The outward side of a thread, built: resolver, TLS with its trust and revocation, credentials, connections, deliverer.
import { type CredentialVault, createCredentialVault, openCredential } from '#directory/credential-vault.ts';
import { createDeliverer, type DelivererParts } from '#delivery/deliver.ts';
import type { Deliverer } from '#delivery/deliverer.ts';
import { createDialler } from '#delivery/dialler.ts';
import { createTlsPolicies } from '#delivery/tls-policies.ts';
import { createClientTls } from '#tls/client-tls.ts';
import { connectCrls } from '#tls/crl-port.ts';
import type { CrlSource } from '#tls/crl-source.ts';
import type { MtaStsPolicies } from '#tls/mta-sts-cache.ts';
import { connectMtaSts } from '#tls/mta-sts-port.ts';
import { createPeerVerifier } from '#tls/peer-verifier.ts';
import { createRevocation } from '#tls/revocation.ts';
import { createTlsReportCollector, type DomainReport } from '#tls/tls-tally.ts';
import { Watch } from '#smtp/watch.ts';
import { buildResolver } from './build-resolver.ts';
import { readClientCertificate, readTrustStore } from './certificates.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import { thisMachine } from './own-listeners.ts';
import type { Settings } from './settings.ts';
import type { WorkerStart } from './worker-messages.ts';

/** The configuration as delivery sees it. */
export type DeliveryConfiguration = Pick<LiveConfiguration, 'current' | 'headerEditOf' | 'rewriteSender'>;

export interface DelivererPartsBuild {
  readonly settings: Settings;
  readonly vault: CredentialVault;
  readonly crls: CrlSource;
  readonly mtaSts: MtaStsPolicies;
  readonly live: DeliveryConfiguration;
  readonly random: (below: number) => number;
  readonly log: (message: string, error: unknown) => void;
  /** Is this one of our own listeners? */
  readonly isOwn: (address: string, port: number) => boolean;
}

export interface DelivererBuild extends Pick<DelivererPartsBuild, 'random' | 'log' | 'isOwn'> {
  readonly start: WorkerStart;
  readonly live: LiveConfiguration;
}

export interface Outward {
  readonly deliverer: Deliverer;
  /** What was counted for TLS reports since the last call. */
  takeTlsReports(): readonly DomainReport[];
  reloadCertificates(): void;
  close(): Promise<void>;
}

/** All that a deliverer is made of, on any thread. */
export function buildDelivererParts(build: DelivererPartsBuild): {
  readonly parts: DelivererParts;
  reloadCertificates(): void;
} {
  const { settings, live, random, log } = build;
  const trust = readTrustStore(settings);
  let clientCertificate = readClientCertificate(settings);
  const resolver = buildResolver(settings, random);
  const parts: DelivererParts = {
    resolver,
    now: Date.now,
    random,
    connection: {
      dial: createDialler(),
      hostname: settings.hostname,
      isThisMachine: thisMachine(),
      watch: new Watch(),
      tls: {
        trust,
        clientTls: createClientTls(trust),
        verifier: createPeerVerifier(createRevocation(build.crls, Date.now), Date.now),
        clientCertificate: () => clientCertificate,
        revocationFailureAction: () => live.current.transportConfig.RevocationFailureAction,
      },
      credentials: async (guid) => {
        const sealed =
          live.current.outboundConnectors.find((one) => one.Guid === guid)?.SealedCredential ?? null;
        return sealed === null ? null : openCredential(build.vault, sealed, guid);
      },
    },
    policies: createTlsPolicies({ resolver, mtaSts: build.mtaSts }),
    isOwnListener: (address, port) => build.isOwn(address, port),
    editHeader: (request) => live.headerEditOf(request),
    rewriteSender: (sender) => live.rewriteSender(sender),
    messagesPerConnection: () => live.current.transportConfig.MaxMessagesPerConnection,
    mxPort: settings['mx-port'],
  };
  return {
    parts,
    reloadCertificates() {
      try {
        clientCertificate = readClientCertificate(settings);
        trust.reload();
      } catch (error) {
        log('the certificates could not be read again; the old ones stay', error);
      }
    },
  };
}

/** Later than any. */
const EVERY_DAY = '9999';

export function buildDeliverer({ start, ...build }: DelivererBuild): Outward {
  const built = buildDelivererParts({
    ...build,
    settings: start.settings,
    vault: createCredentialVault(start.credentialKey),
    crls: connectCrls(start.network.crls),
    mtaSts: connectMtaSts(start.network.mtaSts, Date.now),
  });
  const tally = createTlsReportCollector(Date.now);
  const deliverer = createDeliverer({
    ...built.parts,
    recordTls: (session) => {
      if (build.live.current.transportConfig.TlsReportingEnabled) tally.record(session);
    },
  });
  return {
    deliverer,
    takeTlsReports: () => tally.takeBefore(EVERY_DAY),
    reloadCertificates: () => built.reloadCertificates(),
    close: () => deliverer.close(),
  };
}
