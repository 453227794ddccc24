// What is being written where the cursor stands: the word, the command that it is an argument of, and the command whose
// objects come down the pipeline there. Works on unfinished text; never throws.
import type { Token } from './syntax/token.ts';
import { Tokenizer } from './syntax/tokenizer.ts';

export interface InputContext {
  readonly word: { readonly text: string; readonly start: number };
  /** null: the word is a command's name itself, or part of an expression. */
  readonly command: { readonly name: string; readonly words: readonly Token[] } | null;
  /** The first command of the pipeline that the cursor is in, or that feeds the script block around it. */
  readonly pipelineSource: string | null;
}

const MOST_TOKENS = 10_000;

interface Level {
  source: string | null;
  name: string | null;
  words: Token[];
}

const fresh = (source: string | null): Level => ({ source, name: null, words: [] });

export function inputContext(before: string): InputContext {
  const word = lastWord(before);
  const levels = readLevels(before.slice(0, word.start));
  const level = levels.at(-1) ?? fresh(null);
  const command = level.name === null || level.name === '' ? null : { name: level.name, words: level.words };
  const outer = levels.findLast(({ source }) => source !== null);
  return { word, command, pipelineSource: level.source ?? outer?.source ?? null };
}

/** The word at the end, with an opening quote if it is inside one. */
function lastWord(text: string): InputContext['word'] {
  const quoted = /(?:^|[\s(,;|={])((["'])(?:(?!\2)[^\n])*)$/.exec(text);
  const isOpen = (text.match(/"/g)?.length ?? 0) % 2 === 1 || (text.match(/'/g)?.length ?? 0) % 2 === 1;
  if (quoted && isOpen) return { text: quoted[1] ?? '', start: text.length - (quoted[1] ?? '').length };
  const bare = /[^\s(,;|={}]*$/.exec(text)?.[0] ?? '';
  return { text: bare, start: text.length - bare.length };
}

const OPENING = ['(', '$(', '@(', '{', '@{'];

/** One level for each bracket that is still open. */
function readLevels(text: string): readonly Level[] {
  const levels: Level[] = [fresh(null)];
  try {
    const tokens = new Tokenizer(text);
    for (let count = 0; count < MOST_TOKENS; count++) {
      const token = tokens.next('command');
      if (token.kind === 'end') break;
      readToken(token, levels);
    }
  } catch {
    // A string that isn't closed: what was read so far has to do.
  }
  return levels;
}

function readToken(token: Token, levels: Level[]): void {
  const level = levels.at(-1) ?? fresh(null);
  if (token.kind === 'sign' && OPENING.includes(token.text)) levels.push(fresh(null));
  else if (token.kind === 'sign' && (token.text === ')' || token.text === '}')) {
    if (levels.length > 1) levels.pop();
  } else if (token.kind === 'sign' && token.text === '|') {
    level.source ??= level.name;
    level.name = null;
    level.words = [];
  } else if (endsCommand(token)) levels[levels.length - 1] = fresh(null);
  else if (level.name === null)
    level.name = token.kind === 'word' ? token.value : token.kind === 'sign' ? null : '';
  else level.words.push(token);
}

function endsCommand(token: Token): boolean {
  if (token.kind === 'newline' || (token.kind === 'word' && token.value === '=')) return true;
  return token.kind === 'sign' && [';', '||', '&&', '&'].includes(token.text);
}
