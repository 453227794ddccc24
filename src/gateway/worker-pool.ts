// The threads that receive and deliver mail: starts them, shares the listening ports and the queue manager's claims among
// them, tells them what changes, adds up what they count, and stops them in order. One that dies ends the daemon: what
// it held is in the store, and a fresh start takes it up.
import { Worker } from 'node:worker_threads';
import type { Configuration } from '#directory/configuration.ts';
import type { ConfigurationChange } from '#directory/configuration-change.ts';
import type { NextHopState } from '#queue/queue-manager.ts';
import type { Claim } from '#store/store.ts';
import type { StorePorts } from '#store/wire.ts';
import type { DomainReport } from '#tls/tls-tally.ts';
import type { CounterDelta } from '#tracking/counters.ts';
import type { Log } from './log.ts';
import type { NetworkPorts } from './network-answers.ts';
import type { Settings } from './settings.ts';
import type { Endpoint } from './settings-values.ts';
import type { TracedStep } from './trace-feed.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

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

/** What a message leaves behind is short-lived: three times as much room for it doubles the memory and wins nothing (measured). */
const LIMITS = { maxYoungGenerationSizeMb: 16 };

interface Thread {
  readonly worker: Worker;
  readonly stopped: Promise<void>;
  /** Tells the thread something and resolves when it has heard it, or is gone. */
  hear(message: (answer: number) => ToWorker): Promise<void>;
}

export async function startWorkerPool(parts: WorkerPoolParts): Promise<WorkerPool> {
  const { settings } = parts;
  const threads: Thread[] = [];
  let endpoints = settings.smtp;
  let stopping = false;
  let turn = 0;
  const tell = (message: ToWorker, except?: Worker) => {
    for (const { worker } of threads) if (worker !== except) worker.postMessage(message);
  };
  for (let index = 0; index < settings.workers; index += 1) {
    const { thread, listening } = startThread(index, endpoints, parts, {
      onNextHop: (state, worker) => {
        if (parts.learned(state)) tell({ kind: 'next-hop', state }, worker);
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
        if (share.length > 0)
          eligible[index]?.worker.postMessage({ kind: 'claims', claims: share } satisfies ToWorker);
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
      await Promise.all(threads.map((thread) => thread.stopped));
    },
  };
}

interface ThreadEvents {
  readonly onNextHop: (state: NextHopState, worker: Worker) => void;
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
    threads: parts.settings.workers,
    settings: parts.settings,
    credentialKey: parts.credentialKey,
    listen,
    storePorts,
    network,
    configuration: parts.configuration(),
  };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: start,
    // As top -H shows it.
    name: `carrier ${index}`,
    resourceLimits: LIMITS,
    transferList: [storePorts.writer, storePorts.reader, network.crls, network.mtaSts],
  });
  const waiting = new Map<number, () => void>();
  let answers = 0;
  const stopped = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let reason = 'it ended without a word';
  worker.on('error', (error) => {
    reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  });
  const listening = new Promise<readonly Endpoint[]>((resolve, reject) => {
    worker.once('exit', () => {
      for (const resolve of waiting.values()) resolve();
      reject(new Error(reason));
      events.onExit(reason);
    });
    worker.on('message', (message: FromWorker) => {
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
          return events.onNextHop(message.state, worker);
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
      worker.postMessage(message(answers));
    });
  return { thread: { worker, stopped, hear }, listening };
}
