// Doubles the dots that begin lines of content on its way out: RFC 5321 §4.5.2. Owns stuffing and the end of data;
// promises that content without such lines is passed on as it is, uncopied. The content's line breaks are CRLF, which
// those who took or made it have seen to.

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const NEEDLE = Buffer.from('\r\n.');

/** Stuffs content that comes in chunks; one for each message. */
export class DotStuffer {
  #beforeLast: number | undefined = CR;
  #last: number | undefined = LF;

  /** The chunk as it must be written: itself where no line in it begins with a dot. */
  push(chunk: Buffer): Buffer {
    if (chunk.length === 0) return chunk;
    const dots = this.#leadingDots(chunk);
    this.#beforeLast = chunk.length > 1 ? chunk[chunk.length - 2] : this.#last;
    this.#last = chunk[chunk.length - 1];
    return dots.length === 0 ? chunk : doubled(chunk, dots);
  }

  /** Positions of the dots that begin lines. */
  #leadingDots(chunk: Buffer): readonly number[] {
    const dots: number[] = [];
    if (chunk[0] === DOT && this.#last === LF && this.#beforeLast === CR) dots.push(0);
    if (chunk[0] === LF && chunk[1] === DOT && this.#last === CR) dots.push(1);
    for (let at = chunk.indexOf(NEEDLE); at >= 0; at = chunk.indexOf(NEEDLE, at + 3)) dots.push(at + 2);
    return dots;
  }

  /** What ends the data (RFC 5321 §4.1.1.4), with the CRLF that the content lacked. */
  end(): string {
    return this.#last === LF && this.#beforeLast === CR ? '.\r\n' : '\r\n.\r\n';
  }
}

function doubled(chunk: Buffer, dots: readonly number[]): Buffer {
  const stuffed = Buffer.allocUnsafe(chunk.length + dots.length);
  let from = 0;
  let to = 0;
  for (const dot of dots) {
    to += chunk.copy(stuffed, to, from, dot);
    stuffed[to] = DOT;
    to += 1;
    from = dot;
  }
  chunk.copy(stuffed, to, from);
  return stuffed;
}
