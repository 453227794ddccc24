// The Received field that Postern puts on top of every message it takes, RFC 5321 §4.4 and RFC 5322 §3.6.7, with the
// transmission types of RFC 3848 and RFC 6531 §4.3. Owns its text; promises complete lines within 998 octets and that a
// peer's words can't break out of their place. Pure.
import { parseDomain, printAddress, type Address } from './address.ts';
import type { ReceivedTls } from './message.ts';

export interface ReceivedFacts {
  /** The argument of EHLO or HELO. */
  readonly helo: string;
  /** Canonical text, without brackets. */
  readonly remoteAddress: string;
  /** Our own name. */
  readonly by: string;
  readonly esmtp: boolean;
  readonly tls: ReceivedTls | null;
  readonly authenticated: boolean;
  readonly smtpUtf8: boolean;
  /** The message's identity as printed for people. */
  readonly id: string;
  /** The recipient where there is just one (more would tell one about the others, RFC 5321 §7.6); else null. */
  readonly for: Address | null;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** RFC 3848, RFC 6531 §4.3: `ESMTPSA`, `UTF8SMTPS` … */
export function transmissionType(
  facts: Pick<ReceivedFacts, 'esmtp' | 'tls' | 'authenticated' | 'smtpUtf8'>,
): string {
  if (!facts.esmtp) return 'SMTP';
  return `${facts.smtpUtf8 ? 'UTF8SMTP' : 'ESMTP'}${facts.tls === null ? '' : 'S'}${facts.authenticated ? 'A' : ''}`;
}

/** The whole field, folded, ending in CRLF. */
export function printReceivedField(facts: ReceivedFacts): string {
  const tls =
    facts.tls === null ? '' : `\r\n\t(version=${word(facts.tls.protocol)} cipher=${word(facts.tls.cipher)})`;
  const recipient = facts.for === null ? '' : `\r\n\tfor <${printAddress(facts.for)}>`;
  return `Received: from ${printedHelo(facts.helo)} (${addressLiteral(facts.remoteAddress)})\r\n\tby ${facts.by} with ${transmissionType(facts)} id ${facts.id}${tls}${recipient};\r\n\t${printDate(facts.time)}\r\n`;
}

/** RFC 5321 §4.4 Extended-Domain; what a peer called itself is printed only where it is a domain or a literal. */
function printedHelo(helo: string): string {
  return parseDomain(helo) ?? 'unknown';
}

function addressLiteral(address: string): string {
  return address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}

function word(text: string): string {
  return text.replace(/[^\w.-]/g, '_').slice(0, 64);
}

/** RFC 5322 §3.3 date-time in UTC: `Mon, 02 Jan 2006 15:04:05 +0000`. */
export function printDate(time: number): string {
  return `${new Date(time).toUTCString().slice(0, -3)}+0000`;
}
