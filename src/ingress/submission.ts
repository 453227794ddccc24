// How mail comes in: the handler behind one SMTP session. Says who may hand in what for whom, takes the content, has the
// message committed and only then answers 250. Routes and delivers nothing.
import type { Configuration } from '#directory/configuration.ts';
import type { Address } from '#mail/address.ts';
import { printAddress } from '#mail/address.ts';
import type { Recipient } from '#mail/envelope.ts';
import type { MessageId } from '#mail/message.ts';
import type { SmtpReply } from '#mail/smtp-reply.ts';
import type { Unwrapped } from '#routing/sender-rewriting.ts';
import type { MailCommand, SessionHandler, SmtpPeer, SmtpSession } from '#smtp/session-handler.ts';
import type { NewMessage } from '#store/store.ts';
import type { Counters } from '#tracking/counters.ts';
import type { Spool } from './content-receiver.ts';
import { createContentSink } from './content-sink.ts';
import type { InboundDecision, InboundSession, InboundTrust } from './inbound-trust.ts';
import { despiteCertificate, putOff, refusals } from './refusals.ts';

export interface SubmissionParts {
  readonly hostname: string;
  readonly configuration: () => Configuration;
  readonly trust: () => InboundTrust;
  /** Whether a domain is one of the organization's own. */
  readonly isAccepted: (domain: string) => boolean;
  /** SRS: where a bounce to a rewritten address goes on to; null: it is no such address. */
  readonly unwrap: (recipient: Address) => Unwrapped | null;
  /** DNS names of a certificate in DER. */
  readonly certificateNames: (certificate: Uint8Array) => readonly string[];
  /** Why new mail is put off; null: it is welcome. */
  readonly pressure: () => string | null;
  /** null: the password is the user's. */
  readonly authenticate: (user: string, password: string) => Promise<SmtpReply | null>;
  readonly nextId: () => MessageId;
  readonly now: () => number;
  readonly createSpool: (id: MessageId) => Promise<Spool>;
  /** Resolves when the message is on stable storage. */
  readonly keep: (entry: NewMessage) => Promise<void>;
  /** Whether a message that takes so many octets of memory may be delivered at once. */
  readonly hasRoom: (octets: number) => boolean;
  /** A message that is kept and in hand: deliver it. */
  readonly accept: (entry: NewMessage) => void;
  readonly counters: Counters;
  readonly log: (message: string, error: unknown) => void;
}

/** The decision that lets a transaction in. */
export type Admission = Extract<InboundDecision, { ok: true }>;

const LOOPBACK = /^(?:127\.|::1$)/;

export function createSubmission(parts: SubmissionParts, session: SmtpSession): SessionHandler {
  let evidence: {
    readonly trust: InboundTrust;
    readonly peer: SmtpPeer;
    readonly tls: boolean;
    readonly session: InboundSession;
  } | null = null;
  let admission: Admission | null = null;
  let redirected: Map<Recipient, Address> | null = null;
  parts.counters.add('postern_connections_accepted_total');

  /** The peer's evidence is looked at once, and again after STARTTLS, XCLIENT, or when the inbound connectors changed. */
  function inboundSession(): InboundSession {
    const trust = parts.trust();
    const { peer } = session;
    const tls = session.tls !== null;
    if (evidence?.trust !== trust || evidence.peer !== peer || evidence.tls !== tls) {
      const [leaf] = session.tls?.authorized ? session.tls.peerCertificates() : [];
      const certificateNames = leaf === undefined ? [] : parts.certificateNames(leaf);
      evidence = {
        trust,
        peer,
        tls,
        session: trust.session({ remoteAddress: peer.address, tls, certificateNames }),
      };
    }
    return evidence.session;
  }

  function refuse(reply: SmtpReply): SmtpReply {
    parts.counters.add('postern_refusals_total', reply.enhanced ?? String(reply.code));
    const problem = session.tls?.authorizationError ?? null;
    const isAboutCertificates = reply === refusals.relayDenied || reply === refusals.domainNeedsCertificate;
    return problem !== null && isAboutCertificates ? despiteCertificate(reply, problem) : reply;
  }

  function mayRelayTo(recipient: Recipient): SmtpReply | null {
    const { domain } = recipient.address;
    const unwrapped = parts.unwrap(recipient.address);
    if (unwrapped !== null) {
      if (unwrapped.kind === 'expired') return refusals.rewrittenExpired;
      if (unwrapped.kind === 'forged') return refusals.rewrittenForged;
      (redirected ??= new Map()).set(recipient, unwrapped.address);
      return null;
    }
    if (admission?.relay === 'Anywhere') return null;
    if (admission?.relay === 'AcceptedDomains' && parts.isAccepted(domain)) return null;
    return refusals.relayDenied;
  }

  return {
    offersAuthentication: () => session.tls !== null || LOOPBACK.test(session.peer.address),
    async authenticate(user, password) {
      const refusal = await parts.authenticate(user, password);
      return refusal === null ? null : refuse(refusal);
    },
    mail(command: MailCommand) {
      redirected = null;
      const reason = parts.pressure();
      if (reason !== null) return refuse(putOff(reason));
      if (command.size !== null && command.size > parts.configuration().transportConfig.MaxSendSize)
        return refuse(refusals.tooBig);
      const decision = inboundSession().decide(command.returnPath?.domain ?? null, session.user);
      if (!decision.ok) return refuse(decision.reply);
      admission = decision;
      return null;
    },
    rcpt(recipient) {
      const refusal = mayRelayTo(recipient);
      return refusal === null ? null : refuse(refusal);
    },
    data(envelope) {
      const reason = parts.pressure();
      if (reason !== null || admission === null)
        return refuse(putOff(reason ?? 'the transaction is unknown'));
      const recipients =
        redirected === null
          ? envelope.recipients
          : envelope.recipients.map((one) => unwrappedRecipient(one, redirected?.get(one)));
      return createContentSink(parts, session, admission, { ...envelope, recipients }, refuse);
    },
    reset() {
      admission = null;
      redirected = null;
    },
  };
}

/** A bounce goes on to the sender whose address had been rewritten; what was asked for it stays. */
function unwrappedRecipient(recipient: Recipient, to: Address | undefined): Recipient {
  if (to === undefined) return recipient;
  return { ...recipient, address: to, orcpt: recipient.orcpt ?? `rfc822;${printAddress(recipient.address)}` };
}
