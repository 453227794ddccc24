// The words of the language as the tokenizer hands them to the parser. Which kind a character sequence is depends on
// the mode: on a command line `a-b` is one word, in an expression it is three tokens.

/** `expression`: operands and operators; `command`: a command's name and arguments. */
export type TokenMode = 'expression' | 'command';

export interface VariableName {
  /** `global`, `script`, `local`, `private`, `env`, `using` …, in lower case; null: none given. */
  readonly scope: string | null;
  readonly name: string;
}

/** A piece of an expandable string or word. Code is given by its place: the parser reads it from the same text. */
export type StringPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'variable';
      readonly variable: VariableName;
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: 'code'; readonly start: number; readonly end: number };

interface TokenBase {
  readonly start: number;
  readonly end: number;
  /** The characters as written. */
  readonly text: string;
  readonly spaceBefore: boolean;
}

export type Token = TokenBase &
  (
    | { readonly kind: 'end' | 'newline' }
    /** Brackets, separators and operators of signs, by their text: `(`, `$(`, `@{`, `+=`, `..`, `::` */
    | { readonly kind: 'sign' }
    /** `-eq`: the name in lower case, without its dash. */
    | { readonly kind: 'operator'; readonly name: string }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'expandable'; readonly parts: readonly StringPart[] }
    | { readonly kind: 'variable' | 'splat'; readonly variable: VariableName }
    | { readonly kind: 'word'; readonly value: string; readonly parts: readonly StringPart[] }
    /** `-Name` on a command line; `colon` where `:` follows it at once. */
    | { readonly kind: 'parameter'; readonly name: string; readonly colon: boolean }
    | { readonly kind: 'redirection'; readonly from: string; readonly to: 'file' | 'append' | 'output' }
  );
