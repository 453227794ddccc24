// The streams beside the output: errors, warnings, verbose, debug, information. What a preference hides still passes here,
// marked as not visible, so that -ErrorVariable and its like collect it. A stream can be merged into the output or dropped.
import type { ErrorRecordValue } from '#shell/values/error-record.ts';
import { type InformationRecord, StreamRecord } from '#shell/values/object-values.ts';
import type { Emit } from './signals.ts';

type Done = void | Promise<void>;

export interface Streams {
  error(record: ErrorRecordValue, visible: boolean): Done;
  warning(text: string, visible: boolean): Done;
  verbose(text: string, visible: boolean): Done;
  debug(text: string, visible: boolean): Done;
  information(record: InformationRecord, visible: boolean): Done;
  progress(activity: string, status: string, percent: number | null): Done;
}

/** PowerShell's numbers. */
export type StreamNumber = '2' | '3' | '4' | '5' | '6';

/** The same streams with one of them going to `emit`, or nowhere where that is null. */
export function redirect(streams: Streams, stream: StreamNumber, emit: Emit | null): Streams {
  const text =
    (kind: StreamRecord['opaque'], original: (text: string, visible: boolean) => Done) =>
    (message: string, visible: boolean): Done => {
      if (!visible) return original(message, false);
      return emit?.(new StreamRecord(kind, message));
    };
  switch (stream) {
    case '2':
      return withStream(streams, {
        error: (record, visible) => (visible ? emit?.(record) : streams.error(record, false)),
      });
    case '3':
      return withStream(streams, {
        warning: text('WarningRecord', (message, visible) => streams.warning(message, visible)),
      });
    case '4':
      return withStream(streams, {
        verbose: text('VerboseRecord', (message, visible) => streams.verbose(message, visible)),
      });
    case '5':
      return withStream(streams, {
        debug: text('DebugRecord', (message, visible) => streams.debug(message, visible)),
      });
    default:
      return withStream(streams, {
        information: (record, visible) => (visible ? emit?.(record) : streams.information(record, false)),
      });
  }
}

/** `streams` with some of its functions replaced. */
export function withStream(streams: Streams, replaced: Partial<Streams>): Streams {
  return {
    error: replaced.error ?? ((record, visible) => streams.error(record, visible)),
    warning: replaced.warning ?? ((text, visible) => streams.warning(text, visible)),
    verbose: replaced.verbose ?? ((text, visible) => streams.verbose(text, visible)),
    debug: replaced.debug ?? ((text, visible) => streams.debug(text, visible)),
    information: replaced.information ?? ((record, visible) => streams.information(record, visible)),
    progress:
      replaced.progress ?? ((activity, status, percent) => streams.progress(activity, status, percent)),
  };
}
