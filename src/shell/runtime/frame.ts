// Where code is being run: the session, the scope, where output and the other streams go, and whether a catch block is
// waiting. Frames are small and read-only; a new one is made where something differs.
import type { SourceText } from '#shell/syntax/source-text.ts';
import type { ErrorRecordValue } from '#shell/values/error-record.ts';
import { toText } from '#shell/values/text.ts';
import type { Preference, PreferenceName } from './preferences.ts';
import { parsePreference } from './preferences.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';
import type { Emit } from './signals.ts';
import type { Streams } from './streams.ts';

export interface Frame {
  readonly session: Session;
  readonly scope: Scope;
  readonly source: SourceText;
  readonly emit: Emit;
  readonly streams: Streams;
  /** A try block is around this, in this function or in one that called it. */
  readonly insideTry: boolean;
  /** In a catch block: a bare `throw` throws again what was caught. */
  readonly insideCatch: boolean;
  readonly callDepth: number;
  /** From -ErrorAction and its like on the command that is running; they go before the variables. */
  readonly overrides: Readonly<Partial<Record<PreferenceName, Preference>>> | null;
  /** Told of every error that the command in this frame writes. */
  readonly onError: ((record: ErrorRecordValue) => void) | null;
}

export function preferenceOf(frame: Frame, name: PreferenceName): Preference {
  const override = frame.overrides?.[name];
  if (override !== undefined) return override;
  const value = frame.scope.find(name)?.value;
  return parsePreference(toText(value ?? null)) ?? 'Continue';
}
