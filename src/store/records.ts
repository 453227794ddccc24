// Turns what callers of the store say into the writer's records, and its answers back: the texts are made and read on
// the caller's thread. Pure.
import { traceAddress, traceDetail } from '#tracking/trace-facts.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { ListedMessage, ListedRecipient } from './sqlite/queue-listing.ts';
import type {
  Claim,
  FinishedRecipient,
  NewMessage,
  QueuedMessage,
  Settlement,
  WaitingRecipient,
} from './store.ts';
import {
  type ClaimedRecord,
  type EnqueueRecord,
  type FinishedRecord,
  NO_EVENTS,
  TRACE_STATUSES,
  type SettleRecord,
  type WaitingRecord,
  printMessage,
  readMessage,
} from './wire.ts';
import type { BatchBytes } from './request-port.ts';

/** `spool` is the file of a large content, below the spool directory; a small one goes into the batch's bytes. */
export function toEnqueueRecord(entry: NewMessage, spool: string | null, bytes: BatchBytes): EnqueueRecord {
  const { message, content, inHand } = entry;
  const small = spool === null && content.kind === 'memory' ? content.bytes : null;
  return [
    message.id,
    printMessage(message),
    message.envelope.recipients.length,
    entry.events.length === 0 ? NO_EVENTS : JSON.stringify(entry.events),
    inHand,
    spool,
    small === null ? 0 : bytes.add(small),
    small?.length ?? 0,
  ];
}

export function toSettleRecord(settlement: Settlement, newMessages: readonly EnqueueRecord[]): SettleRecord {
  const { messageId, finished, waiting, events } = settlement;
  return [
    messageId,
    finished.map(toFinishedRecord),
    waiting.map(toWaitingRecord),
    events.length === 0 ? '' : JSON.stringify(events),
    newMessages,
  ];
}

function toFinishedRecord({ recipient, outcome, status, connector }: FinishedRecipient): FinishedRecord {
  return [
    recipient,
    TRACE_STATUSES.indexOf(outcome),
    connector,
    traceDetail(status),
    traceAddress(status.remoteAddress),
  ];
}

function toWaitingRecord(entry: WaitingRecipient): WaitingRecord {
  const { recipient, queue, due, attempts, lastStatus, delayReported } = entry;
  const status = lastStatus === null ? null : JSON.stringify(lastStatus);
  return [recipient, queue, due, attempts, status, delayReported ? 1 : 0];
}

function readStatus(text: string | null): DeliveryStatus | null {
  const status: DeliveryStatus | null = text === null ? null : JSON.parse(text);
  return status;
}

/** One claim per message and queue. */
export function toClaims(records: readonly ClaimedRecord[]): readonly Claim[] {
  const claims = new Map<string, { messageId: number; recipients: WaitingRecipient[] }>();
  for (const [messageId, recipient, queue, due, attempts, lastStatus, delayReported] of records) {
    const key = `${messageId} ${queue}`;
    const claim = claims.get(key) ?? { messageId, recipients: [] };
    claims.set(key, claim);
    claim.recipients.push({
      recipient,
      queue,
      due,
      attempts,
      lastStatus: readStatus(lastStatus),
      delayReported: delayReported === 1,
    });
  }
  return [...claims.values()];
}

export function toQueuedMessage({ meta, suspended, waiting }: ListedMessage, inHand: boolean): QueuedMessage {
  const message = readMessage(meta);
  const untried = (_recipient: unknown, recipient: number): WaitingRecipient => ({
    recipient,
    queue: '',
    due: message.receivedAt,
    attempts: 0,
    lastStatus: null,
    delayReported: false,
  });
  return {
    message,
    inHand,
    suspended,
    recipients: waiting?.map(toWaitingRecipient) ?? message.envelope.recipients.map(untried),
  };
}

function toWaitingRecipient(row: ListedRecipient): WaitingRecipient {
  return {
    recipient: row.recipient,
    queue: row.queue,
    due: row.due,
    attempts: row.attempts,
    lastStatus: readStatus(row.last_status),
    delayReported: row.delay_reported === 1,
  };
}
