// How rules read a large content: from its file, the header at once, the rest in chunks. Only when a rule looks.
import { open } from 'node:fs/promises';
import type { MessageContent } from '#routing/select-route.ts';

/** Ingress takes no larger header. */
const MAX_HEADER = 524_288;
const CHUNK = 262_144;

export function readFileContent(path: string): MessageContent {
  return {
    async header() {
      for await (const chunk of chunksOf(path, MAX_HEADER)) return chunk;
      return new Uint8Array(0);
    },
    content: () => chunksOf(path, CHUNK),
  };
}

async function* chunksOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
