// What the message trace keeps of a message and of a recipient's status: the columns people search by, each bounded.
// Pure; loads nothing heavy, as the store's threads import it.
import type { Address } from '#mail/address.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { Message } from '#mail/message.ts';

const SUBJECT_CHARACTERS = 512;
const HEADER_CHARACTERS = 512;
const DETAIL_CHARACTERS = 1024;

export interface TraceFacts {
  readonly receivedAt: number;
  readonly size: number;
  readonly sender: string;
  readonly subject: string;
  readonly messageIdHeader: string;
  readonly fromIp: string;
}

function mailbox(address: Address): string {
  return `${address.localPart}@${address.domain}`;
}

export function traceFacts(message: Message): TraceFacts {
  const { returnPath } = message.envelope;
  return {
    receivedAt: message.receivedAt,
    size: message.size,
    sender: returnPath === null ? '<>' : mailbox(returnPath),
    subject: message.facts.subject.slice(0, SUBJECT_CHARACTERS),
    messageIdHeader: message.facts.messageId.slice(0, HEADER_CHARACTERS),
    fromIp: message.origin.remoteAddress,
  };
}

/** The recipient at this position as text; empty if the envelope has none there. */
export function tracedRecipient(message: Message, recipient: number): string {
  const found = message.envelope.recipients[recipient];
  return found === undefined ? '' : mailbox(found.address);
}

/** One line: the enhanced status and the words, the former once. */
export function traceDetail(status: DeliveryStatus): string {
  const { diagnostic } = status;
  const text = diagnostic.includes(status.status) ? diagnostic : `${status.status} ${diagnostic}`;
  return text.slice(0, DETAIL_CHARACTERS);
}

/** The address of `192.0.2.1:25` or `[2001:db8::1]:25`, without port and brackets; empty for null. */
export function traceAddress(remoteAddress: string | null): string {
  if (remoteAddress === null) return '';
  if (remoteAddress.startsWith('[')) return remoteAddress.slice(1, remoteAddress.indexOf(']'));
  const colon = remoteAddress.indexOf(':');
  return colon === -1 || colon !== remoteAddress.lastIndexOf(':')
    ? remoteAddress
    : remoteAddress.slice(0, colon);
}
