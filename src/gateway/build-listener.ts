// The inward side of a thread, built: SMTP server, trust in senders, SMTP AUTH, and the way of a message into the store.
import type { ListenOptions } from 'node:net';
import { NOBODY, verifyPassword } from '#directory/password-hash.ts';
import { createInboundTrust } from '#ingress/inbound-trust.ts';
import { refusals } from '#ingress/refusals.ts';
import { createSubmission, type SubmissionParts } from '#ingress/submission.ts';
import type { SmtpReply } from '#mail/smtp-reply.ts';
import { findAcceptedDomain } from '#routing/accepted-domains.ts';
import { createRangeIndex, numericAddress, parseAddressRange } from '#routing/address-ranges.ts';
import type { ServerTls } from '#smtp/handshakes.ts';
import { createSmtpServer } from '#smtp/server.ts';
import type { StoreClient } from '#store/store-client.ts';
import { certificateFacts } from '#tls/certificate-facts.ts';
import { presentedNames } from '#tls/certificate-name.ts';
import { listenerContextOptions } from '#tls/listener-tls.ts';
import { makeThreadDefault } from '#tls/trust-store.ts';
import { readListenerCertificate, readTrustStore } from './certificates.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { Endpoint } from './settings-values.ts';
import type { WorkerStart } from './worker-messages.ts';

export interface ListenerParts
  extends Pick<SubmissionParts, 'nextId' | 'accept' | 'hasRoom' | 'counters' | 'log'> {
  readonly start: WorkerStart;
  readonly live: LiveConfiguration;
  readonly store: StoreClient;
}

export interface Listener {
  /** Resolves with where it listens. */
  listen(): Promise<readonly Endpoint[]>;
  reconfigure(): void;
  setPressure(reason: string | null): void;
  reloadCertificates(): void;
  stop(milliseconds: number): Promise<void>;
}

export function buildListener(parts: ListenerParts): Listener {
  const { start, live, store, log } = parts;
  const { settings } = start;
  let pressure: string | null = null;
  let trust = createInboundTrust(live.current.inboundConnectors);
  let trusted = live.current.inboundConnectors;
  const submission: SubmissionParts = {
    ...parts,
    hostname: settings.hostname,
    configuration: () => live.current,
    trust: () => trust,
    isAccepted: (domain) => findAcceptedDomain(live.accepted, domain) !== null,
    unwrap: (recipient) => live.rewriter.unwrap(recipient, Date.now()),
    certificateNames: (certificate) => presentedNames(certificateFacts(certificate)),
    pressure: () => pressure,
    authenticate: (user, password) => authenticate(live, user, password),
    now: Date.now,
    createSpool: (id) => store.createSpoolFile(id),
    keep: (entry) => store.enqueue(entry),
  };
  const server = createSmtpServer({
    hostname: settings.hostname,
    get maxSize() {
      return live.current.transportConfig.MaxSendSize;
    },
    maxConnectionsPerAddress: settings['max-connections-per-address'],
    maxConnections: Math.max(1, Math.floor(settings['max-connections'] / start.threads)),
    tls: readCertificates(start),
    mayUseXclient: addressesIn(settings['xclient-from']),
    isProxy: addressesIn(settings['proxy-from']),
    createHandler: (session) => createSubmission(submission, session),
    onError: (error, session) => log(`a session with ${session.peer.address} met an error`, error),
  });
  return {
    async listen() {
      const endpoints: Endpoint[] = [];
      for (const { host, port } of start.listen) {
        const where: ListenOptions = { host, port, reusePort: start.threads > 1, backlog: 511 };
        const bound = await server.listen(where);
        endpoints.push({ host, port: bound.port });
      }
      return endpoints;
    },
    reconfigure() {
      if (live.current.inboundConnectors === trusted) return;
      trusted = live.current.inboundConnectors;
      trust = createInboundTrust(trusted);
    },
    setPressure(reason) {
      pressure = reason;
    },
    reloadCertificates() {
      try {
        server.setTls(readCertificates(start));
      } catch (error) {
        log('the certificates could not be read again; the old ones stay', error);
      }
    },
    stop: (milliseconds) => server.stop(milliseconds),
  };
}

/** Whether an address is in one of the networks. */
function addressesIn(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map(parseAddressRange).filter((range) => range !== null);
  const index = createRangeIndex(ranges.map((range) => ({ range, value: true })));
  return (text) => {
    const address = ranges.length === 0 ? null : numericAddress(text);
    let found = false;
    if (address !== null) index.visit(address, () => (found = true));
    return found;
  };
}

/** As long for a user who doesn't exist as for one who does. */
async function authenticate(
  live: LiveConfiguration,
  user: string,
  password: string,
): Promise<SmtpReply | null> {
  const wanted = user.toLowerCase();
  const found = live.current.submissionUsers.find((one) => one.Enabled && one.Name.toLowerCase() === wanted);
  const right = await verifyPassword(found?.PasswordHash ?? NOBODY, password);
  return found && right ? null : refusals.badCredentials;
}

/** The certificate for STARTTLS, read now; the roots that clients' certificates are verified against, when there is a client. */
function readCertificates({ settings }: WorkerStart): ServerTls {
  const trust = readTrustStore(settings);
  const certificate = readListenerCertificate(settings);
  return () => {
    makeThreadDefault(trust);
    return listenerContextOptions(certificate, trust);
  };
}
