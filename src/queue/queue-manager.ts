// Hands waiting mail out: claims what is due in the store, within a window per next hop, and gives it to the threads
// that deliver. A next hop where nobody answers rests as a whole and is tried with a few messages when its rest ends,
// so that a million messages for a dead host cost nothing. Decides when, never where or how: that is routing's and
// delivery's. Runs on the main thread; every look-up in the store is by index.
import type { Claim, Store } from '#store/store.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import { type MessageId } from '#mail/message.ts';
import { firstIdAt } from '#mail/message-id.ts';

/** Recipients of one next hop that may be claimed and not yet settled. */
export const CLAIM_WINDOW = 400;
/** Messages nobody has tried yet, claimed and not yet settled. */
const INCOMING_WINDOW = 400;
/** How many recipients try a next hop whose rest has ended. */
const PROBES = 2;
/** With so many recipients in hand, each next hop gets less, so that ten thousand of them don't fill the memory. */
const CROWDED = 4_000;
const CROWDED_WINDOW = 5;
const SWEEP_LIMIT = 500;
const CROWDED_SWEEP_LIMIT = 50;
const TICK_MILLISECONDS = 100;
const SWEEP_MILLISECONDS = 15_000;
const SHORTEST_SWEEP_MILLISECONDS = 500;

export interface NextHopState {
  readonly key: string;
  /** Milliseconds since 1970: nothing is tried before; 0: it answers. */
  readonly restsUntil: number;
  readonly failures: number;
  /** How the last attempt there ended; null: none did, or it doesn't matter. */
  readonly lastStatus: DeliveryStatus | null;
  /** true: an administrator holds the queue; false: no longer. Whatever else is learned changes nothing of it. */
  readonly suspended?: boolean;
}

/** Messages with `after < identity < before` that are still to be looked at for their age. */
interface Sweep {
  readonly kind: 'expired' | 'delayed';
  readonly before: MessageId;
  after: MessageId;
}

export interface QueueManagerParts {
  readonly store: Pick<Store, 'claim' | 'claimOlder' | 'dueQueues'>;
  readonly now: () => number;
  /** Gives claims to a thread that delivers. */
  readonly dispatch: (claims: readonly Claim[], why: 'due' | 'aged') => void;
  /** Tells every thread that delivers what is now known of a next hop. */
  readonly tell: (state: NextHopState) => void;
  /** As tell(); resolves when all of them act by it. */
  readonly hold: (state: NextHopState) => Promise<void>;
  /** Ages in milliseconds after which mail is expired, or reported as delayed. */
  readonly ages: () => { readonly expiration: number; readonly delay: number };
  readonly log: (message: string, error: unknown) => void;
}

export interface QueueManager {
  start(): void;
  /** A thread has learned whether a next hop answers; returns true if that is news for the other threads. */
  learned(state: NextHopState): boolean;
  /** Claimed recipients (`''`: messages nobody had tried) that are settled. */
  settled(queue: string, recipients: number): void;
  /** Mail became due, or room was made: look soon. */
  wake(): void;
  states(): ReadonlyMap<string, NextHopState>;
  /** The administrator wants it tried now. */
  retryNow(queue: string): void;
  /** An administrator holds a queue, or lets it go on: so that mail which just came in is held too. */
  hold(queue: string, held: boolean): Promise<void>;
  stop(): Promise<void>;
}

export function createQueueManager(parts: QueueManagerParts): QueueManager {
  const { store, now } = parts;
  const states = new Map<string, NextHopState>();
  const inHand = new Map<string, number>();
  let stopped = false;
  let running: Promise<void> | null = null;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let lastSweep = 0;
  /** Recipients in `inHand`. */
  let totalOut = 0;
  const sweeps: Sweep[] = [];
  let delayedUpTo: MessageId = 0;

  function handOut(claims: readonly Claim[], why: 'due' | 'aged'): void {
    for (const { recipients } of claims) {
      const queue = recipients[0]?.queue ?? '';
      const count = Math.max(1, recipients.length);
      inHand.set(queue, (inHand.get(queue) ?? 0) + count);
      totalOut += count;
    }
    if (claims.length > 0) parts.dispatch(claims, why);
  }

  /** How many recipients of this queue may be claimed now, where so many of all queues are in hand. */
  function room(queue: string, total: number): number {
    const out = inHand.get(queue) ?? 0;
    const state = states.get(queue);
    if (state === undefined || state.failures === 0)
      return (total < CROWDED ? CLAIM_WINDOW : CROWDED_WINDOW) - out;
    return state.restsUntil > now() ? 0 : PROBES - out;
  }

  /** Queues that nothing would be claimed from: those that rest, and those whose window is full. */
  function withoutRoom(): readonly string[] {
    const keys = new Set([...states.keys(), ...inHand.keys()]);
    return [...keys].filter((queue) => queue !== '' && room(queue, totalOut) <= 0);
  }

  async function claimDue(): Promise<void> {
    const due = await store.dueQueues(now(), withoutRoom());
    const queues = [];
    let total = totalOut;
    for (const { queue, due: waiting } of due) {
      const limit = Math.min(room(queue, total), waiting);
      if (limit <= 0) continue;
      queues.push({ queue, limit });
      total += limit;
    }
    const incoming = INCOMING_WINDOW - (inHand.get('') ?? 0);
    if (queues.length === 0 && incoming <= 0) return;
    handOut(await store.claim({ now: now(), queues, incoming: Math.max(0, incoming) }), 'due');
  }

  /** A small part of the shorter age, so that nobody is told much too late. */
  function sweepInterval(): number {
    const { expiration, delay } = parts.ages();
    const part = Math.min(expiration, delay) / 10;
    return Math.min(SWEEP_MILLISECONDS, Math.max(SHORTEST_SWEEP_MILLISECONDS, part));
  }

  /** Mail that got too old while its next hop rests is taken up, a part of it at each tick, so that its sender is told. */
  async function sweep(): Promise<void> {
    if (sweeps.length === 0 && now() - lastSweep > sweepInterval()) beginSweeps();
    const [current] = sweeps;
    if (current === undefined) return;
    const { before, after } = current;
    const limit = totalOut < CROWDED ? SWEEP_LIMIT : CROWDED_SWEEP_LIMIT;
    const claims = await store.claimOlder({ before, after, limit });
    handOut(claims, 'aged');
    current.after = claims.at(-1)?.messageId ?? before;
    if (claims.length === limit) return;
    sweeps.shift();
    if (current.kind === 'delayed') delayedUpTo = Math.max(delayedUpTo, before);
  }

  function beginSweeps(): void {
    const { expiration, delay } = parts.ages();
    lastSweep = now();
    const expired = firstIdAt(lastSweep - expiration);
    sweeps.push(
      { kind: 'expired', before: expired, after: 0 },
      { kind: 'delayed', before: firstIdAt(lastSweep - delay), after: Math.max(delayedUpTo, expired) },
    );
  }

  async function tick(): Promise<void> {
    const begun = performance.now();
    try {
      await claimDue();
      await sweep();
    } catch (error) {
      parts.log('the queue could not be read; it is tried again', error);
    }
    running = null;
    schedule(again ? 0 : Math.max(TICK_MILLISECONDS, (performance.now() - begun) * 10));
    again = false;
  }

  function schedule(milliseconds: number): void {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (running) again = true;
      else running = tick();
    }, milliseconds);
  }

  return {
    start: () => schedule(0),
    learned(state) {
      const before = states.get(state.key);
      if (state.failures === 0) {
        states.delete(state.key);
        return before !== undefined;
      }
      states.set(state.key, state);
      return before === undefined || before.restsUntil < state.restsUntil;
    },
    settled(queue, recipients) {
      const out = inHand.get(queue) ?? 0;
      const left = out - recipients;
      totalOut -= Math.min(out, recipients);
      if (left > 0) inHand.set(queue, left);
      else inHand.delete(queue);
    },
    wake: () => schedule(0),
    states: () => states,
    retryNow(queue) {
      const state = states.get(queue);
      if (state) {
        const rested = { ...state, restsUntil: 0 };
        states.set(queue, rested);
        parts.tell(rested);
      }
      schedule(0);
    },
    hold(key, suspended) {
      // The threads forget that it rested when it goes on; so does the manager.
      if (!suspended) states.delete(key);
      const restsUntil = suspended ? Number.MAX_SAFE_INTEGER : 0;
      return parts.hold({ key, restsUntil, failures: suspended ? 1 : 0, lastStatus: null, suspended });
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
