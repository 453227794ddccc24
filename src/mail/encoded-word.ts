// Header text with encoded words, RFC 2047, made readable. Owns decoding; promises a bounded, well-formed text whatever
// comes in, and never fails: what can't be decoded stays as it was. Encoding is the business of those who compose mail.

const ENCODED_WORD = /=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bq])\?([^?\s]*)\?=/gi;
const UTF8 = new TextDecoder('utf-8');

interface Run {
  readonly charset: string;
  readonly bytes: Buffer[];
}

/** Decodes at most `limit` UTF-16 units of `text` (unfolded); the result is cut to the same limit. */
export function decodeEncodedWords(text: string, limit: number): string {
  const source = text.length > limit ? text.slice(0, limit) : text;
  if (!source.includes('=?')) return source;
  let decoded = '';
  let end = 0;
  let run: Run | null = null;
  for (const word of source.matchAll(ENCODED_WORD)) {
    const between = source.slice(end, word.index);
    const charset = (word[1] ?? '').toLowerCase();
    // RFC 2047 §6.2: white space between encoded words isn't shown. Words of one charset are decoded together, as many
    // mailers cut inside a character (against §5).
    const adjacent: boolean = run !== null && /^[ \t]*$/.test(between);
    if (run !== null && !(adjacent && run.charset === charset)) {
      decoded += decodeRun(run);
      run = null;
    }
    if (!adjacent) decoded += between;
    run ??= { charset, bytes: [] };
    run.bytes.push(decodeWord(word[2] ?? '', word[3] ?? ''));
    end = word.index + word[0].length;
  }
  if (run !== null) decoded += decodeRun(run);
  return (decoded + source.slice(end)).slice(0, limit).toWellFormed();
}

function decodeWord(encoding: string, text: string): Buffer {
  if (encoding === 'b' || encoding === 'B') return Buffer.from(text, 'base64');
  const quoted = text.replaceAll('_', ' ');
  return Buffer.from(
    quoted.replace(/=([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    'latin1',
  );
}

function decodeRun(run: Run): string {
  const bytes = run.bytes.length === 1 ? (run.bytes[0] ?? Buffer.alloc(0)) : Buffer.concat(run.bytes);
  if (run.charset === 'utf-8' || run.charset === 'us-ascii') return UTF8.decode(bytes);
  try {
    return new TextDecoder(run.charset).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** Raw header octets as text: UTF-8 (RFC 6532) where that is valid, else Latin-1, line folds undone, no controls. */
export function rawHeaderText(bytes: Uint8Array, limit: number): string {
  const cut = bytes.length > 4 * limit ? bytes.subarray(0, 4 * limit) : bytes;
  const buffer = Buffer.from(cut.buffer, cut.byteOffset, cut.byteLength);
  const latin1 = buffer.toString('latin1');
  const ascii = !/[^\0-\x7f]/.test(latin1);
  const text = ascii ? latin1 : wideText(buffer, latin1);
  return /[\0-\x1f\x7f]/.test(text)
    ? text
        .replace(/\r\n(?=[ \t])/g, '')
        .replace(/[\0-\x1f\x7f]+/g, ' ')
        .trim()
    : text.trim();
}

function wideText(buffer: Buffer, latin1: string): string {
  const text = UTF8.decode(buffer);
  return text.includes('\ufffd') ? latin1 : text;
}
