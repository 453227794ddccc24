// The seam between the protocol engine and those who own policy and storage. The engine knows order and syntax (RFC 5321
// and its extensions); a handler decides. One handler serves one session. Everything may be answered at once or later:
// answers given at once cost no promise.
import type { Envelope, Recipient } from '#mail/envelope.ts';
import type { SmtpReply } from '#mail/smtp-reply.ts';

export interface SmtpPeer {
  /** Canonical text without brackets; IPv4 is never shown as mapped into IPv6. */
  readonly address: string;
  readonly port: number;
}

export interface SmtpTls {
  /** `TLSv1.2` or `TLSv1.3`, and the cipher suite's standard name. */
  readonly protocol: string;
  readonly cipher: string;
  /** The client showed a certificate whose chain verified against the trust store. */
  readonly authorized: boolean;
  /** Why it didn't verify, in OpenSSL's word; null where authorized or where there is no certificate. */
  readonly authorizationError: string | null;
  /** DER, leaf first; empty where the client showed none. Made when asked for. */
  peerCertificates(): readonly Uint8Array[];
}

/** What is known of a session; the same object throughout, its values change as the session goes on. */
export interface SmtpSession {
  readonly peer: SmtpPeer;
  /** The address and port that the client connected to. */
  readonly local: SmtpPeer;
  /** Argument of the last EHLO or HELO; empty before. */
  readonly helo: string;
  /** It was EHLO. */
  readonly esmtp: boolean;
  readonly tls: SmtpTls | null;
  /** The user that AUTH proved; null before. */
  readonly user: string | null;
}

/** MAIL, read and checked for syntax. */
export interface MailCommand extends Omit<Envelope, 'recipients'> {
  /** RFC 1870: the size that the client announced, in octets; null where it didn't. */
  readonly size: number | null;
}

/** null: the engine's own words of consent. A reply of 4xx or 5xx refuses, any other consents in its own words. */
export type Decision = SmtpReply | null;

/** Takes the content of one message, without dot-stuffing. */
export interface ContentSink {
  /** The octets are the sink's to keep. A promise holds the client back until it resolves. */
  write(chunk: Buffer): Promise<void> | void;
  /** The content is whole. 250 must be answered only when it is safe. */
  end(): SmtpReply | Promise<SmtpReply>;
  /** The content will never be whole (the connection ended, or the engine refuses it); nothing else is called then. */
  abort(): void;
}

export interface SessionHandler {
  /** A refusal (554 or 421) is sent in place of the greeting. */
  connected?(): Decision | Promise<Decision>;
  /** Whether EHLO offers AUTH and AUTH is taken in the session as it is; absent: never. */
  offersAuthentication?(): boolean;
  /** null: the password is the user's. */
  authenticate?(user: string, password: string): Decision | Promise<Decision>;
  mail(command: MailCommand): Decision | Promise<Decision>;
  rcpt(recipient: Recipient, command: MailCommand): Decision | Promise<Decision>;
  /** At least one recipient was taken. A reply refuses the content before any of it is sent. */
  data(envelope: Envelope): ContentSink | SmtpReply | Promise<ContentSink | SmtpReply>;
  /** A transaction that had begun was given up before DATA: RSET, EHLO, QUIT, the end of the connection. */
  reset?(): void;
  /** The connection has ended; called once, last. */
  closed?(): void;
}
