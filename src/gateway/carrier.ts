// What carries mail: listens, takes messages in, routes and delivers them. Built here from its parts; told by the main
// thread what changes (worker-messages.ts). Runs in a thread of its own, or in the main thread (carrier-place.ts).
import { randomBytes, randomInt } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import { createMessageIds } from '#mail/message-id.ts';
import { createAttemptEnd } from '#queue/attempt-end.ts';
import { createDispatcher, type Dispatcher } from '#queue/dispatcher.ts';
import { postmasterOf } from '#queue/postmaster.ts';
import type { NewMessage } from '#store/store.ts';
import { createStoreClient } from '#store/store-client.ts';
import { createCounters } from '#tracking/counters.ts';
import { buildDeliverer } from './build-deliverer.ts';
import { buildListener } from './build-listener.ts';
import { createLiveConfiguration } from './live-configuration.ts';
import { describeError } from './log-fields.ts';
import { ownListeners } from './own-listeners.ts';
import { createTraceFeed } from './trace-feed.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

const IN_HAND_OCTETS = 64 * 1024 ** 2;
const IN_HAND_MESSAGES = 20_000;
const READY_PER_NEXT_HOP = 2_000;
const REPORT_MILLISECONDS = 1_000;

/** `ended`: it has stopped, as it was told to. */
export function startCarrier(start: WorkerStart, main: MessagePort, ended: () => void): void {
  const { settings, index, threads } = start;
  const tell = (message: FromWorker): void => main.postMessage(message);
  const log = (message: string, error: unknown): void =>
    tell({ kind: 'log', level: 'error', message, fields: describeError(error) });
  const random = (below: number): number => randomInt(below);
  const nextId = createMessageIds(index, Date.now);
  const counters = createCounters();
  const feed = createTraceFeed((steps, left) => tell({ kind: 'traced', steps, left }));
  const store = feed.overhear(createStoreClient(start.storePorts));
  const live = createLiveConfiguration(start.configuration, settings.hostname, Date.now);
  const transport = () => live.current.transportConfig;

  let dispatcher: Dispatcher;
  const accept = (entry: NewMessage): void => dispatcher.accept(entry.message, entry.content);
  const hasRoom = (octets: number): boolean => dispatcher.hasRoom(octets);

  let isOwn = ownListeners(start.listen);
  const outward = buildDeliverer({
    start,
    live,
    random,
    log,
    isOwn: (address, port) => isOwn(address, port),
  });
  const end = createAttemptEnd({
    store,
    config: transport,
    now: Date.now,
    random,
    reports: {
      hostname: settings.hostname,
      postmaster: () => postmasterOf(live.current, settings.hostname),
      nextId,
      now: Date.now,
      token: () => randomBytes(15).toString('hex'),
      expirationTimeout: () => transport().MessageExpirationTimeout,
    },
    accept,
    hasRoom,
    counters,
    log,
  });

  let settledClaims: { queue: string; recipients: number }[] = [];
  function settled(queue: string, recipients: number): void {
    if (settledClaims.length === 0) {
      setImmediate(() => {
        tell({ kind: 'settled', claims: settledClaims });
        settledClaims = [];
      });
    }
    settledClaims.push({ queue, recipients });
  }

  dispatcher = createDispatcher({
    store,
    deliverer: outward.deliverer,
    route: live.route,
    end,
    clock: {
      now: Date.now,
      after: (milliseconds, callback) => void setTimeout(callback, milliseconds).unref(),
    },
    random,
    config: transport,
    // The first threads get what doesn't divide evenly.
    share: (limit) => Math.floor(limit / threads) + (index < limit % threads ? 1 : 0),
    threads,
    limits: { bytes: IN_HAND_OCTETS, messages: IN_HAND_MESSAGES, readyPerNextHop: READY_PER_NEXT_HOP },
    learned: (state) => tell({ kind: 'next-hop', state }),
    settled,
    log,
  });

  const inward = buildListener({ start, live, store, nextId, accept, hasRoom, counters, log });

  const reporting = setInterval(() => {
    const deltas = counters.drain();
    if (deltas.length > 0) tell({ kind: 'counted', deltas });
    const reports = outward.takeTlsReports();
    if (reports.length > 0) tell({ kind: 'tls-counted', reports });
  }, REPORT_MILLISECONDS);

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));

  async function stop(milliseconds: number): Promise<void> {
    const deadline = Date.now() + milliseconds;
    await inward.stop(milliseconds / 2);
    await dispatcher.stop(Math.max(0, deadline - Date.now()));
    // A host that is silent keeps its delivery open: what hasn't ended by now waits for the next start.
    await Promise.race([outward.close(), pause(Math.max(0, deadline - Date.now()))]);
    clearInterval(reporting);
    tell({ kind: 'counted', deltas: counters.drain() });
    tell({ kind: 'tls-counted', reports: outward.takeTlsReports() });
    await store.close();
    main.close();
  }

  main.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'configuration':
        live.change(message.change);
        dispatcher.reconfigure();
        inward.reconfigure();
        return;
      case 'claims':
        for (const claim of message.claims)
          dispatcher.take(claim).catch((error: unknown) => claimFailed(claim, error));
        return;
      case 'next-hop':
        dispatcher.learned(message.state);
        if (message.answer !== undefined) tell({ kind: 'heard', answer: message.answer });
        return;
      case 'pressure':
        return inward.setPressure(message.reason);
      case 'watch':
        return feed.watch(message.on);
      case 'reload-certificates':
        inward.reloadCertificates();
        return outward.reloadCertificates();
      case 'stop':
        void stop(message.milliseconds).finally(ended);
    }
  });

  /** The store didn't give it out: it stays in hand until the next start unless it is given back. */
  function claimFailed(claim: Parameters<Dispatcher['take']>[0], error: unknown): void {
    log('a claimed message could not be read; it waits again', error);
    void store
      .settle({
        messageId: claim.messageId,
        finished: [],
        waiting: claim.recipients,
        events: [],
        newMessages: [],
      })
      .catch((second: unknown) => log('a claim could not be given back', second));
    settled(claim.recipients[0]?.queue ?? '', Math.max(1, claim.recipients.length));
  }

  inward.listen().then(
    (endpoints) => {
      isOwn = ownListeners(endpoints);
      tell({ kind: 'listening', endpoints });
      flushCompileCache();
    },
    (error: unknown) =>
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
}
