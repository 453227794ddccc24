// Message identities: 41 bits of milliseconds since 2025, 4 bits of thread, 8 bits of sequence — exact in a double, ordered by
// time, unique across threads and restarts (Postern). Printed in base 36 where people read them.
import type { MessageId } from './message.ts';

const EPOCH = Date.UTC(2025, 0, 1);
const THREADS = 16;
const SEQUENCES = 256;

/** Makes identities for one thread (0–15); waits for no one: past 256 a millisecond it borrows from the next. */
export function createMessageIds(thread: number, now: () => number): () => MessageId {
  let last = 0;
  let sequence = 0;
  return () => {
    const time = Math.max(now(), last);
    sequence = time === last ? sequence + 1 : 0;
    last = time;
    if (sequence === SEQUENCES) {
      last += 1;
      sequence = 0;
    }
    return ((last - EPOCH) * THREADS + thread) * SEQUENCES + sequence;
  };
}

/** When the message with this identity arrived: milliseconds since 1970. */
export function arrivalOf(id: MessageId): number {
  return EPOCH + Math.floor(id / (THREADS * SEQUENCES));
}

/** The smallest identity that a message arriving at this instant (milliseconds since 1970) can have. */
export function firstIdAt(time: number): MessageId {
  return Math.max(0, time - EPOCH) * THREADS * SEQUENCES;
}

export function printMessageId(id: MessageId): string {
  return id.toString(36).toUpperCase();
}

/** Reads what printMessageId printed, or the identity as a decimal number; null if it is neither. */
export function parseMessageId(text: string): MessageId | null {
  if (!/^[0-9A-Za-z]{1,16}$/.test(text)) return null;
  const decimal = /^\d{14,16}$/.test(text) ? Number(text) : Number.NaN;
  const id = Number.isSafeInteger(decimal) ? decimal : Number.parseInt(text, 36);
  return Number.isSafeInteger(id) ? id : null;
}
