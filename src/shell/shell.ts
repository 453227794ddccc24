// A shell: runs scripts in one session and shows what comes out. The way in for the console, for scripts over the wire and
// for tests. Errors of scripts are shown and counted, never thrown; what is thrown is a bug or a lost daemon.
import { matchParameter } from '#parameters/bind.ts';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import { parseScript } from './syntax/parse-script.ts';
import { ParseError } from './syntax/parse-error.ts';
import type { SourceText } from './syntax/source-text.ts';
import { ErrorRecordValue } from './values/error-record.ts';
import { ExceptionValue } from './values/exception-value.ts';
import { ScriptBlockValue } from './values/script-block.ts';
import { ScriptError } from './values/script-error.ts';
import { errorText, red } from './display/error-view.ts';
import { createFormatter } from './display/formatter.ts';
import { baseStreams } from './display/stream-view.ts';
import { LimitExceeded, Stopped } from './runtime/budget.ts';
import type { Frame } from './runtime/frame.ts';
import { openCommon } from './runtime/common-run.ts';
import { ARGS, signatureOf } from './runtime/function-signature.ts';
import { type PlacedArgument, unwrap } from './runtime/command-arguments.ts';
import { bindCommand } from './runtime/bind-command.ts';
import { runStatements } from './runtime/run-statement.ts';
import { FunctionRun } from './runtime/script-function.ts';
import { Session, type SessionParts } from './runtime/session.ts';
import { setPreferences } from './runtime/stage-function.ts';
import { type Emit, ExitSignal, LoopSignal, RaisedError, ReturnSignal } from './runtime/signals.ts';

export interface ScriptOutcome {
  /** 0, or 1 if any error was shown, or what the script said to exit with. */
  readonly exitCode: number;
  /** The script called exit: an interactive shell ends. */
  readonly exited: boolean;
}

export interface RunOptions {
  /** The script's path; null for text typed or piped in. */
  readonly file: string | null;
  /** Values by position, or arguments as the operating system's command line gave them. */
  readonly args?: readonly Value[];
  readonly placed?: (match: (name: string) => ParameterMetadata | null) => readonly PlacedArgument[];
  /** Where objects go; left out: shown as Out-Default shows them. */
  readonly emit?: Emit;
}

export interface Shell {
  readonly session: Session;
  run(text: string, options: RunOptions): Promise<ScriptOutcome>;
  /** Runs something of the caller's own in a frame, with errors and output treated as a script's. */
  runIn(source: SourceText, emit: Emit | null, work: (frame: Frame) => Promise<void>): Promise<ScriptOutcome>;
  /** Stops what runs when the signal is aborted. */
  stopOn(signal: AbortSignal): void;
}

export function createShell(parts: SessionParts): Shell {
  const session = new Session(parts);
  return {
    session,
    run: (text, options) => {
      const source = { file: options.file, text };
      return runIn(session, source, options.emit ?? null, (frame) =>
        runBody(new ScriptBlockValue(parseScript(text), source), frame, options),
      );
    },
    runIn: (source, emit, work) => runIn(session, source, emit, work),
    stopOn: (signal) => {
      session.budget.signal = signal;
    },
  };
}

async function runIn(
  session: Session,
  source: SourceText,
  emit: Emit | null,
  work: (frame: Frame) => Promise<void>,
): Promise<ScriptOutcome> {
  session.showedError = false;
  const { host } = session;
  const formatter = createFormatter({
    width: host.width,
    views: () => session.source?.views ?? [],
    colour: host.colour,
    write: (chunk) => session.write(chunk),
  });
  const frame: Frame = {
    session,
    scope: session.globals,
    source,
    emit: emit ?? ((value) => formatter.add(value)),
    streams: baseStreams(session),
    insideTry: false,
    insideCatch: false,
    callDepth: 0,
    overrides: null,
    onError: null,
  };
  const outcome = await guarded(frame, () => work(frame));
  await formatter.finish();
  return outcome;
}

/** A script with parameters or of a file runs as one; text typed in runs in the global scope. */
async function runBody(
  block: ScriptBlockValue,
  frame: Frame,
  { file, args = [], placed }: RunOptions,
): Promise<void> {
  const { body } = block;
  if (file === null && body.parameters === null && !body.begin && !body.process) {
    const given = placed?.(() => null).map(({ argument }) =>
      argument.kind === 'name' && argument.value === undefined
        ? argument.text
        : unwrap(argument.value ?? null, null),
    );
    frame.scope.set('args', given ?? args);
    return runStatements(body.end, frame);
  }
  const signature = signatureOf(block);
  const name = file?.replace(/^.*\//, '') ?? '';
  const extent = { start: 0, end: Math.min(1, frame.source.text.length) };
  const target = { name, parameters: signature.bindable, signature, converts: false };
  const match = (written: string): ParameterMetadata | null => {
    const found = matchParameter(signature.bindable, written);
    return found !== null && 'isList' in found ? found : null;
  };
  const bound = await bindCommand(target, placed?.(match) ?? scriptArguments(args), frame, {
    hasInput: false,
    extent,
  });
  const common = openCommon(bound, frame, frame.emit, extent);
  const rest = bound.get(ARGS);
  const call = {
    name,
    block,
    bound: new Map([...bound].filter(([parameter]) => signature.byName.has(parameter))),
    args: Array.isArray(rest) ? (rest as readonly Value[]) : [],
    hasInput: false,
    sharesScope: file === null,
    line: name,
  };
  const run = new FunctionRun(call, { ...common.frame, overrides: null }, true);
  if (!call.sharesScope) setPreferences(run.scope, { common, bound });
  await run.begin();
  await run.process(undefined, null);
  await run.end();
  await common.flush();
}

/** Arguments from the operating system's command line come as placed by console/one-shot.ts. */
function scriptArguments(args: readonly Value[]): readonly PlacedArgument[] {
  const extent = { start: 0, end: 0 };
  return args.map((value) => ({ argument: { kind: 'value', value }, extent }));
}

async function guarded(frame: Frame, run: () => Promise<void>): Promise<ScriptOutcome> {
  const { session } = frame;
  try {
    await run();
  } catch (error) {
    if (error instanceof ExitSignal) return { exitCode: error.code, exited: true };
    // break, continue and return outside of everything end the script.
    if (!(error instanceof LoopSignal || error instanceof ReturnSignal)) await showTerminating(error, frame);
  }
  return { exitCode: session.showedError ? 1 : 0, exited: false };
}

async function showTerminating(error: unknown, frame: Frame): Promise<void> {
  const { session } = frame;
  const record = recordOf(error, frame);
  if (!record) throw error;
  session.succeeded = false;
  session.showedError = true;
  session.remember(record);
  // Not through the budget: a script that is over its limit still says so.
  await session.host.writeError(`${session.host.colour ? red(errorText(record)) : errorText(record)}\n`);
}

/** null: not the script's doing. */
function recordOf(error: unknown, frame: Frame): ErrorRecordValue | null {
  if (error instanceof RaisedError) return error.record;
  const make = (
    message: string,
    exception: string,
    category: string,
    errorId: string,
    position: ErrorRecordValue['position'],
  ): ErrorRecordValue =>
    new ErrorRecordValue({
      exception: new ExceptionValue(exception, message),
      category,
      errorId,
      target: null,
      command: null,
      position,
    });
  if (error instanceof ParseError)
    return make(error.message, 'System.Management.Automation.ParseException', 'ParserError', error.errorId, {
      source: frame.source,
      extent: error.extent,
    });
  if (error instanceof ScriptError)
    return new ErrorRecordValue({
      exception: error.exception,
      category: error.category,
      errorId: error.errorId,
      target: error.target,
      command: null,
      position: null,
    });
  if (error instanceof Stopped)
    return make(
      error.message,
      'System.Management.Automation.PipelineStoppedException',
      'OperationStopped',
      'PipelineStopped',
      null,
    );
  if (error instanceof LimitExceeded)
    return make(
      error.message,
      'System.Management.Automation.RuntimeException',
      'LimitsExceeded',
      'ScriptLimitExceeded',
      null,
    );
  return null;
}
