// The RFC 3463 code of a reply that refuses a message or a recipient: the server's own, or one that fits its RFC 5321 code.
// Owns the two tables. Pure; says nothing of what is done about it.
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import type { SmtpReply } from '#mail/smtp-reply.ts';

/** The remote's own enhanced code where it fits its reply (RFC 2034 §4), else one for the reply's code. */
export function statusOfReply(reply: SmtpReply, aboutRecipient: boolean): EnhancedStatus {
  const permanent = reply.code >= 500 && reply.code < 600;
  const leading = permanent ? '5' : '4';
  if (reply.enhanced?.startsWith(leading)) return reply.enhanced;
  const detail = (aboutRecipient ? RECIPIENT_DETAILS : MESSAGE_DETAILS)[reply.code] ?? '0.0';
  return toStatus(permanent ? 5 : 4, detail);
}

const RECIPIENT_DETAILS: Readonly<Record<number, string>> = {
  421: '3.2',
  450: '2.0',
  451: '3.0',
  452: '2.2',
  530: '7.0',
  550: '1.1',
  551: '1.6',
  552: '2.2',
  553: '1.3',
  556: '1.10',
};

const MESSAGE_DETAILS: Readonly<Record<number, string>> = {
  421: '3.2',
  451: '3.0',
  452: '3.1',
  530: '7.0',
  550: '7.1',
  552: '3.4',
  554: '6.0',
  555: '5.4',
};

function toStatus(leading: 4 | 5, detail: string): EnhancedStatus {
  const [subject = '0', rest = '0'] = detail.split('.');
  return `${leading}.${Number(subject)}.${Number(rest)}`;
}
