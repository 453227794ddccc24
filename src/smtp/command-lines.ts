// Cuts command lines out of the input: RFC 5321 §2.3.8 and §4.5.3.1.4. Owns the beginning of a line that waits for its
// end; promises that a line it gives holds no NUL, CR or LF, is valid UTF-8, and is no longer than allowed, and that a
// line without end costs no memory.
import type { SmtpReply } from '#mail/smtp-reply.ts';
import { refusals } from './refusals.ts';

const LF = 0x0a;
const CR = 0x0d;
/** Of a line without end, before the connection isn't worth keeping. */
const MAX_SKIPPED = 1024 * 1024;
/** NUL, CR, or beyond ASCII. */
const UNUSUAL = /[^\x01-\x0c\x0e-\x7f]/;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

export class CommandLines {
  /** Behind the last octet that was taken from the chunk. */
  next = 0;
  /** Far more came than any line may have. */
  endless = false;
  #rest: Buffer | null = null;
  #skipped = 0;

  /** Forgets the beginning of a line. */
  reset(): void {
    this.#rest = null;
    this.#skipped = 0;
  }

  /** The line that ends next in the chunk, without CRLF; a refusal where it is no line; null: its end isn't there yet. */
  take(chunk: Buffer, from: number, maxLine: number): string | SmtpReply | null {
    const feed = chunk.indexOf(LF, from);
    if (feed < 0) {
      this.next = chunk.length;
      this.#keep(chunk.subarray(from), maxLine);
      return null;
    }
    this.next = feed + 1;
    if (this.#skipped > 0) {
      this.#skipped = 0;
      return refusals.lineTooLong;
    }
    if (this.#rest === null) return readLine(chunk, from, feed, maxLine);
    const line = Buffer.concat([this.#rest, chunk.subarray(from, feed + 1)]);
    this.#rest = null;
    return readLine(line, 0, line.length - 1, maxLine);
  }

  #keep(part: Buffer, maxLine: number): void {
    const length = part.length + (this.#rest?.length ?? 0);
    if (this.#skipped > 0 || length > maxLine) {
      this.#skipped += length;
      this.#rest = null;
      this.endless = this.#skipped > MAX_SKIPPED;
      return;
    }
    // A copy: the chunk is large, and waiting lines are small.
    this.#rest = this.#rest === null ? Buffer.from(part) : Buffer.concat([this.#rest, part]);
  }
}

/** The line from `start` to its LF at `feed`. */
function readLine(bytes: Buffer, start: number, feed: number, maxLine: number): string | SmtpReply {
  if (feed - start >= maxLine) return refusals.lineTooLong;
  if (feed === start || bytes[feed - 1] !== CR) return refusals.badLine;
  const line = bytes.toString('latin1', start, feed - 1);
  return UNUSUAL.test(line) ? readUnusualLine(bytes.subarray(start, feed - 1)) : line;
}

function readUnusualLine(bytes: Buffer): string | SmtpReply {
  if (bytes.includes(0) || bytes.includes(CR)) return refusals.badLine;
  try {
    return UTF8.decode(bytes);
  } catch {
    return refusals.badUtf8;
  }
}
