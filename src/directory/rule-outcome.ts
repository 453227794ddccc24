// What an object's rules say to a change: problems (then nothing is changed) and warnings, as data. Each problem names
// the parameter at fault and the cure; the cmdlets make errors of them.

export interface Problem {
  /** Full name of the parameter; null where it is the change as a whole. */
  readonly parameter: string | null;
  /** Whole sentences: what is wrong, and how to put it right. */
  readonly message: string;
}

export interface RuleOutcome<V> {
  /** The object as it would be. */
  readonly after: V;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

const NAMES_SHOWN = 10;

/** `"A", "B" and 3 more`; `count` where there are more than `names` holds. */
export function listed(names: readonly string[], count: number = names.length): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `"${name}"`);
  const left = count - shown.length;
  if (left > 0) return `${shown.join(', ')} and ${left} more`;
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}
