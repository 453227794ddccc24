// How often somebody may ask: a bucket of tokens for each key that fills up by itself. Keys that nobody uses are
// forgotten; there are never more than a set number, whatever comes.

export interface RateLimit {
  /** Takes a token. `seconds`: until the bucket is full, or, refused, until there is a token again. */
  take(key: string): RateState;
  /** The same, without taking. */
  look(key: string): RateState;
}

export interface RateState {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly seconds: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

const MAX_KEYS = 10_000;

/** `limit` at once, and as many again in a minute. `now` in milliseconds, from any start. */
export function createRateLimit(limit: number, now: () => number): RateLimit {
  const buckets = new Map<string, Bucket>();
  const perMillisecond = limit / 60_000;
  const stateOf = (bucket: Bucket, allowed: boolean): RateState => {
    const wanted = allowed ? limit - bucket.tokens : 1 - bucket.tokens;
    const seconds = Math.ceil(wanted / perMillisecond / 1000);
    return { allowed, limit, remaining: Math.floor(bucket.tokens), seconds };
  };
  const filled = (key: string): Bucket => {
    const time = now();
    const { tokens, filledAt } = buckets.get(key) ?? { tokens: limit, filledAt: time };
    return { tokens: Math.min(limit, tokens + (time - filledAt) * perMillisecond), filledAt: time };
  };
  return {
    take(key) {
      const bucket = filled(key);
      const allowed = bucket.tokens >= 1;
      if (allowed) bucket.tokens -= 1;
      keepLastUsed(buckets, key, bucket);
      return stateOf(bucket, allowed);
    },
    look(key) {
      const bucket = filled(key);
      return stateOf(bucket, bucket.tokens >= 1);
    },
  };
}

/** The map is in the order of last use, so its first key is the one longest unused. */
function keepLastUsed(buckets: Map<string, Bucket>, key: string, bucket: Bucket): void {
  buckets.delete(key);
  buckets.set(key, bucket);
  if (buckets.size <= MAX_KEYS) return;
  const [oldest] = buckets.keys();
  if (oldest !== undefined) buckets.delete(oldest);
}
