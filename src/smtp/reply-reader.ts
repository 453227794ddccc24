// Reads a server's replies from the wire: RFC 5321 §4.2.1. Owns cutting and limits; promises that a hostile server can
// neither fill the memory nor smuggle control characters into what is shown. Bare LF is taken as a line's end here: it
// changes nothing but the look of a text.
import { leadingEnhancedStatus, type EnhancedStatus } from '#mail/enhanced-status.ts';
import type { SmtpReply } from '#mail/smtp-reply.ts';

/** RFC 5321 §4.5.3.1.5 says 512 octets; servers explain themselves at more length. */
const MAX_LINE = 4096;
const MAX_LINES = 200;
const NON_ASCII = /[^\0-\x7f]/;
const LINE = /^([2-5]\d\d)(?:([ -])(.*))?$/s;

export class ReplyReader {
  #rest = '';
  #code = 0;
  #enhanced: EnhancedStatus | null = null;
  #lines: string[] = [];

  /** Nothing of a reply is waiting for its end. */
  get empty(): boolean {
    return this.#rest === '' && this.#lines.length === 0;
  }

  /** Gives every reply that ends in the chunk to `onReply`; returns what is wrong with the input, or null. */
  push(chunk: Buffer, onReply: (reply: SmtpReply) => void): string | null {
    const text = this.#rest === '' ? chunk.toString('latin1') : this.#rest + chunk.toString('latin1');
    let at = 0;
    for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', at)) {
      const end = text.charCodeAt(feed - 1) === 0x0d && feed > at ? feed - 1 : feed;
      const wrong =
        end - at > MAX_LINE ? 'a reply line is too long' : this.#line(text.slice(at, end), onReply);
      if (wrong !== null) return wrong;
      at = feed + 1;
    }
    this.#rest = at === text.length ? '' : text.slice(at);
    return this.#rest.length > MAX_LINE ? 'a reply line is too long' : null;
  }

  #line(line: string, onReply: (reply: SmtpReply) => void): string | null {
    const parts = LINE.exec(line);
    if (parts === null) return `not a reply: ${JSON.stringify(line.slice(0, 100))}`;
    const code = Number(parts[1]);
    if (this.#lines.length === 0) this.#code = code;
    else if (this.#code !== code) return `a reply changes its code from ${this.#code} to ${code}`;
    this.#lines.push(this.#text(parts[3] ?? '', code));
    if (parts[2] === '-') return this.#lines.length >= MAX_LINES ? 'a reply has too many lines' : null;
    const reply = { code, enhanced: this.#enhanced, lines: this.#lines };
    this.#lines = [];
    this.#enhanced = null;
    onReply(reply);
    return null;
  }

  /** The line's text without the enhanced status, which every line repeats (RFC 2034 §4). */
  #text(raw: string, code: number): string {
    const text = NON_ASCII.test(raw) ? Buffer.from(raw, 'latin1').toString('utf8') : raw;
    const enhanced = leadingEnhancedStatus(text, code);
    if (enhanced === null) return text;
    this.#enhanced ??= enhanced;
    return text.slice(enhanced.length + 1);
  }
}
