// SRS (the Sender Rewriting Scheme): the envelope sender of mail that is sent on becomes an address of our own, so that it
// passes SPF at the next hop, and bounces to it find their way back. A keyed hash and a day number keep others from making
// such addresses. Owns the form of the addresses; pure but for the clock that is given.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Address, parseAddress } from '#mail/address.ts';
import { isDomainName } from '#mail/domain-name.ts';

export interface SenderRewritingParts {
  /** Keys (base64): the first signs, all verify. At least one. */
  readonly keys: readonly string[];
  /** The domain of rewritten addresses: the default accepted domain. */
  readonly domain: string;
  /** Whether a domain is our own: its senders are left as they are. */
  readonly isAccepted: (domain: string) => boolean;
}

/** `address`: where the bounce goes on to. Forged and expired ones are answered 550 5.7.1. */
export type Unwrapped =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'forged' }
  | { readonly kind: 'expired' };

export interface SenderRewriter {
  /**
   * The sender for mail that goes over a connector with SenderRewritingEnabled. The same object where nothing is to be
   * done: null sender, own domain, address literal, or an address that would be longer than RFC 5321 allows.
   */
  rewrite(returnPath: Address | null, now: number): Address | null;
  /** For a recipient; null: it is no rewritten address of ours. */
  unwrap(recipient: Address, now: number): Unwrapped | null;
}

/** Days that a rewritten address is good for (Postern): longer than any queue keeps a message. */
const VALID_DAYS = 21;
const DAY = 86_400_000;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** The day number has two characters: it comes round after 1,024 days. */
const DAYS = 1024;
/** 40 bits of the hash in base 32: local parts must stay short, and each guess costs a transaction. */
const HASH_CHARACTERS = 8;

const SRS0 = new RegExp(`^srs0[=+-]([a-z2-7]{${HASH_CHARACTERS}})=([a-z2-7]{2})=([^=]+)=(.+)$`, 'is');
const SRS1 = new RegExp(`^srs1[=+-]([a-z2-7]{${HASH_CHARACTERS}})=([^=]+)=(.+)$`, 'is');
const OTHERS_SRS0 = /^srs0([=+-].+)$/is;
const OTHERS_SRS1 = /^srs1[=+-][^=]+=([^=]+)=(.+)$/is;

export function createSenderRewriter(parts: SenderRewritingParts): SenderRewriter {
  const keys = parts.keys.map((key) => Buffer.from(key, 'base64'));
  const { domain: ours } = parts;

  return {
    rewrite(returnPath, now) {
      const signer = keys[0];
      if (returnPath === null || signer === undefined) return returnPath;
      const { domain } = returnPath;
      if (domain.startsWith('[') || domain === ours || parts.isAccepted(domain)) return returnPath;
      const local = rewrittenLocalPart(unquoted(returnPath.localPart), domain, dayOf(now), signer);
      // parseAddress knows the limits.
      return parseAddress(`${quoted(local)}@${ours}`) ?? returnPath;
    },
    unwrap(recipient, now) {
      // An organization that changes its default domain still gets bounces to the old one.
      if (recipient.domain !== ours && !parts.isAccepted(recipient.domain)) return null;
      const local = unquoted(recipient.localPart);
      if (/^srs0[=+-]/i.test(local)) return unwrapFirst(local, keys, now);
      return /^srs1[=+-]/i.test(local) ? unwrapSecond(local, keys) : null;
    },
  };
}

/** SRS0 for a sender as it was; SRS1 for one that another forwarder has rewritten: bounces go back there directly. */
function rewrittenLocalPart(local: string, domain: string, day: string, key: Buffer): string {
  const first = OTHERS_SRS0.exec(local);
  if (first !== null) return secondForm(domain, first[1] ?? '', key);
  const second = OTHERS_SRS1.exec(local);
  if (second !== null) return secondForm(second[1] ?? '', second[2] ?? '', key);
  return `SRS0=${sign(key, day, domain, local)}=${day}=${domain}=${local}`;
}

/** `rest` begins with the separator behind the first forwarder's SRS0. */
function secondForm(host: string, rest: string, key: Buffer): string {
  return `SRS1=${sign(key, host, rest)}=${host}=${rest}`;
}

function unwrapFirst(local: string, keys: readonly Buffer[], now: number): Unwrapped {
  const [, hash = '', day = '', domain = '', original = ''] = SRS0.exec(local) ?? [];
  if (!isSigned(keys, hash, day, domain, original)) return { kind: 'forged' };
  if (!isRecent(day, now)) return { kind: 'expired' };
  return toUnwrapped(original, domain);
}

// The first forwarder's own address says how old it is; it will judge that.
function unwrapSecond(local: string, keys: readonly Buffer[]): Unwrapped {
  const [, hash = '', host = '', rest = ''] = SRS1.exec(local) ?? [];
  return isSigned(keys, hash, host, rest) ? toUnwrapped(`SRS0${rest}`, host) : { kind: 'forged' };
}

function toUnwrapped(local: string, domain: string): Unwrapped {
  const name = domain.toLowerCase();
  const address = isDomainName(name) ? parseAddress(`${quoted(local)}@${name}`) : null;
  return address === null ? { kind: 'forged' } : { kind: 'address', address };
}

/** Without regard to case: servers on the way may change it. A NUL parts what is signed: it is in no address. */
function sign(key: Buffer, ...parts: readonly string[]): string {
  const digest = createHmac('sha256', key).update(parts.join('\0').toLowerCase()).digest();
  let hash = '';
  let bits = digest.readUIntBE(0, 5);
  for (let at = 0; at < HASH_CHARACTERS; at += 1) {
    hash += BASE32.charAt(bits % 32);
    bits = Math.floor(bits / 32);
  }
  return hash;
}

function isSigned(keys: readonly Buffer[], hash: string, ...parts: readonly string[]): boolean {
  const given = Buffer.from(hash.toLowerCase());
  if (given.length !== HASH_CHARACTERS) return false;
  let signed = false;
  // All keys, whichever fits: how long it takes says nothing.
  for (const key of keys) signed = timingSafeEqual(Buffer.from(sign(key, ...parts)), given) || signed;
  return signed;
}

function dayNumber(now: number): number {
  return Math.floor(now / DAY) % DAYS;
}

function dayOf(now: number): string {
  const day = dayNumber(now);
  return BASE32.charAt(day >> 5) + BASE32.charAt(day & 31);
}

function isRecent(day: string, now: number): boolean {
  const lower = day.toLowerCase();
  const signed = BASE32.indexOf(lower.charAt(0)) * 32 + BASE32.indexOf(lower.charAt(1));
  const age = (dayNumber(now) - signed + DAYS) % DAYS;
  // A day ahead: machines whose clocks differ a little around midnight.
  return age <= VALID_DAYS || age === DAYS - 1;
}

/** The text of a local part: quotes and backslashes of a quoted string undone. */
function unquoted(localPart: string): string {
  return localPart.startsWith('"') ? localPart.slice(1, -1).replace(/\\(.)/gs, '$1') : localPart;
}

/** As a local part: quoted where it is no dot-string (parseAddress judges the rest). */
function quoted(text: string): string {
  const plain = parseAddress(`${text}@a.example`);
  return plain !== null && plain.localPart === text && !text.startsWith('"')
    ? text
    : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
