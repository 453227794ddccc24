// What servers offer in their answer to EHLO: RFC 5321 §4.1.1.1. Owns printing our own list and reading a remote one; words
// that aren't known are left out. Pure.
import type { SmtpReply } from '#mail/smtp-reply.ts';

export interface OfferedExtensions {
  readonly maxSize: number;
  readonly startTls: boolean;
  readonly requireTls: boolean;
  readonly authentication: boolean;
}

/** The lines of our answer behind the host name. */
export function printExtensions(offered: OfferedExtensions): readonly string[] {
  const lines = [
    'PIPELINING',
    `SIZE ${offered.maxSize}`,
    '8BITMIME',
    'SMTPUTF8',
    'ENHANCEDSTATUSCODES',
    'DSN',
  ];
  if (offered.startTls) lines.push('STARTTLS');
  // RFC 8689 §3: only under TLS.
  if (offered.requireTls) lines.push('REQUIRETLS');
  if (offered.authentication) lines.push('AUTH PLAIN LOGIN');
  return lines;
}

export interface Capabilities {
  /** What the server calls itself; its first word. */
  readonly name: string;
  readonly esmtp: boolean;
  /** RFC 1870: octets; 0: offered without a limit; null: not offered. */
  readonly size: number | null;
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly enhancedStatusCodes: boolean;
  readonly dsn: boolean;
  readonly startTls: boolean;
  readonly requireTls: boolean;
  readonly chunking: boolean;
  /** Mechanisms in capitals. */
  readonly auth: readonly string[];
}

/** Reads the answer to EHLO, or to HELO (then `esmtp` is false and nothing is offered). */
export function parseCapabilities(reply: SmtpReply, esmtp: boolean): Capabilities {
  const offered = new Map<string, string>();
  for (const line of esmtp ? reply.lines.slice(1) : []) {
    // `AUTH=LOGIN` is how servers older than RFC 2554 say it.
    const [, keyword = '', parameters = ''] = /^([A-Za-z0-9][A-Za-z0-9-]*)[ =]?(.*)$/.exec(line) ?? [];
    const known = offered.get(keyword.toUpperCase());
    offered.set(keyword.toUpperCase(), known === undefined ? parameters : `${known} ${parameters}`);
  }
  const size = offered.get('SIZE');
  const auth = offered.get('AUTH')?.toUpperCase().split(/\s+/) ?? [];
  return {
    name: reply.lines[0]?.split(' ')[0] ?? '',
    esmtp,
    size: size === undefined ? null : /^\d{1,15}$/.test(size.trim()) ? Number(size) : 0,
    pipelining: offered.has('PIPELINING'),
    eightBitMime: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    enhancedStatusCodes: offered.has('ENHANCEDSTATUSCODES'),
    dsn: offered.has('DSN'),
    startTls: offered.has('STARTTLS'),
    requireTls: offered.has('REQUIRETLS'),
    chunking: offered.has('CHUNKING'),
    auth: [...new Set(auth.filter((word) => word !== ''))],
  };
}

export const NO_CAPABILITIES: Capabilities = Object.freeze(
  parseCapabilities({ code: 250, enhanced: null, lines: [''] }, false),
);
