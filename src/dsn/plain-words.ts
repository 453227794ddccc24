// What a status code means, in words that a person who only sends mail understands. Owns the table from RFC 3463
// codes (and Exchange's wider ones) to sentences. Never repeats the remote server's words; the report quotes those.
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import type { ReportKind } from './planned-report.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  '1.1': "The address was not found at the recipient's domain. Check it for typing mistakes.",
  '1.2': "The recipient's domain does not exist. Check the part behind the @ for typing mistakes.",
  '1.3': 'The address is not written the way mail addresses are. Check it for typing mistakes.',
  '1.6': 'The recipient has moved and left no address to forward to.',
  '1.10': "The recipient's domain states that it accepts no mail at all.",
  '2.1': "The recipient's mailbox is disabled and takes no mail.",
  '2.2': "The recipient's mailbox is full.",
  '2.3': "The message is larger than the recipient's mailbox accepts.",
  '3.4': "The message is larger than the recipient's mail server accepts. Send it in parts or share a link.",
  '4.4': "No way to the recipient's domain is known.",
  '4.6': 'The message would have been sent back to the server it came from, again and again.',
  '4.14': 'The message went in circles between mail servers and was stopped.',
  '4.312': "The addresses of the recipient's mail servers could not be looked up.",
  '4.315': "The recipient's mail server did not answer in time.",
  '4.316': "The recipient's mail server did not accept the connection.",
  '4.317': "No session of the required kind could be opened with the recipient's mail server.",
  '4.318': "The connection to the recipient's mail server broke off.",
  '4.300': 'The message could not be delivered in the time it had.',
  '6.3': "The message has content that the recipient's mail server cannot take.",
  '6.7': "The message has international addresses that the recipient's mail server cannot take.",
  '7.30': "The sender asked for protection that the recipient's mail server does not offer.",
  '7.320': "The certificate of the recipient's mail server is not what the connection requires.",
};

const SUBJECTS: Readonly<Record<string, string>> = {
  '1': 'There is something wrong with the address.',
  '2': "There is something wrong with the recipient's mailbox.",
  '3': "The recipient's mail server has a problem.",
  '4': "The recipient's mail server could not be reached.",
  '5': 'The mail servers did not understand each other.',
  '6': "The recipient's mail server cannot take content of this kind.",
  '7': "The recipient's mail server refused the message for reasons of security or policy.",
};

/** One sentence for the code, whatever its class. */
export function explainStatus(status: EnhancedStatus): string {
  const detail = status.slice(2);
  const subject = detail.slice(0, detail.indexOf('.'));
  return SENTENCES[detail] ?? SUBJECTS[subject] ?? "The recipient's mail server did not take the message.";
}

/** How a report of this kind opens, one paragraph. */
export function openingWords(kind: ReportKind): string {
  switch (kind) {
    case 'failure':
      return 'Your message could not be delivered to the following recipients. It will not be tried again.';
    case 'delay':
      return 'Your message has not been delivered yet to the following recipients. You do not need to send it again: further attempts are made.';
    default:
      return 'Your message was handed on to the mail servers of the following recipients. Those servers send no confirmations, so you may not hear more of it.';
  }
}
