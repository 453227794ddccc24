// What goes over the wire as the content: the stored content, with the header edited where the route or a rule asks for
// it, and the body never touched. Small content is used as it lies in memory; large content stays in its file and is read
// in chunks. Never writes anything.
import { open } from 'node:fs/promises';
import { LARGE_CONTENT_PIECE } from '#mail/content-in-hand.ts';
import type { Content } from '#mail/message.ts';
import { headerEnd } from '#mail/header-block.ts';

/** Octets to send: all at hand, or a beginning at hand and the rest of a file from `offset` on. */
export type OutgoingContent =
  | { readonly kind: 'memory'; readonly pieces: readonly Uint8Array[]; readonly size: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly head: Buffer;
      readonly offset: number;
      readonly size: number;
    };

/** The header block, CRLF of its last line included, made into another one; the same array: nothing to change. */
export type EditHeader = (header: Uint8Array) => Uint8Array;

/** A header larger than this is no header; such a file is sent as it is (ingress takes none like it). */
const MAX_HEADER = 4 * 1_048_576;
const FIRST_READ = 65_536;

/** Small content: at once, and never copied; an edited header is a piece of its own. */
export function prepareSmallContent(
  content: Extract<Content, { kind: 'memory' }>,
  edit: EditHeader | null,
): OutgoingContent {
  const { bytes } = content;
  if (edit !== null) {
    const header = bytes.subarray(0, headerEnd(bytes));
    const edited = edit(header);
    if (edited !== header) {
      const body = bytes.subarray(header.length);
      return { kind: 'memory', pieces: [edited, body], size: edited.length + body.length };
    }
  }
  return { kind: 'memory', pieces: [bytes], size: bytes.length };
}

/**
 * Large content: reads the header only where it is to be edited.
 * @throws the file system's error when the file can't be read
 */
export async function prepareLargeContent(
  content: Extract<Content, { kind: 'file' }>,
  edit: EditHeader | null,
): Promise<OutgoingContent> {
  const { path, size } = content;
  const whole: OutgoingContent = { kind: 'file', path, head: Buffer.alloc(0), offset: 0, size };
  if (edit === null) return whole;
  const header = await readHeader(path, size);
  if (header === null) return whole;
  const edited = edit(header);
  if (edited === header) return whole;
  return {
    kind: 'file',
    path,
    head: toBuffer(edited),
    offset: header.length,
    size: size - header.length + edited.length,
  };
}

/** The octets in order, in chunks; a chunk is the consumer's until it asks for the next one. */
export async function* readChunks(
  content: Extract<OutgoingContent, { kind: 'file' }>,
): AsyncGenerator<Buffer, void, undefined> {
  if (content.head.length > 0) yield content.head;
  const file = await open(content.path);
  try {
    const end = content.offset + content.size - content.head.length;
    let position = content.offset;
    let buffer: Buffer | null = null;
    while (position < end) {
      buffer ??= Buffer.allocUnsafeSlow(Math.min(LARGE_CONTENT_PIECE, end - position));
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position), position);
      if (bytesRead === 0) throw new Error(`${content.path} is shorter than it was`);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
      // A full chunk is more than a socket takes without waiting, so it has gone by now; a short one may still be held.
      if (bytesRead < LARGE_CONTENT_PIECE) buffer = null;
    }
  } finally {
    await file.close();
  }
}

/** RFC 6152: does the content need 8BITMIME at all, whatever its sender declared? */
export async function hasEightBitOctets(content: OutgoingContent): Promise<boolean> {
  if (content.kind === 'memory') return content.pieces.some(isEightBit);
  for await (const chunk of readChunks(content)) if (isEightBit(chunk)) return true;
  return false;
}

function isEightBit(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index += 1) if ((bytes[index] ?? 0) > 0x7f) return true;
  return false;
}

async function readHeader(path: string, size: number): Promise<Buffer | null> {
  const file = await open(path);
  try {
    for (let wanted = FIRST_READ; ; wanted *= 4) {
      const length = Math.min(wanted, size, MAX_HEADER);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
      const read = buffer.subarray(0, bytesRead);
      const end = headerEnd(read);
      if (end < bytesRead || bytesRead >= size) return read.subarray(0, end);
      if (bytesRead >= MAX_HEADER || bytesRead < length) return null;
    }
  } finally {
    await file.close();
  }
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
