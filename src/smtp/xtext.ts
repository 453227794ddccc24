// xtext, RFC 3461 §4: how ENVID, ORCPT and AUTH carry any text in a parameter. Pure.

const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;

/** The text in it, ASCII printable characters only; null where it isn't xtext. */
export function decodeXtext(text: string): string | null {
  if (!XTEXT.test(text)) return null;
  if (!text.includes('+')) return text;
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  // RFC 3461 §4.2 and §4.4: printable ASCII and nothing else.
  return /^[\x20-\x7e]*$/.test(decoded) ? decoded : null;
}

/** Printable ASCII as it must be written; other characters as RFC 6533 §3 writes them in utf-8-addr-xtext. */
export function encodeXtext(text: string): string {
  if (/^[!-*,-<>-~]*$/.test(text)) return text;
  const ascii = text.replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  );
  return ascii.replace(/[ +=]/g, (character) => `+${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
