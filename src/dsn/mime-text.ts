// The little of MIME that reports need: header text as encoded words, folding, wrapped paragraphs. Pure.
// Written by hand, as reports are made on threads that deliver mail: a MIME library would cost them megabytes for
// three flat parts whose shape never changes.

/** RFC 2047 §2: an encoded word is at most 75 characters; 45 octets make 60 of base64. */
const OCTETS_PER_WORD = 45;
const WRAP = 76;
/** RFC 5322 §2.1.1, CRLF not counted. */
const MAX_LINE = 998;
const NON_ASCII = /[^\0-\x7f]/;

/** An unstructured header value in ASCII, folded; controls become spaces. */
export function headerText(text: string): string {
  const clean = text.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
  if (!NON_ASCII.test(clean) && !clean.includes('=?')) return foldValue(clean);
  const words: string[] = [];
  let chunk = '';
  let octets = 0;
  for (const character of clean) {
    const length = Buffer.byteLength(character);
    if (octets + length > OCTETS_PER_WORD) {
      words.push(encodeWord(chunk));
      chunk = '';
      octets = 0;
    }
    chunk += character;
    octets += length;
  }
  if (chunk !== '') words.push(encodeWord(chunk));
  return words.join('\r\n ');
}

function encodeWord(text: string): string {
  return `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}

/** Folds a structured or plain value at its spaces; a piece too long for any line is cut into lines by force. */
export function foldValue(value: string): string {
  return wrap(value, WRAP - 12).join('\r\n ');
}

/** Breaks a paragraph into lines of at most 76 characters, each indented; words are cut only beyond 998. */
export function paragraph(text: string, indent = ''): string {
  return wrap(text, WRAP - indent.length)
    .map((line) => `${indent}${line}\r\n`)
    .join('');
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    // Octets count, and a character can have three of them per UTF-16 unit.
    while (line.length > MAX_LINE / 3) {
      lines.push(line.slice(0, MAX_LINE / 3));
      line = line.slice(MAX_LINE / 3);
    }
  }
  lines.push(line);
  return lines;
}
