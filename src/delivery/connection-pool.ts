// Connections that have nothing to do just now, kept a few seconds for the next message to the same next hop.
// Owns nothing but the idle ones: who takes one out owns it until it is put back. One coarse timer for all; a
// connection that the server ends leaves by itself. Never opens a connection.

export interface Pooled {
  /** Mail transactions so far. */
  readonly transactions: number;
  /** Nothing is under way on it, and the server hasn't ended it. */
  readonly usable: boolean;
  /** Ends it with QUIT; resolves when it is closed. */
  quit(): Promise<void>;
  /** To be called once when it ends, by whichever side; null: nobody wants to know. */
  whenEnded: (() => void) | null;
}

export interface ConnectionPool<C extends Pooled> {
  /** The connection that was put back last: it is the least likely to have been ended by the server. */
  take(key: string): C | undefined;
  /** Keeps it, or quits where it has carried enough messages or too many are idle. */
  put(key: string, connection: C): void;
  readonly idle: number;
  /** Quits all; what is put back from now on is quit at once. */
  close(): Promise<void>;
}

export interface ConnectionPoolOptions {
  readonly now: () => number;
  /** Milliseconds that a connection stays idle at most; default 5,000. */
  readonly idleTime?: number;
  /** Idle connections for one key at most; default 20. */
  readonly maxIdlePerKey?: number;
  /** Idle connections at most; default 500. */
  readonly maxIdle?: number;
  /** Messages that one connection carries at most (MaxMessagesPerConnection). */
  readonly maxMessages: () => number;
}

interface Entry<C> {
  readonly connection: C;
  readonly since: number;
}

const SWEEP_MILLISECONDS = 1_000;

export function createConnectionPool<C extends Pooled>(options: ConnectionPoolOptions): ConnectionPool<C> {
  const { now, maxMessages, idleTime = 5_000, maxIdlePerKey = 20, maxIdle = 500 } = options;
  const lanes = new Map<string, Entry<C>[]>();
  const quitting = new Set<Promise<void>>();
  let idle = 0;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;

  function quit(connection: C): void {
    connection.whenEnded = null;
    const ended = connection.quit().finally(() => quitting.delete(ended));
    quitting.add(ended);
  }

  function forget(key: string, connection: C): void {
    const lane = lanes.get(key);
    const index = lane?.findIndex((entry) => entry.connection === connection) ?? -1;
    if (lane === undefined || index < 0) return;
    lane.splice(index, 1);
    idle -= 1;
    if (lane.length === 0) lanes.delete(key);
  }

  function sweep(): void {
    const limit = now() - idleTime;
    for (const [key, lane] of lanes) {
      // The oldest stand first.
      let old = 0;
      for (const entry of lane) {
        if (entry.since > limit) break;
        quit(entry.connection);
        old += 1;
      }
      lane.splice(0, old);
      idle -= old;
      if (lane.length === 0) lanes.delete(key);
    }
    if (idle > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  }

  return {
    take(key) {
      const lane = lanes.get(key);
      for (let entry = lane?.pop(); entry !== undefined; entry = lane?.pop()) {
        idle -= 1;
        entry.connection.whenEnded = null;
        if (entry.connection.usable) return entry.connection;
      }
      lanes.delete(key);
      return undefined;
    },
    put(key, connection) {
      if (!connection.usable) return;
      let lane = lanes.get(key);
      if (
        closed ||
        connection.transactions >= maxMessages() ||
        idle >= maxIdle ||
        (lane?.length ?? 0) >= maxIdlePerKey
      ) {
        quit(connection);
        return;
      }
      if (lane === undefined) {
        lane = [];
        lanes.set(key, lane);
      }
      lane.push({ connection, since: now() });
      idle += 1;
      connection.whenEnded = () => forget(key, connection);
      timer ??= setInterval(sweep, SWEEP_MILLISECONDS).unref();
    },
    get idle() {
      return idle;
    },
    async close() {
      closed = true;
      if (timer !== null) clearInterval(timer);
      timer = null;
      for (const lane of lanes.values()) for (const entry of lane) quit(entry.connection);
      lanes.clear();
      idle = 0;
      await Promise.all(quitting);
    },
  };
}
