// One entry of a connector's SmartHosts: a host name, an address, or a pool of addresses (CIDR), with a port.
// Owns its grammar (connectors.md, rule 4) and the order in which a pool's addresses are tried; what is printed parses
// back to the same entry. Never resolves a name.
import { toALabels } from './domain-name.ts';
import { addressBytes, canonicalAddress, printAddressBytes } from './ip-address.ts';

export type SmartHost =
  | { readonly kind: 'name'; readonly name: string; readonly port: number }
  | { readonly kind: 'address'; readonly address: string; readonly port: number }
  /** seed: CIDR. `address` is as written; it is tried first if it has host bits (Postern). */
  | { readonly kind: 'pool'; readonly address: string; readonly prefix: number; readonly port: number };

export type SmartHostPool = Extract<SmartHost, { kind: 'pool' }>;

const DEFAULT_PORT = 25;
/** Postern: the widest pool is 256 addresses; more is a mistyped prefix. */
const WIDEST_IPV4 = 24;
const WIDEST_IPV6 = 120;
const MAX_TEXT = 320;

const BRACKETED = /^\[(?:IPv6:)?([^\][/]*)(?:\/(\d{1,3}))?\](?:\/(\d{1,3}))?(?::(\d{1,6}))?$/i;
const PLAIN = /^([^\][/:]*)(?:\/(\d{1,3}))?(?::(\d{1,6}))?$/;
const BARE_IPV6 = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/;

/** Reads what an administrator typed; a string is the reason why it is no smart host, with the cure. */
export function parseSmartHost(text: string): SmartHost | string {
  const typed = text.trim();
  const shown = JSON.stringify(typed.slice(0, 80));
  const parts = typed.length > MAX_TEXT ? null : split(typed);
  if (parts === null) {
    return `${shown} is not a smart host: give a host name, an IPv4 or IPv6 address or a CIDR range, each with :port if it isn't 25; an IPv6 address with a port stands in brackets, as in [2001:db8::1]:2525.`;
  }
  const port = parts.port === undefined ? DEFAULT_PORT : Number(parts.port);
  if (port < 1 || port > 65_535) return `${shown} has a port out of range: use 1 to 65535.`;
  const address = canonicalAddress(parts.host);
  if (address !== null) return withAddress(shown, address, parts.prefix, port);
  if (parts.bracketed)
    return `${shown} has no IP address in its brackets: write a host name without brackets.`;
  if (parts.prefix !== undefined)
    return `${shown} has a prefix length, so an IP address must stand before the slash.`;
  const name = toALabels(parts.host);
  if (name === null) {
    return `${shown} is neither a host name nor an IP address: use labels of letters, digits and hyphens, as in mail.contoso.com, or an address such as 192.0.2.1.`;
  }
  return { kind: 'name', name, port };
}

interface Parts {
  readonly host: string;
  readonly prefix: string | undefined;
  readonly port: string | undefined;
  readonly bracketed: boolean;
}

function split(typed: string): Parts | null {
  const bracketed = BRACKETED.exec(typed);
  if (bracketed !== null) {
    if (bracketed[2] !== undefined && bracketed[3] !== undefined) return null;
    return {
      host: bracketed[1] ?? '',
      prefix: bracketed[2] ?? bracketed[3],
      port: bracketed[4],
      bracketed: true,
    };
  }
  const plain = PLAIN.exec(typed);
  if (plain !== null) return { host: plain[1] ?? '', prefix: plain[2], port: plain[3], bracketed: false };
  const bare = BARE_IPV6.exec(typed);
  return bare === null ? null : { host: bare[1] ?? '', prefix: bare[2], port: undefined, bracketed: false };
}

/** False for unspecified, multicast and broadcast addresses: connecting to 0.0.0.0 or :: reaches this very machine. */
export function isHostAddress(address: string): boolean {
  return mayBeHost(addressBytes(address));
}

function mayBeHost(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  if (bytes.length === 4) return first > 0 && first < 224;
  // RFC 4291 §2.5.5: :: and what maps or embeds an IPv4 address.
  const isIpv4 = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === bytes[11];
  if (isIpv4 && bytes[10] === 255) return mayBeHost(bytes.subarray(12));
  return first !== 255 && bytes.some((byte) => byte !== 0);
}

function withAddress(
  shown: string,
  address: string,
  prefix: string | undefined,
  port: number,
): SmartHost | string {
  const bytes = addressBytes(address);
  if (!mayBeHost(bytes)) {
    return `${shown} is not the address of a host: unspecified, multicast and broadcast addresses can't take mail.`;
  }
  const bits = bytes.length * 8;
  if (prefix === undefined || Number(prefix) === bits) return { kind: 'address', address, port };
  const widest = bytes.length === 4 ? WIDEST_IPV4 : WIDEST_IPV6;
  const length = Number(prefix);
  if (length > bits) return `${shown} has a prefix length out of range: use /${widest} to /${bits}.`;
  if (length < widest) {
    return `${shown} is too wide a range of smart hosts: the limit is /${widest} (256 addresses); use /${widest} to /${bits}, or several entries.`;
  }
  return { kind: 'pool', address, prefix: length, port };
}

/** The shortest form that parses back to the same entry: port 25 isn't printed. */
export function printSmartHost(host: SmartHost): string {
  const port = host.port === DEFAULT_PORT ? '' : `:${host.port}`;
  if (host.kind === 'name') return `${host.name}${port}`;
  const text = host.kind === 'pool' ? `${host.address}/${host.prefix}` : host.address;
  if (port === '' || !host.address.includes(':')) return `${text}${port}`;
  return host.kind === 'pool' ? `[${host.address}]/${host.prefix}${port}` : `[${text}]${port}`;
}

/**
 * The pool's addresses in the order to try them: the one that was written, if it has host bits, then the others upwards
 * (Postern). The network's and the broadcast address are no hosts (IPv4 up to /30); nor is the subnet-router anycast
 * address (RFC 4291 §2.6.1, IPv6 up to /126).
 */
export function* poolAddresses(pool: SmartHostPool): Generator<string, void, undefined> {
  const written = addressBytes(pool.address);
  const hostBits = written.length * 8 - pool.prefix;
  const size = 2 ** hostBits;
  const mask = size - 1;
  const low = written.at(-1) ?? 0;
  const first = size > 2 ? 1 : 0;
  const last = size > 2 && written.length === 4 ? size - 2 : size - 1;
  const start = low & mask;
  const startsWithWritten = start !== 0 && start >= first && start <= last;
  if (startsWithWritten) yield pool.address;
  const bytes = written.slice();
  for (let host = first; host <= last; host += 1) {
    if (startsWithWritten && host === start) continue;
    bytes[bytes.length - 1] = (low & ~mask) | host;
    yield printAddressBytes(bytes);
  }
}
