// Every refusal that policy gives to a client, named once, with Exchange's codes where it has them. What is wrong with
// the protocol itself is refused by the engine (smtp/refusals.ts).
import { type SmtpReply, smtpReply } from '#mail/smtp-reply.ts';

export const refusals = Object.freeze({
  /** Exchange: 5.7.64; no inbound connector lets this sender relay. */
  relayDenied: smtpReply(
    550,
    '5.7.64',
    'Relay access denied: no inbound connector accepts mail from you, and you did not authenticate',
  ),
  /** RequireTls of the inbound connector; RFC 3207 §4. */
  tlsRequired: smtpReply(
    530,
    '5.7.0',
    'Must issue a STARTTLS command first: the inbound connector for you requires TLS',
  ),
  /** Exchange: 5.7.51; RestrictDomainsToIPAddresses. */
  domainNeedsAddress: smtpReply(
    550,
    '5.7.51',
    'Mail from this domain is only accepted from the addresses of its inbound connector, and yours is none of them',
  ),
  /** Exchange: 5.7.51; RestrictDomainsToCertificate. */
  domainNeedsCertificate: smtpReply(
    550,
    '5.7.51',
    'Mail from this domain is only accepted under TLS with the verified certificate that its inbound connector names',
  ),
  tooBig: smtpReply(552, '5.3.4', 'The message is larger than the size limit (MaxSendSize)'),
  headerTooBig: smtpReply(552, '5.3.4', 'The header of the message is larger than 256 KiB'),
  noRoom: smtpReply(452, '4.3.1', 'Insufficient system storage, try again later'),
  notKept: smtpReply(451, '4.3.0', 'The message could not be kept safely, try again later'),
  /** A bounce to an address that sender rewriting didn't make (SRS). */
  rewrittenForged: smtpReply(550, '5.7.1', 'The rewritten recipient address is not one of ours'),
  rewrittenExpired: smtpReply(550, '5.7.1', 'The rewritten recipient address has expired'),
  badCredentials: smtpReply(535, '5.7.8', 'User name or password is not correct'),
});

/** A refusal of somebody whose certificate didn't verify; `problem` is OpenSSL's word for why. */
export function despiteCertificate(refusal: SmtpReply, problem: string): SmtpReply {
  const words = `${refusal.lines.join(' ')} (your certificate did not verify: ${problem.replace(/[^\w .-]/g, '_').slice(0, 80)})`;
  return smtpReply(refusal.code, refusal.enhanced, words);
}

/** Below the thresholds: said before any content is taken. */
export function putOff(reason: string): SmtpReply {
  return smtpReply(452, '4.3.1', `Mail is put off: ${reason}; try again later`);
}
