// The parts of what carries mail, built and joined: the store's client, the configuration as it stands, the inward and the
// outward side, and the dispatcher between them. Nothing is decided here.
import { randomBytes, randomInt } from 'node:crypto';
import { createMessageIds } from '#mail/message-id.ts';
import { createAttemptEnd } from '#queue/attempt-end.ts';
import { createDispatcher, type Dispatcher } from '#queue/dispatcher.ts';
import { postmasterOf } from '#queue/postmaster.ts';
import type { ReportParts } from '#queue/report-message.ts';
import type { NewMessage } from '#store/store.ts';
import { createStoreClient, type StoreClient } from '#store/store-client.ts';
import { type Counters, createCounters } from '#tracking/counters.ts';
import { buildDeliverer, type Outward } from './build-deliverer.ts';
import { buildListener, type Listener } from './build-listener.ts';
import { createLiveConfiguration, type LiveConfiguration } from './live-configuration.ts';
import { describeError } from './log-fields.ts';
import { ownListeners } from './own-listeners.ts';
import type { Endpoint } from './settings-values.ts';
import { createTraceFeed, type TraceFeed } from './trace-feed.ts';
import type { FromWorker, WorkerStart } from './worker-messages.ts';

export type Tell = (message: FromWorker) => void;

export interface Carrier {
  readonly store: StoreClient;
  readonly live: LiveConfiguration;
  readonly feed: TraceFeed;
  readonly counters: Counters;
  readonly inward: Listener;
  readonly outward: Outward;
  readonly dispatcher: Dispatcher;
  /** A claim is settled, or could not be taken up. */
  readonly settled: (queue: string, recipients: number) => void;
  readonly log: (message: string, error: unknown) => void;
  /** Resolves with where it listens. */
  listen(): Promise<readonly Endpoint[]>;
}

const LIMITS = { bytes: 64 * 1024 ** 2, messages: 20_000, readyPerNextHop: 2_000 };

export function buildCarrier(start: WorkerStart, tell: Tell): Carrier {
  const { settings, index } = start;
  const log = (message: string, error: unknown): void =>
    tell({ kind: 'log', level: 'error', message, fields: describeError(error) });
  const nextId = createMessageIds(index, Date.now);
  const counters = createCounters();
  const feed = createTraceFeed((steps, left) => tell({ kind: 'traced', steps, left }));
  const store = feed.overhear(createStoreClient(start.storePorts));
  const live = createLiveConfiguration(start.configuration, settings.hostname, Date.now);
  const settled = gatherSettled(tell);
  let isOwn = ownListeners(start.listen);
  const outward = buildDeliverer({ start, live, random, log, isOwn: (...end) => isOwn(...end) });

  let dispatcher: Dispatcher;
  const accept = (entry: NewMessage): void => dispatcher.accept(entry.message, entry.content);
  const hasRoom = (octets: number): boolean => dispatcher.hasRoom(octets);
  const common = { store, accept, hasRoom, counters, log };
  const end = createAttemptEnd({
    ...common,
    config: () => live.current.transportConfig,
    now: Date.now,
    random,
    reports: reportParts(start, live, nextId),
  });
  dispatcher = buildDispatcher(start, { store, live, outward, end, settled, tell, log });
  const inward = buildListener({ ...common, start, live, nextId });
  return {
    store,
    live,
    feed,
    counters,
    inward,
    outward,
    dispatcher,
    settled,
    log,
    async listen() {
      const endpoints = await inward.listen();
      isOwn = ownListeners(endpoints);
      return endpoints;
    },
  };
}

function random(below: number): number {
  return randomInt(below);
}

function reportParts(
  { settings }: WorkerStart,
  live: LiveConfiguration,
  nextId: ReportParts['nextId'],
): ReportParts {
  return {
    hostname: settings.hostname,
    postmaster: () => postmasterOf(live.current, settings.hostname),
    nextId,
    now: Date.now,
    token: () => randomBytes(15).toString('hex'),
    expirationTimeout: () => live.current.transportConfig.MessageExpirationTimeout,
  };
}

interface Joined extends Pick<Carrier, 'store' | 'live' | 'outward' | 'settled' | 'log'> {
  readonly end: ReturnType<typeof createAttemptEnd>;
  readonly tell: Tell;
}

function buildDispatcher({ index, threads }: WorkerStart, parts: Joined): Dispatcher {
  const { store, live, outward, end, settled, tell, log } = parts;
  return createDispatcher({
    store,
    deliverer: outward.deliverer,
    route: live.route,
    end,
    clock: {
      now: Date.now,
      after: (milliseconds, callback) => void setTimeout(callback, milliseconds).unref(),
    },
    random,
    config: () => live.current.transportConfig,
    // The first threads get what doesn't divide evenly.
    share: (limit) => Math.floor(limit / threads) + (index < limit % threads ? 1 : 0),
    threads,
    limits: LIMITS,
    learned: (state) => tell({ kind: 'next-hop', state }),
    settled,
    log,
  });
}

/** The claims that were settled in one turn of the event loop are told together. */
function gatherSettled(tell: Tell): Carrier['settled'] {
  let claims: { queue: string; recipients: number }[] = [];
  return (queue, recipients) => {
    if (claims.length === 0) {
      setImmediate(() => {
        tell({ kind: 'settled', claims });
        claims = [];
      });
    }
    claims.push({ queue, recipients });
  };
}
