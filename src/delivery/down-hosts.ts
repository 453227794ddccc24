// Which hosts didn't answer lately: they are passed over while others are up. Remembers a bounded number of hosts for a
// short time, nothing else. One per deliverer.

export interface DownHosts {
  /** @param key address and port, or name and port, always in the same form */
  mark(key: string): void;
  /** It answered: whatever was remembered is forgotten. */
  clear(key: string): void;
  /** When it was marked, milliseconds; null: it isn't known to be down. */
  downSince(key: string): number | null;
}

export interface DownHostOptions {
  readonly now: () => number;
  /** Milliseconds that a host is passed over; default 30,000: less than the first retry interval. */
  readonly restTime?: number;
  /** Hosts remembered at most; default 10,000. */
  readonly maxHosts?: number;
}

export function createDownHosts({ now, restTime = 30_000, maxHosts = 10_000 }: DownHostOptions): DownHosts {
  const since = new Map<string, number>();
  return {
    mark(key) {
      since.delete(key);
      since.set(key, now());
      const oldest = since.size > maxHosts ? since.keys().next().value : undefined;
      if (oldest !== undefined) since.delete(oldest);
    },
    clear(key) {
      if (since.size > 0) since.delete(key);
    },
    downSince(key) {
      const time = since.get(key);
      if (time === undefined) return null;
      if (now() - time < restTime) return time;
      since.delete(key);
      return null;
    },
  };
}
