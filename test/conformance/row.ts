// One line of PowerShell and its exact outcome, laid out to be checked against PowerShell's documentation by eye.

export interface ExpectedError {
  /** The message, whole. */
  readonly error: string;
  /** FullyQualifiedErrorId. */
  readonly id: string;
  readonly category: string;
  /** The part of the line that the error points at. */
  readonly at: string;
  /** What came out beside the error; nothing where left out. */
  readonly out?: string | readonly string[];
}

/** Output as lines; objects are shown as they are on a terminal of 80 columns, without blank lines at the ends. */
export type Outcome = string | readonly string[] | ExpectedError;

export type Row = readonly [line: string, outcome: Outcome];

export interface Chapter {
  /** The topic of PowerShell's documentation that the rows belong to. */
  readonly topic: string;
  readonly rows: readonly Row[];
}
