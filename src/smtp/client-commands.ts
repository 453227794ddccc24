// The command lines that a client sends, with the parameters that the server offered to understand. Owns printing them;
// promises that nothing in an envelope can end a line early (command injection). Pure.
import { needsSmtpUtf8, printAddress } from '#mail/address.ts';
import type { Envelope, Recipient } from '#mail/envelope.ts';
import type { Capabilities } from './ehlo.ts';
import { encodeXtext } from './xtext.ts';

const BREAKS_LINE = /[\0-\x1f\x7f]/;
const NOT_ASCII = /[^\x20-\x7e]/;

/** The line with its CRLF; throws TypeError where the text holds what can't be in it: that is a bug of the caller. */
export function commandLine(text: string, smtpUtf8: boolean): string {
  if ((smtpUtf8 ? BREAKS_LINE : NOT_ASCII).test(text)) {
    throw new TypeError(
      `A command line holds characters that it must not: ${JSON.stringify(text.slice(0, 200))}`,
    );
  }
  return `${text}\r\n`;
}

/** Whether the transaction can only be done with SMTPUTF8: the sender asked for it, or an address needs it. */
export function wantsSmtpUtf8(envelope: Envelope, recipients: readonly Recipient[]): boolean {
  if (envelope.returnPath !== null && needsSmtpUtf8(envelope.returnPath)) return true;
  return envelope.smtpUtf8 || recipients.some((recipient) => needsSmtpUtf8(recipient.address));
}

/** The extension that the transaction can't do without and the server doesn't offer; null: it can go ahead. */
export function missingExtension(
  envelope: Envelope,
  recipients: readonly Recipient[],
  capabilities: Capabilities,
): 'SMTPUTF8' | 'REQUIRETLS' | null {
  if (envelope.requireTls && !capabilities.requireTls) return 'REQUIRETLS';
  return !capabilities.smtpUtf8 && wantsSmtpUtf8(envelope, recipients) ? 'SMTPUTF8' : null;
}

/** `size` in octets of content as it is sent, without stuffing. */
export function mailLine(
  envelope: Envelope,
  size: number,
  smtpUtf8: boolean,
  capabilities: Capabilities,
): string {
  const path = envelope.returnPath === null ? '' : printAddress(envelope.returnPath);
  let line = `MAIL FROM:<${path}>`;
  if (capabilities.size !== null) line += ` SIZE=${size}`;
  if (envelope.body === '8BITMIME' && capabilities.eightBitMime) line += ' BODY=8BITMIME';
  if (smtpUtf8 && capabilities.smtpUtf8) line += ' SMTPUTF8';
  if (envelope.requireTls && capabilities.requireTls) line += ' REQUIRETLS';
  if (capabilities.dsn) {
    if (envelope.ret !== null) line += ` RET=${envelope.ret}`;
    if (envelope.envid !== null) line += ` ENVID=${encodeXtext(envelope.envid)}`;
  }
  return commandLine(line, smtpUtf8);
}

export function rcptLine(recipient: Recipient, smtpUtf8: boolean, capabilities: Capabilities): string {
  let line = `RCPT TO:<${printAddress(recipient.address)}>`;
  if (capabilities.dsn) {
    if (recipient.notify !== null) line += ` NOTIFY=${recipient.notify.join(',')}`;
    if (recipient.orcpt !== null) {
      const semicolon = recipient.orcpt.indexOf(';');
      line += ` ORCPT=${recipient.orcpt.slice(0, semicolon)};${encodeXtext(recipient.orcpt.slice(semicolon + 1))}`;
    }
  }
  return commandLine(line, smtpUtf8);
}
