// A queued message as Get-Message shows it, with Exchange Server's property names, and how its identity is read.
import { parseMessageId, printMessageId } from '#mail/message-id.ts';
import { printAddress } from '#mail/address.ts';
import type { MessageId } from '#mail/message.ts';
import { DateTime } from '#parameters/date-time.ts';
import { byteSize } from '#parameters/quantity-types.ts';
import { PsObject } from '#parameters/value.ts';
import type { MailQueue } from '#queue/mail-queue.ts';
import type { QueuedMessage, WaitingRecipient } from '#store/store.ts';
import { mistakes } from '../cmdlet-error.ts';

export const MESSAGE_PROPERTIES = [
  'Identity',
  'MessageIdentity',
  'Queue',
  'Subject',
  'InternetMessageId',
  'FromAddress',
  'Status',
  'Size',
  'MessageSourceName',
  'SourceIP',
  'DateReceived',
  'ExpirationTime',
  'LastError',
  'RetryCount',
  'NextRetryTime',
  'Recipients',
] as const;

const sizeType = byteSize();

export function queuedMessageObject(
  entry: QueuedMessage,
  mailQueue: MailQueue,
  expiration: number,
  withRecipients: boolean,
): PsObject {
  const { message } = entry;
  const first = entry.recipients[0];
  const queue = mailQueue.identityOf(first?.queue ?? '');
  const next = mailQueue.nextAttemptOf(entry);
  return new PsObject('ExtensibleMessageInfo', [
    ['Identity', `${queue}\\${printMessageId(message.id)}`],
    ['MessageIdentity', printMessageId(message.id)],
    ['Queue', queue],
    ['Subject', message.facts.subject],
    ['InternetMessageId', message.facts.messageId],
    ['FromAddress', message.envelope.returnPath ? printAddress(message.envelope.returnPath) : '<>'],
    ['Status', statusOf(entry)],
    ['Size', sizeType.print(message.size)],
    ['MessageSourceName', message.origin.inboundConnector ?? message.origin.authenticatedUser ?? 'Postern'],
    ['SourceIP', message.origin.remoteAddress],
    ['DateReceived', DateTime.fromUtcMilliseconds(message.receivedAt)],
    ['ExpirationTime', DateTime.fromUtcMilliseconds(message.receivedAt + expiration)],
    ['LastError', entry.recipients.find((one) => one.lastStatus)?.lastStatus?.diagnostic ?? ''],
    ['RetryCount', Math.max(0, ...entry.recipients.map((one) => one.attempts))],
    ['NextRetryTime', next === null ? null : DateTime.fromUtcMilliseconds(next)],
    ['Recipients', withRecipients ? recipientTexts(entry) : addressesOf(entry)],
  ]);
}

function statusOf(entry: QueuedMessage): string {
  if (entry.suspended) return 'Suspended';
  if (entry.inHand) return 'Active';
  return entry.recipients.some((one) => one.lastStatus !== null) ? 'Retry' : 'Ready';
}

function waiting(entry: QueuedMessage): readonly Pick<WaitingRecipient, 'recipient' | 'lastStatus'>[] {
  if (entry.recipients.length > 0) return entry.recipients;
  return entry.message.envelope.recipients.map((_, recipient) => ({
    recipient,
    lastStatus: null,
  }));
}

function addressOf(entry: QueuedMessage, recipient: number): string {
  const found = entry.message.envelope.recipients[recipient];
  return found ? printAddress(found.address) : '';
}

function addressesOf(entry: QueuedMessage): readonly string[] {
  return waiting(entry).map((one) => addressOf(entry, one.recipient));
}

function recipientTexts(entry: QueuedMessage): readonly string[] {
  return waiting(entry).map((one) => {
    const why = one.lastStatus ? `;${one.lastStatus.status};${one.lastStatus.diagnostic}` : '';
    return `${addressOf(entry, one.recipient)};${one.lastStatus ? 'Retry' : 'Ready'}${why}`;
  });
}

/** `server\queue\id`, or the id alone. @throws CmdletError */
export function readMessageIdentity(identity: string): MessageId {
  const id = parseMessageId(identity.split('\\').at(-1) ?? '');
  if (id === null) throw mistakes.objectNotFound(identity);
  return id;
}
