// The first octets of a stored content, wherever it lies: for those who need its header, or a bounded part of it.
import { open } from 'node:fs/promises';
import type { Content } from '#mail/message.ts';

/** All of a content in memory, at most `octets` of one in a file. Rejects with the file system's error. */
export async function contentBeginning(content: Content, octets: number): Promise<Uint8Array> {
  if (content.kind === 'memory') return content.bytes;
  const file = await open(content.path);
  try {
    const wanted = Math.min(content.size, octets);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
