// What an attempt leaves behind: who is finished, who waits until when, what is reported and what the trace says.
// Pure; the caller commits all of it at once. Owns expiry, the delay report's once, and the rule that an attempt whose
// end nobody knows counts as deferred. Never builds a report's text.
import { type PlannedReport, type ReportedRecipient, reportsFor } from '#dsn/planned-report.ts';
import type { TransportConfig } from '#directory/configuration.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import type { Message } from '#mail/message.ts';
import type { FinishedRecipient, WaitingRecipient } from '#store/store.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import { nextAttempt, type RetryConfig } from './retry-schedule.ts';

export type SettleConfig = RetryConfig & Pick<TransportConfig, 'DelayNotificationTimeout'>;

/** How the attempt ended for one recipient. */
export interface RecipientOutcome {
  readonly recipient: number;
  /** nextHopKey of the route that was taken; `''` where there was none. */
  readonly queue: string;
  /** Name of the connector; null for the default route. */
  readonly connector: string | null;
  readonly status: DeliveryStatus;
}

export interface SettleInput {
  readonly message: Message;
  /** The recipients that were in hand, as they were before the attempt. */
  readonly inHand: readonly WaitingRecipient[];
  readonly outcomes: readonly RecipientOutcome[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly config: SettleConfig;
  readonly random: (below: number) => number;
}

export interface Settled {
  readonly finished: readonly FinishedRecipient[];
  readonly waiting: readonly WaitingRecipient[];
  readonly reports: readonly PlannedReport[];
  readonly events: readonly TraceEvent[];
}

const HOUR = 3_600_000;

export function settle(input: SettleInput): Settled {
  const { message, inHand, outcomes, now, config } = input;
  const expired = now - message.receivedAt >= config.MessageExpirationTimeout;
  const tellDelay =
    config.DelayNotificationTimeout > 0 && now - message.receivedAt >= config.DelayNotificationTimeout;
  const finished: FinishedRecipient[] = [];
  const waiting: WaitingRecipient[] = [];
  const settled: ReportedRecipient[] = [];
  const delayed: ReportedRecipient[] = [];
  const events = new EventsByCause(now);
  const outcomeOf = findOutcomes(outcomes);
  // One draw for the whole message: recipients that failed together travel together again.
  let draw: number | null = null;
  const random = (below: number) => (draw ??= input.random(below));
  for (const before of inHand) {
    const { recipient } = before;
    const outcome = outcomeOf(recipient);
    const reached = outcome?.status ?? before.lastStatus ?? UNKNOWN;
    const status = expired && reached.action === 'deferred' ? expire(reached, config) : reached;
    const connector = outcome?.connector ?? null;
    if (status.action === 'deferred') {
      const attempts = before.attempts + 1;
      const due = nextAttempt(now, message.receivedAt, attempts, config, random);
      const delayReported = before.delayReported || tellDelay;
      if (tellDelay && !before.delayReported) delayed.push({ recipient, status });
      waiting.push({
        recipient,
        queue: outcome?.queue ?? before.queue,
        due,
        attempts,
        lastStatus: status,
        delayReported,
      });
      events.add('Defer', recipient, status, connector, due);
      continue;
    }
    const outcomeName = status.action === 'failed' ? 'Failed' : 'Delivered';
    finished.push({ recipient, outcome: outcomeName, status, connector });
    settled.push({ recipient, status });
    events.add(status.action === 'failed' ? 'Fail' : 'Deliver', recipient, status, connector, null);
  }
  const reports = reportsFor(message.envelope, settled, delayed);
  for (const report of reports) events.addReport(report);
  return { finished, waiting, reports, events: events.list };
}

/** Postern: nothing is known of the attempt, so it may have failed for a reason that passes. */
const UNKNOWN: DeliveryStatus = {
  action: 'deferred',
  status: '4.3.0',
  diagnostic: 'The attempt ended without a result',
  diagnosticType: 'x-postern',
  remoteMta: null,
  remoteAddress: null,
};

function findOutcomes(
  outcomes: readonly RecipientOutcome[],
): (recipient: number) => RecipientOutcome | undefined {
  const only = outcomes[0];
  if (outcomes.length <= 1) return (recipient) => (only?.recipient === recipient ? only : undefined);
  const byRecipient = new Map(outcomes.map((outcome) => [outcome.recipient, outcome]));
  return (recipient) => byRecipient.get(recipient);
}

/** Exchange: 4.4.x turns into 5.4.x when the message expires; whatever else it was waiting for, into 5.4.300. */
function expire(last: DeliveryStatus, config: SettleConfig): DeliveryStatus {
  const detail = /^4\.4\.(\d{1,3})$/.exec(last.status)?.[1] ?? '300';
  const status: EnhancedStatus = `5.4.${Number(detail)}`;
  const hours = config.MessageExpirationTimeout / HOUR;
  const time = hours >= 1 ? `${Math.round(hours * 10) / 10} hours` : `${Math.round(hours * 60)} minutes`;
  return {
    ...last,
    action: 'failed',
    status,
    diagnostic: `The message expired: it could not be delivered within ${time}. Last answer: ${last.diagnostic}`,
    diagnosticType: 'x-postern',
  };
}

/** One event for all recipients that met the same fate, so that a large message doesn't flood the trace. */
class EventsByCause {
  readonly list: TraceEvent[] = [];
  readonly #now: number;
  #last: { readonly kind: string; readonly status: DeliveryStatus; readonly recipients: number[] } | null =
    null;

  constructor(now: number) {
    this.#now = now;
  }

  add(
    kind: 'Deliver' | 'Defer' | 'Fail',
    recipient: number,
    status: DeliveryStatus,
    connector: string | null,
    due: number | null,
  ): void {
    if (this.#last?.kind === kind && sameFate(this.#last.status, status)) {
      this.#last.recipients.push(recipient);
      return;
    }
    const recipients = [recipient];
    this.#last = { kind, status, recipients };
    const { status: code, diagnostic, remoteMta, remoteAddress } = status;
    const data = { status: code, diagnostic, remoteMta, remoteAddress, connector };
    this.list.push({
      time: this.#now,
      kind,
      recipients,
      detail: describe(kind, status, due),
      data: due === null ? data : { ...data, nextAttempt: due },
    });
  }

  addReport(report: PlannedReport): void {
    const recipients = report.recipients.map((entry) => entry.recipient);
    this.list.push({
      time: this.#now,
      kind: 'Dsn',
      recipients,
      detail: `A ${report.kind} report goes to the sender.`,
      data: { report: report.kind },
    });
  }
}

function sameFate(a: DeliveryStatus, b: DeliveryStatus): boolean {
  return (
    a === b ||
    (a.status === b.status &&
      a.diagnostic === b.diagnostic &&
      a.remoteAddress === b.remoteAddress &&
      a.action === b.action)
  );
}

function describe(kind: 'Deliver' | 'Defer' | 'Fail', status: DeliveryStatus, due: number | null): string {
  const where = status.remoteMta ?? status.remoteAddress;
  switch (kind) {
    case 'Deliver':
      return where === null ? status.diagnostic : `${where} accepted it: ${status.diagnostic}`;
    case 'Fail':
      return `Failed with ${status.status}: ${status.diagnostic}`;
    default: {
      const next = due === null ? '' : ` Next attempt at ${new Date(due).toISOString()}.`;
      return `Deferred with ${status.status}: ${status.diagnostic}.${next}`;
    }
  }
}
