// Doubles the dots that begin lines of content on its way out: RFC 5321 §4.5.2. Owns stuffing and the end of data;
// promises that content without such lines is passed on as it is, uncopied. The content's line breaks are CRLF, which
// those who took or made it have seen to.

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const NEEDLE = Buffer.from('\r\n.');
const ONE_DOT = Buffer.from('.');

/** What must follow the content that ended in these last two octets: RFC 5321 §4.1.1.4. */
export function endOfData(beforeLast: number | undefined, last: number | undefined): string {
  return last === LF && beforeLast === CR ? '.\r\n' : '\r\n.\r\n';
}

/** Stuffs content that comes in chunks; one for each message. */
export class DotStuffer {
  #beforeLast: number | undefined = CR;
  #last: number | undefined = LF;

  /** The chunk as pieces to write in order. */
  push(chunk: Buffer): readonly Buffer[] {
    if (chunk.length === 0) return [];
    let from = 0;
    const pieces: Buffer[] = [];
    if (chunk[0] === DOT && this.#atLineStart()) pieces.push(ONE_DOT);
    // `CRLF` before the chunk's first octet, or `CR` before and `LF.` in it.
    if (chunk[0] === LF && chunk[1] === DOT && this.#last === CR) {
      pieces.push(chunk.subarray(0, 1), ONE_DOT);
      from = 1;
    }
    for (let at = chunk.indexOf(NEEDLE, from); at >= 0; at = chunk.indexOf(NEEDLE, from)) {
      pieces.push(chunk.subarray(from, at + 2), ONE_DOT);
      from = at + 2;
    }
    pieces.push(from === 0 ? chunk : chunk.subarray(from));
    this.#beforeLast = chunk.length > 1 ? chunk[chunk.length - 2] : this.#last;
    this.#last = chunk[chunk.length - 1];
    return pieces;
  }

  #atLineStart(): boolean {
    return this.#last === LF && this.#beforeLast === CR;
  }

  /** What ends the data, with the CRLF that the content lacked. */
  end(): string {
    return endOfData(this.#beforeLast, this.#last);
  }
}

/** Whether whole content can be written as it is. */
export function needsStuffing(content: Buffer): boolean {
  return content[0] === DOT || content.includes(NEEDLE);
}
