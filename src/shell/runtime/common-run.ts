// What -ErrorAction, -OutVariable and the other common parameters do, for every kind of command: streams and output of the
// command are wrapped once, before it runs.
import type { Value } from '#parameters/value.ts';
import type { Extent } from '#shell/syntax/source-text.ts';
import { ListValue } from '#shell/values/object-values.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { StreamRecord } from '#shell/values/object-values.ts';
import type { ErrorRecordValue } from '#shell/values/error-record.ts';
import { itemsOf } from '#shell/values/object-values.ts';
import { toText } from '#shell/values/text.ts';
import { toNumber } from '#shell/values/to-number.ts';
import { isTrue } from '#shell/values/truth.ts';
import type { Bound } from './bind-command.ts';
import type { Frame } from './frame.ts';
import { parsePreference, type Preference, type PreferenceName } from './preferences.ts';
import { raise } from './report.ts';
import type { Scope } from './scope.ts';
import type { Emit } from './signals.ts';
import { type Streams, withStream } from './streams.ts';

export interface CommonRun {
  /** The caller's frame with the command's streams, output and preferences. */
  readonly frame: Frame;
  readonly preferences: Readonly<Partial<Record<PreferenceName, Preference>>>;
  /** An error was written. */
  readonly failed: () => boolean;
  /** A terminating error, for -ErrorVariable. */
  keep(record: ErrorRecordValue): void;
  /** Passes on what -OutBuffer still holds. */
  flush(): Promise<void>;
}

const ACTIONS: readonly (readonly [string, PreferenceName])[] = [
  ['ErrorAction', 'ErrorActionPreference'],
  ['WarningAction', 'WarningPreference'],
  ['InformationAction', 'InformationPreference'],
];

function readPreferences(
  bound: Bound,
  frame: Frame,
  extent: Extent,
): Partial<Record<PreferenceName, Preference>> {
  const preferences: Partial<Record<PreferenceName, Preference>> = {};
  for (const [parameter, name] of ACTIONS) {
    const value = bound.get(parameter);
    if (value === undefined) continue;
    const preference = parsePreference(toText(value));
    if (preference === null) {
      const why = `Error: "Unable to match the identifier name ${toText(value)} to a valid enumerator name. Specify one of the following enumerator names and try again:\nSilentlyContinue, Stop, Continue, Inquire, Ignore"`;
      throw raise(
        frame,
        extent,
        `Cannot bind parameter '${parameter}'. Cannot convert value "${toText(value)}" to type "System.Management.Automation.ActionPreference". ${why}`,
        {
          category: 'InvalidArgument',
          errorId: 'CannotConvertArgumentNoMessage',
          exception: 'System.Management.Automation.ParameterBindingException',
        },
      );
    }
    preferences[name] = preference;
  }
  const verbose = bound.get('Verbose');
  if (verbose !== undefined)
    preferences.VerbosePreference = isTrue(verbose) ? 'Continue' : 'SilentlyContinue';
  const debug = bound.get('Debug');
  if (debug !== undefined) preferences.DebugPreference = isTrue(debug) ? 'Continue' : 'SilentlyContinue';
  return preferences;
}

/** The list in a variable that a common parameter names; `+name` goes on with what is there. */
function openVariable(bound: Bound, parameter: string, scope: Scope): Value[] | null {
  const written = bound.get(parameter);
  if (written === undefined) return null;
  const appends = toText(written).startsWith('+');
  const name = toText(written).replace(/^\+/, '');
  const current = appends ? scope.find(name)?.value : undefined;
  if (current instanceof ListValue) return current.items;
  const list = new ListValue(
    'System.Collections.ArrayList',
    current === undefined || current === null ? [] : [...itemsOf(current)],
  );
  scope.set(name, list);
  return list.items;
}

function wrapStreams(
  bound: Bound,
  frame: Frame,
): { readonly streams: Streams; readonly errors: Value[] | null } {
  const { scope, streams } = frame;
  const errors = openVariable(bound, 'ErrorVariable', scope);
  const warnings = openVariable(bound, 'WarningVariable', scope);
  const information = openVariable(bound, 'InformationVariable', scope);
  const wrapped = withStream(streams, {
    ...(errors ? { error: (record, visible) => (errors.push(record), streams.error(record, visible)) } : {}),
    ...(warnings
      ? {
          warning: (text, visible) => (
            warnings.push(new StreamRecord('WarningRecord', text)), streams.warning(text, visible)
          ),
        }
      : {}),
    ...(information
      ? { information: (record, visible) => (information.push(record), streams.information(record, visible)) }
      : {}),
  });
  return { streams: errors || warnings || information ? wrapped : streams, errors };
}

interface WrappedOutput {
  readonly emit: Emit;
  readonly flush: () => Promise<void>;
}

function wrapOutput(bound: Bound, frame: Frame, next: Emit): WrappedOutput {
  const output = openVariable(bound, 'OutVariable', frame.scope);
  const current = bound.get('PipelineVariable');
  const size = bound.get('OutBuffer');
  let emit = next;
  const held: Value[] = [];
  if (size !== undefined) {
    const limit = toNumber(size);
    const pass = emit;
    emit = async (value) => {
      held.push(value);
      if (held.length > limit) for (const item of held.splice(0)) await pass(item);
    };
  }
  if (output || current !== undefined) {
    const pass = emit;
    const name = current === undefined ? null : toText(current);
    emit = (value) => {
      output?.push(value);
      if (name !== null) frame.scope.set(name, value);
      return pass(value);
    };
  }
  return {
    emit,
    flush: async () => {
      for (const item of held.splice(0)) await next(item);
    },
  };
}

const COMMON = ['ErrorVariable', 'WarningVariable', 'InformationVariable', 'OutVariable', 'PipelineVariable'];

/** Throws RaisedError for a value that no preference has. */
export function openCommon(bound: Bound, caller: Frame, emit: Emit, extent: Extent): CommonRun {
  for (const name of COMMON) {
    if (bound.get(name) === '')
      throw new ScriptError(`Cannot bind argument to parameter '${name}' because it is an empty string.`, {
        category: 'InvalidData',
        errorId: 'ParameterArgumentValidationErrorEmptyStringNotAllowed',
      });
  }
  const preferences = readPreferences(bound, caller, extent);
  const { streams, errors } = wrapStreams(bound, caller);
  const output = wrapOutput(bound, caller, emit);
  let failed = false;
  const frame: Frame = {
    ...caller,
    emit: output.emit,
    streams,
    overrides: preferences,
    onError: () => {
      failed = true;
    },
  };
  return {
    frame,
    preferences,
    failed: () => failed,
    keep: (record) => {
      if (errors && errors.at(-1) !== record) errors.push(record);
    },
    flush: output.flush,
  };
}
