// How the parts of an attempt end: outcomes become a settlement (settle.ts), reports become messages, and all of it is
// committed together. A commit that fails is tried again until it succeeds: what was delivered must never be forgotten.
import type { TransportConfig } from '#directory/configuration.ts';
import type { DeliveryResult } from '#delivery/deliverer.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { RoutedGroup } from '#routing/routed-group.ts';
import type { Route } from '#routing/route.ts';
import type { NewMessage, Settlement, Store, WaitingRecipient } from '#store/store.ts';
import { StoreError } from '#store/store-error.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import type { Counters } from '#tracking/counters.ts';
import { type Attempt, type AttemptPart, isFirst } from './attempt.ts';
import { decide } from './decided-group.ts';
import { forkMessage } from './fork-message.ts';
import { reportMessage, type ReportParts } from './report-message.ts';
import { type RecipientOutcome, settle, type Settled } from './settle.ts';

export interface AttemptEnd {
  /** Delivery has answered. */
  attempted(part: AttemptPart, result: DeliveryResult): Promise<void>;
  /** Nothing was tried: the next hop rests after an attempt that ended so, or there is no room (null). */
  untried(part: AttemptPart, resting: DeliveryStatus | null): Promise<void>;
  /** Routing has ended it: no way, or a rule's decision. */
  decided(attempt: Attempt, group: RoutedGroup): Promise<void>;
  /** A bug ended the whole attempt. */
  broken(attempt: Attempt, status: DeliveryStatus): Promise<void>;
}

export interface AttemptEndParts {
  readonly store: Pick<Store, 'settle'>;
  readonly config: () => TransportConfig;
  readonly now: () => number;
  readonly random: (below: number) => number;
  readonly reports: ReportParts;
  /** New messages that are committed in hand: reports and forks. */
  readonly accept: (entry: NewMessage) => void;
  readonly hasRoom: (octets: number) => boolean;
  readonly counters: Counters;
  readonly log: (message: string, error: unknown) => void;
}

const RETRY_MILLISECONDS = 1000;
const UNREPEATABLE: ReadonlySet<string> = new Set(['closed', 'conflict', 'refused']);

export function createAttemptEnd(parts: AttemptEndParts): AttemptEnd {
  function settled(
    attempt: Attempt,
    recipients: readonly number[],
    outcomes: readonly RecipientOutcome[],
  ): Settled {
    const { message } = attempt;
    return settle({
      message,
      inHand: partOf(attempt, recipients),
      outcomes,
      now: parts.now(),
      config: parts.config(),
      random: parts.random,
    });
  }

  async function commit(
    attempt: Attempt,
    end: Settled,
    before: readonly TraceEvent[],
    forks: readonly NewMessage[] = [],
  ): Promise<void> {
    let newMessages = forks;
    for (const report of end.reports) {
      const entry = await reportMessage(
        parts.reports,
        report,
        attempt.message,
        attempt.content,
        parts.hasRoom(0),
      );
      parts.counters.add('postern_reports_total', report.kind);
      newMessages = [...newMessages, entry];
    }
    const events = before.length === 0 ? end.events : [...before, ...end.events];
    await persist({
      messageId: attempt.message.id,
      finished: end.finished,
      waiting: end.waiting,
      events,
      newMessages,
    });
    for (const entry of newMessages) if (entry.inHand) parts.accept(entry);
  }

  async function persist(settlement: Settlement): Promise<void> {
    for (;;) {
      try {
        return await parts.store.settle(settlement);
      } catch (error) {
        if (error instanceof StoreError && UNREPEATABLE.has(error.code)) return givenUp(error);
        parts.log('a settlement could not be committed; it is tried again', error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
      }
    }
  }

  function copies(attempt: Attempt, { blindCopies }: RoutedGroup): readonly NewMessage[] {
    if (blindCopies.length === 0) return NONE;
    return [
      forkMessage(
        attempt,
        blindCopies,
        parts.reports.nextId(),
        parts.now(),
        'A blind copy asked for by a rule',
      ),
    ];
  }

  /** The store is closing, or refuses for good: the mail is still in it, and the next start takes it up. */
  function givenUp(error: StoreError): void {
    if (error.code !== 'closed')
      parts.log('a settlement was refused; the mail waits for the next start', error);
  }

  function count(end: Settled, connector: string | null): void {
    const label = connector ?? '';
    for (const one of end.finished) {
      parts.counters.add(
        one.outcome === 'Failed' ? 'postern_recipients_failed_total' : 'postern_recipients_delivered_total',
        label,
      );
    }
    if (end.waiting.length > 0)
      parts.counters.add('postern_recipients_deferred_total', label, end.waiting.length);
  }

  return {
    async attempted(part, result) {
      const connector = part.route.connector?.name ?? null;
      const outcomes = result.results.map(({ recipient, status }) => ({
        recipient,
        queue: part.key,
        connector,
        status,
      }));
      let end = settled(part.attempt, part.group.recipients, outcomes);
      if (result.nextHop === 'unreachable') end = dueWithItsNextHop(end, parts.now());
      count(end, connector);
      for (const event of result.events) countHost(parts.counters, event);
      await commit(
        part.attempt,
        end,
        [...beginning(part), ...result.events],
        copies(part.attempt, part.group),
      );
    },
    async untried(part, resting) {
      const connector = part.route.connector?.name ?? null;
      const outcomes = part.group.recipients.map((recipient) => ({
        recipient,
        queue: part.key,
        connector,
        status: resting ?? lastOf(part.attempt, recipient) ?? NO_ROOM,
      }));
      const end = dueWithItsNextHop(settled(part.attempt, part.group.recipients, outcomes), parts.now());
      const notes = end.events.filter((event) => event.kind !== 'Defer');
      const waiting = end.waiting.map((one) => ({
        ...one,
        attempts: one.attempts - 1,
        lastStatus: resting ?? lastOf(part.attempt, one.recipient),
      }));
      await commit(
        part.attempt,
        { ...end, waiting, events: notes },
        isFirst(part.attempt) ? beginning(part) : [],
        copies(part.attempt, part.group),
      );
    },
    async decided(attempt, group) {
      const { outcomes, events, forks, silent } = decide(attempt, group, parts.reports.nextId, parts.now());
      const end = settled(attempt, group.recipients, outcomes);
      count(end, null);
      const finished =
        silent === null ? end.finished : end.finished.map((one) => ({ ...one, outcome: silent }));
      // A rule that makes a message wait is told of once.
      const isNews = group.decision.kind !== 'deferred' || attempt.inHand.every((one) => one.attempts === 0);
      const before = isNews && isFirst(attempt) ? [...ruleEvents(group, attempt.begunAt), ...events] : events;
      const more = group.decision.kind === 'deferred' ? forks : [...forks, ...copies(attempt, group)];
      await commit(attempt, { ...end, finished, reports: silent === null ? end.reports : [] }, before, more);
    },
    async broken(attempt, status) {
      const outcomes = attempt.inHand.map(({ recipient, queue }) => ({
        recipient,
        queue,
        connector: null,
        status,
      }));
      await commit(
        attempt,
        settled(
          attempt,
          outcomes.map((one) => one.recipient),
          outcomes,
        ),
        [],
      );
    },
  };
}

function partOf(attempt: Attempt, recipients: readonly number[]): readonly WaitingRecipient[] {
  if (recipients.length === attempt.inHand.length) return attempt.inHand;
  const wanted = new Set(recipients);
  return attempt.inHand.filter((one) => wanted.has(one.recipient));
}

function lastOf(attempt: Attempt, recipient: number): DeliveryStatus | null {
  return attempt.inHand.find((before) => before.recipient === recipient)?.lastStatus ?? null;
}

/** A next hop that rests holds its mail back by itself: so that all of it goes at once when it answers again. */
function dueWithItsNextHop(end: Settled, now: number): Settled {
  return { ...end, waiting: end.waiting.map((one) => ({ ...one, due: now })) };
}

const NONE: readonly never[] = [];

/** One host that was tried; a session is counted with its first message, by what protected it or why nothing did. */
function countHost(counters: Counters, { kind, data }: TraceEvent): void {
  if (kind !== 'Attempt') return;
  const { outcome, protection } = data as Partial<AttemptFacts>;
  counters.add('postern_attempts_total', outcome ?? 'deferred');
  if (protection) counters.add('postern_tls_total', protection);
}

/** What the data of delivery's `Attempt` events hold that is counted. */
interface AttemptFacts {
  readonly outcome: string;
  readonly protection: string | null;
}

/** What the trace says of a part before its first host is tried. */
function beginning(part: AttemptPart): readonly TraceEvent[] {
  const route = routeEvent(part, part.attempt.begunAt);
  return part.group.ruleMatches.length === 0 || !isFirst(part.attempt)
    ? [route]
    : [...ruleEvents(part.group, part.attempt.begunAt), route];
}

function ruleEvents({ ruleMatches, recipients }: RoutedGroup, time: number): readonly TraceEvent[] {
  return ruleMatches.map((match) => ({
    time,
    kind: 'Rule',
    recipients,
    detail: `The rule '${match.name}' matched${match.mode === 'Enforce' ? '' : ` (${match.mode}: nothing was done)`}: ${match.actions.join('; ')}${match.error === null ? '' : `; ${match.error}`}.`,
    data: {
      rule: match.name,
      guid: match.guid,
      mode: match.mode,
      actions: match.actions,
      error: match.error,
    },
  }));
}

function routeEvent(part: AttemptPart, time: number): TraceEvent {
  const { route } = part;
  return {
    time,
    kind: 'Route',
    recipients: part.group.recipients,
    detail: `${describeRoute(route)}: ${route.reason}, ${route.because}.`,
    data: {
      connector: route.connector?.name ?? null,
      reason: route.reason,
      because: route.because,
      queue: part.key,
    },
  };
}

function describeRoute(route: Route): string {
  const over = route.connector === null ? 'The default route' : `Connector '${route.connector.name}'`;
  return route.nextHop.kind === 'mx'
    ? `${over} by MX of ${route.nextHop.domain}`
    : `${over} to its smart hosts`;
}

/** What is told of mail that expired before anybody had the time to try it. */
const NO_ROOM: DeliveryStatus = {
  action: 'deferred',
  status: '4.4.1',
  diagnostic: 'Waits for a free connection',
  diagnosticType: 'x-postern',
  remoteMta: null,
  remoteAddress: null,
};
