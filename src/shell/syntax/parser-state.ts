// What every part of the parser shares: the tokenizer, the depth of nesting, and the questions asked of the next token.
// A sign is named by its text, a word by its value without regard to case.
import { ParseError } from './parse-error.ts';
import type { Extent } from './source-text.ts';
import type { Token, TokenMode } from './token.ts';
import { Tokenizer } from './tokenizer.ts';

const DEEPEST = 320;
/** Operators, members or pipes one behind the other: each makes the tree a level deeper. */
const LONGEST_CHAIN = 500;

export class ParserState {
  readonly tokens: Tokenizer;
  #depth: number;
  /** Inside a call's arguments a comma separates them; elsewhere it makes a list. */
  commaSeparates = false;

  constructor(text: string, start = 0, end = text.length, depth = 0) {
    this.tokens = new Tokenizer(text, start, end);
    this.#depth = depth;
  }

  get text(): string {
    return this.tokens.text;
  }
  /** A parser for the code inside a string, on the same text, so that places stay right. */
  inside(start: number, end: number): ParserState {
    return new ParserState(this.text, start, end, this.#depth + 1);
  }

  /** Runs a rule one level deeper; text that nests without bound is refused before the stack is. */
  nested<T>(rule: () => T): T {
    if (++this.#depth > DEEPEST) {
      const token = this.tokens.peek('expression');
      throw new ParseError(
        'ScriptTooComplicated',
        'The script nests statements and expressions too deeply.',
        extentOf(token),
      );
    }
    const comma = this.commaSeparates;
    this.commaSeparates = false;
    try {
      return rule();
    } finally {
      this.#depth--;
      this.commaSeparates = comma;
    }
  }

  /** The same without touching what a comma means. */
  deeper<T>(rule: () => T): T {
    const comma = this.commaSeparates;
    return this.nested(() => {
      this.commaSeparates = comma;
      return rule();
    });
  }
  /** Runs a rule in which a comma ends the value. */
  withCommas<T>(rule: () => T): T {
    const comma = this.commaSeparates;
    this.commaSeparates = true;
    try {
      return rule();
    } finally {
      this.commaSeparates = comma;
    }
  }

  peek(mode: TokenMode = 'expression'): Token {
    return this.tokens.peek(mode);
  }
  next(mode: TokenMode = 'expression'): Token {
    return this.tokens.next(mode);
  }
  atSign(sign: string, mode: TokenMode = 'expression'): boolean {
    const token = this.peek(mode);
    return token.kind === 'sign' && token.text === sign;
  }
  takeSign(sign: string, mode: TokenMode = 'expression'): boolean {
    if (!this.atSign(sign, mode)) return false;
    this.next(mode);
    return true;
  }
  atWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.value.toLowerCase() === word;
  }
  takeWord(word: string): boolean {
    if (!this.atWord(word)) return false;
    this.next();
    return true;
  }
  /** Takes the sign or fails with the message; at the end of the text more may still make it right. */
  expectSign(sign: string, errorId: string, message: string): void {
    if (!this.takeSign(sign)) throw this.error(errorId, message);
  }
  skipNewlines(): void {
    while (this.peek().kind === 'newline') this.next();
  }
  skipSeparators(): void {
    while (this.peek().kind === 'newline' || this.atSign(';')) this.next();
  }

  /** For every link of a chain that makes the tree deeper without brackets. */
  checkChain(links: number): void {
    if (links <= LONGEST_CHAIN) return;
    throw new ParseError(
      'ScriptTooComplicated',
      `More than ${LONGEST_CHAIN} operators stand one behind the other. Use several statements.`,
      extentOf(this.peek()),
    );
  }

  error(errorId: string, message: string, token: Token = this.peek()): ParseError {
    return new ParseError(errorId, message, extentOf(token), token.kind === 'end');
  }
  unexpected(token: Token = this.peek()): ParseError {
    if (token.kind === 'end') return this.error('IncompleteParse', 'Unexpected end of the input.', token);
    const text = token.kind === 'newline' ? 'line end' : token.text;
    return this.error('UnexpectedToken', `Unexpected token '${text}' in expression or statement.`, token);
  }
  unsupported(what: string, token: Token | Extent): ParseError {
    return new ParseError(
      'NotSupported',
      `${what} is not supported by Postern's shell.`,
      'kind' in token ? extentOf(token) : token,
    );
  }
  /** From a token's or offset's start to the end of what was taken last. */
  extentFrom(from: { readonly start: number } | number): Extent {
    const start = typeof from === 'number' ? from : from.start;
    return { start, end: Math.max(start, this.tokens.lastEnd) };
  }
}

export function extentOf(token: Extent): Extent {
  return { start: token.start, end: token.end };
}
