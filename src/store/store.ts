// What Postern keeps, and the promises of keeping it: the one interface between the gateway and its storage.
// When a method that changes something resolves, the change is on stable storage. Every thread has a Store of its
// own (a port to the writer thread); methods may be called concurrently, and what arrives together is committed
// together. Nothing here decides anything about mail.
import type { ObjectStore } from '#directory/object-store.ts';
import type { Content, Message, MessageId } from '#mail/message.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import type {
  ConnectorTrafficQuery,
  ConnectorTrafficReport,
  TrafficQuery,
  TrafficSample,
} from './traffic.ts';

/** A message that enters the queue: from ingress, from a report, from a fork. */
export interface NewMessage {
  readonly message: Message;
  readonly content: Content;
  /** true: the caller attempts it now and settles it; false: it waits to be claimed. */
  readonly inHand: boolean;
  readonly events: readonly TraceEvent[];
}

/** One recipient that waits. `recipient` is its position in the envelope. */
export interface WaitingRecipient {
  readonly recipient: number;
  /** nextHopKey of the route it was last given; `''` for what could not be routed yet. */
  readonly queue: string;
  /** Milliseconds since 1970. */
  readonly due: number;
  readonly attempts: number;
  readonly lastStatus: DeliveryStatus | null;
  /** A delay report was sent for it (RFC 3464; once only). */
  readonly delayReported: boolean;
}

export interface FinishedRecipient {
  readonly recipient: number;
  readonly outcome: 'Delivered' | 'Failed' | 'Expanded' | 'Removed';
  readonly status: DeliveryStatus;
  /** Name of the connector that it went over; null for the default route. */
  readonly connector: string | null;
}

/**
 * The end of an attempt, or of a part of it, in one commit: a message none of whose recipients waits any more is gone
 * with it. Recipients it doesn't name stay as they are, in hand if they were.
 */
export interface Settlement {
  readonly messageId: MessageId;
  readonly finished: readonly FinishedRecipient[];
  readonly waiting: readonly WaitingRecipient[];
  readonly events: readonly TraceEvent[];
  /** Reports and forks that this attempt gave rise to: committed with it or not at all. */
  readonly newMessages: readonly NewMessage[];
}

/** A part of a message that was claimed: it is in hand until settled (or until the next start). */
export interface Claim {
  readonly messageId: MessageId;
  readonly recipients: readonly WaitingRecipient[];
}

export interface ClaimRequest {
  readonly now: number;
  /** Queues whose due mail is wanted, each with how many recipients at most. */
  readonly queues: readonly { readonly queue: string; readonly limit: number }[];
  /** How many messages that nobody has tried yet. */
  readonly incoming: number;
}

/** A queue as it stands: counts of recipients, not of messages. */
export interface QueueSummary {
  readonly queue: string;
  readonly waiting: number;
  readonly suspended: number;
  /** The queue as a whole is suspended: what arrives in it isn't claimed either. */
  readonly queueSuspended: boolean;
  readonly oldestArrival: number | null;
  readonly nextDue: number | null;
  readonly lastStatus: DeliveryStatus | null;
}

export interface QueuedMessage {
  readonly message: Message;
  readonly inHand: boolean;
  readonly suspended: boolean;
  readonly recipients: readonly WaitingRecipient[];
}

/** One recipient of one message in the trace. */
export interface TraceRow {
  readonly messageId: MessageId;
  readonly recipient: number;
  readonly receivedAt: number;
  readonly sender: string;
  readonly recipientAddress: string;
  readonly subject: string;
  readonly messageIdHeader: string;
  readonly size: number;
  readonly fromIp: string;
  readonly toIp: string;
  readonly status: 'Pending' | 'Delivered' | 'Failed' | 'Expanded' | 'Removed';
  readonly connector: string | null;
  readonly detail: string;
}

export interface TraceQuery {
  readonly from: number;
  readonly to: number;
  readonly senders?: readonly string[];
  readonly recipients?: readonly string[];
  readonly messageId?: MessageId;
  readonly messageIdHeader?: string;
  readonly status?: readonly TraceRow['status'][];
  readonly subject?: { readonly text: string; readonly how: 'Contains' | 'StartsWith' | 'EndsWith' };
  readonly fromIp?: string;
  readonly toIp?: string;
  /** Rows are newest first, then by recipient; the row after this one is where to go on. */
  readonly after?: { readonly messageId: MessageId; readonly recipient: number };
  readonly limit: number;
}

export interface StoreHealth {
  readonly writable: boolean;
  readonly freeDiskBytes: number;
  readonly queuedMessages: number;
  /** Time of the last commits in milliseconds, for metrics. */
  readonly lastCommitMilliseconds: number;
}

export interface Store extends ObjectStore {
  /** Durable when it resolves. Rejects with StoreFullError or StoreError; then nothing was kept. */
  enqueue(entry: NewMessage): Promise<void>;
  settle(settlement: Settlement): Promise<void>;
  /** Puts due mail into the caller's hands. */
  claim(request: ClaimRequest): Promise<readonly Claim[]>;
  /** Puts waiting mail with `after < identity < before` into the caller's hands, due or not, in order of identity. */
  claimOlder(range: {
    readonly before: MessageId;
    readonly after: MessageId;
    readonly limit: number;
  }): Promise<readonly Claim[]>;
  /** Queues that have mail due by then and not suspended, with how much (capped at 1,000 each); `except` those queues. */
  dueQueues(
    now: number,
    except?: readonly string[],
  ): Promise<readonly { readonly queue: string; readonly due: number }[]>;
  /** When the next waiting recipient becomes due; null when none waits. */
  nextDue(): Promise<number | null>;
  /** Message and content of something in hand; null if it is gone (removed by an administrator). */
  load(id: MessageId): Promise<{ readonly message: Message; readonly content: Content } | null>;
  /** Makes waiting mail due at `due`: of one queue, of every queue of a connector GUID (prefix), or all. */
  makeDue(which: { readonly queue?: string; readonly queuePrefix?: string }, due: number): Promise<number>;

  queues(): Promise<readonly QueueSummary[]>;
  /** In order of identity; `after` goes on behind that one. */
  messages(which: {
    readonly queue?: string;
    readonly after?: MessageId;
    readonly limit: number;
  }): Promise<readonly QueuedMessage[]>;
  message(id: MessageId): Promise<QueuedMessage | null>;
  /** Suspended mail is never claimed. false: no such message waits. */
  suspend(id: MessageId, suspended: boolean): Promise<boolean>;
  suspendQueue(queue: string, suspended: boolean): Promise<void>;

  trace(query: TraceQuery): Promise<readonly TraceRow[]>;
  traceEvents(id: MessageId): Promise<readonly TraceEvent[]>;
  /** Which domains' mail went which way: of the newest recipients in the time, up to the limit. */
  trafficSample(query: TrafficQuery): Promise<TrafficSample>;
  /** How the mail of each connector fared, within the same limits. */
  connectorTraffic(query: ConnectorTrafficQuery): Promise<ConnectorTrafficReport>;
  /** Removes what is older, in small steps between commits; resolves with how many messages' traces went. */
  pruneTrace(before: number): Promise<number>;

  health(): Promise<StoreHealth>;
  close(): Promise<void>;
}
