// Writes DER (X.690): the counterpart of der.ts, for the certificate that Postern makes for itself and for the tests'
// certification authority. Each function gives one finished element; nothing is ever patched afterwards.
import { contextTag, TAG } from './der.ts';

/** Any element from its tag and content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const size = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([header(tag, size), ...content]);
}

function header(tag: number, size: number): Buffer {
  if (size < 0x80) return Buffer.from([tag, size]);
  const octets: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([tag, 0x80 | octets.length, ...octets]);
}

export function sequence(...content: readonly Uint8Array[]): Buffer {
  return element(TAG.sequence, ...content);
}

export function set(...content: readonly Uint8Array[]): Buffer {
  return element(TAG.set, ...content);
}

/** `[n]`, explicit or of a constructed type. */
export function context(number: number, ...content: readonly Uint8Array[]): Buffer {
  return element(contextTag(number), ...content);
}

/** `[n]`, implicit of a primitive type. */
export function contextPrimitive(number: number, content: Uint8Array): Buffer {
  return element(contextTag(number, false), content);
}

/** A non-negative integer, or the octets of one (most significant first). */
export function integer(value: number | Uint8Array): Buffer {
  let octets = typeof value === 'number' ? octetsOfNumber(value) : Buffer.from(value);
  while (octets.length > 1 && octets[0] === 0 && ((octets[1] ?? 0) & 0x80) === 0) octets = octets.subarray(1);
  if (((octets[0] ?? 0) & 0x80) !== 0) octets = Buffer.concat([Buffer.from([0]), octets]);
  return element(TAG.integer, octets);
}

function octetsOfNumber(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const part of [first * 40 + second, ...rest]) {
    const groups: number[] = [part % 128];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left % 128) | 0x80);
    octets.push(...groups);
  }
  return element(TAG.oid, Buffer.from(octets));
}

export function boolean(value: boolean): Buffer {
  return element(TAG.boolean, Buffer.from([value ? 0xff : 0]));
}

export function nullValue(): Buffer {
  return element(TAG.null);
}

export function octetString(...content: readonly Uint8Array[]): Buffer {
  return element(TAG.octetString, ...content);
}

export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return element(TAG.bitString, Buffer.from([unusedBits]), content);
}

/** A named bit list, such as KeyUsage, from the numbers of the bits that are set. */
export function namedBits(...bits: readonly number[]): Buffer {
  const last = Math.max(0, ...bits);
  const octets = Buffer.alloc((last >> 3) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return bitString(octets, 7 - (last & 7));
}

export function utf8String(text: string): Buffer {
  return element(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/** Milliseconds since 1970; UTCTime up to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function time(at: number): Buffer {
  const text = `${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return text < '2050' ? element(TAG.utcTime, Buffer.from(text.slice(2), 'latin1')) : generalizedTime(at);
}

export function generalizedTime(at: number): Buffer {
  const text = `${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return element(TAG.generalizedTime, Buffer.from(text, 'latin1'));
}

/** Extension of RFC 5280 §4.1.2.9; `value` is the DER that goes inside. */
export function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return critical
    ? sequence(oid(id), boolean(true), octetString(value))
    : sequence(oid(id), octetString(value));
}

/** A Name with a common name only. */
export function commonName(text: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8String(text))));
}
