// Addresses in the header fields that say who a message is from (RFC 5322 §3.4): display names, comments, groups and
// quoted strings are stepped over. Owns finding them; bounded, linear, never fails: what is no address is left out.
import { parseAddress } from '#mail/address.ts';

const MAX_ADDRESSES = 20;

/** Addresses as rules compare them (lower case, domain in A-labels) in a field's value with folds undone. */
export function addressesIn(value: string): readonly string[] {
  const found: string[] = [];
  for (const entry of splitEntries(value)) {
    const address = parseAddress(entry);
    if (address !== null) found.push(`${address.localPart.toLowerCase()}@${address.domain}`);
    if (found.length === MAX_ADDRESSES) break;
  }
  return found;
}

/** What stands between the separators: an address, or the part of an entry in angle brackets where it has one. */
function splitEntries(value: string): readonly string[] {
  const entries: string[] = [];
  let text = '';
  let bracketed: string | null = null;
  const endEntry = (): void => {
    const entry = (bracketed ?? text).trim();
    if (entry !== '') entries.push(entry);
    text = '';
    bracketed = null;
  };
  for (let at = 0; at < value.length; ) {
    const character = value.charAt(at);
    const end = elementEnd(value, at, character);
    if (character === '(') {
      // A comment.
    } else if (character === '<') {
      // RFC 5322 §4.4: a source route in front of the address.
      bracketed = value.slice(at + 1, end - 1).replace(/^@[^:]*:/, '');
    } else if (character === ',' || character === ';') endEntry();
    else if (character === ':') text = '';
    else text += value.slice(at, end);
    at = end;
  }
  endEntry();
  return entries;
}

/** Behind the quoted string, comment, bracketed address or character that begins at `at`. */
function elementEnd(value: string, at: number, character: string): number {
  if (character === '"') return closing(value, at, '"');
  if (character === '(') return closing(value, at, ')');
  if (character !== '<') return at + 1;
  const end = value.indexOf('>', at);
  return end < 0 ? value.length + 1 : end + 1;
}

function closing(value: string, at: number, mark: string): number {
  let depth = 0;
  for (let index = at + 1; index < value.length; index += 1) {
    const character = value.charAt(index);
    if (character === '\\') index += 1;
    else if (character === mark && depth === 0) return index + 1;
    else if (mark === ')' && character === '(') depth += 1;
    else if (character === mark) depth -= 1;
  }
  return value.length;
}
