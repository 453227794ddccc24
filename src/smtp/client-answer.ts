// What comes of asking a server something: a reply, or the reason why there is none. Data only: nothing that a network
// or a server does is an exception here.
import type { SmtpReply } from '#mail/smtp-reply.ts';

/** What the connection was waiting for: `content` while it is sent, `final` for the reply to it. */
export type ClientPhase =
  | 'greeting'
  | 'hello'
  | 'starttls'
  | 'auth'
  | 'reset'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'content'
  | 'final'
  | 'quit';

export interface ClientReply {
  readonly kind: 'reply';
  readonly phase: ClientPhase;
  readonly reply: SmtpReply;
}

export interface ClientTrouble {
  /** `protocol`: the server says what no server may; `source`: our own content couldn't be read to its end. */
  readonly kind: 'dropped' | 'timed-out' | 'protocol' | 'source';
  readonly phase: ClientPhase;
  /** In words, for people. */
  readonly detail: string;
}

export type ClientAnswer = ClientReply | ClientTrouble;

/** RFC 5321 §4.5.3.2, in seconds: minutes are the least that a client must be ready to wait. */
export const CLIENT_SECONDS: Readonly<Record<ClientPhase, number>> = Object.freeze({
  greeting: 300,
  hello: 300,
  starttls: 300,
  auth: 300,
  reset: 300,
  mail: 300,
  rcpt: 300,
  data: 120,
  content: 180,
  final: 600,
  quit: 10,
});
