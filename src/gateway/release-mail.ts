// What sets waiting mail free before its time: a changed connector or rule, and roots that were read anew. Tells the threads
// what has changed on the way. Decides nothing else: which queues are concerned is queue/concerned-queues.ts.
import type { Directory } from '#directory/directory.ts';
import { type ConnectorChange, queuesConcerned } from '#queue/concerned-queues.ts';
import type { QueueManager } from '#queue/queue-manager.ts';
import type { OpenStore } from '#store/open-store.ts';
import type { WorkerPool } from './worker-pool.ts';

const RELEASE_MILLISECONDS = 100;

/** What a change of the configuration sets in motion: the threads learn it, and waiting mail that it concerns is due at once. */
export function tellChanges(
  directory: Directory,
  pool: WorkerPool,
  store: OpenStore['store'],
  manager: QueueManager,
  logged: (message: string, error: unknown) => void,
): () => void {
  let changes: ConnectorChange[] = [];
  let timer: NodeJS.Timeout | null = null;
  function releaseSoon(): void {
    timer ??= setTimeout(
      () => void release().catch((error: unknown) => logged('waiting mail could not be made due', error)),
      RELEASE_MILLISECONDS,
    );
  }
  async function release(): Promise<void> {
    const released = changes;
    changes = [];
    timer = null;
    for (const key of queuesConcerned([...manager.states().keys()], released)) {
      const state = { key, restsUntil: 0, failures: 0, lastStatus: null };
      manager.learned(state);
      pool.tellNextHop(state);
    }
    const queues = (await store.queues()).map(({ queue }) => queue);
    for (const queue of queuesConcerned(queues, released)) await store.makeDue({ queue }, Date.now());
    manager.wake();
  }
  const stopListening = directory.onChange(({ configuration }) => {
    if (configuration === null) return;
    pool.tellChange(configuration);
    for (const entry of configuration.entries) {
      if (entry.part !== 'outboundConnectors') continue;
      changes.push({ guid: entry.guid, after: entry.value });
      releaseSoon();
    }
    if (configuration.whole.transportRules) releaseSoon();
  });
  return () => {
    stopListening();
    if (timer !== null) clearTimeout(timer);
  };
}

/** Roots that were read anew may be what a next hop was refused for want of: it is tried again at once. */
export function releaseRefused(manager: QueueManager, pool: WorkerPool): void {
  for (const { key, lastStatus } of manager.states().values()) {
    if (lastStatus?.status !== '4.7.320') continue;
    const state = { key, restsUntil: 0, failures: 0, lastStatus: null };
    manager.learned(state);
    pool.tellNextHop(state);
  }
  manager.wake();
}
