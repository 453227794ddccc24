// The queue as administrators see it: queues by next hop with their state, messages with theirs, and what may be done to
// them. Joins what the store counts with what the queue manager knows of the next hops; changes nothing by itself
// but what it is asked to. Runs on the main thread.
import type { Configuration } from '#directory/configuration.ts';
import type { MessageId } from '#mail/message.ts';
import { readNextHopKey } from '#routing/route.ts';
import type { Message } from '#mail/message.ts';
import type { NewMessage, QueuedMessage, QueueSummary, Store } from '#store/store.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import type { NextHopState, QueueManager } from './queue-manager.ts';
import { REMOVED } from './removal-report.ts';

export type QueueStatus = 'Active' | 'Ready' | 'Retry' | 'Suspended';
export type DeliveryType =
  | 'SmartHostConnectorDelivery'
  | 'DnsConnectorDelivery'
  | 'Unreachable'
  | 'Undefined';

export interface MailQueueEntry {
  /** nextHopKey of its routes; `''`: what nobody has tried yet. */
  readonly key: string;
  /** `server\name`: what people type. */
  readonly identity: string;
  readonly deliveryType: DeliveryType;
  readonly status: QueueStatus;
  readonly messageCount: number;
  readonly suspendedCount: number;
  readonly nextHopDomain: string;
  readonly connector: { readonly guid: string; readonly name: string } | null;
  readonly oldestArrival: number | null;
  readonly nextRetry: number | null;
  readonly retryCount: number;
  readonly lastError: string;
}

export interface MailQueueParts {
  readonly store: Store;
  readonly manager: QueueManager;
  readonly configuration: () => Configuration;
  readonly hostname: string;
  readonly now: () => number;
  /** The report for a message that an administrator removes; null where none is owed (null sender, NOTIFY=NEVER). */
  readonly removalReport: (message: Message, recipients: readonly number[]) => Promise<NewMessage | null>;
}

/** What may go wrong with a message that was asked for by its identity. */
export type MessageChange = 'done' | 'gone' | 'in delivery';

export interface MailQueue {
  list(): Promise<readonly MailQueueEntry[]>;
  /** By identity, with or without the server's name, without regard to case. */
  find(identity: string): Promise<MailQueueEntry | null>;
  identityOf(key: string): string;
  /** When the message is tried next: not before its next hop has rested. Null while it is held or tried. */
  nextAttemptOf(entry: QueuedMessage): number | null;
  /** Tries the queue's mail at once. Resolves with how many recipients became due. */
  retry(entry: MailQueueEntry): Promise<number>;
  suspend(entry: MailQueueEntry, suspended: boolean): Promise<void>;
  /** Pages of messages in order of identity, until the caller has enough. */
  messages(queue: string | null): AsyncGenerator<QueuedMessage>;
  message(id: MessageId): Promise<QueuedMessage | null>;
  suspendMessage(id: MessageId, suspended: boolean): Promise<MessageChange>;
  /** Takes a waiting message out of the queue, with a report to its sender if asked. */
  removeMessage(id: MessageId, withReport: boolean, user: string): Promise<MessageChange>;
}

const PAGE = 500;

export function createMailQueue(parts: MailQueueParts): MailQueue {
  const { store, manager, hostname, now } = parts;

  function nameOf(
    key: string,
  ): Pick<MailQueueEntry, 'identity' | 'deliveryType' | 'nextHopDomain' | 'connector'> {
    if (key === '')
      return {
        identity: `${hostname}\\Submission`,
        deliveryType: 'Undefined',
        nextHopDomain: 'Submission',
        connector: null,
      };
    const { guid, domain, tls, report } = readNextHopKey(key);
    const found =
      guid === '' ? undefined : parts.configuration().outboundConnectors.find((one) => one.Guid === guid);
    const connector = guid === '' ? null : { guid, name: found?.Name ?? guid };
    const secured = `${tls ? ' (TLS)' : ''}${report ? ' (TLS reports)' : ''}`;
    if (domain === null) {
      const name = `${connector?.name ?? guid}${secured}`;
      return {
        identity: `${hostname}\\${name}`,
        deliveryType: 'SmartHostConnectorDelivery',
        nextHopDomain: name,
        connector,
      };
    }
    const identity = `${connector === null ? domain : `${connector.name}/${domain}`}${secured}`;
    return {
      identity: `${hostname}\\${identity}`,
      deliveryType: 'DnsConnectorDelivery',
      nextHopDomain: domain,
      connector,
    };
  }

  function toEntry(summary: QueueSummary): MailQueueEntry {
    const state = manager.states().get(summary.queue);
    return {
      key: summary.queue,
      ...nameOf(summary.queue),
      status: statusOf(summary, state, now()),
      messageCount: summary.waiting,
      suspendedCount: summary.suspended,
      oldestArrival: summary.oldestArrival,
      nextRetry: state && state.failures > 0 ? Math.max(state.restsUntil, now()) : summary.nextDue,
      retryCount: state?.failures ?? 0,
      lastError: (state?.lastStatus ?? summary.lastStatus)?.diagnostic ?? '',
    };
  }

  const list = async (): Promise<readonly MailQueueEntry[]> => (await store.queues()).map(toEntry);

  return {
    list,
    async find(identity) {
      const wanted = identity.toLowerCase();
      const entries = await list();
      return (
        entries.find(
          (entry) =>
            entry.identity.toLowerCase() === wanted ||
            entry.identity.slice(hostname.length + 1).toLowerCase() === wanted,
        ) ?? null
      );
    },
    identityOf: (key) => nameOf(key).identity,
    nextAttemptOf(entry) {
      if (entry.suspended || entry.inHand) return null;
      const times = entry.recipients.map(({ queue, due }) => {
        const state = manager.states().get(queue);
        return state && state.failures > 0 ? Math.max(due, state.restsUntil) : due;
      });
      return times.length > 0 ? Math.min(...times) : null;
    },
    async retry(entry) {
      manager.retryNow(entry.key);
      const due = await store.makeDue({ queue: entry.key }, now());
      manager.wake();
      return due;
    },
    async suspend(entry, suspended) {
      await store.suspendQueue(entry.key, suspended);
      await manager.hold(entry.key, suspended);
      manager.wake();
    },
    async *messages(queue) {
      for (let after: MessageId | undefined; ; ) {
        const page = await store.messages({
          limit: PAGE,
          ...(queue === null ? {} : { queue }),
          ...(after === undefined ? {} : { after }),
        });
        yield* page;
        after = page.at(-1)?.message.id;
        if (page.length < PAGE) return;
      }
    },
    message: (id) => store.message(id),
    async suspendMessage(id, suspended) {
      const found = await store.message(id);
      if (!found) return 'gone';
      if (found.inHand && suspended) return 'in delivery';
      const done = await store.suspend(id, suspended);
      manager.wake();
      return done ? 'done' : 'gone';
    },
    async removeMessage(id, withReport, user) {
      const found = await store.message(id);
      if (!found) return 'gone';
      if (found.inHand) return 'in delivery';
      // Held first, so that nobody takes it up for delivery meanwhile.
      if (!(await store.suspend(id, true))) return 'gone';
      if ((await store.message(id))?.inHand) {
        await store.suspend(id, found.suspended);
        return 'in delivery';
      }
      await removeMessage(parts, found, withReport, user);
      manager.wake();
      return 'done';
    },
  };
}

async function removeMessage(
  parts: MailQueueParts,
  found: QueuedMessage,
  withReport: boolean,
  user: string,
): Promise<void> {
  const { message } = found;
  const recipients =
    found.recipients.length > 0
      ? found.recipients.map((one) => one.recipient)
      : message.envelope.recipients.map((_, index) => index);
  const report = withReport ? await parts.removalReport(message, recipients) : null;
  const event: TraceEvent = {
    time: parts.now(),
    kind: 'Remove',
    recipients,
    detail: `Removed from the queue by ${user}${report ? ', with a report to the sender' : ''}.`,
    data: { user },
  };
  await parts.store.settle({
    messageId: message.id,
    finished: recipients.map((recipient) => ({
      recipient,
      outcome: 'Removed',
      status: REMOVED,
      connector: null,
    })),
    waiting: [],
    events: [event],
    newMessages: report ? [report] : [],
  });
}

function statusOf(summary: QueueSummary, state: NextHopState | undefined, now: number): QueueStatus {
  if (summary.queueSuspended || (summary.suspended > 0 && summary.suspended >= summary.waiting))
    return 'Suspended';
  if (state && state.failures > 0) return 'Retry';
  if (summary.nextDue !== null && summary.nextDue > now) return 'Retry';
  return summary.waiting > 0 && summary.queue !== '' ? 'Ready' : 'Active';
}
