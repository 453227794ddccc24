// Writes a message's content to a client's connection: dot-stuffed, ended, never more of it in memory than was there
// before. Owns back pressure on the way out; small content is one write.
import type { SmtpClient } from './client.ts';
import { DotStuffer } from './dot-stuffing.ts';

export interface OutgoingContent {
  /** Octets of all pieces. */
  readonly size: number;
  /** In order; those that come from a file are read as the connection takes them. */
  readonly pieces: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
}

/** Content up to this size is handed to the socket at once; more goes in slices, so that progress can be seen. */
const MAX_AT_ONCE = 524_288;

/** Writes all of it and the end of data; `sent` is called when the socket has been given everything. */
export function writeContent(client: SmtpClient, content: OutgoingContent, sent: () => void): void {
  if (Array.isArray(content.pieces) && content.size <= MAX_AT_ONCE) {
    writeAtOnce(client, content.pieces);
    sent();
    client.waitFor('final');
    return;
  }
  void stream(client, content.pieces, sent).catch((error: unknown) => {
    client.giveUp(
      'source',
      `the content could not be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
}

function writeAtOnce(client: SmtpClient, pieces: readonly Uint8Array[]): void {
  const { socket } = client;
  const stuffer = new DotStuffer();
  socket.cork();
  for (const piece of pieces) socket.write(stuffer.push(asBuffer(piece)));
  socket.write(stuffer.end(), 'latin1');
  socket.uncork();
}

async function stream(
  client: SmtpClient,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  sent: () => void,
): Promise<void> {
  const { socket } = client;
  const stuffer = new DotStuffer();
  for await (const piece of pieces) {
    for (const part of slices(stuffer, asBuffer(piece))) {
      if (client.closed) return;
      if (!socket.write(part)) await drained(client);
      client.waitFor('content');
    }
  }
  if (client.closed) return;
  socket.write(stuffer.end(), 'latin1');
  sent();
  client.waitFor('final');
}

function* slices(stuffer: DotStuffer, piece: Buffer): Generator<Buffer, void, undefined> {
  for (let at = 0; at < piece.length; at += MAX_AT_ONCE)
    yield stuffer.push(piece.subarray(at, at + MAX_AT_ONCE));
}

/** Resolves when the socket takes more, or has closed. */
function drained(client: SmtpClient): Promise<void> {
  const { socket } = client;
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    if (client.closed) return resolve();
    socket.on('drain', done);
    socket.on('close', done);
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
