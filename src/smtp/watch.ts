// A coarse clock for everything that waits on the other side of a connection: one timer for all of them, and setting a
// time limit is one assignment. Owns the timer; promises that what is past its deadline is told so within a second or
// so, once for each deadline. Never keeps the process alive.

/** Calls `run` every so many milliseconds until the function that it returned is called. */
export type Every = (milliseconds: number, run: () => void) => () => void;

export interface Watched {
  /** In seconds of the watch; Infinity: nothing to wait for. */
  deadline: number;
  expire(): void;
}

const TICK_MILLISECONDS = 1000;

export class Watch {
  /** Seconds since the watch was made. */
  now = 0;
  readonly #every: Every;
  readonly #watched = new Set<Watched>();
  #stop: (() => void) | null = null;

  constructor(every: Every = everyTimer) {
    this.#every = every;
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    this.#stop ??= this.#every(TICK_MILLISECONDS, () => this.#tick());
  }

  delete(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0 || this.#stop === null) return;
    this.#stop();
    this.#stop = null;
  }

  #tick(): void {
    this.now += 1;
    for (const watched of this.#watched) {
      if (watched.deadline > this.now) continue;
      watched.deadline = Number.POSITIVE_INFINITY;
      watched.expire();
    }
  }
}

function everyTimer(milliseconds: number, run: () => void): () => void {
  const timer = setInterval(run, milliseconds).unref();
  return () => clearInterval(timer);
}
