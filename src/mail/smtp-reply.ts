// A reply of an SMTP server, RFC 5321 §4.2: ours to a client, or a remote server's to us. Owns making and printing it;
// promises that what is printed is one well-formed reply whatever the texts held. Reading from the wire is the client's.
import type { EnhancedStatus } from './enhanced-status.ts';

export interface SmtpReply {
  /** 200 to 599. */
  readonly code: number;
  /** RFC 2034; null where there is none (greeting, EHLO, 354) or the remote gave none. */
  readonly enhanced: EnhancedStatus | null;
  /** The texts of the lines without codes; at least one, which may be empty. */
  readonly lines: readonly string[];
}

/** RFC 5321 §4.5.3.1.5: 512 octets with code, enhanced status, space and CRLF. */
const MAX_TEXT = 496;
const MAX_DESCRIPTION = 1024;
const UNPRINTABLE = /[^\t\x20-\x7e]/;
const UNPRINTABLE_RUNS = /[^\t\x20-\x7e]+/g;

/** A frozen reply; a text is one line. */
export function smtpReply(
  code: number,
  enhanced: EnhancedStatus | null,
  ...lines: readonly string[]
): SmtpReply {
  return Object.freeze({ code, enhanced, lines: Object.freeze(lines.length > 0 ? lines : ['']) });
}

/** The reply on the wire, CRLF included. */
export function printSmtpReply(reply: SmtpReply): string {
  const status = reply.enhanced === null ? '' : `${reply.enhanced} `;
  const { lines } = reply;
  if (lines.length === 1) return `${reply.code} ${status}${printable(lines[0] ?? '')}\r\n`;
  let text = '';
  for (let index = 0; index < lines.length; index += 1) {
    const separator = index === lines.length - 1 ? ' ' : '-';
    text += `${reply.code}${separator}${status}${printable(lines[index] ?? '')}\r\n`;
  }
  return text;
}

function printable(text: string): string {
  if (text.length <= MAX_TEXT && !UNPRINTABLE.test(text)) return text;
  return text.replace(UNPRINTABLE_RUNS, '?').slice(0, MAX_TEXT);
}

/** The reply in one printable line of at most 1,024 characters, for diagnostics: `550 5.1.1 no such user`. */
export function describeSmtpReply(reply: SmtpReply): string {
  const status = reply.enhanced === null ? '' : ` ${reply.enhanced}`;
  const text = reply.lines.join(' ').replace(UNPRINTABLE_RUNS, '?').trim();
  return `${reply.code}${status}${text === '' ? '' : ` ${text}`}`.slice(0, MAX_DESCRIPTION);
}
