// The whole gateway, built from its parts and taken down again: store, directory, threads, queue manager, doors. Nothing
// is decided here. What can't be had at start (a port, the data directory, a key) is a StartError with one clear line.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type HttpServer, startHttpServer } from '#api/http-server.ts';
import { createMetrics } from '#api/metrics.ts';
import {
  createCredentialVault,
  CredentialVaultError,
  loadCredentialKey,
} from '#directory/credential-vault.ts';
import { type Directory, loadDirectory } from '#directory/directory.ts';
import { createInitialObjects } from '#directory/initial-objects.ts';
import { mailObjectKinds } from '#directory/object-kinds.ts';
import { permissionObjectKinds } from '#directory/permission-kinds.ts';
import { createInitialPermissions } from '#cmdlets/permissions/initial-permissions.ts';
import { createQueueManager, type QueueManager } from '#queue/queue-manager.ts';
import { type OpenStore, openStore } from '#store/open-store.ts';
import { StoreError } from '#store/store-error.ts';
import { type Administration, startAdministration } from './administration.ts';
import {
  readClientCertificate,
  readHttpCertificate,
  readListenerCertificate,
  readTrustStore,
} from './certificates.ts';
import { buildTlsReporting } from './build-tls-reporting.ts';
import type { Log } from './log.ts';
import { describeError } from './log-fields.ts';
import { type PressureGauge, watchPressure } from './pressure.ts';
import { createNetworkAnswers, type NetworkAnswers } from './network-answers.ts';
import { releaseRefused, tellChanges } from './release-mail.ts';
import type { Settings } from './settings.ts';
import type { Endpoint } from './settings-values.ts';
import { StartError } from './start-error.ts';
import { startWorkerPool, type WorkerPool, type WorkerPoolParts } from './worker-pool.ts';

export interface Gateway {
  readonly smtp: readonly Endpoint[];
  readonly http: Endpoint & { readonly encrypted: boolean };
  reloadCertificates(): void;
  /** Takes nothing new, finishes what runs, closes the store; at the deadline what still runs waits for the next start. */
  stop(milliseconds: number): Promise<void>;
}

const DAY = 86_400_000;
const PRUNE_INTERVAL = 3_600_000;

export async function startGateway(
  settings: Settings,
  log: Log,
  brokeDown: (reason: string) => void,
): Promise<Gateway> {
  for (const endpoint of settings.smtp) await assertFree(endpoint, '--smtp');
  assertCertificates(settings);
  const logged = (message: string, error: unknown) => log.error(message, describeError(error));
  const opened = await refusing(StoreError, () =>
    openStore({ directory: settings.data, onFailure: (error) => brokeDown(error.stack ?? error.message) }),
  );
  const { store } = opened;
  const credentialKey = await credentialKeyOf(settings.data, store);
  const vault = createCredentialVault(credentialKey);
  const directory = await refusing(CredentialVaultError, () =>
    loadDirectory({
      store,
      now: Date.now,
      newGuid: randomUUID,
      vault,
      hostname: settings.hostname,
      declarations: [...mailObjectKinds, ...permissionObjectKinds],
    }),
  );
  await createInitialObjects(directory, vault, settings.organization || organizationOf(settings.hostname));
  await createInitialPermissions(directory);

  const metrics = createMetrics();
  const transport = () => directory.configuration().transportConfig;
  let pool: WorkerPool | null = null;
  let administration: Administration | null = null;
  const manager = createQueueManager({
    store,
    now: Date.now,
    dispatch: (claims) => pool?.dispatch(claims),
    tell: (state) => pool?.tellNextHop(state),
    hold: async (state) => pool?.holdNextHop(state),
    ages: () => ({
      expiration: transport().MessageExpirationTimeout,
      delay: transport().DelayNotificationTimeout,
    }),
    log: logged,
  });
  const network = createNetworkAnswers(settings, log);
  const tlsReporting = buildTlsReporting({
    settings,
    network,
    store,
    configuration: () => directory.configuration(),
    organization: () => directory.organizationName,
    queued: () => manager.wake(),
    counted: (kind) => metrics.add([['postern_reports_total', kind, 1]]),
    log: logged,
  });
  pool = await startPool(settings, credentialKey, opened, network, directory, manager, log, {
    counted: metrics.add,
    tlsCounted: tlsReporting.add,
    traced: (steps, left) => administration?.traced(steps, left),
    died: brokeDown,
  });
  for (const { queue, queueSuspended } of await store.queues())
    if (queueSuspended) await manager.hold(queue, true);
  const stopTelling = tellChanges(directory, pool, store, manager, logged);
  const pressure = watchPressure({
    store,
    limits: settings,
    residentBytes: () => process.memoryUsage.rss(),
    log: logged,
    changed(reason) {
      if (reason) log.warn('new mail is put off', { reason });
      else log.info('new mail is welcome again');
      pool?.tellPressure(reason);
    },
  });
  const workers = pool;
  const watchTrace = workers.watch;
  const toolbox = await startAdministration({
    settings,
    store,
    directory,
    vault,
    manager,
    network,
    listeners: workers.endpoints,
    log,
    watchTrace,
  });
  administration = toolbox;
  const http = await startHttp(settings, toolbox, pressure, metrics, logged);
  const prune = setInterval(() => {
    store
      .pruneTrace(Date.now() - Math.max(DAY, transport().MessageTraceRetention))
      .catch((error: unknown) => logged('the trace could not be pruned', error));
  }, PRUNE_INTERVAL);
  manager.start();
  tlsReporting.start();
  return {
    smtp: workers.endpoints,
    http: { ...http.address, encrypted: http.encrypted },
    reloadCertificates() {
      workers.reloadCertificates();
      network.reloadCertificates();
      releaseRefused(manager, workers);
      reloadHttpCertificate(settings, http, log);
    },
    async stop(milliseconds) {
      clearInterval(prune);
      pressure.stop();
      stopTelling();
      await Promise.all([http.stop(), toolbox.stop(), manager.stop(), workers.stop(milliseconds)]);
      tlsReporting.stop();
      await opened.close();
    },
  };
}

/** Errors of this class are the operator's to mend: they are said in one line. */
async function refusing<T>(kind: new (...args: never[]) => Error, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof kind) throw new StartError(error.message);
    throw error;
  }
}

/** The key is made with the first start only: a new one beside an old database would hide that the old one is lost. */
async function credentialKeyOf(data: string, store: OpenStore['store']): Promise<Uint8Array> {
  const path = join(data, 'keys', 'credential.key');
  if (!existsSync(path) && (await store.objects()).length > 0) {
    throw new StartError(
      `${path} is missing, and secrets in the database are sealed with it. Put the file back from your backup.`,
    );
  }
  return refusing(CredentialVaultError, () => loadCredentialKey(path));
}

/** A mistake in them is seen now, not at the first handshake. */
function assertCertificates(settings: Settings): void {
  try {
    readTrustStore(settings);
    readClientCertificate(settings);
    readHttpCertificate(settings);
    if (settings['tls-cert'] !== null) readListenerCertificate(settings);
  } catch (error) {
    throw new StartError((error as Error).message);
  }
}

/** A mistake in the new one leaves the old one where it is. */
function reloadHttpCertificate(settings: Settings, http: HttpServer, log: Log): void {
  try {
    const certificate = readHttpCertificate(settings);
    if (certificate === null) return;
    http.setCertificate(certificate);
    log.info('the HTTP certificate was read again');
  } catch (error) {
    log.error('the HTTP certificate stays as it is', describeError(error));
  }
}

/** The host name's domain, as Exchange names an organization after its first domain. */
function organizationOf(hostname: string): string {
  const domain = hostname.split('.').slice(1).join('.');
  return domain === '' ? hostname : domain;
}

/** SO_REUSEPORT would let a second daemon of the same user share the port in silence: so it is tried without, first. */
async function assertFree({ host, port }: Endpoint, flag: string): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(flag, { host, port }, error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

function cannotListen(flag: string, { host, port }: Endpoint, error: NodeJS.ErrnoException): StartError {
  const why: Record<string, string> = {
    EADDRINUSE: 'another program has it; stop that, or choose another port',
    EACCES: 'ports below 1024 need the right to bind them (CAP_NET_BIND_SERVICE)',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  return new StartError(
    `${flag}: ${host}:${port} can't be listened on: ${why[error.code ?? ''] ?? error.message}`,
  );
}

async function startPool(
  settings: Settings,
  credentialKey: Uint8Array,
  opened: OpenStore,
  network: NetworkAnswers,
  directory: Directory,
  manager: QueueManager,
  log: Log,
  heard: Pick<WorkerPoolParts, 'counted' | 'tlsCounted' | 'traced' | 'died'>,
): Promise<WorkerPool> {
  try {
    return await startWorkerPool({
      settings,
      credentialKey,
      connectStore: opened.connect,
      connectNetwork: () => network.connect(),
      configuration: () => directory.configuration(),
      log,
      settled: manager.settled,
      learned: manager.learned,
      ...heard,
    });
  } catch (error) {
    throw new StartError((error as Error).message);
  }
}

async function startHttp(
  settings: Settings,
  administration: Administration,
  pressure: PressureGauge,
  metrics: ReturnType<typeof createMetrics>,
  logged: (message: string, error: unknown) => void,
): Promise<HttpServer> {
  try {
    return await startHttpServer(settings.http, {
      ready: async () => pressure.reason,
      metrics: async () =>
        metrics.render({
          queues: await administration.queueGauges(),
          queuedMessages: pressure.health?.queuedMessages ?? 0,
          freeDiskBytes: pressure.health?.freeDiskBytes ?? 0,
          commitSeconds: (pressure.health?.lastCommitMilliseconds ?? 0) / 1000,
          refusing: pressure.reason !== null,
        }),
      adminApi: administration.httpHandler,
      log: logged,
      tls: readHttpCertificate(settings),
    });
  } catch (error) {
    throw cannotListen('--http', settings.http, error as NodeJS.ErrnoException);
  }
}
