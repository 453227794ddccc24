// The end of a transaction: content in, a message kept, the reply. Owns the moment of 250: it is said when the store has
// said that the message is on stable storage, and not before.
import { octetsInMemory } from '#mail/content-in-hand.ts';
import type { Envelope } from '#mail/envelope.ts';
import type { Message, Origin } from '#mail/message.ts';
import { printMessageId } from '#mail/message-id.ts';
import { printReceivedField } from '#mail/received-field.ts';
import { type SmtpReply, smtpReply } from '#mail/smtp-reply.ts';
import { convertInbound } from '#routing/cross-premises-headers.ts';
import type { ContentSink, SmtpSession } from '#smtp/session-handler.ts';
import { SMALL_CONTENT_LIMIT } from '#store/spool.ts';
import type { NewMessage } from '#store/store.ts';
import { StoreFullError } from '#store/store-error.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import { ContentReceiver, type ReceivedContent, type ReceiverProblem } from './content-receiver.ts';
import { refusals } from './refusals.ts';
import type { Admission, SubmissionParts } from './submission.ts';

export function createContentSink(
  parts: SubmissionParts,
  session: SmtpSession,
  admission: Admission,
  envelope: Envelope,
  refuse: (reply: SmtpReply) => SmtpReply,
): ContentSink {
  const id = parts.nextId();
  const receivedAt = parts.now();
  const printedId = printMessageId(id);
  const receiver = new ContentReceiver({
    smallLimit: SMALL_CONTENT_LIMIT,
    maxSize: parts.configuration().transportConfig.MaxSendSize,
    createSpool: () => parts.createSpool(id),
    trustHeader: (header) => convertInbound(header, admission.trustsHeaders, parts.hostname),
    receivedField: () =>
      printReceivedField({
        helo: session.helo,
        remoteAddress: session.peer.address,
        by: parts.hostname,
        esmtp: session.esmtp,
        tls: session.tls,
        authenticated: session.user !== null,
        smtpUtf8: envelope.smtpUtf8,
        id: printedId,
        for: envelope.recipients.length === 1 ? (envelope.recipients[0]?.address ?? null) : null,
        time: receivedAt,
      }),
  });
  const origin: Origin = {
    remoteAddress: session.peer.address,
    helo: session.helo,
    tls: session.tls === null ? null : { protocol: session.tls.protocol, cipher: session.tls.cipher },
    inboundConnector: admission.connector?.Name ?? null,
    fromOnPremises: admission.fromOnPremises,
    authenticatedUser: session.user,
  };

  function keep(received: ReceivedContent | ReceiverProblem): SmtpReply | Promise<SmtpReply> {
    if (received === 'too-big') return refuse(refusals.tooBig);
    if (received === 'header-too-big') return refuse(refusals.headerTooBig);
    const { content, facts, size } = received;
    const message: Message = { id, receivedAt, envelope, origin, facts, size };
    const entry: NewMessage = {
      message,
      content,
      inHand: parts.hasRoom(octetsInMemory(content)),
      events: [receiveEvent(message)],
    };
    return parts.keep(entry).then(
      () => {
        parts.counters.add('postern_messages_accepted_total');
        parts.counters.add('postern_bytes_accepted_total', '', size);
        if (entry.inHand) parts.accept(entry);
        return smtpReply(250, '2.0.0', `Queued as ${printedId}`);
      },
      (error: unknown) => notKept(error),
    );
  }

  function notKept(error: unknown): SmtpReply {
    parts.log('a message could not be kept; its sender is told to try again', error);
    return refuse(error instanceof StoreFullError ? refusals.noRoom : refusals.notKept);
  }

  return {
    write: (chunk) => receiver.write(chunk),
    end: () => (receiver.isSmall ? keep(receiver.finishSmall()) : receiver.finish().then(keep, notKept)),
    abort: () => receiver.abort(),
  };
}

function receiveEvent({ receivedAt, origin, size }: Message): TraceEvent {
  const { remoteAddress, helo, tls, inboundConnector, authenticatedUser } = origin;
  const over =
    inboundConnector === null
      ? `user '${authenticatedUser ?? ''}'`
      : `inbound connector '${inboundConnector}'`;
  return {
    time: receivedAt,
    kind: 'Receive',
    recipients: null,
    detail: `Received from ${remoteAddress} (${helo}) over ${over}.`,
    data: { remoteAddress, helo, tls, inboundConnector, authenticatedUser, size },
  };
}
