// How control leaves a place early: break, continue, return, exit, a stage of a pipeline that has enough, and errors on
// their way up. All are thrown; only the construct that they are meant for catches them.
import type { Value } from '#parameters/value.ts';
import type { ErrorRecordValue } from '#shell/values/error-record.ts';

/** Not an error: no stack is taken. */
class ControlFlow extends Error {
  constructor(name: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(name);
    Error.stackTraceLimit = limit;
  }
}

export class LoopSignal extends ControlFlow {
  readonly kind: 'break' | 'continue';
  readonly label: string | null;
  constructor(kind: 'break' | 'continue', label: string | null) {
    super(kind);
    this.kind = kind;
    this.label = label;
  }
  /** Whether the loop with that label is meant. */
  isFor(label: string | null): boolean {
    return this.label === null || this.label.toLowerCase() === label?.toLowerCase();
  }
}

export class ReturnSignal extends ControlFlow {
  constructor() {
    super('return');
  }
}

export class ExitSignal extends ControlFlow {
  readonly code: number;
  constructor(code: number) {
    super('exit');
    this.code = code;
  }
}

/** Thrown by a stage that wants no more input: everything before it in its pipeline stops. */
export class StopUpstream extends ControlFlow {
  readonly stage: object;
  constructor(stage: object) {
    super('stop upstream');
    this.stage = stage;
  }
}

/** An error of the script on its way to a catch block, or to the end of the statement or script. */
export class RaisedError extends Error {
  readonly record: ErrorRecordValue;
  /** `throw` and -ErrorAction Stop end the script, other terminating errors only their statement. */
  readonly stopsScript: boolean;
  constructor(record: ErrorRecordValue, stopsScript: boolean) {
    super(record.message);
    this.name = 'RaisedError';
    this.record = record;
    this.stopsScript = stopsScript;
  }
}

export type Emit = (value: Value) => void | Promise<void>;
