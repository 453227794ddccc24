// What the queue's cmdlets need of the gateway, and the objects they show: Exchange Server's property names.
import type { MailQueue, MailQueueEntry } from '#queue/mail-queue.ts';
import { DateTime } from '#parameters/date-time.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { PsObject } from '#parameters/value.ts';
import { mistakes } from '../cmdlet-error.ts';

export interface QueueServices {
  readonly mailQueue: MailQueue;
}

export const queueViews: readonly TypeView[] = [
  {
    typeName: 'ExtensibleQueueInfo',
    table: [
      'Identity',
      'DeliveryType',
      'Status',
      'MessageCount',
      'NextHopDomain',
      'NextRetryTime',
      'LastError',
    ],
  },
  { typeName: 'QueueDigest', table: ['GroupByValue', 'MessageCount', 'DeferredMessageCount', 'Details'] },
  { typeName: 'ExtensibleMessageInfo', table: ['Identity', 'FromAddress', 'Status', 'Size', 'Subject'] },
];

export const QUEUE_PROPERTIES = [
  'Identity',
  'DeliveryType',
  'NextHopCategory',
  'NextHopDomain',
  'NextHopConnector',
  'ConnectorName',
  'Status',
  'MessageCount',
  'DeferredMessageCount',
  'SuspendedMessageCount',
  'LastError',
  'NextRetryTime',
  'RetryCount',
  'OldestMessage',
] as const;

const NO_CONNECTOR = '00000000-0000-0000-0000-000000000000';

export function queueObject(entry: MailQueueEntry): PsObject {
  const time = (milliseconds: number | null) =>
    milliseconds === null ? null : DateTime.fromUtcMilliseconds(milliseconds);
  return new PsObject('ExtensibleQueueInfo', [
    ['Identity', entry.identity],
    ['DeliveryType', entry.deliveryType],
    ['NextHopCategory', entry.deliveryType === 'Undefined' ? 'Internal' : 'External'],
    ['NextHopDomain', entry.nextHopDomain],
    ['NextHopConnector', entry.connector?.guid ?? NO_CONNECTOR],
    ['ConnectorName', entry.connector?.name ?? null],
    ['Status', entry.status],
    ['MessageCount', entry.messageCount],
    ['DeferredMessageCount', entry.status === 'Retry' ? entry.messageCount - entry.suspendedCount : 0],
    ['SuspendedMessageCount', entry.suspendedCount],
    ['LastError', entry.lastError],
    ['NextRetryTime', entry.status === 'Retry' ? time(entry.nextRetry) : null],
    ['RetryCount', entry.retryCount],
    ['OldestMessage', time(entry.oldestArrival)],
  ]);
}

/** @throws CmdletError where there is no such queue */
export async function findQueue(mailQueue: MailQueue, identity: string): Promise<MailQueueEntry> {
  const entry = await mailQueue.find(identity);
  if (!entry) throw mistakes.objectNotFound(identity);
  return entry;
}
