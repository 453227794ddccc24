// Content-Type and Content-Disposition: a value and its parameters, RFC 2045 §5.1 with RFC 2231's continuations and
// charsets and RFC 2047's encoded words where mailers put them against the rules. Owns reading them; promises bounded
// results for any input and never fails: what makes no sense is left out.
import { decodeEncodedWords } from './encoded-word.ts';

const MAX_PARAMETERS = 50;
const MAX_VALUE = 1024;

export interface StructuredField {
  /** Lower case, without parameters: `text/plain`, `attachment`. */
  readonly value: string;
  /** Names in lower case; values decoded. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** `text` is the field's value with folds undone. */
export function readStructuredField(text: string): StructuredField {
  const end = text.indexOf(';');
  const value = stripComments(end < 0 ? text : text.slice(0, end))
    .trim()
    .toLowerCase();
  return { value, parameters: end < 0 ? new Map() : readParameters(text.slice(end + 1)) };
}

function stripComments(text: string): string {
  return text.includes('(') ? text.replace(/\([^()]*\)/g, '') : text;
}

// One parameter: name, `=`, a quoted string or anything up to the semicolon (mailers leave quotes out).
const PARAMETER = /([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))/gs;

interface Section {
  readonly text: string;
  /** RFC 2231 §4: percent-encoded. */
  readonly encoded: boolean;
}

function readParameters(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, Map<number, Section>>();
  let count = 0;
  for (const [, name = '', quoted, plain] of text.matchAll(PARAMETER)) {
    count += 1;
    if (count > MAX_PARAMETERS) break;
    const value = quoted === undefined ? (plain ?? '').trim() : quoted.replace(/\\(.)/gs, '$1');
    const [, base = '', number, star] = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/.exec(name.toLowerCase()) ?? [];
    if (base === '') continue;
    const parts = sections.get(base) ?? new Map<number, Section>();
    sections.set(base, parts);
    // RFC 2231 §3: sections in any order; the first of a number counts, and the form with a charset before the plain one.
    const at = number === undefined ? 0 : Number(number);
    const known = parts.get(at);
    if (known === undefined || (star !== undefined && !known.encoded)) {
      parts.set(at, { text: value.slice(0, MAX_VALUE), encoded: star !== undefined });
    }
  }
  return new Map([...sections].map(([name, parts]) => [name, joinSections(parts)]));
}

function joinSections(parts: ReadonlyMap<number, Section>): string {
  const first = parts.get(0);
  if (first === undefined) return '';
  if (parts.size === 1 && !first.encoded) return decodeEncodedWords(first.text, MAX_VALUE);
  const [, charset, rest] = first.encoded ? (/^([^']*)'[^']*'(.*)$/s.exec(first.text) ?? []) : [];
  const bytes: Buffer[] = [];
  for (let at = 0; at < MAX_PARAMETERS; at += 1) {
    const section = parts.get(at);
    if (section === undefined) break;
    const text = at === 0 && rest !== undefined ? rest : section.text;
    bytes.push(section.encoded ? percentDecode(text) : Buffer.from(text));
  }
  return decodeCharset(Buffer.concat(bytes), charset ?? 'utf-8').slice(0, MAX_VALUE);
}

function percentDecode(text: string): Buffer {
  const latin1 = Buffer.from(text).toString('latin1');
  return Buffer.from(
    latin1.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    'latin1',
  );
}

/** Octets as text; a charset that isn't known is read as UTF-8 where that is valid, else as Latin-1. */
export function decodeCharset(bytes: Uint8Array, charset: string): string {
  const label = charset.trim().toLowerCase();
  if (label !== '' && label !== 'us-ascii') {
    try {
      return new TextDecoder(label).decode(bytes);
    } catch {
      // An unknown label: RangeError.
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}
