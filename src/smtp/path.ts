// Reverse-paths and forward-paths, RFC 5321 §4.1.2: the address in angle brackets of MAIL and RCPT. Pure.
import { parseAddress, type Address } from '#mail/address.ts';

/** Where the path that begins with `<` at `start` ends (behind `>`); -1 where it doesn't end. Quoted parts are skipped. */
export function pathEnd(text: string, start: number): number {
  const close = text.indexOf('>', start);
  const quote = text.indexOf('"', start);
  if (quote < 0 || quote > close) return close + 1 || -1;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\' && quoted) at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === '>' && !quoted) return at + 1;
  }
  return -1;
}

/** The address in `<…>`; a source route before it is read and dropped (RFC 5321 §4.1.1.3 and appendix C). */
export function parsePath(path: string): Address | null {
  const inside = path.slice(1, -1);
  if (inside.charCodeAt(0) !== 0x40) return parseAddress(inside);
  const colon = inside.indexOf(':');
  return colon < 0 || !/^@[\w.-]+(?:,@[\w.-]+)*$/.test(inside.slice(0, colon))
    ? null
    : parseAddress(inside.slice(colon + 1));
}
