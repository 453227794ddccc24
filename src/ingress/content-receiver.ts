// The way of a message's content from DATA to its keeping: header block first (facts read, forged trust removed, our
// Received put on top), then small contents in memory, large ones streamed to a spool file. Memory stays bounded
// whatever is sent; what fails on the way is told at the end, never in between.
import { beginsWithHeader, headerEnd, readHeaderFacts } from '#mail/header-block.ts';
import type { Content, HeaderFacts } from '#mail/message.ts';

/** More header than this is an attack or a mistake. */
export const MAX_HEADER = 262_144;

export interface Spool {
  write(chunk: Uint8Array): Promise<void> | undefined;
  finish(): Promise<Extract<Content, { kind: 'file' }>>;
  abandon(): Promise<void>;
}

export interface ReceiverParts {
  /** Octets that are kept in memory; more is streamed. */
  readonly smallLimit: number;
  readonly maxSize: number;
  readonly createSpool: () => Promise<Spool>;
  /** The Received field, with its CRLF. */
  readonly receivedField: () => string;
  /** The header as trust in the sender lets it be: cross-premises headers promoted or removed. */
  readonly trustHeader: (header: Uint8Array) => Uint8Array;
}

export interface ReceivedContent {
  readonly content: Content;
  readonly facts: HeaderFacts;
  readonly size: number;
}

export type ReceiverProblem = 'too-big' | 'header-too-big';

export class ContentReceiver {
  readonly #parts: ReceiverParts;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #received = 0;
  #size = 0;
  #facts: HeaderFacts | null = null;
  #spool: Spool | null = null;
  #problem: ReceiverProblem | null = null;
  #failure: unknown = null;
  #aborted = false;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  write(chunk: Uint8Array): Promise<void> | void {
    this.#received += chunk.length;
    if (this.#problem !== null || this.#failure !== null) return;
    if (this.#received > this.#parts.maxSize) return this.#give('too-big');
    if (this.#spool !== null) return this.#stream(this.#spool, chunk);
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held > this.#parts.smallLimit) return this.#overflow();
  }

  /** @returns what was received, or why it can't be taken; rejects where it could not be kept. */
  async finish(): Promise<ReceivedContent | ReceiverProblem> {
    if (this.#problem !== null) return this.#problem;
    if (this.#failure !== null) throw this.#failure;
    if (this.#spool !== null && this.#facts !== null) {
      const content = await this.#spool.finish();
      return { content, facts: this.#facts, size: this.#size };
    }
    return this.finishSmall();
  }

  get isSmall(): boolean {
    return this.#spool === null && this.#problem === null && this.#failure === null;
  }

  /** As finish(), at once, for a content that never left memory. */
  finishSmall(): ReceivedContent | ReceiverProblem {
    const { header, body } = this.#withTrustedHeader(this.#joined());
    if (header === null || this.#facts === null) return 'header-too-big';
    const bytes = Buffer.concat([header, body]);
    return { content: { kind: 'memory', bytes }, facts: this.#facts, size: bytes.length };
  }

  abort(): void {
    this.#aborted = true;
    this.#chunks = [];
    void this.#spool?.abandon();
  }

  #give(problem: ReceiverProblem): void {
    this.#problem = problem;
    this.#chunks = [];
    void this.#spool?.abandon();
    this.#spool = null;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first
      ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
      : Buffer.concat(this.#chunks);
  }

  /** header null: there is no end to it. The body begins with the blank line. */
  #withTrustedHeader(content: Buffer): { readonly header: Uint8Array | null; readonly body: Buffer } {
    const isHeader = beginsWithHeader(content);
    const end = isHeader ? headerEnd(content) : 0;
    if (end > MAX_HEADER || (end === content.length && end >= MAX_HEADER))
      return { header: null, body: content };
    const original = content.subarray(0, end);
    const facts = readHeaderFacts(original);
    const trusted = facts.exchangeHeaders ? this.#parts.trustHeader(original) : original;
    this.#facts = facts.exchangeHeaders ? readHeaderFacts(trusted) : facts;
    const received = Buffer.from(this.#parts.receivedField() + (isHeader ? '' : '\r\n'), 'latin1');
    return {
      header: trusted.length === 0 ? received : Buffer.concat([received, trusted]),
      body: content.subarray(end),
    };
  }

  /** Too much for memory: once the header is complete, everything goes to a file. */
  #overflow(): Promise<void> | void {
    const content = this.#joined();
    this.#chunks = [content];
    const ends = !beginsWithHeader(content) || headerEnd(content) < content.length;
    if (!ends && this.#held < MAX_HEADER) return;
    const { header, body } = this.#withTrustedHeader(content);
    if (header === null) return this.#give('header-too-big');
    return this.#openSpool(header, body);
  }

  async #openSpool(header: Uint8Array, body: Buffer): Promise<void> {
    this.#chunks = [];
    try {
      const spool = await this.#parts.createSpool();
      this.#spool = spool;
      if (this.#aborted) return await spool.abandon();
      await this.#stream(spool, header);
      await this.#stream(spool, body);
    } catch (error) {
      this.#failure = error;
    }
  }

  #stream(spool: Spool, chunk: Uint8Array): Promise<void> | void {
    this.#size += chunk.length;
    return spool.write(chunk);
  }
}
