// What values need from outside: the clock, chance, and the engine for regular expressions. Given by the session, so that
// scripts from the network get an engine that can't run away, and tests a fixed clock.
import type { RegexEngine } from './regex.ts';

export interface Surroundings {
  /** Milliseconds since 1970 in UTC. */
  readonly now: () => number;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly newGuid: () => string;
  readonly regex: RegexEngine;
  /** Environment variables that scripts may read and set; empty for scripts from the network. */
  readonly environment: Map<string, string>;
}
