// Finds a serial number among the entries of a revocation list: the entries as they came, and a table of their places by
// hash. A list with a million entries is two buffers, not a million objects; both are shared memory, so that every
// thread looks into the same ones. Building yields to the event loop; looking up compares the octets themselves.
import { readExtension } from './certificate-extensions.ts';
import { DerError, DerReader, inside, TAG, type DerElement } from './der.ts';
import { UnusableList } from './revocation-list.ts';

export interface SerialIndex {
  /** revokedCertificates' content, DER. Shared memory. */
  readonly entries: Uint8Array;
  /** Open addressing: offset + 1 of the entry, 0 where free; a power of two, at most half full. Shared memory. */
  readonly table: Uint32Array;
}

const BATCH = 20_000;

/** Throws DerError or UnusableList. `pause` lets others run, about every 5 ms. */
export async function buildSerialIndex(source: Uint8Array, pause: () => Promise<void>): Promise<SerialIndex> {
  const entries = new Uint8Array(new SharedArrayBuffer(source.length));
  entries.set(source);
  const reader = new DerReader(entries);
  let count = 0;
  while (reader.next()) if (++count % BATCH === 0) await pause();
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, count * 2)));
  const table = new Uint32Array(new SharedArrayBuffer(size * Uint32Array.BYTES_PER_ELEMENT));
  const entry = new DerReader(entries);
  reader.over(0, entries.length);
  for (let done = 1; reader.next(); done++) {
    if (reader.tag !== TAG.sequence) throw new DerError('an entry of the list is not a sequence');
    entry.over(reader.contentStart, reader.contentEnd);
    if (!entry.next() || entry.tag !== TAG.integer)
      throw new DerError('an entry of the list has no serial number');
    let slot = hashOf(entries, entry.contentStart, entry.contentEnd) & (size - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (size - 1);
    table[slot] = reader.start + 1;
    entry.next();
    if (entry.next()) refuseUnknownCritical(entry.element());
    if (done % BATCH === 0) await pause();
  }
  return { entries, table };
}

/** RFC 5280 §5.3: a critical entry extension that isn't understood makes the list useless. */
function refuseUnknownCritical(extensions: DerElement): void {
  const list = inside(extensions);
  while (list.next()) {
    const { id, critical } = readExtension(list.element());
    if (critical && id !== '2.5.29.21' && id !== '2.5.29.24') {
      throw new UnusableList(`an entry has a critical extension that Postern doesn't know (${id})`);
    }
  }
}

/** The entry with that serial number (the integer's octets as encoded), or null. */
export function findSerial(index: SerialIndex, serial: Uint8Array): DerElement | null {
  const { entries, table } = index;
  if (entries.length === 0) return null;
  const mask = table.length - 1;
  let slot = hashOf(serial, 0, serial.length) & mask;
  for (let place = table[slot] ?? 0; place !== 0; place = table[slot] ?? 0) {
    const reader = new DerReader(entries, place - 1);
    reader.next();
    const found = reader.element();
    const number = inside(found).expect(TAG.integer);
    if (isEqual(entries, number.contentStart, number.end, serial)) return found;
    slot = (slot + 1) & mask;
  }
  return null;
}

function isEqual(entries: Uint8Array, start: number, end: number, serial: Uint8Array): boolean {
  if (end - start !== serial.length) return false;
  for (let i = 0; i < serial.length; i++) if (entries[start + i] !== serial[i]) return false;
  return true;
}

/** FNV-1a, with a final mix so that the low bits depend on all octets. */
function hashOf(octets: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (octets[i] ?? 0), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
