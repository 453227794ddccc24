// `2>&1`, `3>$null`, `> file`: where a command's streams go instead. Files need the host's file access.
import type { Value } from '#parameters/value.ts';
import type { Redirection } from '#shell/syntax/ast.ts';
import { createFormatter } from '#shell/display/formatter.ts';
import { toText } from '#shell/values/text.ts';
import { evaluate } from './evaluate.ts';
import { filesOf } from './files.ts';
import type { Frame } from './frame.ts';
import type { Emit } from './signals.ts';
import { redirect, type StreamNumber, type Streams } from './streams.ts';

export interface Redirected {
  readonly frame: Frame;
  /** Writes what a file is still to get. */
  close(): Promise<void>;
}

const ALL: readonly StreamNumber[] = ['2', '3', '4', '5', '6'];

export async function openRedirections(
  redirections: readonly Redirection[],
  frame: Frame,
  next: Emit,
): Promise<Redirected> {
  if (redirections.length === 0) return { frame: { ...frame, emit: next }, close: async () => undefined };
  let emit = next;
  let { streams } = frame;
  const closers: (() => Promise<void>)[] = [];
  for (const redirection of redirections.filter(({ to }) => to !== 'output')) {
    const target = await openTarget(redirection, frame);
    if (target) closers.push(target.close);
    if (redirection.from === '1' || redirection.from === '*') emit = target ? target.emit : () => undefined;
    streams = redirectAll(streams, redirection.from, target?.emit ?? null);
  }
  for (const redirection of redirections.filter(({ to }) => to === 'output'))
    streams = redirectAll(streams, redirection.from, emit);
  return {
    frame: { ...frame, emit, streams },
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

function redirectAll(streams: Streams, from: string, emit: Emit | null): Streams {
  if (from === '1') return streams;
  const numbers = from === '*' ? ALL : ALL.filter((number) => number === from);
  return numbers.reduce((current, number) => redirect(current, number, emit), streams);
}

/** null: the stream is dropped. */
async function openTarget(
  redirection: Redirection,
  frame: Frame,
): Promise<{ emit: Emit; close: () => Promise<void> } | null> {
  if (redirection.to === 'output') return null;
  const path = await evaluate(redirection.to.file, frame);
  if (path === null) return null;
  const files = filesOf(frame);
  const name = files.resolve(toText(path));
  let text = '';
  const formatter = createFormatter({
    width: frame.session.host.width,
    views: () => frame.session.source?.views ?? [],
    colour: false,
    write: (chunk) => void (text += chunk),
  });
  if (!redirection.to.append) await files.writeText(name, '', false);
  return {
    emit: (value: Value) => formatter.add(value),
    close: async () => {
      await formatter.finish();
      frame.session.budget.written(text.length);
      await files.writeText(name, text, true);
    },
  };
}
