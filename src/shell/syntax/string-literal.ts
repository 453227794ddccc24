// String literals: quoted, expandable and here-strings, and the variables and `$(…)` inside them. Code inside a string is
// only delimited here; the parser reads it in place. Text in, parts and the offset behind the literal out.
import { isDoubleQuote, isNewline, isSingleQuote, isVariableCharacter } from './characters.ts';
import { skipBalanced } from './skip-balanced.ts';
import { ParseError } from './parse-error.ts';
import type { StringPart, VariableName } from './token.ts';

export interface StringLiteral {
  readonly parts: readonly StringPart[];
  readonly end: number;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1B'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** What the back-tick at the offset and the characters behind it stand for. */
export function readEscape(text: string, offset: number): { readonly value: string; readonly end: number } {
  const char = text[offset + 1] ?? '';
  if (char === 'u' && text[offset + 2] === '{') {
    const found = /\{([0-9a-f]{1,6})\}/iy;
    found.lastIndex = offset + 2;
    const code = Number.parseInt(found.exec(text)?.[1] ?? '', 16);
    if (!(code <= 0x10ffff)) {
      const extent = { start: offset, end: offset + 3 };
      throw new ParseError(
        'InvalidUnicodeEscapeSequence',
        "The Unicode escape sequence is not valid. A valid sequence is `u{ followed by one to six hex digits and a closing '}'.",
        extent,
      );
    }
    return { value: String.fromCodePoint(code), end: found.lastIndex };
  }
  if (char === '\r' && text[offset + 2] === '\n') return { value: '\r\n', end: offset + 3 };
  return { value: ESCAPES.get(char) ?? char, end: offset + 1 + char.length };
}

export interface VariableLiteral {
  readonly variable: VariableName;
  readonly end: number;
}

function splitScope(whole: string): VariableName {
  const colon = whole.indexOf(':');
  if (colon <= 0) return { scope: null, name: whole };
  return { scope: whole.slice(0, colon).toLowerCase(), name: whole.slice(colon + 1) };
}

/** The variable whose `$` (or `@`) stands at the offset; null where what follows is no name. */
export function readVariable(text: string, offset: number): VariableLiteral | null {
  const first = text[offset + 1] ?? '';
  if (first === '{') {
    const close = text.indexOf('}', offset + 2);
    const extent = { start: offset, end: close < 0 ? text.length : close + 1 };
    if (close < 0)
      throw new ParseError(
        'IncompleteDollarVariableReference',
        'The variable name is missing its closing brace.',
        extent,
        true,
      );
    const name = text.slice(offset + 2, close).replace(/`(.)/gs, '$1');
    if (name === '')
      throw new ParseError(
        'EmptyVariableReference',
        'Empty ${} variable reference, there should be a name between the braces.',
        extent,
      );
    return { variable: splitScope(name), end: close + 1 };
  }
  if (first === '$' || first === '^') return { variable: { scope: null, name: first }, end: offset + 2 };
  if (!isVariableCharacter(first)) return null;
  let end = offset + 1;
  while (isVariableCharacter(text[end] ?? '')) end++;
  if (text[end] === ':' && text[end + 1] !== ':') {
    if (!isVariableCharacter(text[end + 1] ?? '')) {
      const message =
        "Variable reference is not valid. ':' was not followed by a valid variable name character. Consider using ${} to delimit the name.";
      throw new ParseError('InvalidVariableReferenceWithDrive', message, { start: offset, end: end + 1 });
    }
    end++;
    while (isVariableCharacter(text[end] ?? '')) end++;
  }
  return { variable: splitScope(text.slice(offset + 1, end)), end };
}

/** Collects text and code between other characters; one for a string, a here-string or a bare word. */
export class PartCollector {
  readonly #parts: StringPart[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
  }
  /** Takes the variable or `$(…)` at the offset; the offset behind it, or null where the `$` is just a `$`. */
  expand(text: string, offset: number): number | null {
    if (text[offset + 1] === '(') {
      const end = skipBalanced(text, offset + 1);
      this.#flush();
      this.#parts.push({ kind: 'code', start: offset + 2, end: end - 1 });
      return end;
    }
    const variable = readVariable(text, offset);
    if (!variable) return null;
    this.#flush();
    this.#parts.push({ kind: 'variable', variable: variable.variable, start: offset, end: variable.end });
    return variable.end;
  }
  finish(): readonly StringPart[] {
    this.#flush();
    return this.#parts;
  }
  #flush(): void {
    if (this.#text !== '') this.#parts.push({ kind: 'text', text: this.#text });
    this.#text = '';
  }
}

function unterminated(offset: number, end: number, quote: string): ParseError {
  return new ParseError(
    'TerminatorExpectedAtEndOfString',
    `The string is missing the terminator: ${quote}.`,
    { start: offset, end },
    true,
  );
}

export function readSingleQuoted(
  text: string,
  offset: number,
): { readonly value: string; readonly end: number } {
  let value = '';
  for (let at = offset + 1; at < text.length; at++) {
    const char = text[at] ?? '';
    if (!isSingleQuote(char)) value += char;
    else if (isSingleQuote(text[at + 1] ?? '')) value += text[++at];
    else return { value, end: at + 1 };
  }
  throw unterminated(offset, text.length, "'");
}

export function readDoubleQuoted(text: string, offset: number): StringLiteral {
  const parts = new PartCollector();
  let at = offset + 1;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (isDoubleQuote(char)) {
      if (!isDoubleQuote(text[at + 1] ?? '')) return { parts: parts.finish(), end: at + 1 };
      parts.add(text[at + 1] ?? '');
      at += 2;
    } else if (char === '`') {
      const escape = readEscape(text, at);
      parts.add(escape.value);
      at = escape.end;
    } else {
      const end = char === '$' ? parts.expand(text, at) : null;
      if (end === null) parts.add(char);
      at = end ?? at + 1;
    }
  }
  throw unterminated(offset, text.length, '"');
}

/** `@"` or `@'` with nothing but white space behind it on its line. */
export function startsHereString(text: string, offset: number): boolean {
  const quote = text[offset + 1] ?? '';
  return isSingleQuote(quote) || isDoubleQuote(quote);
}

export function readHereString(text: string, offset: number): StringLiteral {
  const expandable = isDoubleQuote(text[offset + 1] ?? '');
  const header = /[^\S\r\n]*(\r\n|\r|\n)?/y;
  header.lastIndex = offset + 2;
  const found = header.exec(text);
  if (found?.[1] === undefined) {
    const atEnd = header.lastIndex >= text.length;
    const message = 'No characters are allowed after a here-string header but before the end of the line.';
    throw new ParseError(
      'UnexpectedCharactersAfterHereStringHeader',
      message,
      { start: offset, end: offset + 2 },
      atEnd,
    );
  }
  const parts = new PartCollector();
  let at = header.lastIndex - found[1].length;
  const first = header.lastIndex;
  const isQuote = expandable ? isDoubleQuote : isSingleQuote;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (isNewline(char)) {
      const width = char === '\r' && text[at + 1] === '\n' ? 2 : 1;
      if (isQuote(text[at + width] ?? '') && text[at + width + 1] === '@')
        return { parts: parts.finish(), end: at + width + 2 };
      if (at >= first) parts.add(text.slice(at, at + width));
      at += width;
    } else if (expandable && char === '`') {
      const escape = readEscape(text, at);
      parts.add(escape.value);
      at = escape.end;
    } else {
      const end = expandable && char === '$' ? parts.expand(text, at) : null;
      if (end === null) parts.add(char);
      at = end ?? at + 1;
    }
  }
  throw unterminated(offset, text.length, expandable ? '"@' : "'@");
}
