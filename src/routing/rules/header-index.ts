// A header's fields by name, for rules that ask for many names: one pass over the octets, and each value decoded only when
// it is asked for. Bounded: what is beyond 10,000 fields, or 100 of one name, isn't seen.
import { decodeEncodedWords, rawHeaderText } from '#mail/encoded-word.ts';
import { visitFields } from '#mail/header-block.ts';

const MAX_FIELDS = 10_000;
const MAX_OF_A_NAME = 100;
const MAX_VALUE = 8192;

export interface HeaderIndex {
  /** Values of the fields of this name (lower case), unfolded and decoded, in order. */
  values(name: string): readonly string[];
}

export function createHeaderIndex(content: Uint8Array): HeaderIndex {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const fields = new Map<string, Uint8Array[]>();
  let count = 0;
  visitFields(bytes, (start, nameEnd, valueStart, end) => {
    count += 1;
    const name = bytes.toString('latin1', start, nameEnd).toLowerCase();
    const known = fields.get(name);
    if (known === undefined) fields.set(name, [bytes.subarray(valueStart, end)]);
    else if (known.length < MAX_OF_A_NAME) known.push(bytes.subarray(valueStart, end));
    return count < MAX_FIELDS;
  });
  return {
    values: (name) =>
      (fields.get(name) ?? []).map((raw) => decodeEncodedWords(rawHeaderText(raw, MAX_VALUE), MAX_VALUE)),
  };
}
