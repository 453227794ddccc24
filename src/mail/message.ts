// A message as Postern holds it: identity, envelope, where it came from, what its header says, and its content.
// Data only. The content is the bytes after dot-unstuffing, from the first header field (Postern's own Received
// among them) to the last CRLF.
import type { Envelope } from './envelope.ts';

/** Ordered by time of arrival, unique across threads and restarts, exact in a double: see message-id.ts. */
export type MessageId = number;

export interface ReceivedTls {
  readonly protocol: string;
  readonly cipher: string;
}

/** How a message came in; decides trust, rules' scopes and centralized transport's loop guard. */
export interface Origin {
  /** The peer's address as text; empty for messages that Postern made itself. */
  readonly remoteAddress: string;
  readonly helo: string;
  readonly tls: ReceivedTls | null;
  /** Name of the inbound connector that let it in; null for SMTP AUTH and Postern's own messages. */
  readonly inboundConnector: string | null;
  /** Arrived over an OnPremises inbound connector. */
  readonly fromOnPremises: boolean;
  readonly authenticatedUser: string | null;
}

/** What ingress read once from the header block, so that nobody parses it again. */
export interface HeaderFacts {
  readonly subject: string;
  /** The Message-ID field's value, angle brackets included; empty where there is none. */
  readonly messageId: string;
  readonly hopCount: number;
  /** The header holds an X-MS-Exchange-Organization-, -CrossPremises- or -Forest- field: else the firewall has no work. */
  readonly exchangeHeaders: boolean;
}

export interface Message {
  readonly id: MessageId;
  /** Milliseconds since 1970, UTC. */
  readonly receivedAt: number;
  readonly envelope: Envelope;
  readonly origin: Origin;
  readonly facts: HeaderFacts;
  /** Made by a rule from another message (redirect, blind copy): rules may route it, not redirect, copy or end it again. */
  readonly forked?: boolean;
  /** A TLS report (RFC 8460): it goes whatever DANE and MTA-STS say of the host, so that the fault can be told of. */
  readonly tlsReport?: boolean;
  /** Octets of the content. */
  readonly size: number;
}

/** Small content is held in memory (and in the store's row); large content is a file that was synced to disk. */
export type Content =
  | { readonly kind: 'memory'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly size: number };
