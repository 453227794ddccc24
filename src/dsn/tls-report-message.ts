// A TLS report as a message: RFC 8460 §5.3, a multipart/report with words for people and the compressed JSON. Pure. From
// the null sender, so that it never causes a report itself, and exempt from the policies that it may have to complain of.
import { needsSmtpUtf8, printAddress, type Address } from '#mail/address.ts';
import type { Envelope } from '#mail/envelope.ts';
import type { HeaderFacts } from '#mail/message.ts';
import { printDate } from '#mail/received-field.ts';
import { foldValue, headerText, paragraph } from './mime-text.ts';

export interface TlsReportInput {
  readonly domain: string;
  /** `2026-11-23`, UTC. */
  readonly day: string;
  readonly reportId: string;
  readonly organization: string;
  /** Our own name: the submitter. */
  readonly hostname: string;
  readonly from: Address;
  readonly to: Address;
  /** The report itself, gzip. */
  readonly gzip: Uint8Array;
  readonly now: number;
  /** Letters and digits that nobody can guess. */
  readonly token: string;
}

export interface TlsReportMessage {
  readonly envelope: Envelope;
  readonly content: Buffer;
  readonly facts: HeaderFacts;
}

export function buildTlsReportMessage(input: TlsReportInput): TlsReportMessage {
  const { domain, day, reportId, hostname, from, to, now, token } = input;
  const boundary = `=_${token}`;
  // RFC 8460 §5.3.
  const subject = `Report Domain: ${domain} Submitter: ${hostname} Report-ID: <${reportId}>`;
  const messageId = `<${token}@${hostname}>`;
  const lines = [
    `Date: ${printDate(now)}`,
    `From: <${printAddress(from)}>`,
    `To: <${printAddress(to)}>`,
    `Subject: ${foldValue(headerText(subject))}`,
    `Message-ID: ${messageId}`,
    `TLS-Report-Domain: ${domain}`,
    `TLS-Report-Submitter: ${hostname}`,
    // RFC 8689 §3, RFC 8460 §3: whoever carries it on must not stumble over the policy that it tells of.
    'TLS-Required: No',
    // RFC 3834 §5.1
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type="tlsrpt";\r\n boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    paragraph(words(input)),
    `--${boundary}`,
    'Content-Type: application/tlsrpt+gzip',
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment;\r\n filename="${fileName(hostname, domain, day)}"`,
    '',
    base64(input.gzip),
    `--${boundary}--`,
    '',
  ];
  return {
    envelope: {
      returnPath: null,
      recipients: [{ address: to, notify: ['NEVER'], orcpt: null }],
      body: '8BITMIME',
      smtpUtf8: needsSmtpUtf8(to) || needsSmtpUtf8(from),
      requireTls: false,
      ret: null,
      envid: null,
    },
    content: Buffer.from(lines.join('\r\n')),
    facts: { subject, messageId, hopCount: 0, exchangeHeaders: false },
  };
}

function words({ domain, day, organization, hostname }: TlsReportInput): string {
  return `This is the TLS report (RFC 8460) of ${organization} (${hostname}) about mail sent to ${domain} on ${day} (UTC).`;
}

/** RFC 8460 §5.1. */
export function fileName(hostname: string, domain: string, day: string): string {
  const begin = Date.parse(`${day}T00:00:00Z`) / 1000;
  return `${hostname}!${domain}!${begin}!${begin + 86_399}.json.gz`;
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n');
}
