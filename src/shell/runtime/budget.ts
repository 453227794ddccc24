// Keeps a script within its limits, lets the process breathe while it runs, and stops it when asked to. What it throws is
// no script error: try/catch in the script can't hold it.
import { setImmediate } from 'node:timers/promises';
import type { ShellLimits } from './shell-host.ts';

/** The script used up a limit; the message names it. */
export class LimitExceeded extends Error {
  override readonly name = 'LimitExceeded';
}

/** Ctrl-C, or the client has gone. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  constructor() {
    super('The pipeline has been stopped.');
  }
}

const STEPS_BETWEEN_LOOKS = 512;
const BREATHE_MILLISECONDS = 12;
const SHIELDED_STEPS = 10_000;
const NEVER = new AbortController().signal;

export class Budget {
  readonly #limits: ShellLimits;
  readonly #clock: () => number;
  #steps = 0;
  #output = 0;
  #allocated = 0;
  #breathed: number;
  #shieldedUntil = 0;
  #signal: AbortSignal;

  constructor(limits: ShellLimits, clock: () => number, signal: AbortSignal) {
    this.#limits = limits;
    this.#clock = clock;
    this.#signal = signal;
    this.#breathed = clock();
  }

  /** Aborted when the script is to stop; never inside shield(). */
  get signal(): AbortSignal {
    return this.#steps < this.#shieldedUntil ? NEVER : this.#signal;
  }
  set signal(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Lets a finally block do its work, within bounds, although the script has been stopped. */
  async shield(work: () => Promise<void>): Promise<void> {
    const before = this.#shieldedUntil;
    this.#shieldedUntil = this.#steps + SHIELDED_STEPS;
    try {
      await work();
    } finally {
      this.#shieldedUntil = before;
    }
  }

  get callDepth(): number {
    return this.#limits.callDepth;
  }

  /** Counts a step. Returns a promise to wait for when other work has to have its turn. */
  step(): Promise<void> | undefined {
    if (this.signal.aborted) throw new Stopped();
    if (++this.#steps > this.#limits.steps)
      throw new LimitExceeded(`The script was stopped: it took more than ${this.#limits.steps} steps.`);
    if (this.#steps % STEPS_BETWEEN_LOOKS !== 0 || this.#clock() - this.#breathed < BREATHE_MILLISECONDS)
      return undefined;
    return setImmediate().then(() => {
      this.#breathed = this.#clock();
    });
  }

  written(characters: number): void {
    this.#output += characters;
    if (this.#output > this.#limits.output)
      throw new LimitExceeded(
        `The script was stopped: it wrote more than ${this.#limits.output} characters.`,
      );
  }

  /** Text or list items that came into being. */
  allocated(size: number): void {
    this.#allocated += size;
    if (this.#allocated > this.#limits.allocation)
      throw new LimitExceeded('The script was stopped: it used more memory than is allowed.');
  }
}
