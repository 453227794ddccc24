// One cmdlet from the operating system's command line: every word is one argument already. Binds and runs it as a pipeline
// would, and keeps a line as PowerShell would show it, for errors and for the history.
import { bindableParameters, matchParameter } from '#parameters/bind.ts';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import type { Argument } from '#parameters/bind.ts';
import { resolveCommand } from '#shell/runtime/resolve-command.ts';
import { openCommand } from '#shell/runtime/open-stage.ts';
import type { PlacedArgument } from '#shell/runtime/command-arguments.ts';
import type { Frame } from '#shell/runtime/frame.ts';
import { raiseAt } from '#shell/runtime/report.ts';
import { signatureOf } from '#shell/runtime/function-signature.ts';
import { StopUpstream } from '#shell/runtime/signals.ts';
import { ArgvValue } from './argv-value.ts';

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

export function placeArguments(
  words: readonly Word[],
  match: Matcher,
  now: () => number,
): readonly PlacedArgument[] {
  return joinLists(words, match).map(({ text, start, end }): PlacedArgument => {
    const extent = { start, end };
    const named = NAMED.exec(text);
    if (!named) return { argument: { kind: 'value', value: new ArgvValue(text, now) }, extent };
    const name = named[1] ?? '';
    const argument: Argument =
      named[2] === undefined || named[2] === ''
        ? { kind: 'name', name, text }
        : { kind: 'name', name, text: `-${name}:`, value: new ArgvValue(named[2], now) };
    return { argument, extent };
  });
}

/** Runs the command in the frame, whose source is the line of lineOf. */
export async function runOneShot(words: readonly Word[], frame: Frame): Promise<void> {
  const [name, ...rest] = words;
  if (!name) return;
  const extent = { start: 0, end: words.at(-1)?.end ?? 0 };
  try {
    const command = await resolveCommand(name.text, frame);
    const parameters =
      command.kind === 'function'
        ? signatureOf(command.function.block).bindable
        : bindableParameters(command.kind === 'builtin' ? command.builtin.metadata : command.metadata);
    const match: Matcher = (written) => {
      const found = matchParameter(parameters, written);
      return found !== null && 'isList' in found ? found : null;
    };
    const args = placeArguments(rest, match, frame.session.surroundings.now);
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
