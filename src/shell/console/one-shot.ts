// One cmdlet from the operating system's command line: every word is one argument already. Binds and runs it as a pipeline
// would, and keeps a line as PowerShell would show it, for errors and for the history.
import { type BindableParameters, matchParameter } from '#parameters/bind.ts';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import { resolveCommand } from '#shell/runtime/resolve-command.ts';
import { openCommand } from '#shell/runtime/open-command.ts';
import type { PlacedArgument } from '#shell/runtime/command-arguments.ts';
import type { Frame } from '#shell/runtime/frame.ts';
import { raiseAt } from '#shell/runtime/report.ts';
import { StopUpstream } from '#shell/runtime/signals.ts';
import { ArgvValue, expressionsFor } from './argv-value.ts';

/** `-Name` or `-Name:value`; a negative number is a value. */
const NAMED = /^-([a-z_?][\w-]*)(?::(.*))?$/is;

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The line as it would be typed in the shell, and where each word stands in it. */
export function lineOf(words: readonly string[]): { readonly line: string; readonly words: readonly Word[] } {
  let line = '';
  const placed = words.map((text, index) => {
    if (index > 0) line += ' ';
    const start = line.length;
    line +=
      index === 0 || NAMED.test(text) || /^[\w.:,@/\\+*$-]+$/.test(text) || /^[@(]/.test(text)
        ? text
        : `'${text.replaceAll("'", "''")}'`;
    return { text, start, end: line.length };
  });
  return { line, words: placed };
}

type Matcher = (name: string) => ParameterMetadata | null;

/** `a, b` behind a list's name is one list. */
function joinLists(words: readonly Word[], match: Matcher): readonly Word[] {
  const joined: Word[] = [];
  let inList = false;
  for (const word of words) {
    const named = NAMED.exec(word.text);
    const last = joined.at(-1);
    if (
      !named &&
      inList &&
      last &&
      (last.text.endsWith(',') || word.text.startsWith(',')) &&
      !NAMED.test(last.text)
    ) {
      joined[joined.length - 1] = { text: `${last.text}${word.text}`, start: last.start, end: word.end };
      continue;
    }
    if (named) inList = match(named[1] ?? '')?.isList === true && named[2] === undefined;
    joined.push(word);
  }
  return joined;
}

/** Makes arguments of the words, once it is known which parameters there are; null: none are declared. */
export type ArgumentPlacer = (parameters: BindableParameters | null) => readonly PlacedArgument[];

export async function placeArguments(words: readonly Word[], now: () => number): Promise<ArgumentPlacer> {
  const expressions = await expressionsFor(words.map(({ text }) => text));
  const valueOf = (text: string): ArgvValue => new ArgvValue(text, expressions, now);
  return (parameters) => joinLists(words, matcherFor(parameters)).map((word) => placeArgument(word, valueOf));
}

function placeArgument({ text, start, end }: Word, valueOf: (text: string) => ArgvValue): PlacedArgument {
  const extent = { start, end };
  const [, name, value] = NAMED.exec(text) ?? [];
  if (name === undefined) return { argument: { kind: 'value', value: valueOf(text) }, extent };
  if (value === undefined || value === '') return { argument: { kind: 'name', name, text }, extent };
  return { argument: { kind: 'name', name, text: `-${name}:`, value: valueOf(value) }, extent };
}

function matcherFor(parameters: BindableParameters | null): Matcher {
  return (written) => {
    const found = parameters && matchParameter(parameters, written);
    return found !== null && 'isList' in found ? found : null;
  };
}

/** Runs the command in the frame, whose source is the line of lineOf. */
export async function runOneShot(words: readonly Word[], frame: Frame): Promise<void> {
  const [name, ...rest] = words;
  if (!name) return;
  const extent = { start: 0, end: words.at(-1)?.end ?? 0 };
  try {
    const command = await resolveCommand(name.text, frame);
    const args = await placeArguments(rest, frame.session.surroundings.now);
    const stage = await openCommand({ command, args, extent, sharesScope: false }, frame, false);
    try {
      await stage.begin();
      await stage.run();
    } catch (error) {
      if (!(error instanceof StopUpstream)) throw error;
    }
    await stage.end();
  } catch (error) {
    throw raiseAt(error, frame, { start: name.start, end: name.end });
  }
}
