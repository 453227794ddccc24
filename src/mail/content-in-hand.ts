// What a content takes of the memory while its message is in hand. A large one stays in its file: only the piece that is
// on its way to the next hop is in memory.
import type { Content } from './message.ts';

/** Each piece costs a thread's way there and back: in halves of this, reading and sending takes half as much time again (measured). */
export const LARGE_CONTENT_PIECE = 524_288;

export function octetsInMemory(content: Content): number {
  return content.kind === 'memory' ? content.bytes.length : Math.min(content.size, LARGE_CONTENT_PIECE);
}
