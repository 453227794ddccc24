// Reads DER (X.690), as much of it as certificates, revocation lists and OCSP answers use. Owns tags, lengths and the
// few value types; knows nothing of X.509. Never copies content, never builds a tree: a reader walks along the octets.
// Strict: indefinite, over-long or overrunning lengths are refused, so hostile input ends in a DerError and no more.

/** The input isn't DER, or isn't what the caller expected there. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[n]` of a context: constructed (explicit, or implicit of a structure) or primitive. */
export function contextTag(number: number, constructed = true): number {
  return (constructed ? 0xa0 : 0x80) | number;
}

/** One element; offsets are into `source`. */
export interface DerElement {
  readonly source: Uint8Array;
  readonly tag: number;
  /** Of the tag octet. */
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
}

/**
 * Walks over the elements of one level. `next()` moves; the fields then describe the element. No allocation a step:
 * a list with a million entries is read with one reader.
 */
export class DerReader {
  readonly source: Uint8Array;
  end: number;
  tag = 0;
  start: number;
  contentStart: number;
  contentEnd: number;

  constructor(source: Uint8Array, start = 0, end: number = source.length) {
    this.source = source;
    this.end = end;
    this.start = start;
    this.contentStart = start;
    this.contentEnd = start;
  }

  /** Starts over on other octets of the same source: readers can be reused in long lists. */
  over(start: number, end: number): this {
    this.end = end;
    this.start = start;
    this.contentStart = start;
    this.contentEnd = start;
    return this;
  }

  /** False at the end of the level. */
  next(): boolean {
    const at = this.contentEnd;
    if (at >= this.end) return false;
    const source = this.source;
    if (at + 2 > this.end) throw new DerError('an element is cut off');
    this.tag = source[at] ?? 0;
    if ((this.tag & 0x1f) === 0x1f) throw new DerError('multi-octet tags are not used in X.509');
    let length = source[at + 1] ?? 0;
    let content = at + 2;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 4 || content + octets > this.end) throw new DerError('bad length');
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (source[content + i] ?? 0);
      content += octets;
      if (length < 0x80 || source[at + 2] === 0) throw new DerError('length not in its shortest form');
    }
    if (content + length > this.end) throw new DerError('an element runs over the end');
    this.start = at;
    this.contentStart = content;
    this.contentEnd = content + length;
    return true;
  }

  element(): DerElement {
    return {
      source: this.source,
      tag: this.tag,
      start: this.start,
      contentStart: this.contentStart,
      end: this.contentEnd,
    };
  }

  /** Moves to the next element and insists on its tag. */
  expect(tag: number): DerElement {
    if (!this.next()) throw new DerError(`an element with tag ${tag} is missing`);
    if (this.tag !== tag) throw new DerError(`tag ${tag} expected, ${this.tag} found`);
    return this.element();
  }

  /** The next element if it has this tag (and moves past it), else null (and stays). */
  optional(tag: number): DerElement | null {
    if (this.contentEnd >= this.end || this.source[this.contentEnd] !== tag) return null;
    this.next();
    return this.element();
  }
}

/** The whole input as one element; trailing octets are refused. */
export function readDer(source: Uint8Array, tag: number = TAG.sequence): DerElement {
  const reader = new DerReader(source);
  const element = reader.expect(tag);
  if (element.end !== source.length) throw new DerError('octets after the end');
  return element;
}

/** A reader over what the element holds. */
export function inside(element: DerElement): DerReader {
  return new DerReader(element.source, element.contentStart, element.end);
}

/** The content octets; a view, not a copy. */
export function contentOf(element: DerElement): Uint8Array {
  return element.source.subarray(element.contentStart, element.end);
}

/** Tag, length and content; a view, not a copy. */
export function octetsOf(element: DerElement): Uint8Array {
  return element.source.subarray(element.start, element.end);
}

/** Dotted decimal. */
export function oidOf(element: DerElement): string {
  const content = contentOf(element);
  if (element.tag !== TAG.oid || content.length === 0 || content.length > 64)
    throw new DerError('bad object identifier');
  const parts: number[] = [];
  let value = 0;
  for (const octet of content) {
    value = value * 128 + (octet & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw new DerError('bad object identifier');
    if (octet < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  const first = parts[0] ?? 0;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...parts.slice(1)].join('.');
}

/** Small non-negative integers only (versions, path lengths, enumerations). */
export function smallIntegerOf(element: DerElement): number {
  const content = contentOf(element);
  if (content.length === 0 || content.length > 4 || ((content[0] ?? 0) & 0x80) !== 0)
    throw new DerError('bad integer');
  return content.reduce((value, octet) => value * 256 + octet, 0);
}

export function booleanOf(element: DerElement): boolean {
  if (element.tag !== TAG.boolean || element.end - element.contentStart !== 1)
    throw new DerError('bad boolean');
  return element.source[element.contentStart] !== 0;
}

/** The octets of a bit string that is made of whole octets (keys, signatures, key usage). */
export function bitStringOf(element: DerElement): Uint8Array {
  if (element.end <= element.contentStart) throw new DerError('bad bit string');
  return element.source.subarray(element.contentStart + 1, element.end);
}

/** Bit `n` of a named bit list (0 is the first). */
export function bitOf(bits: Uint8Array, n: number): boolean {
  return (((bits[n >> 3] ?? 0) >> (7 - (n & 7))) & 1) === 1;
}

/** UTCTime or GeneralizedTime in the form RFC 5280 §4.1.2.5 demands, in milliseconds since 1970. */
export function timeOf(element: DerElement): number {
  const text = asciiOf(element);
  const form =
    element.tag === TAG.utcTime
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
      : element.tag === TAG.generalizedTime
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
        : null;
  const parts = form?.exec(text)?.slice(1).map(Number);
  if (parts === undefined) throw new DerError('bad time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const fullYear = element.tag === TAG.utcTime ? (year < 50 ? 2000 + year : 1900 + year) : year;
  return Date.UTC(fullYear, month - 1, day, hour, minute, second);
}

/** Octets as Latin-1 text (IA5 strings, times). */
export function asciiOf(element: DerElement): string {
  return Buffer.from(contentOf(element)).toString('latin1');
}

/** A directory string in any of its encodings; null where it isn't one. */
export function textOf(element: DerElement): string | null {
  const content = Buffer.from(contentOf(element));
  switch (element.tag) {
    case TAG.utf8String:
      return content.toString('utf8');
    case TAG.printableString:
    case TAG.ia5String:
    case TAG.teletexString:
      return content.toString('latin1');
    case TAG.bmpString:
      return content.length % 2 === 0 ? content.swap16().toString('utf16le') : null;
    default:
      return null;
  }
}
