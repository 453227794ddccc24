// One message to some of its recipients over one open connection. Owns what has to be so before MAIL is said (size, the
// extensions that the message can't do without) and how the answers are brought home. Judges nothing.
import type { Address } from '#mail/address.ts';
import type { Envelope } from '#mail/envelope.ts';
import type { Message } from '#mail/message.ts';
import type { ClientAnswer } from '#smtp/client-answer.ts';
import { missingExtension } from '#smtp/client-commands.ts';
import type { Connection } from './connection.ts';
import { hasEightBitOctets, type OutgoingContent, readChunks } from './outgoing-content.ts';
import type { Trouble } from './trouble.ts';

export type TransactionOutcome =
  /** One answer for each recipient, in their order. */
  | { readonly kind: 'answers'; readonly answers: readonly ClientAnswer[] }
  /** Nothing was said: this host can't take this message. */
  | { readonly kind: 'unsuitable'; readonly trouble: Trouble };

/**
 * @param returnPath as it goes out
 * @param recipients positions in the envelope
 */
export async function transact(
  connection: Connection,
  message: Message,
  returnPath: Address | null,
  recipients: readonly number[],
  content: OutgoingContent,
): Promise<TransactionOutcome> {
  const { client } = connection;
  const stored = message.envelope;
  let envelope: Envelope = returnPath === stored.returnPath ? stored : { ...stored, returnPath };
  const addressees =
    recipients.length === stored.recipients.length
      ? stored.recipients
      : recipients.flatMap((position) => stored.recipients[position] ?? []);
  const { size } = content;
  const { capabilities } = client;
  const limit = capabilities.size;
  if (limit !== null && limit > 0 && size > limit) {
    return unsuitable({
      kind: 'too-large',
      detail: `The message has ${size} octets; ${connection.name} takes ${limit} at most`,
    });
  }
  if (envelope.smtpUtf8 && !capabilities.smtpUtf8 && !(await hasEightBit(content))) {
    // Postern: many senders declare SMTPUTF8 for whatever they send. If an address needs it, the next question tells.
    envelope = { ...envelope, smtpUtf8: false };
  }
  const missing = missingExtension(envelope, addressees, capabilities);
  if (missing !== null) return unsuitable(toMissing(missing, connection.name));
  if (stored.body === '8BITMIME' && !capabilities.eightBitMime && (await hasEightBit(content))) {
    return unsuitable({
      kind: 'no-8bitmime',
      detail: `The message has 8-bit content, and ${connection.name} does not offer 8BITMIME`,
    });
  }
  connection.transactions += 1;
  const pieces = content.kind === 'memory' ? content.pieces : readChunks(content);
  const { answers } = await client.send({ envelope, recipients: addressees, content: { size, pieces } });
  return { kind: 'answers', answers };
}

function unsuitable(trouble: Trouble): TransactionOutcome {
  return { kind: 'unsuitable', trouble };
}

function toMissing(extension: 'SMTPUTF8' | 'REQUIRETLS', name: string): Trouble {
  return extension === 'SMTPUTF8'
    ? {
        kind: 'no-smtputf8',
        detail: `The message has international addresses, and ${name} does not offer SMTPUTF8`,
      }
    : { kind: 'no-requiretls', detail: `The sender demands REQUIRETLS, and ${name} does not offer it` };
}

/** Postern: many senders declare 8BITMIME for whatever they send; only content that really has 8-bit octets needs it. */
async function hasEightBit(content: OutgoingContent): Promise<boolean> {
  try {
    return await hasEightBitOctets(content);
  } catch {
    // Sending it will say what is wrong with the file.
    return false;
  }
}
