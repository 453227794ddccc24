// The header with which a proxy in front of the server says for whom it speaks: the PROXY protocol, versions 1 and 2, as
// HAProxy's specification has them. Owns the octets before the first SMTP reply; promises that they are bounded and that
// anything but a header is told apart. Believes nobody: who may send one is decided by the caller.
import { canonicalAddress, printAddressBytes } from '#mail/ip-address.ts';
import type { SmtpPeer } from './session-handler.ts';

/** `ends` null: the proxy speaks for itself (a health check), or doesn't know the client. */
export type ProxyHeader =
  | {
      readonly kind: 'header';
      readonly ends: { readonly peer: SmtpPeer; readonly local: SmtpPeer } | null;
      /** Octets behind the header. */
      readonly rest: Buffer;
    }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed' };

const INCOMPLETE: ProxyHeader = Object.freeze({ kind: 'incomplete' });
const MALFORMED: ProxyHeader = Object.freeze({ kind: 'malformed' });

/** The specification, §2.1: the longest line of version 1, CRLF included. */
const MAX_LINE = 107;
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED = 16;
/** Addresses and extensions of version 2; proxies send some hundred octets at most. */
const MAX_BLOCK = 4096;

/** Reads what has come so far, from the first octet of the connection. */
export function readProxyHeader(input: Buffer): ProxyHeader {
  const common = Math.min(input.length, SIGNATURE.length);
  if (input.subarray(0, common).equals(SIGNATURE.subarray(0, common))) return readBinary(input);
  return readLine(input);
}

function readLine(input: Buffer): ProxyHeader {
  const start = input.toString('latin1', 0, 6);
  if (!'PROXY '.startsWith(start)) return MALFORMED;
  const feed = input.indexOf(0x0a);
  if (feed < 0) return input.length < MAX_LINE ? INCOMPLETE : MALFORMED;
  if (feed >= MAX_LINE || input[feed - 1] !== 0x0d) return MALFORMED;
  const rest = input.subarray(feed + 1);
  const words = input.toString('latin1', 0, feed - 1).split(' ');
  // §2.1: behind UNKNOWN anything may stand.
  if (words[1] === 'UNKNOWN') return { kind: 'header', ends: null, rest };
  const [, family, source = '', destination = '', sourcePort = '', destinationPort = '', ...more] = words;
  const peer = toEnd(family, source, sourcePort);
  const local = toEnd(family, destination, destinationPort);
  if (peer === null || local === null || more.length > 0) return MALFORMED;
  return { kind: 'header', ends: { peer, local }, rest };
}

function toEnd(family: string | undefined, address: string, port: string): SmtpPeer | null {
  const canonical = canonicalAddress(address);
  if (canonical === null || family !== (canonical.includes(':') ? 'TCP6' : 'TCP4')) return null;
  if (!/^(?:0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65_535) return null;
  return { address: canonical, port: Number(port) };
}

/** §2.2: signature, version and command, family and transport, length, then addresses and extensions. */
function readBinary(input: Buffer): ProxyHeader {
  if (input.length < FIXED) return INCOMPLETE;
  const [versionAndCommand, family, length] = [input[12], input[13], input.readUInt16BE(14)];
  const isLocal = versionAndCommand === 0x20;
  if ((!isLocal && versionAndCommand !== 0x21) || length > MAX_BLOCK) return MALFORMED;
  if (input.length < FIXED + length) return INCOMPLETE;
  const block = input.subarray(FIXED, FIXED + length);
  const rest = input.subarray(FIXED + length);
  const octets = family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  // Sockets without addresses (UNSPEC, UNIX) say nothing about the client.
  if (isLocal || octets === 0) return { kind: 'header', ends: null, rest };
  if (length < 2 * octets + 4) return MALFORMED;
  const end = (at: number, portAt: number): SmtpPeer => ({
    address: plainAddress(block.subarray(at, at + octets)),
    port: block.readUInt16BE(portAt),
  });
  return {
    kind: 'header',
    ends: { peer: end(0, 2 * octets), local: end(octets, 2 * octets + 2) },
    rest,
  };
}

/** IPv4 is never shown as mapped into IPv6. */
function plainAddress(octets: Buffer): string {
  const isMapped =
    octets.length === 16 &&
    octets.subarray(0, 10).every((octet) => octet === 0) &&
    octets.readUInt16BE(10) === 0xffff;
  return printAddressBytes(isMapped ? octets.subarray(12) : octets);
}
