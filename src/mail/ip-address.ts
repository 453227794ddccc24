// IP addresses as text, in the one form Postern keeps and compares: dotted IPv4, RFC 5952 IPv6 without brackets or zone.
// Owns that form and the way between text and octets. Never opens a socket.
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** The canonical text of an IPv4 or IPv6 address without brackets; null if it is none (zones `%eth0` are none). */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes('%')) return null;
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

/** 4 or 16 octets of a canonical address. */
export function addressBytes(address: string): Uint8Array {
  return isIPv4(address) ? Uint8Array.from(address.split('.'), Number) : ipv6Bytes(address);
}

function ipv6Bytes(address: string): Uint8Array {
  const dotted = address.lastIndexOf(':') + 1;
  const tail = address.includes('.') ? addressBytes(address.slice(dotted)) : null;
  const groups = tail === null ? address : `${address.slice(0, dotted)}${hex(tail, 0)}:${hex(tail, 2)}`;
  const [head = '', rest] = groups.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const bytes = new Uint8Array(16);
  left.forEach((group, index) => writeGroup(bytes, index, group));
  right.forEach((group, index) => writeGroup(bytes, 8 - right.length + index, group));
  return bytes;
}

function writeGroup(bytes: Uint8Array, index: number, group: string): void {
  const value = Number.parseInt(group, 16);
  bytes[2 * index] = value >> 8;
  bytes[2 * index + 1] = value & 0xff;
}

function hex(bytes: Uint8Array, at: number): string {
  return (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16);
}

/** Canonical text of 4 or 16 octets. */
export function printAddressBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => hex(bytes, 2 * index));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}
