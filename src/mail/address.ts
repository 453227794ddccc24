// A mailbox address of the envelope: RFC 5321 §4.1.2, with RFC 6531's international characters.
// Owns parsing and printing; promises that what it prints, it parses back. Never looks anything up.
import { isDomainName, toALabels } from './domain-name.ts';
import { canonicalAddress } from './ip-address.ts';

/** `domain` is in A-labels and lower case, or an address literal with its brackets (`[192.0.2.1]`). */
export interface Address {
  /** As the sender wrote it, quotes included; may hold non-ASCII characters (then SMTPUTF8 is needed). */
  readonly localPart: string;
  readonly domain: string;
}

/** RFC 5321 §4.5.3.1: octets of the local part, and of the whole path without its angle brackets. */
const MAX_LOCAL_PART = 64;
const MAX_ADDRESS = 254;

const ATOM = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";
const DOT_STRING = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`);
const QUOTED_STRING = /^"(?:[ !#-[\]-~]|\\[ -~])*"$/;
// RFC 6531 §3.3 adds UTF8-non-ascii to atext, qtextSMTP and sub-domain. C1 controls and line separators have no business
// in a mailbox (Postern).
const WIDE_ATOM = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~\\u00a0-\\u2027\\u202a-\\u{10ffff}-]+";
const WIDE_DOT_STRING = new RegExp(`^${WIDE_ATOM}(?:\\.${WIDE_ATOM})*$`, 'u');
const WIDE_QUOTED_STRING = /^"(?:[ !#-[\]-~\u00a0-\u2027\u202a-\u{10ffff}]|\\[ -~])*"$/u;
const NON_ASCII = /[^\0-\x7f]/;

/** Reads `local@domain`, without angle brackets or source route; null if RFC 5321 and 6531 don't allow it. */
export function parseAddress(text: string): Address | null {
  if (text.length > MAX_ADDRESS) return null;
  const at = text.lastIndexOf('@');
  if (at < 1) return null;
  const localPart = text.slice(0, at);
  if (!isLocalPart(localPart)) return null;
  const domain = parseDomain(text.slice(at + 1));
  if (domain === null) return null;
  // Octets, and of A-labels: what has to fit into the paths of servers further on.
  return Buffer.byteLength(localPart) + 1 + domain.length > MAX_ADDRESS ? null : { localPart, domain };
}

export function printAddress(address: Address): string {
  return `${address.localPart}@${address.domain}`;
}

/** RFC 6531: the address can only travel in a transaction with SMTPUTF8. */
export function needsSmtpUtf8(address: Address): boolean {
  return NON_ASCII.test(address.localPart);
}

function isLocalPart(text: string): boolean {
  if (text.length > MAX_LOCAL_PART) return false;
  if (DOT_STRING.test(text) || QUOTED_STRING.test(text)) return true;
  if (!NON_ASCII.test(text) || !text.isWellFormed()) return false;
  return (
    Buffer.byteLength(text) <= MAX_LOCAL_PART && (WIDE_DOT_STRING.test(text) || WIDE_QUOTED_STRING.test(text))
  );
}

/** RFC 5321 §4.1.2 `Domain / address-literal`, as Address keeps it; null if it is neither. */
export function parseDomain(text: string): string | null {
  if (isDomainName(text)) return text;
  return text.charCodeAt(0) === 0x5b ? parseAddressLiteral(text) : toALabels(text);
}

/** RFC 5321 §4.1.3: `[192.0.2.1]` or `[IPv6:2001:db8::1]`. General literals have no registered tag and are refused. */
function parseAddressLiteral(text: string): string | null {
  const inside = /^\[(?:(IPv6):)?([0-9a-fA-F:.]{2,45})\]$/i.exec(text);
  if (inside === null) return null;
  const address = canonicalAddress(inside[2] ?? '');
  if (address === null || address.includes(':') !== (inside[1] !== undefined)) return null;
  return inside[1] === undefined ? `[${address}]` : `[IPv6:${address}]`;
}
