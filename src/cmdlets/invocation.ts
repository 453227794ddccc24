// The one door to every cmdlet, for the shell, the control socket and the wire API alike: a name, parameters by name,
// and a host that takes what comes out. Errors are CmdletError; whatever else is thrown is a bug.
import type { Value } from '#parameters/value.ts';

export interface Invocation {
  readonly cmdlet: string;
  /** By full name without the dash; values as the caller had them, converted and checked by the declaration. */
  readonly parameters: Readonly<Record<string, Value>>;
  /** The line as typed, for the history records; secrets in it are masked before it is kept. */
  readonly line: string;
}

export type ConfirmAnswer = 'Yes' | 'YesToAll' | 'No' | 'NoToAll';

/** What a cmdlet may say to its caller while it runs. `output` resolves when the caller can take more. */
export interface CmdletHost {
  output(value: Value): Promise<void>;
  warning(text: string): void;
  verbose(text: string): void;
  /** A line of its own, as PowerShell's `What if: …`. */
  whatIf(text: string): void;
  progress(activity: string, status: string, percent: number | null): void;
  /** An error that does not end the cmdlet. */
  error(error: ErrorRecord): void;
  /** null where no prompt can be shown: then a cmdlet that must ask fails (never a silent yes). */
  readonly confirm: ((target: string, action: string) => Promise<ConfirmAnswer>) | null;
  readonly signal: AbortSignal;
}

/** PowerShell's error record, as data: what crosses the wire. */
export interface ErrorRecord {
  readonly message: string;
  /** `InvalidArgument`, `ObjectNotFound`, `PermissionDenied` … as PowerShell's ErrorCategory. */
  readonly category: string;
  /** FullyQualifiedErrorId without the command: `ParameterArgumentValidationError`. */
  readonly errorId: string;
  /** The exception's type: `ManagementObjectNotFoundException`. */
  readonly exception: string;
  /** The parameter that is at fault; null where none is. */
  readonly parameter: string | null;
  readonly target: string | null;
}
