// Keeps DNS answers for as long as they may be kept, and never more than a fixed number: the oldest entry goes first.
// Owns nothing but memory.
import type { Lookup, RecordData, QuestionType } from './lookup.ts';

type AnyLookup = Lookup<RecordData[QuestionType]>;

export interface AnswerCache {
  /** undefined: not there, or no longer fresh. */
  get(key: string): AnyLookup | undefined;
  /** @param ttl seconds; zero keeps nothing */
  put(key: string, lookup: AnyLookup, ttl: number): void;
}

/** RFC 2308 §5 suggests one to three hours at most for negative answers; RFC 8767 §4 a week for any; both are kept shorter. */
const MAX_NEGATIVE_TTL = 900;
const MAX_TTL = 86_400;

export function createAnswerCache(maxEntries: number, now: () => number): AnswerCache {
  const entries = new Map<string, { readonly lookup: AnyLookup; readonly until: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.until > now()) return entry.lookup;
      entries.delete(key);
      return undefined;
    },
    put(key, lookup, ttl) {
      const seconds = Math.min(ttl, lookup.kind === 'none' ? MAX_NEGATIVE_TTL : MAX_TTL);
      if (seconds <= 0) return;
      entries.delete(key);
      entries.set(key, { lookup, until: now() + seconds * 1000 });
      const oldest = entries.size > maxEntries ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
    },
  };
}
