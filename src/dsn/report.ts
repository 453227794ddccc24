// Delivery reports as messages: RFC 3464 in a multipart/report of RFC 6522, with RFC 6533's forms for international
// mail. First plain words, then the fields for programs, then the original or its header (RFC 3461 §4.3).
// Pure: identity, clock and chance come in. Promises a null return path, so that a report never causes a report.
import { printAddress, needsSmtpUtf8, type Address } from '#mail/address.ts';
import type { Envelope } from '#mail/envelope.ts';
import { headerEnd } from '#mail/header-block.ts';
import type { HeaderFacts, Message } from '#mail/message.ts';
import { printDate } from '#mail/received-field.ts';
import { headerText, paragraph } from './mime-text.ts';
import { explainStatus, openingWords } from './plain-words.ts';
import type { PlannedReport, ReportKind } from './planned-report.ts';
import { perMessageFields, perRecipientFields } from './status-fields.ts';

export interface ReportInput {
  readonly report: PlannedReport;
  /** The message reported on; its return path isn't null. */
  readonly message: Message;
  /** Its content, or as much of the beginning as is at hand (the header block matters). */
  readonly original: Uint8Array;
  /** Our own name: Reporting-MTA, and the domain of the Message-ID. */
  readonly hostname: string;
  /** Whom the report comes from in its header, such as postmaster@<default accepted domain>. */
  readonly from: Address;
  /** Milliseconds since 1970, UTC. */
  readonly now: number;
  /** Delay reports: until when it is tried. Milliseconds since 1970. */
  readonly retryUntil: number | null;
  /** Letters and digits, twenty or more, that nobody can guess: for the boundary and the Message-ID. */
  readonly token: string;
}

export interface Report {
  readonly envelope: Envelope;
  readonly content: Buffer;
  readonly facts: HeaderFacts;
}

/** Postern: a larger original comes back as its header only, though RET=FULL (RFC 3461 §6.2 leaves this to us). */
export const MAX_RETURNED_CONTENT = 1_048_576;
const MAX_RETURNED_HEADER = 65_536;

const SUBJECTS: Readonly<Record<ReportKind, string>> = {
  failure: 'Undeliverable',
  delay: 'Delayed',
  success: 'Relayed',
};

/** @throws TypeError for a message from the null sender */
export function buildReport(input: ReportInput): Report {
  const { report, message, hostname, token } = input;
  const { returnPath } = message.envelope;
  if (returnPath === null) throw new TypeError('Nothing is reported to a null sender.');
  const international = message.envelope.smtpUtf8;
  const boundary = `=_${token}`;
  const subject = `${SUBJECTS[report.kind]}: ${message.facts.subject || '(no subject)'}`;
  const messageId = `<${token}@${hostname}>`;
  const statusType = international ? 'message/global-delivery-status' : 'message/delivery-status';
  const words = humanPart(input);
  const fields = [
    perMessageFields(message, hostname),
    ...report.recipients.map((entry) => perRecipientFields(input, entry, international)),
  ].join('\r\n');
  const returned = returnedPart(input, international);
  const head =
    reportHeader(input, returnPath, subject, messageId, boundary) +
    `--${boundary}\r\n${textHeader(words)}\r\n${words}\r\n` +
    `--${boundary}\r\nContent-Type: ${statusType}\r\n${encodingOf(fields)}\r\n${fields}\r\n` +
    `--${boundary}\r\n${returned.header}\r\n`;
  const content = Buffer.concat([Buffer.from(head), returned.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return {
    envelope: {
      returnPath: null,
      // RFC 3461 §6.1: reports ask for none themselves.
      recipients: [{ address: returnPath, notify: ['NEVER'], orcpt: null }],
      body: hasEightBit(content) ? '8BITMIME' : '7BIT',
      smtpUtf8: needsSmtpUtf8(returnPath),
      requireTls: message.envelope.requireTls,
      ret: null,
      envid: null,
    },
    content,
    facts: { subject, messageId, hopCount: 0, exchangeHeaders: false },
  };
}

function reportHeader(
  input: ReportInput,
  to: Address,
  subject: string,
  messageId: string,
  boundary: string,
): string {
  const { message, from, now } = input;
  // RFC 5322 §3.6.4; only a plain message identifier is repeated.
  const original = /^<[!-;=?-~]{1,200}>$/.test(message.facts.messageId) ? message.facts.messageId : null;
  return [
    `Date: ${printDate(now)}`,
    `From: Mail Delivery System <${printAddress(from)}>`,
    `To: <${printAddress(to)}>`,
    `Subject: ${headerText(subject)}`,
    `Message-ID: ${messageId}`,
    ...(original === null ? [] : [`In-Reply-To: ${original}`, `References: ${original}`]),
    // RFC 3834 §5.1
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"`,
    '',
    '',
  ].join('\r\n');
}

function textHeader(text: string): string {
  return `Content-Type: text/plain; charset=utf-8\r\n${encodingOf(text)}`;
}

/** One header line with its CRLF. */
function encodingOf(text: string): string {
  return `Content-Transfer-Encoding: ${/[^\0-\x7f]/.test(text) ? '8bit' : '7bit'}\r\n`;
}

/** Plain words first: what happened, to whom, why, and what can be done. */
function humanPart(input: ReportInput): string {
  const { report, message, hostname, retryUntil } = input;
  let text = `${paragraph(`This is the mail server ${hostname}.`)}\r\n${paragraph(openingWords(report.kind))}\r\n`;
  for (const { recipient, status } of report.recipients) {
    const address = message.envelope.recipients[recipient]?.address;
    text += `  ${address === undefined ? 'unknown recipient' : printAddress(address)}\r\n`;
    if (report.kind !== 'success') text += paragraph(explainStatus(status.status), '    ');
    const who = status.remoteMta ?? status.remoteAddress;
    const said = status.diagnosticType === 'smtp' ? `${who ?? 'The next server'} said: ` : '';
    text += paragraph(`${said}${status.diagnostic} (${status.status})`, '    ');
    text += '\r\n';
  }
  if (report.kind === 'delay' && retryUntil !== null) {
    text += `${paragraph(`It will be tried until ${printDate(retryUntil)}.`)}\r\n`;
  }
  return text;
}

interface ReturnedPart {
  /** Header lines with their CRLFs, without the blank line. */
  readonly header: string;
  readonly bytes: Uint8Array;
}

/**
 * RFC 3461 §4.3: the whole message only in a failure report, and only when the sender asked for it; RFC 8689 §5: never what
 * travelled with REQUIRETLS.
 */
function returnedPart(input: ReportInput, international: boolean): ReturnedPart {
  const { report, message, original } = input;
  const whole =
    report.kind === 'failure' &&
    message.envelope.ret === 'FULL' &&
    !message.envelope.requireTls &&
    message.size <= MAX_RETURNED_CONTENT &&
    original.length === message.size;
  const bytes = whole ? original : cutHeader(original);
  const type = whole
    ? international
      ? 'message/global'
      : 'message/rfc822'
    : international
      ? 'message/global-headers'
      : 'text/rfc822-headers';
  const encoding = hasEightBit(bytes) ? '8bit' : '7bit';
  return { header: `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n`, bytes };
}

/** The header block, cut behind a whole line where it is very large. */
function cutHeader(original: Uint8Array): Uint8Array {
  const end = headerEnd(original);
  if (end <= MAX_RETURNED_HEADER) return original.subarray(0, end);
  const lastLine = original.lastIndexOf(0x0a, MAX_RETURNED_HEADER - 1);
  return original.subarray(0, lastLine + 1);
}

function hasEightBit(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index += 1) {
    if ((bytes[index] ?? 0) > 0x7f) return true;
  }
  return false;
}
