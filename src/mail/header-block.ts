// The header block of a message, as octets: RFC 5322 §2.2. Owns finding it, walking its fields, the facts that ingress
// reads once, and edits; promises that what an edit doesn't touch stays byte for byte (DKIM). A line that is no field
// belongs to no field and is kept. All of it is linear in the block's length. Never looks at the body.
import { decodeEncodedWords, rawHeaderText } from './encoded-word.ts';
import type { HeaderFacts } from './message.ts';

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const BLANK_LINE = Buffer.from('\r\n\r\n');
const MAX_SUBJECT = 512;
const MAX_MESSAGE_ID = 512;
const MAX_VALUE = 8192;

/** What an edit does with a field: leave it, drop it, or print it anew with another name, another value or both. */
export type FieldEdit = 'keep' | 'remove' | { readonly name?: string; readonly value?: string };

/**
 * One field. `nameEnd` is behind the name (white space before the colon left out), `valueStart` behind the colon, `end`
 * behind the last CRLF. Returning false ends the walk.
 */
export type FieldVisitor = (
  start: number,
  nameEnd: number,
  valueStart: number,
  end: number,
) => boolean | void;

/** Where the header block ends: behind the CRLF of its last line, before the blank line; all of it if none is there. */
export function headerEnd(content: Uint8Array): number {
  if (content[0] === CR && content[1] === LF) return 0;
  const blank = view(content).indexOf(BLANK_LINE);
  return blank < 0 ? content.length : blank + 2;
}

/** Whether content begins with a header field or a blank line; if not, a blank line must follow what is put before it. */
export function beginsWithHeader(content: Uint8Array): boolean {
  if (content[0] === CR && content[1] === LF) return true;
  const nameEnd = endOfName(content, 0, content.length);
  return nameEnd > 0 && colonAfter(content, nameEnd, content.length) > 0;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Behind the printable characters other than the colon that begin at `at` (RFC 5322 §3.6.8 ftext). */
function endOfName(bytes: Uint8Array, at: number, limit: number): number {
  let index = at;
  while (index < limit) {
    const octet = bytes[index] ?? 0;
    if (octet <= 0x20 || octet >= 0x7f || octet === COLON) break;
    index += 1;
  }
  return index;
}

/** Position of the colon, white space before it skipped (RFC 5322 §4.5, obsolete syntax); -1: there is none. */
function colonAfter(bytes: Uint8Array, at: number, limit: number): number {
  let index = at;
  while (index < limit && (bytes[index] === 0x20 || bytes[index] === 0x09)) index += 1;
  return index < limit && bytes[index] === COLON ? index : -1;
}

/** Behind the next LF. */
function endOfLine(bytes: Uint8Array, at: number): number {
  const feed = bytes.indexOf(LF, at);
  return feed < 0 ? bytes.length : feed + 1;
}

/** Walks the fields up to the blank line or the end; returns where the blank line stands (or the length). */
export function visitFields(content: Uint8Array, visit: FieldVisitor): number {
  let start = 0;
  while (start < content.length) {
    if (content[start] === CR && content[start + 1] === LF) return start;
    const nameEnd = endOfName(content, start, content.length);
    const colon = nameEnd > start ? colonAfter(content, nameEnd, content.length) : -1;
    let end = endOfLine(content, nameEnd);
    while (content[end] === 0x20 || content[end] === 0x09) end = endOfLine(content, end);
    if (colon > 0 && visit(start, nameEnd, colon + 1, end) === false) return start;
    start = end;
  }
  return content.length;
}

/** Whether the octets are this name (lower case) without regard to case. */
function isName(content: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  return startsWithName(content, start, name);
}

function startsWithName(content: Uint8Array, start: number, name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const octet = content[start + index] ?? 0;
    const lower = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
    if (lower !== name.charCodeAt(index)) return false;
  }
  return true;
}

const EXCHANGE = 'x-ms-exchange-';
const EXCHANGE_FAMILIES: readonly string[] = ['organization-', 'crosspremises-', 'forest-'];

function isExchangeName(content: Uint8Array, start: number, end: number): boolean {
  if (end - start <= EXCHANGE.length || !startsWithName(content, start, EXCHANGE)) return false;
  const rest = start + EXCHANGE.length;
  return EXCHANGE_FAMILIES.some(
    (family) => end - rest >= family.length && startsWithName(content, rest, family),
  );
}

/** Reads what HeaderFacts hold in one pass over the header of `content` (which may go on with the body). */
export function readHeaderFacts(content: Uint8Array): HeaderFacts {
  let subject: string | null = null;
  let messageId: string | null = null;
  let hopCount = 0;
  let exchangeHeaders = false;
  visitFields(content, (start, nameEnd, valueStart, end) => {
    switch ((content[start] ?? 0) | 0x20) {
      case 0x73: // s
        if (subject === null && isName(content, start, nameEnd, 'subject')) {
          subject = decodeEncodedWords(
            rawHeaderText(content.subarray(valueStart, end), MAX_VALUE),
            MAX_VALUE,
          ).slice(0, MAX_SUBJECT);
        }
        break;
      case 0x6d: // m
        if (messageId === null && isName(content, start, nameEnd, 'message-id')) {
          messageId = rawHeaderText(content.subarray(valueStart, end), MAX_MESSAGE_ID).slice(
            0,
            MAX_MESSAGE_ID,
          );
        }
        break;
      case 0x72: // r
        if (isName(content, start, nameEnd, 'received')) hopCount += 1;
        break;
      case 0x78: // x
        exchangeHeaders ||= isExchangeName(content, start, nameEnd);
        break;
    }
  });
  return { subject: subject ?? '', messageId: messageId ?? '', hopCount, exchangeHeaders };
}

/** Values of the fields of this name (without regard to case), unfolded and decoded, at most `limit` of them. */
export function fieldValues(content: Uint8Array, name: string, limit = 100): readonly string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  visitFields(content, (start, nameEnd, valueStart, end) => {
    if (!isName(content, start, nameEnd, wanted)) return true;
    values.push(decodeEncodedWords(rawHeaderText(content.subarray(valueStart, end), MAX_VALUE), MAX_VALUE));
    return values.length < limit;
  });
  return values;
}

/**
 * A new header block: `prepend` (whole fields, each ending in CRLF), then the fields as `decide` wants them. `header` ends
 * where headerEnd says. Nothing to do: the same array comes back. Names and values that are put in must hold no
 * line break; the value is printed behind `: `.
 */
export function editHeader(
  header: Uint8Array,
  decide: (name: string) => FieldEdit,
  prepend = '',
): Uint8Array {
  const bytes = view(header);
  const parts: Uint8Array[] = prepend === '' ? [] : [Buffer.from(prepend)];
  let kept = 0;
  visitFields(bytes, (start, nameEnd, valueStart, fieldEnd) => {
    const edit = decide(bytes.toString('latin1', start, nameEnd));
    if (edit === 'keep') return;
    if (start > kept) parts.push(bytes.subarray(kept, start));
    kept = fieldEnd;
    if (edit !== 'remove') pushEdited(parts, bytes, edit, [start, nameEnd, valueStart, fieldEnd]);
  });
  if (kept === 0 && parts.length === 0) return header;
  if (kept < bytes.length) parts.push(bytes.subarray(kept));
  return Buffer.concat(parts);
}

function pushEdited(
  parts: Uint8Array[],
  bytes: Buffer,
  edit: Exclude<FieldEdit, string>,
  [start, nameEnd, valueStart, fieldEnd]: readonly [number, number, number, number],
): void {
  if (edit.name === undefined) parts.push(bytes.subarray(start, nameEnd));
  else parts.push(Buffer.from(singleLine(edit.name), 'latin1'));
  if (edit.value === undefined) parts.push(bytes.subarray(nameEnd, fieldEnd));
  else
    parts.push(Buffer.from(`${bytes.toString('latin1', nameEnd, valueStart)} ${singleLine(edit.value)}\r\n`));
}

function singleLine(text: string): string {
  if (/[\r\n]/.test(text)) throw new TypeError('A header field that is put in must hold no line break.');
  return text;
}
