// Cuts a script into tokens, one at a time and in the mode that the parser asks for. Skips white space, comments, and
// line ends behind a back-tick. Never looks further than the token it returns; throws ParseError with the place.
import {
  endsWord,
  isDash,
  isDigit,
  isDoubleQuote,
  isLetter,
  isNameCharacter,
  isNewline,
  isSingleQuote,
  isSpace,
} from './characters.ts';
import { readNumber } from './number-literal.ts';
import { ParseError } from './parse-error.ts';
import {
  PartCollector,
  readDoubleQuoted,
  readEscape,
  readHereString,
  readSingleQuoted,
  readVariable,
  startsHereString,
} from './string-literal.ts';
import type { StringPart, Token, TokenMode } from './token.ts';

/** Longest first. */
const EXPRESSION_SIGNS = [
  '??=',
  '++',
  '+=',
  '--',
  '-=',
  '*=',
  '/=',
  '%=',
  '||',
  '&&',
  '::',
  '..',
  '??',
  '?.',
  '?[',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  ';',
  ',',
  '|',
  '&',
  '=',
  '!',
  '.',
  '+',
  '-',
  '*',
  '/',
  '%',
  '?',
  ':',
] as const; // prettier-ignore
const COMMAND_SIGNS = ['||', '&&', '(', ')', '{', '}', ';', ',', '|', '&'] as const;
const REDIRECTION = /([1-6*])?>(>|&[12])?/y;

/** What follows the name of a variable on a command line without making it part of a longer word. */
const BEHIND_VARIABLE = '(){};,|&.[:';

export class Tokenizer {
  readonly text: string;
  /** Where tokens end, when only a piece of the text is read. */
  readonly #end: number;
  #position: number;
  #peeked: { readonly mode: TokenMode; readonly token: Token } | null = null;
  /** The end of the token that was taken last. */
  lastEnd: number;

  constructor(text: string, start = 0, end = text.length) {
    this.text = end === text.length ? text : text.slice(0, end);
    this.#end = end;
    this.#position = start;
    this.lastEnd = start;
  }

  peek(mode: TokenMode): Token {
    if (this.#peeked?.mode === mode) return this.#peeked.token;
    const token = this.#read(mode);
    this.#peeked = { mode, token };
    return token;
  }

  next(mode: TokenMode): Token {
    const token = this.peek(mode);
    this.#position = token.end;
    this.lastEnd = token.end;
    this.#peeked = null;
    return token;
  }

  /** Where reading goes on; a parser that tried one way may come back to it. */
  get position(): number {
    return this.#position;
  }
  set position(offset: number) {
    this.#position = offset;
    this.lastEnd = offset;
    this.#peeked = null;
  }

  #skipTrivia(): number {
    let at = this.#position;
    const { text } = this;
    for (;;) {
      const char = text[at] ?? '';
      if (char !== '' && isSpace(char)) at++;
      else if (char === '`' && isNewline(text[at + 1] ?? ''))
        at += text[at + 1] === '\r' && text[at + 2] === '\n' ? 3 : 2;
      else if (char === '`' && at + 1 >= this.#end)
        throw new ParseError(
          'IncompleteParse',
          'Incomplete input: a line is missing behind the back-tick.',
          { start: at, end: at + 1 },
          true,
        );
      else if (char === '#') while (at < this.#end && !isNewline(text[at] ?? '')) at++;
      else if (char === '<' && text[at + 1] === '#') at = this.#skipBlockComment(at);
      else return at;
    }
  }

  #skipBlockComment(start: number): number {
    const end = this.text.indexOf('#>', start + 2);
    if (end < 0)
      throw new ParseError(
        'MissingTerminatorMultiLineComment',
        "The terminator '#>' is missing from the multiline comment.",
        { start, end: this.#end },
        true,
      );
    return end + 2;
  }

  #read(mode: TokenMode): Token {
    const start = this.#skipTrivia();
    const { text } = this;
    const spaceBefore = start > this.#position || start === 0 || isNewline(text[start - 1] ?? '');
    const make = (end: number) => ({ start, end, text: text.slice(start, end), spaceBefore });
    const char = text[start] ?? '';
    if (char === '') return { kind: 'end', ...make(start) };
    if (isNewline(char))
      return { kind: 'newline', ...make(start + (char === '\r' && text[start + 1] === '\n' ? 2 : 1)) };
    const quoted = this.#readQuoted(char, start, mode, make);
    if (quoted) return quoted;
    return mode === 'command'
      ? this.#readCommand(char, start, make)
      : this.#readExpression(char, start, make);
  }

  #readQuoted(char: string, start: number, mode: TokenMode, make: Make): Token | null {
    const { text } = this;
    const next = text[start + 1] ?? '';
    if (char === '@') {
      if (next === '(' || next === '{') return { kind: 'sign', ...make(start + 2) };
      if (startsHereString(text, start)) {
        const { parts, end } = readHereString(text, start);
        return stringToken(parts, make(end));
      }
      const splat = isLetter(next) ? readVariable(text, start) : null;
      if (splat) return { kind: 'splat', variable: splat.variable, ...make(splat.end) };
    }
    if (char === '$') {
      if (next === '(') return { kind: 'sign', ...make(start + 2) };
      const variable = readVariable(text, start);
      const behind = text[variable?.end ?? start] ?? '';
      if (variable && (mode === 'expression' || endsWord(behind) || BEHIND_VARIABLE.includes(behind))) {
        return { kind: 'variable', variable: variable.variable, ...make(variable.end) };
      }
    }
    if (isSingleQuote(char) || isDoubleQuote(char)) return this.#readString(char, start, mode, make);
    return null;
  }

  /** On a command line `"a"b` is one word; a member (`"a".Length`) isn't part of it. */
  #readString(char: string, start: number, mode: TokenMode, make: Make): Token | null {
    const literal = isSingleQuote(char)
      ? readSingleQuoted(this.text, start)
      : readDoubleQuoted(this.text, start);
    const behind = this.text[literal.end] ?? '';
    if (mode === 'command' && !endsWord(behind) && !'.[:'.includes(behind)) return null;
    return 'value' in literal
      ? { kind: 'string', value: literal.value, ...make(literal.end) }
      : stringToken(literal.parts, make(literal.end));
  }

  #readExpression(char: string, start: number, make: Make): Token {
    const { text } = this;
    if (char === '>' || (isDigit(char) && text[start + 1] === '>')) {
      const redirection = this.#readRedirection(start, make);
      if (redirection) return redirection;
    }
    if (isDigit(char) || (char === '.' && isDigit(text[start + 1] ?? ''))) {
      const number = readNumber(text, start);
      if (number && !isNameCharacter(text[number.end] ?? ''))
        return { kind: 'number', value: number.value, ...make(number.end) };
    }
    if (isDash(char)) {
      let end = start + 1;
      while (isLetter(text[end] ?? '')) end++;
      if (end > start + 1)
        return { kind: 'operator', name: text.slice(start + 1, end).toLowerCase(), ...make(end) };
      const second = text[start + 1] ?? '';
      const width = isDash(second) || second === '=' ? 2 : 1;
      return { kind: 'sign', ...make(start + width), text: width === 1 ? '-' : second === '=' ? '-=' : '--' };
    }
    const sign = EXPRESSION_SIGNS.find((candidate) => text.startsWith(candidate, start));
    if (sign) return { kind: 'sign', ...make(start + sign.length) };
    return this.#readName(start, make);
  }

  #readName(start: number, make: Make): Token {
    const { text } = this;
    let end = start;
    while (isNameCharacter(text[end] ?? '')) end++;
    if (end === start)
      end += text.codePointAt(start) !== undefined && (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
    const value = text.slice(start, end);
    return { kind: 'word', value, parts: [{ kind: 'text', text: value }], ...make(end) };
  }

  #readRedirection(start: number, make: Make): Token | null {
    REDIRECTION.lastIndex = start;
    const found = REDIRECTION.exec(this.text);
    if (!found) return null;
    const target = found[2];
    const to = target === undefined ? 'file' : target === '>' ? 'append' : 'output';
    return { kind: 'redirection', from: found[1] ?? '1', to, ...make(REDIRECTION.lastIndex) };
  }

  #readCommand(char: string, start: number, make: Make): Token {
    const { text } = this;
    const sign = COMMAND_SIGNS.find((candidate) => text.startsWith(candidate, start));
    if (sign) return { kind: 'sign', ...make(start + sign.length) };
    if ('><123456*'.includes(char)) {
      const redirection = this.#readRedirection(start, make);
      if (redirection) return redirection;
      if (char === '<')
        throw new ParseError(
          'RedirectionNotSupported',
          "The '<' operator is reserved for future use.",
          make(start + 1),
        );
    }
    if (isDash(char)) {
      const parameter = this.#readParameter(start, make);
      if (parameter) return parameter;
    }
    const signed = isDash(char) || char === '+' ? start + 1 : start;
    const number = readNumber(text, signed);
    if (number && endsWord(text[number.end] ?? '')) {
      return { kind: 'number', value: isDash(char) ? -number.value : number.value, ...make(number.end) };
    }
    return this.#readWord(start, make);
  }

  #readParameter(start: number, make: Make): Token | null {
    const { text } = this;
    const first = text[start + 1] ?? '';
    if (!isLetter(first) && first !== '?') return null;
    let end = start + 1;
    while (
      !endsWord(text[end] ?? '') &&
      !'.[:'.includes(text[end] ?? '') &&
      !isSingleQuote(text[end] ?? '') &&
      !isDoubleQuote(text[end] ?? '')
    )
      end++;
    const name = text.slice(start + 1, end);
    const colon = text[end] === ':';
    if (!colon && (text[end] === '.' || text[end] === '[')) return null;
    return { kind: 'parameter', name, colon, ...make(colon ? end + 1 : end) };
  }

  /** A bare word, with the quotes, escapes and variables inside it. */
  #readWord(start: number, make: Make): Token {
    const { text } = this;
    const parts = new PartCollector();
    let at = start;
    while (!endsWord(text[at] ?? '')) {
      const char = text[at] ?? '';
      let end: number | null = null;
      if (char === '`') {
        const escape = readEscape(text, at);
        parts.add(escape.value);
        end = escape.end;
      } else if (isSingleQuote(char)) {
        const quoted = readSingleQuoted(text, at);
        parts.add(quoted.value);
        end = quoted.end;
      } else if (isDoubleQuote(char)) {
        end = this.#addQuoted(at, parts);
      } else if (char === '$') end = parts.expand(text, at);
      if (end === null) parts.add(char);
      at = end ?? at + 1;
    }
    const list = parts.finish();
    const value = list.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    return { kind: 'word', value, parts: list, ...make(Math.max(at, start + 1)) };
  }

  #addQuoted(at: number, parts: PartCollector): number {
    const literal = readDoubleQuoted(this.text, at);
    for (const part of literal.parts) {
      if (part.kind === 'text') parts.add(part.text);
      else parts.expand(this.text, part.kind === 'variable' ? part.start : part.start - 2);
    }
    return literal.end;
  }
}

type Make = (end: number) => Pick<Token, 'start' | 'end' | 'text' | 'spaceBefore'>;

function stringToken(parts: readonly StringPart[], base: ReturnType<Make>): Token {
  const [only] = parts;
  if (parts.length === 0) return { kind: 'string', value: '', ...base };
  if (parts.length === 1 && only?.kind === 'text') return { kind: 'string', value: only.text, ...base };
  return { kind: 'expandable', parts, ...base };
}
