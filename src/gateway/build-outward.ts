// The main thread's own look outwards, for cmdlets that test ways and connectors: routing, deliverer and inbound trust, made
// as the threads that carry mail make theirs. Everything is loaded and built when a command asks for it, and let go with
// it, so that an idle gateway holds none of it; only the last routing snapshot may live on, as long as memory allows.
import { randomInt } from 'node:crypto';
import type { Arrival, Outward, RoutingServices } from '#cmdlets/outbound-route/outbound-services.ts';
import type { Configuration } from '#directory/configuration.ts';
import type { CredentialVault } from '#directory/credential-vault.ts';
import type { Directory } from '#directory/directory.ts';
import { describeSmtpReply } from '#mail/smtp-reply.ts';
import type { RoutingSnapshot } from '#routing/snapshot.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { NetworkAnswers } from './network-answers.ts';
import { ownListeners } from './own-listeners.ts';
import type { Settings } from './settings.ts';
import type { Endpoint } from './settings-values.ts';

export interface OutwardBuild {
  readonly settings: Settings;
  readonly vault: CredentialVault;
  readonly network: Pick<NetworkAnswers, 'crls' | 'mtaSts'>;
  readonly directory: Pick<Directory, 'configuration'>;
  /** Where the gateway listens. */
  readonly listeners: readonly Endpoint[];
  readonly log: (message: string, error: unknown) => void;
}

export async function buildOutward(build: OutwardBuild): Promise<Outward> {
  const { settings, directory } = build;
  const [
    { buildDelivererParts },
    { createLiveConfiguration },
    { createDeliverer },
    { inspectHosts },
    preview,
  ] = await Promise.all([
    import('./build-deliverer.ts'),
    import('./live-configuration.ts'),
    import('#delivery/deliver.ts'),
    import('#delivery/host-inspection.ts'),
    import('#delivery/host-preview.ts'),
  ]);
  let live: LiveConfiguration | null = null;
  const derived = () =>
    (live ??= createLiveConfiguration(directory.configuration(), settings.hostname, Date.now));
  const { parts } = buildDelivererParts({
    ...build,
    ...build.network,
    live: {
      get current() {
        return directory.configuration();
      },
      headerEditOf: (request) => derived().headerEditOf(request),
      rewriteSender: (sender) => derived().rewriteSender(sender),
    },
    random: (below) => randomInt(below),
    isOwn: ownListeners(build.listeners),
  });
  const deliverer = createDeliverer(parts);
  return {
    preview: (route, requireTls) => preview.previewHosts(parts, route, requireTls),
    inspect: (route) => inspectHosts(parts, route),
    deliverer,
    close: () => deliverer.close(),
  };
}

export function createSnapshots(): RoutingServices['snapshotOf'] {
  let last: WeakRef<RoutingSnapshot> | null = null;
  return async (configuration) => {
    const previous = last?.deref() ?? null;
    if (previous?.configuration === configuration) return previous;
    const { createRoutingSnapshot } = await import('#routing/snapshot.ts');
    const snapshot = createRoutingSnapshot(configuration, previous);
    last = new WeakRef(snapshot);
    return snapshot;
  };
}

/** What ingress would make of mail from this address, without TLS and SMTP AUTH. */
export async function arrivalOf(
  configuration: Configuration,
  snapshot: RoutingSnapshot,
  remoteAddress: string,
  senderDomain: string | null,
): Promise<Arrival> {
  const [{ createInboundTrust }, { refusals }, { findAcceptedDomain }] = await Promise.all([
    import('#ingress/inbound-trust.ts'),
    import('#ingress/refusals.ts'),
    import('#routing/accepted-domains.ts'),
  ]);
  const session = createInboundTrust(configuration.inboundConnectors).session({
    remoteAddress,
    tls: false,
    certificateNames: [],
  });
  const decision = session.decide(senderDomain, null);
  if (!decision.ok) {
    const reply = describeSmtpReply(decision.reply);
    return { inboundConnector: null, fromOnPremises: false, refusalFor: () => reply };
  }
  const { connector, fromOnPremises, relay } = decision;
  const denied = describeSmtpReply(refusals.relayDenied);
  return {
    inboundConnector: connector?.Name ?? null,
    fromOnPremises,
    refusalFor(domain) {
      if (relay === 'Anywhere') return null;
      if (relay === 'AcceptedDomains' && findAcceptedDomain(snapshot.accepted, domain) !== null) return null;
      return denied;
    },
  };
}
