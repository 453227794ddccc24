// The test mail of Validate-OutboundConnector: one small message for one recipient, made by hand (RFC 5322), and what the
// trace keeps of it once it is sent. Never enters the queue: it goes over the connector that is validated, or not at all.
import { type Address, needsSmtpUtf8, printAddress } from '#mail/address.ts';
import { readHeaderFacts } from '#mail/header-block.ts';
import { printMessageId } from '#mail/message-id.ts';
import type { Message, MessageId } from '#mail/message.ts';
import { printDate } from '#mail/received-field.ts';
import type { DeliveryResult } from '#delivery/deliverer.ts';
import type { FinishedRecipient, NewMessage, Settlement } from '#store/store.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';

export interface ValidationMail {
  readonly id: MessageId;
  readonly sender: Address;
  readonly recipient: Address;
  readonly connector: { readonly name: string; readonly guid: string };
  readonly hostname: string;
  readonly now: number;
}

export interface BuiltMail {
  readonly message: Message;
  readonly content: Uint8Array;
}

export function buildValidationMail(mail: ValidationMail): BuiltMail {
  const { id, sender, recipient, connector, hostname, now } = mail;
  const smtpUtf8 = needsSmtpUtf8(sender) || needsSmtpUtf8(recipient);
  // Names may hold any character, which a line in US-ASCII can't.
  const name = /^[ -~]+$/.test(connector.name) ? connector.name : connector.guid;
  const lines = [
    `Date: ${printDate(now)}`,
    `From: <${printAddress(sender)}>`,
    `To: <${printAddress(recipient)}>`,
    'Subject: Test of an outbound connector',
    `Message-ID: <${printMessageId(id).toLowerCase()}.validation@${hostname}>`,
    // RFC 3834 §5: nobody shall answer it by machine.
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This message was sent to validate the outbound connector',
    `"${name}" of ${hostname}.`,
    'It can be deleted; no answer is needed.',
    '',
  ];
  const content = Buffer.from(lines.join('\r\n'));
  const message: Message = {
    id,
    receivedAt: now,
    envelope: {
      returnPath: sender,
      // RFC 3461: whoever validates sees the outcome; a report would find nobody.
      recipients: [{ address: recipient, notify: ['NEVER'], orcpt: null }],
      body: smtpUtf8 ? '8BITMIME' : '7BIT',
      smtpUtf8,
      requireTls: false,
      ret: null,
      envid: null,
    },
    origin: {
      remoteAddress: '',
      helo: hostname,
      tls: null,
      inboundConnector: null,
      fromOnPremises: false,
      authenticatedUser: null,
    },
    facts: readHeaderFacts(content),
    size: content.length,
  };
  return { message, content };
}

/** What the trace keeps: the message as received from Postern itself, and its end, whichever it was. */
export function validationTrace(
  { message, content }: BuiltMail,
  { results, events }: DeliveryResult,
  connector: string,
  user: string,
  now: number,
): { readonly entry: NewMessage; readonly settlement: Settlement } {
  const event = (kind: TraceEvent['kind'], time: number, detail: string): TraceEvent => ({
    time,
    kind,
    recipients: [0],
    detail,
    data: { connector, reason: 'Validation' },
  });
  const received = event(
    'Receive',
    message.receivedAt,
    `Made by ${user} to validate the connector '${connector}'.`,
  );
  const finished = results.map(({ recipient, status }): FinishedRecipient => {
    const outcome = status.action === 'failed' || status.action === 'deferred' ? 'Failed' : 'Delivered';
    return { recipient, outcome, status, connector };
  });
  const ends = results.map(({ status }) =>
    event(
      status.action === 'failed' || status.action === 'deferred' ? 'Fail' : 'Deliver',
      now,
      `${status.status} ${status.diagnostic}`,
    ),
  );
  return {
    entry: {
      message,
      content: { kind: 'memory', bytes: content },
      inHand: true,
      events: [received],
    },
    settlement: {
      messageId: message.id,
      finished,
      waiting: [],
      events: [
        event('Route', message.receivedAt, `Connector '${connector}', as it is being validated.`),
        ...events,
        ...ends,
      ],
      newMessages: [],
    },
  };
}
