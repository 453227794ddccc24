// One next hop on one thread: what is ready to go there, how many attempts run at a time, how fast, and whether the
// hop rests because nobody answered there. Starts work, never delivers it; memory is bounded by `limits.ready`.

export interface NextHopLimits {
  /** Attempts at a time; this thread's share of the setting. */
  readonly concurrency: number;
  /** Attempts a second; 0: no limit. */
  readonly rate: number;
  /** Work that may wait here; past it, work waits in the store. */
  readonly ready: number;
  /** Work that may wait beyond that if it was claimed for this next hop: whoever claims counts what is out. */
  readonly claimed: number;
}

/** Work that may wait here while memory is half full: hosts that are silent shall not take the rest of it. */
const READY_WHERE_CROWDED = 20;

export interface NextHopClock {
  now(): number;
  /** Calls back after so many milliseconds; must not keep the process alive. */
  after(milliseconds: number, callback: () => void): void;
}

export class NextHopQueue<Work> {
  readonly key: string;
  readonly #clock: NextHopClock;
  readonly #start: (work: Work) => void;
  #limits: NextHopLimits;
  #ready: (Work | undefined)[] = [];
  #head = 0;
  #active = 0;
  #restsUntil = 0;
  #nextStart = 0;
  #waking = false;

  constructor(key: string, limits: NextHopLimits, clock: NextHopClock, start: (work: Work) => void) {
    this.key = key;
    this.#limits = limits;
    this.#clock = clock;
    this.#start = start;
  }

  get active(): number {
    return this.#active;
  }
  get waiting(): number {
    return this.#ready.length - this.#head;
  }
  get idle(): boolean {
    return this.#active === 0 && this.waiting === 0 && !this.resting;
  }
  get resting(): boolean {
    return this.#restsUntil > 0 && this.#restsUntil > this.#clock.now();
  }

  hasRoom(work: { readonly claimed: boolean; readonly crowded: boolean }): boolean {
    const { concurrency, ready, claimed } = this.#limits;
    if (concurrency === 0) return false;
    if (work.claimed) return this.waiting < ready + claimed;
    return this.waiting < (work.crowded ? Math.min(ready, READY_WHERE_CROWDED) : ready);
  }

  setLimits(limits: NextHopLimits): void {
    this.#limits = limits;
    this.#pump();
  }

  /** Takes work; the caller has seen that there is room and that the hop doesn't rest. */
  push(work: Work): void {
    if (this.waiting === 0 && this.#active < this.#limits.concurrency && this.#limits.rate === 0) {
      this.#active += 1;
      this.#start(work);
      return;
    }
    this.#ready.push(work);
    this.#pump();
  }

  /** A piece of work has ended; the next may start. */
  finished(): void {
    this.#active -= 1;
    this.#pump();
  }

  /** Nobody answers there: nothing starts before that time (0: it answers again). Returns what was ready, now the caller's. */
  rest(until: number): readonly Work[] {
    this.#restsUntil = until;
    if (until === 0) return [];
    const left = this.#ready.slice(this.#head);
    this.#ready = [];
    this.#head = 0;
    return left.filter((work) => work !== undefined);
  }

  #pump(): void {
    while (this.#active < this.#limits.concurrency && this.#head < this.#ready.length) {
      if (!this.#mayStart()) return;
      const work = this.#ready[this.#head];
      this.#ready[this.#head] = undefined;
      this.#head += 1;
      if (this.#head === this.#ready.length || this.#head > 1024) {
        this.#ready = this.#ready.slice(this.#head);
        this.#head = 0;
      }
      if (work === undefined) continue;
      this.#active += 1;
      this.#start(work);
    }
  }

  #mayStart(): boolean {
    const { rate } = this.#limits;
    if (rate === 0) return true;
    const now = this.#clock.now();
    if (now < this.#nextStart) {
      if (!this.#waking) {
        this.#waking = true;
        this.#clock.after(this.#nextStart - now, () => {
          this.#waking = false;
          this.#pump();
        });
      }
      return false;
    }
    this.#nextStart = Math.max(now, this.#nextStart) + 1000 / rate;
    return true;
  }
}
