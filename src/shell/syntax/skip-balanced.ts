// Finds the end of a bracketed piece of code without parsing it: knows quotes, here-strings, comments and escapes, so that
// a bracket inside any of them doesn't count. Used for `$(…)` in strings; the parser then reads the piece for real.
import { endsWord, isDoubleQuote, isNewline, isSingleQuote } from './characters.ts';
import { ParseError } from './parse-error.ts';

const DEEPEST = 100;

/** The offset behind the bracket that closes the one at `open`. */
export function skipBalanced(text: string, open: number): number {
  return skipCode(text, open, 0);
}

function skipCode(text: string, open: number, depth: number): number {
  if (depth > DEEPEST)
    throw new ParseError('ScriptTooComplicated', 'The script nests strings and expressions too deeply.', {
      start: open,
      end: open + 1,
    });
  let brackets = 0;
  let at = open;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '(' || char === '{') brackets++;
    else if (char === ')' || char === '}') {
      brackets--;
      if (brackets === 0) return at + 1;
    }
    at = skipOne(text, at, depth);
  }
  throw new ParseError(
    'MissingEndParenthesisInExpression',
    "Missing closing ')' in expression.",
    { start: open, end: text.length },
    true,
  );
}

function skipOne(text: string, at: number, depth: number): number {
  const char = text[at] ?? '';
  const next = text[at + 1] ?? '';
  if (char === '`') return at + 2;
  if (char === '@' && (isSingleQuote(next) || isDoubleQuote(next)))
    return skipHereString(text, at, depth) ?? at + 1;
  if (isSingleQuote(char)) return skipSingleQuoted(text, at);
  if (isDoubleQuote(char)) return skipDoubleQuoted(text, at, depth);
  if (char === '<' && next === '#') return endOf(text, '#>', at);
  if (char === '#' && (at === 0 || endsWord(text[at - 1] ?? ''))) {
    let end = at;
    while (end < text.length && !isNewline(text[end] ?? '')) end++;
    return end;
  }
  return at + 1;
}

function endOf(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at);
  return found < 0 ? text.length : found + mark.length;
}

function skipSingleQuoted(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) if (isSingleQuote(text[end] ?? '')) return end + 1;
  return text.length;
}

function skipDoubleQuoted(text: string, at: number, depth: number): number {
  let end = at + 1;
  while (end < text.length) {
    const char = text[end] ?? '';
    if (isDoubleQuote(char)) return end + 1;
    if (char === '`') end += 2;
    else if (char === '$' && text[end + 1] === '(') end = skipCode(text, end + 1, depth + 1);
    else end++;
  }
  return text.length;
}

function skipHereString(text: string, at: number, depth: number): number | null {
  const single = isSingleQuote(text[at + 1] ?? '');
  const isQuote = single ? isSingleQuote : isDoubleQuote;
  let end = at + 2;
  while (end < text.length && !isNewline(text[end] ?? '')) if ((text[end++] ?? '').trim() !== '') return null;
  while (end < text.length) {
    const char = text[end] ?? '';
    if (isNewline(char) && isQuote(text[end + 1] ?? '') && text[end + 2] === '@') return end + 3;
    if (!single && char === '`') end += 2;
    else if (!single && char === '$' && text[end + 1] === '(') end = skipCode(text, end + 1, depth + 1);
    else end++;
  }
  return text.length;
}
