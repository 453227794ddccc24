// Names of hosts and mail domains: A-labels, lower case, no trailing dot. Owns the grammar and IDNA; promises that what
// toALabels gives is safe to print into SMTP and DNS. The IDNA tables are loaded only when a non-ASCII name or an
// A-label that shall be shown comes along. Never looks anything up.
import { createRequire } from 'node:module';

interface Idna {
  toASCII(domain: string, options: IdnaOptions): string | null;
  toUnicode(domain: string, options: IdnaOptions): { readonly domain: string; readonly error: boolean };
}
interface IdnaOptions {
  readonly checkBidi: boolean;
  readonly checkHyphens: boolean;
  readonly checkJoiners: boolean;
  readonly useSTD3ASCIIRules: boolean;
  readonly verifyDNSLength: boolean;
  readonly transitionalProcessing: boolean;
}

// UTS #46 as IDNA2008 mail wants it: nothing transitional, every check on.
const IDNA_OPTIONS: IdnaOptions = {
  checkBidi: true,
  checkHyphens: true,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
  transitionalProcessing: false,
};
/** RFC 1035 §2.3.4: 255 octets on the wire are 253 characters of text. */
const MAX_NAME = 253;

// RFC 5321 §4.1.2 sub-domain; underscores as well, which name servers serve and Postfix takes. The last label is never
// all digits (RFC 3696 §2): that is a mistyped address.
const NAME =
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?!\d+$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const NON_ASCII = /[^\0-\x7f]/;

let idna: Idna | undefined;

function loadIdna(): Idna {
  if (idna !== undefined) return idna;
  const loaded: Idna = createRequire(import.meta.url)('tr46');
  idna = loaded;
  return loaded;
}

/** Whether the text is a host or domain name in the form Postern keeps: A-labels and lower case. */
export function isDomainName(text: string): boolean {
  return text.length <= MAX_NAME && NAME.test(text);
}

/** A name as people type it (any case, U-labels or A-labels) in A-labels and lower case; null if it is no name. */
export function toALabels(text: string): string | null {
  if (text.length > MAX_NAME) return null;
  const name = NON_ASCII.test(text) ? loadIdna().toASCII(text, IDNA_OPTIONS) : text.toLowerCase();
  return name !== null && isDomainName(name) ? name : null;
}

/** A name for people: A-labels shown as U-labels where that is valid and leads back to the same name. */
export function toULabels(name: string): string {
  if (!name.includes('xn--')) return name;
  const shown = loadIdna().toUnicode(name, IDNA_OPTIONS);
  return !shown.error && toALabels(shown.domain) === name ? shown.domain : name;
}
