// The body of one MIME part: the size of an attachment once decoded, or the words of a text. Keeps no more of the body
// than the text that is wanted. Never fails: octets that don't belong in an encoding are passed over, as decoders do.
import { htmlToText } from './html-text.ts';
import { decodeCharset } from './mime-parameters.ts';
import type { PartHeader } from './mime-part-header.ts';

export interface Attachment {
  /** Without a path; empty where it has none. */
  readonly fileName: string;
  readonly contentType: string;
  /** Octets once decoded. */
  readonly size: number;
}

export interface BodyFacts {
  readonly attachment: Attachment | null;
  /** `octets` that count against the limit; `cut`: there was more. */
  readonly text: { readonly words: string; readonly octets: number; readonly cut: boolean } | null;
}

export interface MimeBody {
  /** A line with its line break, or a piece of a very long one. */
  write(line: Buffer): void;
  end(): BodyFacts;
}

export function createMimeBody(header: PartHeader, textLimit: number): MimeBody {
  return header.isAttachment || !header.contentType.startsWith('text/')
    ? measuredBody(header)
    : textBody(header, textLimit);
}

const CR = 0x0d;
const LF = 0x0a;
const EQUALS = 0x3d;

function lineBreakLength(line: Buffer): number {
  if (line.at(-1) !== LF) return 0;
  return line.at(-2) === CR ? 2 : 1;
}

/** Sizes without decoding: base64 carries three octets in four, quoted-printable one in three for each `=XX`. */
function measuredBody(header: PartHeader): MimeBody {
  let size = 0;
  // The line break before a boundary is not the body's: each is counted when the next line comes.
  let pending = 0;
  return {
    write(line) {
      const ending = lineBreakLength(line);
      const length = line.length - ending;
      switch (header.encoding) {
        case 'base64':
          size += base64Characters(line, length);
          break;
        case 'quoted-printable': {
          const soft = length > 0 && line[length - 1] === EQUALS;
          size += pending + length - 2 * escapes(line, length) - (soft ? 1 : 0);
          pending = soft ? 0 : ending;
          break;
        }
        case 'identity':
          size += pending + length;
          pending = ending;
          break;
      }
    },
    end() {
      if (!header.isAttachment) return { attachment: null, text: null };
      const { fileName, contentType } = header;
      const octets = header.encoding === 'base64' ? Math.floor((size * 3) / 4) : size;
      return { attachment: { fileName, contentType, size: octets }, text: null };
    },
  };
}

function base64Characters(line: Buffer, length: number): number {
  let count = length;
  while (count > 0 && ((line[count - 1] ?? 0) <= 0x20 || line[count - 1] === EQUALS)) count -= 1;
  return count;
}

function escapes(line: Buffer, length: number): number {
  let count = 0;
  for (let at = line.indexOf(EQUALS); at >= 0 && at < length - 2; at = line.indexOf(EQUALS, at + 3))
    count += 1;
  return count;
}

function textBody(header: PartHeader, limit: number): MimeBody {
  const lines: Buffer[] = [];
  let size = 0;
  let cut = false;
  // Base64 text is a third longer than what it says; quoted-printable up to three times.
  const room =
    header.encoding === 'identity' ? limit : header.encoding === 'base64' ? limit * 1.5 : limit * 3;
  return {
    write(line) {
      if (size + line.length > room) cut = true;
      if (cut) return;
      const kept = header.encoding === 'quoted-printable' ? withoutTrailingBlanks(line) : line;
      size += kept.length;
      lines.push(Buffer.from(kept));
    },
    end() {
      const decoded = decodeTransfer(Buffer.concat(lines), header.encoding);
      const kept = decoded.length > limit ? decoded.subarray(0, Math.max(0, limit)) : decoded;
      const text = decodeCharset(kept, header.charset);
      const words = header.contentType === 'text/html' ? htmlToText(text) : text;
      return {
        attachment: null,
        text: { words, octets: kept.length, cut: cut || kept.length < decoded.length },
      };
    },
  };
}

/** RFC 2045 §6.7 rule 3: blanks before the line break were added on the way. */
function withoutTrailingBlanks(line: Buffer): Buffer {
  const ending = lineBreakLength(line);
  let end = line.length - ending;
  while (end > 0 && (line[end - 1] === 0x20 || line[end - 1] === 0x09)) end -= 1;
  if (end === line.length - ending) return line;
  return Buffer.concat([line.subarray(0, end), line.subarray(line.length - ending)]);
}

function decodeTransfer(bytes: Buffer, encoding: PartHeader['encoding']): Buffer {
  if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64');
  if (encoding === 'identity') return bytes;
  return Buffer.from(
    bytes
      .toString('latin1')
      .replace(/=(?:\r?\n|([0-9a-f]{2}))/gi, (_, digits?: string) =>
        digits === undefined ? '' : String.fromCharCode(Number.parseInt(digits, 16)),
      ),
    'latin1',
  );
}
