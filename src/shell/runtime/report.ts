// Writing to the streams by the preferences: an error may be shown, kept, asked about, or end the script; so may a warning.
import type { Value } from '#parameters/value.ts';
import type { Extent } from '#shell/syntax/source-text.ts';
import { ErrorRecordValue, type ErrorPosition, recordOfScriptError } from '#shell/values/error-record.ts';
import { ExceptionValue } from '#shell/values/exception-value.ts';
import type { InformationRecord } from '#shell/values/object-values.ts';
import { ScriptError, type ScriptErrorDetails } from '#shell/values/script-error.ts';
import { type Frame, preferenceOf } from './frame.ts';
import type { Preference } from './preferences.ts';
import { askToContinue } from './prompt.ts';
import { RaisedError } from './signals.ts';

export function positionIn(frame: Frame, extent: Extent): ErrorPosition {
  return { source: frame.source, extent };
}

/** A ScriptError becomes an error with a place; everything else stays as it is. */
export function raiseAt(
  error: unknown,
  frame: Frame,
  extent: Extent,
  command: string | null = null,
): unknown {
  const scriptError = error instanceof RangeError ? outOfRange(error) : error;
  if (!(scriptError instanceof ScriptError)) return error;
  return new RaisedError(recordOfScriptError(scriptError, command, positionIn(frame, extent)), false);
}

/** A number, a text or a date beyond what JavaScript holds. */
function outOfRange({ message }: RangeError): ScriptError {
  return new ScriptError(message, {
    category: 'InvalidArgument',
    errorId: 'ArgumentOutOfRangeException',
    exception: 'System.ArgumentOutOfRangeException',
  });
}

export function raise(
  frame: Frame,
  extent: Extent,
  message: string,
  details: ScriptErrorDetails = {},
): RaisedError {
  return new RaisedError(
    recordOfScriptError(new ScriptError(message, details), null, positionIn(frame, extent)),
    false,
  );
}

/** An error that doesn't end its command by itself. Throws RaisedError where the preference is Stop. */
export async function writeError(frame: Frame, record: ErrorRecordValue): Promise<void> {
  const preference = preferenceOf(frame, 'ErrorActionPreference');
  frame.onError?.(record);
  await deliverError(frame, record, preference);
}

/** A terminating error at the end of its statement, with no catch block around: shown, and the script goes on. */
export async function reportStatementError(frame: Frame, raised: RaisedError): Promise<void> {
  const variable = preferenceOf({ ...frame, overrides: null }, 'ErrorActionPreference');
  const preference = variable === 'Ignore' ? 'SilentlyContinue' : variable;
  if (preference === 'Stop') throw new RaisedError(raised.record, true);
  await deliverError(frame, raised.record, preference);
}

async function deliverError(frame: Frame, record: ErrorRecordValue, preference: Preference): Promise<void> {
  frame.session.succeeded = false;
  if (preference === 'Ignore') return;
  frame.session.remember(record);
  if (preference === 'Inquire') {
    await frame.streams.error(record, true);
    if (!(await askToContinue(frame, record.message))) throw new RaisedError(record, true);
    return;
  }
  if (preference === 'Stop') {
    await frame.streams.error(record, false);
    throw new RaisedError(record, true);
  }
  await frame.streams.error(record, preference !== 'SilentlyContinue');
}

type TextStream = 'warning' | 'verbose' | 'debug';
const VARIABLES = {
  warning: 'WarningPreference',
  verbose: 'VerbosePreference',
  debug: 'DebugPreference',
} as const;

/** Throws RaisedError where the preference is Stop, or the user says no. */
export async function writeMessage(frame: Frame, stream: TextStream, text: string): Promise<void> {
  const variable = VARIABLES[stream];
  const preference = preferenceOf(frame, variable);
  if (preference === 'Ignore') return;
  await frame.streams[stream](text, preference !== 'SilentlyContinue');
  const stops = preference === 'Stop' || (preference === 'Inquire' && !(await askToContinue(frame, text)));
  if (stops) throw preferenceStop(variable, text);
}

function preferenceStop(variable: string, text: string): RaisedError {
  const message = `The running command stopped because the preference variable "${variable}" or common parameter is set to Stop: ${text}`;
  const exception = new ExceptionValue('System.Management.Automation.ActionPreferenceStopException', message);
  const record = new ErrorRecordValue({
    exception,
    category: 'OperationStopped',
    errorId: 'ActionPreferenceStop',
    target: null,
    command: null,
    position: null,
  });
  return new RaisedError(record, true);
}

export async function writeInformation(frame: Frame, record: InformationRecord): Promise<void> {
  const preference = preferenceOf(frame, 'InformationPreference');
  // Write-Host shows its text whatever the variable says; only -InformationAction Ignore hides it.
  const visible = record.host
    ? frame.overrides?.InformationPreference !== 'Ignore'
    : preference === 'Continue' || preference === 'Inquire';
  if (preference === 'Ignore' && !visible) return;
  await frame.streams.information(record, visible);
  if (preference === 'Stop' && !record.host) throw preferenceStop('InformationPreference', record.text);
}

/** An error record for a command's own, non-terminating error. */
export function errorRecord(
  parts: {
    readonly message: string;
    readonly category: string;
    readonly errorId: string;
    readonly exception?: string;
    readonly target?: Value;
  },
  command: string | null,
  position: ErrorPosition | null,
): ErrorRecordValue {
  const { message, category, errorId, target = null } = parts;
  const exception = new ExceptionValue(parts.exception ?? 'System.Exception', message);
  return new ErrorRecordValue({ exception, category, errorId, target, command, position });
}
