// Which characters PowerShell takes for quotes, dashes, spaces and names. Word processors turn plain quotes and dashes
// into typographic ones; the language reads both alike.

const SINGLE_QUOTES = "'\u2018\u2019\u201A\u201B";
const DOUBLE_QUOTES = '"\u201C\u201D\u201E';
const DASHES = '-\u2013\u2014\u2015';
const SPACE = /[\t\v\f \u00A0\u0085\u1680\u2000-\u200A\u202F\u205F\u3000\uFEFF]/;
const NAME = /[\p{L}\p{Nd}_]/u;
const LETTER = /[\p{L}_]/u;

export const isSingleQuote = (char: string): boolean => char !== '' && SINGLE_QUOTES.includes(char);
export const isDoubleQuote = (char: string): boolean => char !== '' && DOUBLE_QUOTES.includes(char);
export const isDash = (char: string): boolean => char !== '' && DASHES.includes(char);
export const isNewline = (char: string): boolean => char === '\n' || char === '\r';
export const isSpace = (char: string): boolean => char === ' ' || SPACE.test(char);
export const isDigit = (char: string): boolean => char >= '0' && char <= '9' && char.length === 1;
export const isLetter = (char: string): boolean =>
  (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || LETTER.test(char);
export const isNameCharacter = (char: string): boolean => isLetter(char) || isDigit(char) || NAME.test(char);
export const isVariableCharacter = (char: string): boolean => isNameCharacter(char) || char === '?';

/** Ends a bare word on a command line. */
export const endsWord = (char: string): boolean =>
  char === '' || '(){};,|&<>'.includes(char) || isNewline(char) || isSpace(char);
