// The machine-readable part of a report: per-message and per-recipient fields of RFC 3464 §2.2 and §2.3. Owns their
// order, folding and the address types of RFC 6533 §3. Promises that no value can break out of its field.
import { parseDomain, printAddress, type Address } from '#mail/address.ts';
import type { Message } from '#mail/message.ts';
import { printDate } from '#mail/received-field.ts';
import { foldValue } from './mime-text.ts';
import type { ReportedRecipient, ReportKind } from './planned-report.ts';

/** What the per-recipient fields need of a report. */
export interface StatusFacts {
  readonly report: { readonly kind: ReportKind };
  readonly message: Message;
  readonly now: number;
  readonly retryUntil: number | null;
}

const NON_ASCII = /[^\0-\x7f]/;

/** RFC 3464 §2.2, each line with its CRLF. */
export function perMessageFields(message: Message, hostname: string): string {
  const { envid } = message.envelope;
  const helo = parseDomain(message.origin.helo);
  return (
    (envid === null ? '' : field('Original-Envelope-Id', printable(envid))) +
    field('Reporting-MTA', `dns; ${hostname}`) +
    (helo === null ? '' : field('Received-From-MTA', `dns; ${helo}`)) +
    field('Arrival-Date', printDate(message.receivedAt))
  );
}

/** RFC 3464 §2.3, each line with its CRLF. */
export function perRecipientFields(
  facts: StatusFacts,
  { recipient, status }: ReportedRecipient,
  international: boolean,
): string {
  const addressee = facts.message.envelope.recipients[recipient];
  if (addressee === undefined) return '';
  const { kind } = facts.report;
  const action = kind === 'failure' ? 'failed' : kind === 'delay' ? 'delayed' : status.action;
  const retryUntil = kind === 'delay' ? facts.retryUntil : null;
  return (
    (addressee.orcpt === null
      ? ''
      : field('Original-Recipient', originalRecipient(addressee.orcpt, international))) +
    field('Final-Recipient', finalRecipient(addressee.address, international)) +
    field('Action', action) +
    field('Status', status.status) +
    remoteMtaField(status) +
    field('Diagnostic-Code', `${status.diagnosticType}; ${printable(status.diagnostic)}`) +
    field('Last-Attempt-Date', printDate(facts.now)) +
    (retryUntil === null ? '' : field('Will-Retry-Until', printDate(retryUntil)))
  );
}

/** RFC 3464 §2.1.2: a server without a name is told by its address, as a domain literal. */
function remoteMtaField({ remoteMta, remoteAddress }: ReportedRecipient['status']): string {
  if (remoteMta !== null) return field('Remote-MTA', `dns; ${printable(remoteMta)}`);
  const [, six, four] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):\d+$/i.exec(remoteAddress ?? '') ?? [];
  if (six !== undefined) return field('Remote-MTA', `dns; [IPv6:${six}]`);
  return four === undefined ? '' : field('Remote-MTA', `dns; [${four}]`);
}

function field(name: string, value: string): string {
  return `${name}: ${foldValue(value)}\r\n`;
}

/** RFC 3464 §2.3.1: the sender's ORCPT; its type is kept, its value made safe. */
function originalRecipient(orcpt: string, international: boolean): string {
  const separator = orcpt.indexOf(';');
  const type = orcpt.slice(0, separator).trim();
  const value = orcpt.slice(separator + 1).trim();
  return `${type}; ${international ? clean(value) : utf8AddressXtext(clean(value))}`;
}

/** RFC 6533 §3: an international address has the type utf-8, written plainly only in the international form. */
function finalRecipient(address: Address, international: boolean): string {
  const text = printAddress(address);
  if (!NON_ASCII.test(text)) return `rfc822; ${text}`;
  return `utf-8; ${international ? text : utf8AddressXtext(text)}`;
}

/** RFC 6533 §3, utf-8-addr-xtext: what isn't ASCII becomes `\x{HEX}`. */
function utf8AddressXtext(text: string): string {
  return text.replace(
    /[^\0-\x7f]/gu,
    (character) => `\\x{${character.codePointAt(0)?.toString(16).toUpperCase()}}`,
  );
}

function clean(text: string): string {
  return text.replace(/[\0-\x20\x7f]+/g, ' ');
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?');
}
