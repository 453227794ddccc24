// MAIL and RCPT with their parameters, read from the command line: RFC 5321 §4.1.1.2 and §4.1.1.3, RFC 1870 (SIZE), 6152
// (BODY), 6531 (SMTPUTF8), 3461 (DSN), 4954 (AUTH), 8689 (REQUIRETLS). Owns the syntax; a refusal is a reply. Pure.
import type { Address } from '#mail/address.ts';
import type { Notify, Recipient } from '#mail/envelope.ts';
import type { SmtpReply } from '#mail/smtp-reply.ts';
import { parsePath, pathEnd } from './path.ts';
import { refusals } from './refusals.ts';
import type { MailCommand } from './session-handler.ts';
import { decodeXtext } from './xtext.ts';

const NON_ASCII = /[^\0-\x7f]/;
/** RFC 3461 §4.4 and §4.2. */
const MAX_ENVID = 100;
const MAX_ORCPT = 500;
const NOTIFY: readonly Notify[] = ['SUCCESS', 'FAILURE', 'DELAY'];

type Parameters = Map<string, string | null>;
const NO_PARAMETERS: Parameters = new Map();

export function isReply(value: object): value is SmtpReply {
  return 'code' in value;
}

/** The parameters behind the path, keywords in capitals; null where one is malformed or given twice. */
function parseParameters(text: string, from: number): Parameters | null {
  if (from >= text.length) return NO_PARAMETERS;
  if (text.charCodeAt(from) !== 0x20) return null;
  const parameters: Parameters = new Map();
  for (const word of text.slice(from + 1).split(' ')) {
    if (word === '') continue;
    const equals = word.indexOf('=');
    const keyword = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
    const value = equals < 0 ? null : word.slice(equals + 1);
    if (!/^[A-Z0-9][A-Z0-9-]*$/.test(keyword) || value === '' || parameters.has(keyword)) return null;
    parameters.set(keyword, value);
  }
  return parameters;
}

/** Where the path begins behind `FROM:` or `TO:`; a space before it is taken as Postfix and Exchange take it. */
function pathStart(argument: string, word: string): number {
  if (argument.length <= word.length || argument.slice(0, word.length).toUpperCase() !== word) return -1;
  let at = word.length;
  while (argument.charCodeAt(at) === 0x20) at += 1;
  return argument.charCodeAt(at) === 0x3c ? at : -1;
}

/** `argument` is what stands behind `MAIL `. */
export function parseMail(argument: string, underTls: boolean): MailCommand | SmtpReply {
  const start = pathStart(argument, 'FROM:');
  const end = start < 0 ? -1 : pathEnd(argument, start);
  if (end < 0) return refusals.mailSyntax;
  const path = argument.slice(start, end);
  const parameters = parseParameters(argument, end);
  if (parameters === null) return refusals.badParameter;
  const command = mailParameters(parameters, underTls);
  if (isReply(command)) return command;
  if (path === '<>') return { returnPath: null, ...command };
  if (!command.smtpUtf8 && NON_ASCII.test(path)) return refusals.needsSmtpUtf8;
  const returnPath = parsePath(path);
  return returnPath === null ? refusals.badSender : { returnPath, ...command };
}

const PLAIN_MAIL: Omit<MailCommand, 'returnPath'> = Object.freeze({
  size: null,
  body: '7BIT',
  smtpUtf8: false,
  requireTls: false,
  ret: null,
  envid: null,
});

function mailParameters(
  parameters: Parameters,
  underTls: boolean,
): Omit<MailCommand, 'returnPath'> | SmtpReply {
  if (parameters.size === 0) return PLAIN_MAIL;
  let { size, body, smtpUtf8, requireTls, ret, envid } = PLAIN_MAIL;
  for (const [keyword, value] of parameters) {
    switch (keyword) {
      case 'SIZE':
        if (value === null || !/^\d{1,20}$/.test(value)) return refusals.badParameter;
        size = Number(value);
        break;
      case 'BODY': {
        const wanted = value?.toUpperCase();
        if (wanted !== '7BIT' && wanted !== '8BITMIME') return refusals.badParameter;
        body = wanted;
        break;
      }
      case 'SMTPUTF8':
        if (value !== null) return refusals.badParameter;
        smtpUtf8 = true;
        break;
      case 'REQUIRETLS':
        if (value !== null) return refusals.badParameter;
        // RFC 8689 §4.1: only in a session under TLS.
        if (!underTls) return refusals.needsTls;
        requireTls = true;
        break;
      case 'RET': {
        const wanted = value?.toUpperCase();
        if (wanted !== 'FULL' && wanted !== 'HDRS') return refusals.badParameter;
        ret = wanted;
        break;
      }
      case 'ENVID':
        envid = value === null || value.length > MAX_ENVID ? null : decodeXtext(value);
        if (envid === null) return refusals.badParameter;
        break;
      case 'AUTH':
        // RFC 4954 §5: read, and not relied on.
        if (value === null || (value !== '<>' && decodeXtext(value) === null)) return refusals.badParameter;
        break;
      default:
        return refusals.unknownParameter;
    }
  }
  return { size, body, smtpUtf8, requireTls, ret, envid };
}

/** `argument` is what stands behind `RCPT `; `postmaster` without a domain is of `hostname` (RFC 5321 §4.5.1). */
export function parseRcpt(argument: string, smtpUtf8: boolean, hostname: string): Recipient | SmtpReply {
  const start = pathStart(argument, 'TO:');
  const end = start < 0 ? -1 : pathEnd(argument, start);
  if (end < 0) return refusals.rcptSyntax;
  const path = argument.slice(start, end);
  const parameters = parseParameters(argument, end);
  if (parameters === null) return refusals.badParameter;
  if (!smtpUtf8 && NON_ASCII.test(argument)) return refusals.needsSmtpUtf8;
  const address = recipientAddress(path, hostname);
  return address === null ? refusals.badRecipient : rcptParameters(address, parameters);
}

function recipientAddress(path: string, hostname: string): Address | null {
  if (path.length === 12 && path.toLowerCase() === '<postmaster>') {
    return { localPart: path.slice(1, -1), domain: hostname };
  }
  return parsePath(path);
}

function rcptParameters(address: Address, parameters: Parameters): Recipient | SmtpReply {
  let notify: readonly Notify[] | null = null;
  let orcpt: string | null = null;
  for (const [keyword, value] of parameters) {
    if (keyword === 'NOTIFY') notify = value === null ? null : parseNotify(value.toUpperCase());
    else if (keyword === 'ORCPT') orcpt = value === null ? null : parseOrcpt(value);
    else return refusals.unknownParameter;
    if ((keyword === 'NOTIFY' ? notify : orcpt) === null) return refusals.badParameter;
  }
  return { address, notify, orcpt };
}

function parseNotify(value: string): readonly Notify[] | null {
  if (value === 'NEVER') return ['NEVER'];
  const words = value.split(',');
  const known = NOTIFY.filter((word) => words.includes(word));
  return known.length === words.length ? known : null;
}

/** RFC 3461 §4.2 `addr-type ";" xtext`; RFC 6533 §3 for addresses beyond ASCII, as they stand. */
function parseOrcpt(value: string): string | null {
  const semicolon = value.indexOf(';');
  if (semicolon < 1 || value.length > MAX_ORCPT || !/^[\w-]+$/.test(value.slice(0, semicolon))) return null;
  const encoded = value.slice(semicolon + 1);
  const address = NON_ASCII.test(encoded) ? encoded : decodeXtext(encoded);
  return address === null || address === '' ? null : `${value.slice(0, semicolon)};${address}`;
}
