// What becomes of recipients that routing has decided about without a next hop: unroutable, rejected, deleted, deferred by
// a rule, or redirected to others. Values for settle and for the trace; the new messages of a redirect are forks of the
// old one. Pure.
import { printAddress } from '#mail/address.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { MessageId } from '#mail/message.ts';
import type { RoutedGroup } from '#routing/routed-group.ts';
import type { FinishedRecipient, NewMessage } from '#store/store.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import type { Attempt } from './attempt.ts';
import { forkMessage } from './fork-message.ts';
import type { RecipientOutcome } from './settle.ts';

export interface Decided {
  readonly outcomes: readonly RecipientOutcome[];
  readonly events: readonly TraceEvent[];
  readonly forks: readonly NewMessage[];
  /** Ends without a report, with this outcome; null: as the status says. */
  readonly silent: FinishedRecipient['outcome'] | null;
}

export function decide(attempt: Attempt, group: RoutedGroup, nextId: () => MessageId, now: number): Decided {
  const { decision, recipients } = group;
  switch (decision.kind) {
    case 'unroutable':
      return ended(recipients, failed(decision.unroutable.status, decision.unroutable.diagnostic));
    case 'rejected':
      return ended(recipients, failed(decision.status, decision.text));
    case 'deferred':
      return ended(recipients, { ...failed(decision.status, decision.diagnostic), action: 'deferred' });
    case 'deleted':
      return { ...ended(recipients, delivered(`Deleted by the rule '${decision.rule}'`)), silent: 'Removed' };
    case 'redirected': {
      const to = decision.to.map(printAddress).join(', ');
      const event: TraceEvent = {
        time: now,
        kind: 'Expand',
        recipients,
        detail: `Redirected to ${to} by the rule '${decision.rule}'.`,
        data: { to: decision.to.map(printAddress), rule: decision.rule },
      };
      const fork = forkMessage(
        attempt,
        decision.to,
        nextId(),
        now,
        `Redirected from another recipient by the rule '${decision.rule}'`,
      );
      return {
        ...ended(recipients, delivered(`Redirected to ${to}`)),
        events: [event],
        forks: [fork],
        silent: 'Expanded',
      };
    }
    default:
      throw new TypeError('A group with a route is delivered, not decided.');
  }
}

function ended(recipients: readonly number[], status: DeliveryStatus): Decided {
  return {
    outcomes: recipients.map((recipient) => ({ recipient, queue: '', connector: null, status })),
    events: [],
    forks: [],
    silent: null,
  };
}

function failed(status: DeliveryStatus['status'], diagnostic: string): DeliveryStatus {
  return {
    action: 'failed',
    status,
    diagnostic,
    diagnosticType: 'x-postern',
    remoteMta: null,
    remoteAddress: null,
  };
}

function delivered(diagnostic: string): DeliveryStatus {
  return { ...failed('2.0.0', diagnostic), action: 'delivered' };
}
