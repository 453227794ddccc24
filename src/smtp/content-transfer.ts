// One content on its way from the wire to the sink: RFC 5321 §4.1.1.4. Owns what may be wrong with it as a whole (size,
// bare line breaks, a sink that fails); promises that such content is read to its real end before it is refused, so
// that none of it is ever taken for commands, and that the sink is ended or aborted exactly once. Lines of any length are
// taken (Postern, as Exchange; RFC 5321 §4.5.3.1.6 says 1,000 octets): nothing here holds a line.
import type { SmtpReply } from '#mail/smtp-reply.ts';
import { ContentReader } from './content-reader.ts';
import { refusals } from './refusals.ts';
import type { ContentSink } from './session-handler.ts';

/** How far beyond the size limit content is read only to be refused (Postern). */
const MAX_DISCARDED = 64 * 1024 * 1024;

export class ContentTransfer {
  readonly #reader = new ContentReader();
  readonly #limits: { readonly maxSize: number };
  readonly #onError: (error: unknown) => void;
  #sink: ContentSink | null = null;
  #refusal: SmtpReply = refusals.localError;
  #size = 0;
  #maxSize = 0;

  constructor(limits: { readonly maxSize: number }, onError: (error: unknown) => void) {
    this.#limits = limits;
    this.#onError = onError;
  }

  /** Behind the last octet that was taken from the chunk. */
  get next(): number {
    return this.#reader.next;
  }

  get done(): boolean {
    return this.#reader.done;
  }

  /** The client sends on and on what is refused already. */
  get runaway(): boolean {
    return this.#sink === null && this.#size > this.#maxSize + MAX_DISCARDED;
  }

  begin(sink: ContentSink): void {
    this.#reader.reset();
    this.#sink = sink;
    this.#size = 0;
    this.#maxSize = this.#limits.maxSize;
  }

  /** Takes what belongs to the content; a promise: the sink wants time. */
  feed(chunk: Buffer, from: number): Promise<void> | void {
    const content = this.#reader.take(chunk, from);
    this.#size += content.length;
    const sink = this.#sink;
    if (sink === null) return;
    if (this.#reader.bareLineBreak) return this.#refuse(refusals.bareLineBreak);
    if (this.#size > this.#maxSize) return this.#refuse(refusals.tooBig);
    if (content.length === 0) return;
    try {
      const written = sink.write(content);
      return written?.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The end of data was read: the reply to it. */
  finish(): SmtpReply | Promise<SmtpReply> {
    const sink = this.#sink;
    this.#sink = null;
    return sink === null ? this.#refusal : sink.end();
  }

  /** The connection is gone. */
  abort(): void {
    this.#sink?.abort();
    this.#sink = null;
  }

  #fail(error: unknown): void {
    this.#onError(error);
    this.#refuse(refusals.localError);
  }

  #refuse(refusal: SmtpReply): void {
    this.#refusal = refusal;
    this.abort();
  }
}
