// Every reply that the protocol engine gives on its own, named once. Codes: RFC 5321 §4.2.3, enhanced codes: RFC 3463
// and RFC 5248. What policy refuses is named by those who own the policy.
import { smtpReply } from '#mail/smtp-reply.ts';

export const replies = Object.freeze({
  closing: smtpReply(221, '2.0.0', 'Goodbye'),
  authenticated: smtpReply(235, '2.7.0', 'Authentication succeeded'),
  ok: smtpReply(250, '2.0.0', 'Ok'),
  senderOk: smtpReply(250, '2.1.0', 'Sender ok'),
  recipientOk: smtpReply(250, '2.1.5', 'Recipient ok'),
  cannotVerify: smtpReply(252, '2.0.0', 'Send the message and it will be tried'),
  startTls: smtpReply(220, '2.0.0', 'Ready to start TLS'),
  help: smtpReply(214, '2.0.0', 'Commands: EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP STARTTLS AUTH'),
  sendContent: smtpReply(354, null, 'End data with <CRLF>.<CRLF>'),
});

export const refusals = Object.freeze({
  shuttingDown: smtpReply(421, '4.3.2', 'Service is closing, try again later'),
  tooManyConnections: smtpReply(421, '4.3.2', 'Too many connections, try again later'),
  tooManyConnectionsFromYou: smtpReply(
    421,
    '4.7.0',
    'Too many connections from your address, close some first',
  ),
  idle: smtpReply(421, '4.4.2', 'Nothing was heard for too long, closing'),
  tooManyErrors: smtpReply(421, '4.7.0', 'Too many errors, closing'),
  tooMuchContent: smtpReply(421, '4.3.0', 'The content goes on far beyond the size limit, closing'),
  localError: smtpReply(451, '4.3.0', 'Local error in processing, try again later'),
  tooManyRecipients: smtpReply(452, '4.5.3', 'Too many recipients, send the rest in another transaction'),
  unknownCommand: smtpReply(500, '5.5.2', 'Command not recognized'),
  lineTooLong: smtpReply(500, '5.5.2', 'Command line too long'),
  badLine: smtpReply(500, '5.5.2', 'Command lines end in CRLF and hold no NUL or other line break'),
  syntax: smtpReply(501, '5.5.4', 'Syntax error in the arguments'),
  noArguments: smtpReply(501, '5.5.4', 'This command takes no arguments'),
  heloNeedsName: smtpReply(501, '5.5.4', 'Give your host name, as in EHLO mail.example.org'),
  mailSyntax: smtpReply(501, '5.5.4', 'Syntax: MAIL FROM:<address> [parameters]'),
  rcptSyntax: smtpReply(501, '5.5.4', 'Syntax: RCPT TO:<address> [parameters]'),
  badSender: smtpReply(501, '5.1.7', 'The sender is not a valid mailbox address'),
  badRecipient: smtpReply(501, '5.1.3', 'The recipient is not a valid mailbox address'),
  badUtf8: smtpReply(501, '5.5.2', 'Command lines beyond ASCII must be valid UTF-8'),
  badParameter: smtpReply(501, '5.5.4', 'A parameter has no valid value or is given twice'),
  notImplemented: smtpReply(502, '5.5.1', 'Command not implemented'),
  tlsNotAvailable: smtpReply(502, '5.5.1', 'TLS is not available'),
  heloFirst: smtpReply(503, '5.5.1', 'Send EHLO or HELO first'),
  mailFirst: smtpReply(503, '5.5.1', 'Send MAIL first'),
  rcptFirst: smtpReply(503, '5.5.1', 'Send RCPT first'),
  nestedMail: smtpReply(503, '5.5.1', 'A transaction is under way, send RSET to begin another'),
  alreadyTls: smtpReply(503, '5.5.1', 'TLS is already active'),
  alreadyAuthenticated: smtpReply(503, '5.5.1', 'Already authenticated'),
  authNotNow: smtpReply(503, '5.5.1', 'AUTH is not allowed now'),
  mechanismUnknown: smtpReply(504, '5.5.4', 'Authentication mechanism not supported, use PLAIN or LOGIN'),
  xclientDenied: smtpReply(
    550,
    '5.7.0',
    'XCLIENT is not for you: your address is not among those that may use it',
  ),
  xclientNotNow: smtpReply(503, '5.5.1', 'A transaction is under way, send RSET before XCLIENT'),
  xclientSyntax: smtpReply(
    501,
    '5.5.4',
    'Syntax: XCLIENT ADDR=address [PORT=] [HELO=] [PROTO=] [LOGIN=] [NAME=], values in xtext',
  ),
  needsTls: smtpReply(530, '5.7.0', 'REQUIRETLS needs a session under TLS'),
  badCredentials: smtpReply(535, '5.7.8', 'User name or password is not correct'),
  authCancelled: smtpReply(501, '5.7.0', 'Authentication cancelled'),
  authSyntax: smtpReply(501, '5.5.2', 'The response is not valid base64 of what the mechanism asks for'),
  // RFC 5321 §4.3.1: the client must wait for the greeting.
  spokeFirst: smtpReply(554, '5.5.1', 'Wait for the greeting before sending commands'),
  otherProtocol: smtpReply(554, '5.5.1', 'This is not HTTP but SMTP, closing'),
  // RFC 3207 §4: STARTTLS ends a group of pipelined commands; CVE-2011-0411: what follows in clear text is dropped.
  pipelinedStartTls: smtpReply(554, '5.5.1', 'Send nothing after STARTTLS before the reply'),
  // RFC 5321 §3.3.
  noRecipients: smtpReply(554, '5.5.1', 'No valid recipients'),
  // RFC 5321 §2.3.8: CR and LF appear in content only as CRLF.
  bareLineBreak: smtpReply(550, '5.6.11', 'The content has a CR or LF that is not part of CRLF'),
  tooBig: smtpReply(552, '5.3.4', 'The message is larger than the size limit'),
  needsSmtpUtf8: smtpReply(553, '5.6.7', 'An address beyond ASCII needs the SMTPUTF8 parameter on MAIL'),
  unknownParameter: smtpReply(555, '5.5.4', 'Parameter not recognized or not implemented'),
});
