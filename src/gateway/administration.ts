// The administrators' side of the gateway on the main thread: the cmdlets with what they need, and the doors to them.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { createAdminApi } from '#api/admin-api.ts';
import { controlSocketPath, ControlSocketError } from '#api/control-path.ts';
import { startControlSocket } from '#api/control-socket.ts';
import { createEventHub, publishChanges } from '#api/event-stream.ts';
import type { QueueGauge } from '#api/metrics.ts';
import { createCompleter } from '#api/object-names.ts';
import { type CatalogServices, cmdlets, views } from '#cmdlets/catalog.ts';
import { createDirectoryServices } from '#cmdlets/directory-services.ts';
import { createInvoke } from '#cmdlets/invoke.ts';
import { createImpactReport } from '#cmdlets/outbound-route/impact-report.ts';
import { createPermissionReader } from '#cmdlets/permissions/permission-reader.ts';
import { createSignIn } from '#cmdlets/permissions/sign-in.ts';
import { createRegistry } from '#cmdlets/registry.ts';
import { unrestrictedSession } from '#cmdlets/session.ts';
import type { CredentialVault } from '#directory/credential-vault.ts';
import type { Directory } from '#directory/directory.ts';
import { acceptedDomainObject } from '#directory/accepted-domain.ts';
import { mailObjectKinds } from '#directory/object-kinds.ts';
import { organizationConfigObject } from '#directory/organization-config.ts';
import { permissionObjectKinds } from '#directory/permission-kinds.ts';
import { createMailQueue, type MailQueue } from '#queue/mail-queue.ts';
import { postmasterOf } from '#queue/postmaster.ts';
import { readQueuedContent } from '#queue/queued-content.ts';
import type { QueueManager } from '#queue/queue-manager.ts';
import { removalReport } from '#queue/removal-report.ts';
import type { StoreClient } from '#store/store-client.ts';
import { createMessageIds } from '#mail/message-id.ts';
import { arrivalOf, buildOutward, createSnapshots } from './build-outward.ts';
import type { Log } from './log.ts';
import { describeError } from './log-fields.ts';
import type { NetworkAnswers } from './network-answers.ts';
import type { Settings } from './settings.ts';
import type { Endpoint } from './settings-values.ts';
import { StartError } from './start-error.ts';
import { createTraceFeed, type TracedStep } from './trace-feed.ts';

export interface AdministrationParts {
  readonly settings: Settings;
  readonly store: StoreClient;
  readonly directory: Directory;
  readonly vault: CredentialVault;
  readonly manager: QueueManager;
  readonly network: NetworkAnswers;
  /** Where the gateway listens for mail. */
  readonly listeners: readonly Endpoint[];
  readonly log: Log;
  /** Whether anybody looks at what happens to messages: then traced() wants to hear of it. */
  readonly watchTrace: (on: boolean) => void;
}

export interface Administration {
  /** Takes /adminapi/ requests. */
  readonly httpHandler: (request: IncomingMessage, response: ServerResponse) => boolean;
  queueGauges(): Promise<readonly QueueGauge[]>;
  /** For those who listen to /adminapi/events; `left`: how many more there were. */
  traced(steps: readonly TracedStep[], left: number): void;
  stop(): Promise<void>;
}

/** Who may use it sees what happens to messages. */
const TRACE_CMDLET = 'Get-MessageTraceDetailV2';

/** The last thread number of message identities: threads that carry mail have 0 to 11. */
const MAIN_THREAD = 15;

export async function startAdministration(parts: AdministrationParts): Promise<Administration> {
  const { settings, directory, vault, manager, log } = parts;
  const traced: Administration['traced'] = (steps, left) => {
    for (const data of steps) events.publish({ type: 'trace', cmdlet: TRACE_CMDLET, data });
    if (left > 0) events.publish({ type: 'trace', cmdlet: TRACE_CMDLET, data: { leftOut: left } });
  };
  // What administrators do to messages (removals, test mail) is seen by those who watch, too.
  const feed = createTraceFeed(traced);
  const store = feed.overhear(parts.store);
  const configuration = () => directory.configuration();
  const reports = {
    hostname: settings.hostname,
    postmaster: () => postmasterOf(configuration(), settings.hostname),
    nextId: createMessageIds(MAIN_THREAD, Date.now),
    now: Date.now,
    token: () => randomBytes(15).toString('hex'),
    expirationTimeout: () => configuration().transportConfig.MessageExpirationTimeout,
  };
  const mailQueue = createMailQueue({
    store,
    manager,
    configuration,
    hostname: settings.hostname,
    now: Date.now,
    removalReport: (message, recipients) => removalReport(reports, store, message, recipients),
  });
  const logged = (message: string, error: unknown) => log.error(message, describeError(error));
  const snapshotOf = createSnapshots();
  const impact = createImpactReport({ store, snapshotOf, now: Date.now });
  const services: CatalogServices = {
    ...createDirectoryServices(directory, vault, Date.now, impact),
    mailQueue,
    traceStore: store,
    mailStore: store,
    expirationTimeout: reports.expirationTimeout,
    readContent: (id) => readQueuedContent(store, id),
    nextMessageId: reports.nextId,
    snapshotOf,
    outward: () => buildOutward({ ...parts, log: logged }),
    arrival: async (address, senderDomain) =>
      arrivalOf(configuration(), await snapshotOf(configuration()), address, senderDomain),
  };
  const registry = createRegistry(cmdlets, views);
  const invoke = createInvoke(registry, services);
  const about = { version: version(), organization: () => directory.organizationName };
  const complete = createCompleter(directory, [...mailObjectKinds, ...permissionObjectKinds]);
  const events = createEventHub((on) => {
    feed.watch(on);
    parts.watchTrace(on);
  });
  publishChanges(directory, events);
  const door = await openControlSocket(settings.data, {
    ...about,
    catalogue: registry,
    invoke,
    complete,
    session: unrestrictedSession,
    log: logged,
  });
  return {
    httpHandler: createAdminApi({
      ...about,
      registry,
      invoke,
      complete,
      events,
      signIn: createSignIn({ directory, reader: createPermissionReader(directory, registry), now: Date.now }),
      isTenant: (tenant) => isTenant(directory, tenant),
      isOwnName: (name) => name === settings.hostname.toLowerCase(),
      logRequest: (line) => log.info('request', { ...line }),
      log: logged,
    }),
    queueGauges: () => gauges(mailQueue),
    traced,
    stop() {
      events.close();
      return door.stop();
    },
  };
}

/** cmdlets.md: a tenant is named by the organization's name, a domain of it, or its GUID. `tenant` is in lower case. */
function isTenant(directory: Directory, tenant: string): boolean {
  const [organization] = directory.list(organizationConfigObject);
  if (organization?.guid === tenant || organization?.values.Name.toLowerCase() === tenant) return true;
  return directory
    .list(acceptedDomainObject)
    .some(({ values }) => values.DomainName.toLowerCase() === tenant);
}

async function openControlSocket(
  data: string,
  parts: Omit<Parameters<typeof startControlSocket>[0], 'path'>,
): ReturnType<typeof startControlSocket> {
  try {
    return await startControlSocket({ ...parts, path: controlSocketPath(data) });
  } catch (error) {
    if (error instanceof ControlSocketError) throw new StartError(error.message);
    throw error;
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

async function gauges(mailQueue: MailQueue): Promise<readonly QueueGauge[]> {
  const byConnector = new Map<string, { recipients: number; oldest: number | null }>();
  for (const entry of await mailQueue.list()) {
    const name = entry.connector?.name ?? '';
    const sum = byConnector.get(name) ?? { recipients: 0, oldest: null };
    sum.recipients += entry.messageCount;
    if (entry.oldestArrival !== null)
      sum.oldest = Math.min(sum.oldest ?? entry.oldestArrival, entry.oldestArrival);
    byConnector.set(name, sum);
  }
  return [...byConnector].map(([connector, { recipients, oldest }]) => ({
    connector,
    recipients,
    oldestSeconds: oldest === null ? 0 : Math.max(0, (Date.now() - oldest) / 1000),
  }));
}
