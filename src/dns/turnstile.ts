// Lets so many through at a time; the others wait in line. Keeps the number of open sockets bounded.

export interface Turnstile {
  /** Runs the work when its turn comes; settles as the work does. */
  pass<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurnstile(places: number): Turnstile {
  const waiting: (() => void)[] = [];
  let free = places;
  return {
    async pass(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // A place is handed on, not freed, while somebody waits.
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
