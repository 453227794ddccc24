// Ranges of IP addresses as administrators write them (address, `first-last`, CIDR), and which of many hold an address:
// a search in a balanced tree, so ten thousand ranges cost some twenty comparisons. IPv4 in IPv6's clothes
// (::ffff:192.0.2.1) is IPv4. Pure.
import { isIPv4 } from 'node:net';
import { addressBytes, canonicalAddress } from '#mail/ip-address.ts';

/** An address as a number that can be compared: IPv4 in 32 bits, IPv6 in 128. */
export interface NumericAddress {
  readonly family: 4 | 6;
  readonly value: number | bigint;
}

export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: number | bigint;
  readonly last: number | bigint;
}

const MAPPED = /^(?:0*:)*:?(?:0*:)*ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** null: the text is no address. A zone (`%eth0`) is no part of the address. */
export function numericAddress(text: string): NumericAddress | null {
  const plain = text.includes('%') ? text.slice(0, text.indexOf('%')) : text;
  if (isIPv4(plain)) return ipv4(plain);
  const canonical = canonicalAddress(plain);
  if (canonical === null) return null;
  const mapped = MAPPED.exec(canonical);
  if (mapped !== null) return ipv4(mapped[1] ?? '');
  let value = 0n;
  for (const octet of addressBytes(canonical)) value = (value << 8n) | BigInt(octet);
  return { family: 6, value };
}

function ipv4(text: string): NumericAddress {
  let value = 0;
  for (const octet of text.split('.')) value = value * 256 + Number(octet);
  return { family: 4, value };
}

/** Reads an address, `first-last` or `address/prefix`; null if it is none of them. */
export function parseAddressRange(text: string): AddressRange | null {
  const dash = text.indexOf('-');
  if (dash >= 0)
    return between(numericAddress(text.slice(0, dash).trim()), numericAddress(text.slice(dash + 1).trim()));
  const slash = text.indexOf('/');
  const address = numericAddress(slash < 0 ? text.trim() : text.slice(0, slash).trim());
  if (address === null) return null;
  if (slash < 0) return { family: address.family, first: address.value, last: address.value };
  const prefix = text.slice(slash + 1).trim();
  return /^\d{1,3}$/.test(prefix) ? network(address, Number(prefix)) : null;
}

function between(first: NumericAddress | null, last: NumericAddress | null): AddressRange | null {
  if (first === null || last === null || first.family !== last.family || first.value > last.value)
    return null;
  return { family: first.family, first: first.value, last: last.value };
}

function network(address: NumericAddress, prefix: number): AddressRange | null {
  if (address.family === 4) {
    if (prefix > 32) return null;
    const size = 2 ** (32 - prefix);
    const first = Math.floor(Number(address.value) / size) * size;
    return { family: 4, first, last: first + size - 1 };
  }
  if (prefix > 128) return null;
  const size = 1n << BigInt(128 - prefix);
  const first = (BigInt(address.value) / size) * size;
  return { family: 6, first, last: first + size - 1n };
}

/** How many addresses a range holds; for "the narrower range wins". */
export function rangeWidth(range: AddressRange): number {
  return range.family === 4
    ? Number(range.last) - Number(range.first)
    : Number(BigInt(range.last) - BigInt(range.first));
}

export interface RangeIndex<T> {
  /** Calls `visit` for each range that holds the address, in no order. */
  visit(address: NumericAddress, visit: (value: T, range: AddressRange) => void): void;
  readonly size: number;
}

interface Placed<T> {
  readonly range: AddressRange;
  readonly value: T;
}

export function createRangeIndex<T>(placed: readonly Placed<T>[]): RangeIndex<T> {
  const trees = [4, 6].map((family) => createTree(placed.filter(({ range }) => range.family === family)));
  return {
    size: placed.length,
    visit(address, visit) {
      trees[address.family === 4 ? 0 : 1]?.(address.value, visit);
    },
  };
}

interface Node<T> extends Placed<T> {
  readonly before: Node<T> | null;
  readonly behind: Node<T> | null;
  /** The largest `last` in this part of the tree. */
  readonly reach: number | bigint;
}

type Visitor<T> = (value: T, range: AddressRange) => void;

/** A balanced tree, by `first`. */
function createTree<T>(unsorted: readonly Placed<T>[]): (value: number | bigint, visit: Visitor<T>) => void {
  const root = buildTree([...unsorted].sort((a, b) => compare(a.range.first, b.range.first)));
  return (value, visit) => search(root, value, visit);
}

function buildTree<T>(sorted: readonly Placed<T>[]): Node<T> | null {
  const middle = sorted.length >>> 1;
  const placed = sorted[middle];
  if (placed === undefined) return null;
  const before = buildTree(sorted.slice(0, middle));
  const behind = buildTree(sorted.slice(middle + 1));
  let reach = placed.range.last;
  for (const part of [before, behind]) if (part !== null && part.reach > reach) reach = part.reach;
  return { ...placed, before, behind, reach };
}

function search<T>(node: Node<T> | null, value: number | bigint, visit: Visitor<T>): void {
  if (node === null || node.reach < value) return;
  search(node.before, value, visit);
  if (node.range.first > value) return;
  if (node.range.last >= value) visit(node.value, node.range);
  search(node.behind, value, visit);
}

function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
