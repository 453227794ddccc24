// A message that is only thought of: made from what Test-OutboundRoute was given, with the facts that ingress would read.
// Never stored, never sent.
import type { Address } from '#mail/address.ts';
import { needsSmtpUtf8 } from '#mail/address.ts';
import { readHeaderFacts } from '#mail/header-block.ts';
import type { Message } from '#mail/message.ts';
import { defineType, invalidValue, isList, type ParameterType, textOf } from '#parameters/parameter-type.ts';
import type { Arrival } from './outbound-services.ts';

/** More doesn't fit into one request of the shell. */
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** A message as text or as its lines (Get-Content), one character an octet or Unicode; reads to octets with CRLF. */
export const messageContentType: ParameterType<Uint8Array> = defineType({
  name: 'String[]',
  isList: true,
  schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  read(value) {
    const lines = isList(value) ? value.map((line) => textOf(line) ?? '') : [textOf(value) ?? ''];
    const text = lines.join('\n');
    if (text.length > MAX_CHARACTERS)
      throw invalidValue('The message is longer than 2 MiB. Give its header and the beginning of its body.');
    return Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'utf8');
  },
  print: (bytes) => Buffer.from(bytes).toString('utf8'),
});

export interface TestedMail {
  readonly sender: Address | null;
  readonly recipients: readonly Address[];
  readonly content: Uint8Array | null;
  /** null: from somewhere; no range of addresses holds it. */
  readonly sourceAddress: string | null;
  readonly arrival: Arrival | null;
  readonly now: number;
}

export interface TestedMessage {
  readonly message: Message;
  readonly content: Uint8Array;
}

const PLAIN = Buffer.from('Subject: Test\r\n\r\nTest\r\n');

export function toTestedMessage(mail: TestedMail): TestedMessage {
  const { sender, recipients, arrival, now } = mail;
  const content = mail.content ?? PLAIN;
  const smtpUtf8 = [...recipients, ...(sender === null ? [] : [sender])].some(needsSmtpUtf8);
  const message: Message = {
    id: 0,
    receivedAt: now,
    envelope: {
      returnPath: sender,
      recipients: recipients.map((address) => ({ address, notify: null, orcpt: null })),
      body: '8BITMIME',
      smtpUtf8,
      requireTls: false,
      ret: null,
      envid: null,
    },
    origin: {
      // None at all would make it one of Postern's own messages, which rules leave alone.
      remoteAddress: mail.sourceAddress ?? 'unknown',
      helo: '',
      tls: null,
      inboundConnector: arrival?.inboundConnector ?? null,
      fromOnPremises: arrival?.fromOnPremises ?? false,
      // Without an address it is let in all the same: as mail of a user who signed in.
      authenticatedUser: mail.sourceAddress === null ? 'unknown' : null,
    },
    facts: readHeaderFacts(content),
    size: content.length,
  };
  return { message, content };
}
