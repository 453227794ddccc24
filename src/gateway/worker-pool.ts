// The threads that receive and deliver mail: starts them, shares the listening ports and the queue manager's claims among
// them, tells them what changes, adds up what they count, and stops them in order. One that dies ends the daemon: what
// it held is in the store, and a fresh start takes it up.
import type { Configuration } from '#directory/configuration.ts';
import type { ConfigurationChange } from '#directory/configuration-change.ts';
import type { NextHopState } from '#queue/queue-manager.ts';
import type { Claim } from '#store/store.ts';
import type { StorePorts } from '#store/wire.ts';
import type { DomainReport } from '#tls/tls-tally.ts';
import type { CounterDelta } from '#tracking/counters.ts';
import { type CarrierPlace, openHere, openThread } from './carrier-place.ts';
import type { Log } from './log.ts';
import type { NetworkPorts } from './network-answers.ts';
import type { Settings } from './settings.ts';
import type { Endpoint } from './settings-values.ts';
import type { TracedStep } from './trace-feed.ts';
import type { ToWorker, WorkerStart } from './worker-messages.ts';

export interface WorkerPoolParts {
  readonly settings: Settings;
  readonly credentialKey: Uint8Array;
  readonly connectStore: () => StorePorts;
  readonly connectNetwork: () => NetworkPorts;
  readonly configuration: () => Configuration;
  readonly log: Log;
  readonly settled: (queue: string, recipients: number) => void;
  /** true: it is news for the other threads too. */
  readonly learned: (state: NextHopState) => boolean;
  readonly counted: (deltas: readonly CounterDelta[]) => void;
  readonly tlsCounted: (reports: readonly DomainReport[]) => void;
  readonly traced: (steps: readonly TracedStep[], left: number) => void;
  readonly died: (reason: string) => void;
}

export interface WorkerPool {
  readonly endpoints: readonly Endpoint[];
  dispatch(claims: readonly Claim[]): void;
  tellChange(change: ConfigurationChange): void;
  tellNextHop(state: NextHopState): void;
  /** Resolves when every thread acts by it. */
  holdNextHop(state: NextHopState): Promise<void>;
  tellPressure(reason: string | null): void;
  reloadCertificates(): void;
  /** true: `traced` is told what happens to messages from now on. */
  watch(on: boolean): void;
  stop(milliseconds: number): Promise<void>;
}

interface Thread {
  readonly place: CarrierPlace;
  /** Tells the thread something and resolves when it has heard it, or is gone. */
  hear(message: (answer: number) => ToWorker): Promise<void>;
}

export async function startWorkerPool(parts: WorkerPoolParts): Promise<WorkerPool> {
  const { settings } = parts;
  const threads: Thread[] = [];
  let endpoints = settings.smtp;
  let stopping = false;
  let turn = 0;
  const tell = (message: ToWorker, except?: CarrierPlace) => {
    for (const { place } of threads) if (place !== except) place.tell(message);
  };
  for (let index = 0; index < Math.max(1, settings.workers); index += 1) {
    const { thread, listening } = startThread(index, endpoints, parts, {
      onNextHop: (state, place) => {
        if (parts.learned(state)) tell({ kind: 'next-hop', state }, place);
      },
      onExit: (reason) => {
        if (!stopping) parts.died(reason);
      },
    });
    threads.push(thread);
    // The first one learns the ports that were left to the system; the others share them.
    endpoints = await listening;
  }
  return {
    endpoints,
    dispatch(claims) {
      const limit = parts.configuration().transportConfig.MaxOutboundConnectionsPerNextHop;
      const eligible = threads.slice(0, Math.max(1, Math.min(threads.length, limit)));
      const shares = eligible.map((): Claim[] => []);
      for (const claim of claims) shares[turn++ % eligible.length]?.push(claim);
      for (const [index, share] of shares.entries()) {
        if (share.length > 0) eligible[index]?.place.tell({ kind: 'claims', claims: share });
      }
    },
    tellChange: (change) => tell({ kind: 'configuration', change }),
    tellNextHop: (state) => tell({ kind: 'next-hop', state }),
    async holdNextHop(state) {
      await Promise.all(
        threads.map((thread) => thread.hear((answer) => ({ kind: 'next-hop', state, answer }))),
      );
    },
    tellPressure: (reason) => tell({ kind: 'pressure', reason }),
    reloadCertificates: () => tell({ kind: 'reload-certificates' }),
    watch: (on) => tell({ kind: 'watch', on }),
    async stop(milliseconds) {
      stopping = true;
      tell({ kind: 'stop', milliseconds });
      await Promise.all(threads.map(({ place }) => place.ended));
    },
  };
}

interface ThreadEvents {
  readonly onNextHop: (state: NextHopState, place: CarrierPlace) => void;
  readonly onExit: (reason: string) => void;
}

function startThread(
  index: number,
  listen: readonly Endpoint[],
  parts: WorkerPoolParts,
  events: ThreadEvents,
): { readonly thread: Thread; readonly listening: Promise<readonly Endpoint[]> } {
  const storePorts = parts.connectStore();
  const network = parts.connectNetwork();
  const start: WorkerStart = {
    index,
    threads: Math.max(1, parts.settings.workers),
    settings: parts.settings,
    credentialKey: parts.credentialKey,
    listen,
    storePorts,
    network,
    configuration: parts.configuration(),
  };
  const place = parts.settings.workers === 0 ? openHere(start) : openThread(start);
  const waiting = new Map<number, () => void>();
  let answers = 0;
  const listening = new Promise<readonly Endpoint[]>((resolve, reject) => {
    void place.ended.then((reason) => {
      for (const resolve of waiting.values()) resolve();
      reject(new Error(reason));
      events.onExit(reason);
    });
    place.onMessage((message) => {
      switch (message.kind) {
        case 'listening':
          return resolve(message.endpoints);
        case 'failed':
          return reject(new Error(message.message));
        case 'settled':
          for (const { queue, recipients } of message.claims) parts.settled(queue, recipients);
          return;
        case 'heard':
          waiting.get(message.answer)?.();
          waiting.delete(message.answer);
          return;
        case 'next-hop':
          return events.onNextHop(message.state, place);
        case 'traced':
          return parts.traced(message.steps, message.left);
        case 'counted':
          return parts.counted(message.deltas);
        case 'tls-counted':
          return parts.tlsCounted(message.reports);
        case 'log':
          return parts.log[message.level](message.message, message.fields);
      }
    });
  });
  const hear: Thread['hear'] = (message) =>
    new Promise((resolve) => {
      answers += 1;
      waiting.set(answers, resolve);
      place.tell(message(answers));
    });
  return { thread: { place, hear }, listening };
}
