// An error of a script, as PowerShell would raise it: message, category, id and exception type, before it is known where
// in the text and in which command it happened. The evaluator adds the place.
import type { Value } from '#parameters/value.ts';
import { ExceptionValue } from './exception-value.ts';

export interface ScriptErrorDetails {
  /** PowerShell's ErrorCategory. */
  readonly category?: string;
  /** FullyQualifiedErrorId without the command. */
  readonly errorId?: string;
  /** The exception's full type name. */
  readonly exception?: string;
  readonly target?: Value;
  readonly inner?: ExceptionValue | null;
}

const RUNTIME_EXCEPTION = 'System.Management.Automation.RuntimeException';

export class ScriptError extends Error {
  readonly category: string;
  readonly errorId: string;
  readonly exception: ExceptionValue;
  readonly target: Value;

  constructor(message: string, details: ScriptErrorDetails = {}) {
    super(message);
    this.name = 'ScriptError';
    this.category = details.category ?? 'InvalidOperation';
    this.errorId = details.errorId ?? 'RuntimeException';
    this.exception = new ExceptionValue(
      details.exception ?? RUNTIME_EXCEPTION,
      message,
      details.inner ?? null,
    );
    this.target = details.target ?? null;
  }
}

/** A method or static member that failed: PowerShell wraps what .NET threw. */
export function methodFailed(name: string, argumentCount: number, reason: ExceptionValue): ScriptError {
  const message = `Exception calling "${name}" with "${argumentCount}" argument(s): "${reason.message}"`;
  const errorId = reason.typeName.split('.').pop() ?? 'MethodException';
  const exception = 'System.Management.Automation.MethodInvocationException';
  return new ScriptError(message, { category: 'NotSpecified', errorId, exception, inner: reason });
}

export function cannotConvert(
  shown: string,
  typeName: string,
  why: string,
  errorId = 'InvalidCast',
): ScriptError {
  const reason = why === '' ? '' : ` ${why}`;
  return new ScriptError(`Cannot convert value "${shown}" to type "${typeName}".${reason}`, {
    category: 'InvalidArgument',
    errorId,
    exception: 'System.Management.Automation.PSInvalidCastException',
  });
}
