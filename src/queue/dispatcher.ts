// On each thread that delivers: takes a message in hand, has it routed, lets each part wait for its next hop, has it
// delivered and settles the end. What finds no room, or whose next hop rests, goes back to the store at once. A message
// leaves the hands only when its settlement is committed; a bug in an attempt defers the mail and is logged.
import type { TransportConfig } from '#directory/configuration.ts';
import { octetsInMemory } from '#mail/content-in-hand.ts';
import type { Content, Message } from '#mail/message.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { Deliverer, DeliveryResult } from '#delivery/deliverer.ts';
import type { RoutedGroup } from '#routing/routed-group.ts';
import type { Claim, Store, WaitingRecipient } from '#store/store.ts';
import { type Attempt, type AttemptPart, untried } from './attempt.ts';
import type { AttemptEnd } from './attempt-end.ts';
import { type NextHopClock, NextHopQueue } from './next-hop-queue.ts';
import { CLAIM_WINDOW, type NextHopState } from './queue-manager.ts';
import { retryDelay } from './retry-schedule.ts';

export type RouteAttempt = (attempt: Attempt) => readonly RoutedGroup[] | Promise<readonly RoutedGroup[]>;

export interface DispatcherParts {
  readonly store: Pick<Store, 'load'>;
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  readonly route: RouteAttempt;
  readonly end: AttemptEnd;
  readonly clock: NextHopClock;
  readonly random: (below: number) => number;
  readonly config: () => TransportConfig;
  /** This thread's part of a limit that holds for the whole gateway. */
  readonly share: (limit: number) => number;
  /** How many threads deliver. */
  readonly threads: number;
  /** Messages that may be in hand on this thread, and octets of content that they may hold in its memory. */
  readonly limits: { readonly bytes: number; readonly messages: number; readonly readyPerNextHop: number };
  /** A next hop was found dead or alive: for the queue manager and the other threads. */
  readonly learned: (state: NextHopState) => void;
  /** A claim is settled, or could not be taken up. */
  readonly settled: (queue: string, recipients: number) => void;
  readonly log: (message: string, error: unknown) => void;
}

export interface Dispatcher {
  /** Whether a message that takes so many octets of memory may be accepted in hand; else it goes to the store only. */
  hasRoom(octets: number): boolean;
  /** A message that was committed in hand a moment ago. */
  accept(message: Message, content: Content): void;
  take(claim: Claim): Promise<void>;
  /** What another thread, or the administrator, has learned of a next hop. */
  learned(state: NextHopState): void;
  /** Limits changed with the configuration. */
  reconfigure(): void;
  readonly inHand: { readonly messages: number; readonly bytes: number };
  /** Starts nothing any more; resolves when what runs is settled, or at the deadline. */
  stop(milliseconds: number): Promise<void>;
}

const SWEEP_MILLISECONDS = 30_000;

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { clock, end } = parts;
  const hops = new Map<string, NextHopQueue<AttemptPart>>();
  const states = new Map<string, NextHopState>();
  const inHand = { messages: 0, bytes: 0 };
  let stopping = false;
  let whenIdle: (() => void) | null = null;

  const limitsNow = () => {
    const config = parts.config();
    return {
      concurrency: parts.share(config.MaxOutboundConnectionsPerNextHop),
      rate: config.MessageRatePerNextHop / parts.threads,
      ready: parts.limits.readyPerNextHop,
      claimed: CLAIM_WINDOW,
    };
  };

  function hopOf(key: string): NextHopQueue<AttemptPart> {
    let hop = hops.get(key);
    if (!hop) {
      hop = new NextHopQueue(key, limitsNow(), clock, run);
      const state = states.get(key);
      if (state) hop.rest(state.restsUntil);
      hops.set(key, hop);
    }
    return hop;
  }

  /** More than this share of what may be in hand is. */
  const exceeds = (share: number): boolean =>
    inHand.bytes > parts.limits.bytes * share || inHand.messages > parts.limits.messages * share;

  /** What was claimed for this next hop is counted by whoever claims; all else is bounded here. */
  function hasRoomAt(hop: NextHopQueue<AttemptPart>, { claim }: Attempt): boolean {
    if (claim === null && exceeds(1)) return false;
    return hop.hasRoom({ claimed: claim !== null, crowded: exceeds(1 / 2) });
  }

  function begin(attempt: Attempt): void {
    inHand.messages += 1;
    inHand.bytes += octetsInMemory(attempt.content);
    let groups: readonly RoutedGroup[] | Promise<readonly RoutedGroup[]>;
    try {
      groups = parts.route(attempt);
    } catch (error) {
      return routeFailed(attempt, error);
    }
    if (groups instanceof Promise)
      groups.then((found) => distribute(attempt, found)).catch((error) => routeFailed(attempt, error));
    else distribute(attempt, groups);
  }

  function distribute(attempt: Attempt, groups: readonly RoutedGroup[]): void {
    attempt.open = groups.length;
    for (const group of groups) {
      const { decision } = group;
      if (decision.kind !== 'route') {
        settles(attempt, end.decided(attempt, group));
        continue;
      }
      const part: AttemptPart = { attempt, group, route: decision.route, key: decision.key };
      const hop = hopOf(decision.key);
      if (hop.resting) putBack(part, states.get(decision.key)?.restsUntil ?? 0);
      else if (stopping || !hasRoomAt(hop, attempt)) putBack(part, 0);
      else hop.push(part);
    }
  }

  /** Not tried: it waits in its queue, due as soon as the next hop can take it. */
  function putBack(part: AttemptPart, restsUntil: number): void {
    const state = restsUntil === 0 ? undefined : states.get(part.key);
    settles(part.attempt, end.untried(part, state?.lastStatus ?? null));
  }

  function run(part: AttemptPart): void {
    const { attempt, route } = part;
    const { recipients, headerEdits } = part.group;
    const hop = hopOf(part.key);
    const ended = parts.deliverer
      .deliver({ message: attempt.message, content: attempt.content, route, recipients, headerEdits })
      .catch((error: unknown): DeliveryResult => {
        parts.log('an attempt broke off', error);
        return {
          results: recipients.map((recipient) => ({ recipient, status: BROKEN })),
          events: [],
          nextHop: 'reached',
        };
      })
      .then((result) => {
        learnFrom(part, result);
        hop.finished();
        return end.attempted(part, result);
      });
    settles(attempt, ended);
  }

  /** A part ends with its settlement; where that fails by a bug, its mail stays in the store until the next start. */
  function settles(attempt: Attempt, settlement: Promise<void>): void {
    void settlement
      .catch((error: unknown) => parts.log('an attempt could not be settled', error))
      .then(() => partEnded(attempt));
  }

  function learnFrom(part: AttemptPart, result: DeliveryResult): void {
    const before = states.get(part.key);
    if (before?.suspended) return;
    if (result.nextHop === 'reached') {
      if (before) report({ key: part.key, restsUntil: 0, failures: 0, lastStatus: null });
      return;
    }
    if (before && before.restsUntil > clock.now()) return;
    const failures = (before?.failures ?? 0) + 1;
    const restsUntil = clock.now() + retryDelay(failures, parts.config(), parts.random);
    report({ key: part.key, restsUntil, failures, lastStatus: result.results[0]?.status ?? null });
  }

  function report(state: NextHopState): void {
    learned(state);
    parts.learned(state);
  }

  function learned(state: NextHopState): void {
    if (states.get(state.key)?.suspended && state.suspended === undefined) return;
    if (state.failures === 0) states.delete(state.key);
    else states.set(state.key, state);
    const ready = hops.get(state.key)?.rest(state.restsUntil) ?? [];
    for (const part of ready) putBack(part, state.restsUntil);
  }

  function routeFailed(attempt: Attempt, error: unknown): void {
    parts.log('a message could not be routed', error);
    attempt.open = 1;
    settles(attempt, end.broken(attempt, BROKEN));
  }

  function partEnded(attempt: Attempt): void {
    attempt.open -= 1;
    if (attempt.open > 0) return;
    inHand.messages -= 1;
    inHand.bytes -= octetsInMemory(attempt.content);
    if (attempt.claim) parts.settled(attempt.claim.queue, attempt.claim.recipients);
    if (inHand.messages === 0) whenIdle?.();
  }

  /** Next hops that nobody uses are forgotten. */
  function sweep(): void {
    for (const [key, hop] of hops) if (hop.idle) hops.delete(key);
    for (const [key, state] of states) if (state.restsUntil + 3_600_000 < clock.now()) states.delete(key);
    clock.after(SWEEP_MILLISECONDS, sweep);
  }
  clock.after(SWEEP_MILLISECONDS, sweep);

  return {
    inHand,
    hasRoom: (octets) =>
      !stopping && inHand.bytes + octets <= parts.limits.bytes && inHand.messages < parts.limits.messages,
    accept(message, content) {
      const recipients: WaitingRecipient[] = message.envelope.recipients.map((_, index) =>
        untried(index, message.receivedAt),
      );
      begin({ message, content, inHand: recipients, claim: null, begunAt: clock.now(), open: 0 });
    },
    async take(claim) {
      const accounted = {
        queue: claim.recipients[0]?.queue ?? '',
        recipients: Math.max(1, claim.recipients.length),
      };
      const found = await parts.store.load(claim.messageId);
      if (!found) return parts.settled(accounted.queue, accounted.recipients);
      const { message, content } = found;
      const recipients =
        claim.recipients.length > 0
          ? claim.recipients
          : message.envelope.recipients.map((_, index) => untried(index, message.receivedAt));
      // What nobody has tried yet belongs to its next hop from now on, as if it had just come in: were it counted as
      // untried until it is settled, mail for a silent host would keep all other untried mail waiting.
      const isUntried = accounted.queue === '';
      const begunAt = clock.now();
      begin({ message, content, inHand: recipients, claim: isUntried ? null : accounted, begunAt, open: 0 });
      if (isUntried) parts.settled(accounted.queue, accounted.recipients);
    },
    learned,
    reconfigure() {
      const limits = limitsNow();
      for (const hop of hops.values()) hop.setLimits(limits);
    },
    async stop(milliseconds) {
      stopping = true;
      const later = clock.now() + 1e12;
      for (const hop of hops.values()) for (const part of hop.rest(later)) putBack(part, 0);
      if (inHand.messages === 0) return;
      await Promise.race([
        new Promise<void>((resolve) => (whenIdle = resolve)),
        new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref()),
      ]);
    },
  };
}

/** Postern: a bug of ours; the mail stays queued. */
const BROKEN: DeliveryStatus = {
  action: 'deferred',
  status: '4.3.0',
  diagnostic: 'The attempt broke off by an error inside Postern; the log has the details',
  diagnosticType: 'x-postern',
  remoteMta: null,
  remoteAddress: null,
};
