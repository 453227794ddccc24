// What rules want to know of a message's content: its text and its attachments. Reads MIME (RFC 2045, 2046) as it
// streams by, in bounded memory: depth, parts, header size, line length and text have limits, and what is beyond them is
// passed over and said to be. A malformed message is read as far as it makes sense; nothing here throws.
import { type Attachment, createMimeBody, type MimeBody } from './mime-body.ts';
import { type PartHeader, readPartHeader } from './mime-part-header.ts';

export interface MimeLimits {
  readonly depth: number;
  readonly parts: number;
  /** Octets of one part's header; the rest of a longer one is passed over. */
  readonly header: number;
  /** Octets of decoded text in all parts together. */
  readonly text: number;
}

export const MIME_LIMITS: MimeLimits = { depth: 20, parts: 1000, header: 65_536, text: 1_048_576 };

export interface MimeFacts {
  readonly attachments: readonly Attachment[];
  /** The text parts, decoded, HTML as its words; up to the limit. */
  readonly text: string;
  /** The media types of all parts, lower case. */
  readonly contentTypes: ReadonlySet<string>;
  /** A limit was reached: there is more in the message than this. */
  readonly truncated: boolean;
}

export interface MimeReader {
  write(chunk: Uint8Array): void;
  end(): MimeFacts;
}

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
/** A longer line is no boundary and no header: it is taken in pieces. */
const MAX_LINE = 65_536;

/** A multipart whose boundary is looked for, or an attached message that ends with what holds it. */
type Frame =
  | { readonly kind: 'multipart'; readonly boundary: Buffer; readonly digest: boolean }
  | { readonly kind: 'message'; readonly header: PartHeader; readonly startedAt: number };

/** Give it the whole content, header first, in chunks of any size. */
export function createMimeReader(limits: MimeLimits = MIME_LIMITS): MimeReader {
  const frames: Frame[] = [];
  const attachments: Attachment[] = [];
  const contentTypes = new Set<string>();
  const texts: string[] = [];
  let headerLines: Buffer[] | null = [];
  let headerSize = 0;
  let body: MimeBody | null = null;
  let parts = 1;
  let textLeft = limits.text;
  let truncated = false;
  let consumed = 0;
  let rest: Buffer | null = null;
  let lineGoesOn = false;

  function endHeader(): void {
    const inDigest = innermostMultipart()?.digest === true;
    const header = readPartHeader(
      Buffer.concat(headerLines ?? []),
      inDigest ? 'message/rfc822' : 'text/plain',
    );
    headerLines = null;
    headerSize = 0;
    contentTypes.add(header.contentType);
    const deep = frames.length >= limits.depth;
    if (header.kind === 'multipart' && header.boundary !== null && !deep) {
      const digest = header.contentType === 'multipart/digest';
      frames.push({ kind: 'multipart', boundary: Buffer.from(`--${header.boundary}`, 'latin1'), digest });
    } else if (header.kind === 'message' && !deep) {
      frames.push({ kind: 'message', header, startedAt: consumed });
      headerLines = [];
    } else {
      if (deep && header.kind !== 'leaf') truncated = true;
      body = createMimeBody(header, textLeft);
    }
  }

  function innermostMultipart(): Extract<Frame, { kind: 'multipart' }> | undefined {
    return frames.findLast((frame) => frame.kind === 'multipart');
  }

  function endPart(): void {
    if (headerLines !== null && headerSize > 0) endHeader();
    headerLines = null;
    if (body === null) return;
    const facts = body.end();
    body = null;
    if (facts.attachment !== null) attachments.push(facts.attachment);
    if (facts.text !== null) {
      texts.push(facts.text.words);
      textLeft -= facts.text.octets;
      truncated ||= facts.text.cut;
    }
  }

  /** Leaves everything that is deeper than `depth` frames; `at` is where it ended in the content. */
  function leaveTo(depth: number, at: number): void {
    endPart();
    while (frames.length > depth) {
      const frame = frames.pop();
      if (frame?.kind !== 'message') continue;
      const { fileName, contentType } = frame.header;
      attachments.push({ fileName, contentType, size: Math.max(0, at - frame.startedAt) });
    }
  }

  /** RFC 2046 §5.1.1: a boundary of any enclosing multipart ends what is inside it. */
  function atBoundary(line: Buffer): boolean {
    if (line[0] !== DASH || line[1] !== DASH) return false;
    for (let depth = frames.length; depth > 0; depth -= 1) {
      const frame = frames[depth - 1];
      if (frame?.kind !== 'multipart') continue;
      const closes = delimiterKind(line, frame.boundary);
      if (closes === null) continue;
      // The line break before a boundary belongs to the boundary.
      leaveTo(closes ? depth - 1 : depth, consumed - line.length - 2);
      if (closes) return true;
      parts += 1;
      if (parts > limits.parts) truncated = true;
      else headerLines = [];
      return true;
    }
    return false;
  }

  function takeLine(line: Buffer, whole: boolean): void {
    consumed += line.length;
    const fresh = !lineGoesOn;
    lineGoesOn = !whole;
    if (fresh && frames.length > 0 && atBoundary(line)) return;
    if (headerLines === null) {
      body?.write(line);
      return;
    }
    if (fresh && (line[0] === LF || (line[0] === CR && line[1] === LF))) {
      endHeader();
      return;
    }
    headerSize += line.length;
    if (headerSize <= limits.header) headerLines.push(Buffer.from(line));
    else truncated = true;
  }

  return {
    write(chunk) {
      const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const bytes = rest === null ? view : Buffer.concat([rest, view]);
      rest = null;
      for (let start = 0; start < bytes.length; ) {
        const feed = bytes.indexOf(LF, start);
        const end = feed < 0 ? bytes.length : feed + 1;
        if (feed < 0 && end - start < MAX_LINE) {
          rest = Buffer.from(bytes.subarray(start));
          return;
        }
        takeLine(bytes.subarray(start, end), feed >= 0);
        start = end;
      }
    },
    end() {
      if (rest !== null) takeLine(rest, false);
      rest = null;
      leaveTo(0, consumed);
      return { attachments, text: texts.join('\n'), contentTypes, truncated };
    },
  };
}

/** false: the line begins a part; true: it ends the last one; null: it is no delimiter. */
function delimiterKind(line: Buffer, boundary: Buffer): boolean | null {
  if (line.length < boundary.length || boundary.compare(line, 0, boundary.length) !== 0) return null;
  const tail = line.toString('latin1', boundary.length, Math.min(line.length, boundary.length + 200));
  if (/^[ \t]*\r?\n?$/.test(tail)) return false;
  return /^--[ \t]*\r?\n?$/.test(tail) ? true : null;
}
