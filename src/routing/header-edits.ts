// Carries out on a header what transport rules want done to it: set, remove, prefix the subject. Pure over octets; what no
// rule speaks of stays byte for byte, and what is put in is one field, whatever an administrator typed.
import { editHeader, fieldValues, headerEnd } from '#mail/header-block.ts';
import type { HeaderEdit } from './routed-group.ts';
import { prefixedSubject } from './rules/message-view.ts';

/** RFC 2047 §2: an encoded word has at most 75 characters; these many octets of text fit beside `=?UTF-8?B??=`. */
const ENCODED_OCTETS = 45;
const MAX_VALUE = 8192;

/** `content` may be the header block or begin with it. No edits: the same array comes back. */
export function applyHeaderEdits(content: Uint8Array, edits: readonly HeaderEdit[]): Uint8Array {
  if (edits.length === 0) return content;
  const end = headerEnd(content);
  let header: Uint8Array = content.subarray(0, end);
  const before = header;
  for (const edit of edits) header = applyEdit(header, edit);
  if (header === before) return content;
  return end === content.length ? header : Buffer.concat([header, content.subarray(end)]);
}

function applyEdit(header: Uint8Array, edit: HeaderEdit): Uint8Array {
  if (edit.kind === 'remove') return removeField(header, edit.name);
  if (edit.kind === 'set') return setField(header, edit.name, edit.value);
  const subject = fieldValues(header, 'subject', 1)[0] ?? '';
  const prefixed = prefixedSubject(edit.text, subject);
  return prefixed === subject ? header : setField(header, 'Subject', prefixed);
}

function removeField(header: Uint8Array, name: string): Uint8Array {
  const wanted = name.toLowerCase();
  return editHeader(header, (found) => (found.toLowerCase() === wanted ? 'remove' : 'keep'));
}

/** Exchange: the field's value is replaced where it is there (the first; others of its name go), else the field is added. */
function setField(header: Uint8Array, name: string, value: string): Uint8Array {
  if (!/^[!-9;-~]+$/.test(name)) return header;
  const wanted = name.toLowerCase();
  const encoded = encodeValue(value);
  let found = false;
  const edited = editHeader(header, (field) => {
    if (field.toLowerCase() !== wanted) return 'keep';
    if (found) return 'remove';
    found = true;
    return { value: encoded };
  });
  return found ? edited : editHeader(header, () => 'keep', `${name}: ${encoded}\r\n`);
}

/** One line of ASCII: encoded words (RFC 2047) where the text has other characters. */
function encodeValue(value: string): string {
  const text = value
    .slice(0, MAX_VALUE)
    .replace(/[\0-\x1f\x7f]+/g, ' ')
    .trim();
  if (/^[ -~]*$/.test(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text.toWellFormed()) {
    if (Buffer.byteLength(word + character) > ENCODED_OCTETS) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join(' ');
}
