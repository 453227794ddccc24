// How many files and connections the system lets this process have open (RLIMIT_NOFILE), and what part of them may be
// connections that bring mail: each message on its way wants a connection out, some a file, and the gateway its own.
import { readFileSync } from 'node:fs';

/** Listeners, the database, threads that come and go, the administrator's connections. */
const OWN = 256;
const FEWEST = 100;
const MOST = 2000;

/** `limits`: the text of /proc/self/limits. */
export function connectionsWithin(limits: string): number {
  const open = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return Math.max(FEWEST, Math.min(MOST, Math.floor((open - OWN) / 2)));
}

/** Where the system doesn't say, as many as it would be without a limit. */
export function defaultConnections(): number {
  try {
    return connectionsWithin(readFileSync('/proc/self/limits', 'latin1'));
  } catch {
    return MOST;
  }
}
