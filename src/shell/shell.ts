// A shell: runs scripts in one session and shows what comes out. The way in for the console, for scripts over the wire and
// for tests. Errors of scripts are shown and counted, never thrown; what is thrown is a bug or a lost daemon.
import { ParseError } from './syntax/parse-error.ts';
import type { SourceText } from './syntax/source-text.ts';
import { ErrorRecordValue } from './values/error-record.ts';
import { ExceptionValue } from './values/exception-value.ts';
import { ScriptError } from './values/script-error.ts';
import { errorText, red } from './display/error-view.ts';
import { createFormatter } from './display/formatter.ts';
import { baseStreams } from './display/stream-view.ts';
import { LimitExceeded, Stopped } from './runtime/budget.ts';
import type { Frame } from './runtime/frame.ts';
import type { RunOptions } from './runtime/run-script.ts';
import { Session, type SessionParts } from './runtime/session.ts';
import { type Emit, ExitSignal, LoopSignal, RaisedError, ReturnSignal } from './runtime/signals.ts';

export interface ScriptOutcome {
  /** 0, or 1 if any error was shown, or what the script said to exit with. */
  readonly exitCode: number;
  /** The script called exit: an interactive shell ends. */
  readonly exited: boolean;
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
      return runIn(session, source, options.emit ?? null, async (frame) => {
        const { runScript } = await import('./runtime/run-script.ts');
        await runScript(frame, options);
      });
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
  await session.host.writeError(`${session.host.errorColour ? red(errorText(record)) : errorText(record)}\n`);
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
