// Reads the content that follows DATA: RFC 5321 §4.1.1.4 and §4.5.2. Owns the end of data and dot-unstuffing; promises
// that only CRLF.CRLF ends the content, and that a bare CR or LF anywhere in it is noticed (SMTP smuggling rests on
// servers that disagree about those). Works in place on the chunks it is given, and keeps none.
import { findLineBreak, wordsOf } from './line-break.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** Where the last octet left us: at the start of a line, in a line, behind CR, behind a line's first dot, behind `.CR`. */
type State = 0 | 1 | 2 | 3 | 4;
const LINE: State = 0;
const TEXT: State = 1;
const AFTER_CR: State = 2;
const AFTER_DOT: State = 3;
const AFTER_DOT_CR: State = 4;

export class ContentReader {
  /** Behind the last octet that was taken from the chunk. */
  next = 0;
  /** CRLF.CRLF was seen; what follows `next` is the next command. */
  done = false;
  /** A CR without LF or an LF without CR was seen: the content can't be trusted to mean the same to everyone. */
  bareLineBreak = false;
  #state: State = LINE;

  /** Begins a new content. */
  reset(): void {
    this.next = 0;
    this.done = false;
    this.bareLineBreak = false;
    this.#state = LINE;
  }

  /**
   * Takes octets of `chunk` from `from` on, up to the end of data or of the chunk, and gives them without stuffing as a
   * part of the same chunk, which is compacted for it. See next, done and bareLineBreak afterwards.
   */
  take(chunk: Buffer, from: number): Buffer {
    const words = wordsOf(chunk);
    const length = chunk.length;
    let state = this.#state;
    let at = from;
    let kept = from;
    let written = from;
    while (at < length) {
      if (state === TEXT) {
        at = findLineBreak(chunk, words, at);
        if (at === length) break;
        if (chunk[at] !== CR) this.bareLineBreak = true;
        else if (at + 2 < length && chunk[at + 1] === LF && chunk[at + 2] !== DOT) at += 1;
        else state = AFTER_CR;
        at += 1;
      } else if (state === LINE) {
        if (chunk[at] === DOT) {
          written = move(chunk, kept, at, written);
          at += 1;
          kept = at;
          state = AFTER_DOT;
        } else state = TEXT;
      } else if (state === AFTER_CR) {
        if (chunk[at] === LF) {
          state = LINE;
          at += 1;
        } else {
          this.bareLineBreak = true;
          state = TEXT;
        }
      } else if (state === AFTER_DOT) {
        if (chunk[at] === CR) {
          state = AFTER_DOT_CR;
          at += 1;
        } else state = TEXT;
      } else if (chunk[at] === LF) {
        this.done = true;
        this.next = at + 1;
        return chunk.subarray(from, written);
      } else state = AFTER_CR;
    }
    this.#state = state;
    this.next = length;
    // The CR behind a dot is never content: the end of data takes it, or it is bare and the content is refused.
    const end = state === AFTER_DOT_CR ? kept : length;
    return chunk.subarray(from, move(chunk, kept, end, written));
  }
}

/** Moves octets down to `to` and says where they end there. */
function move(chunk: Buffer, start: number, end: number, to: number): number {
  if (start !== to && end > start) chunk.copyWithin(to, start, end);
  return to + end - start;
}
