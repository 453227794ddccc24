// A text that rules look into, with what the looking needs made once and only when asked for: folded for comparing
// without regard to case, and its words. Bounded by those who make it; never fails.

/** Scripts that are written without spaces: among them a word may begin and end anywhere (Postern). */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const WORD_CHARACTERS = `[[\\p{L}\\p{N}\\p{M}_]--[${UNSPACED}]]`;
const WORDS = new RegExp(`${WORD_CHARACTERS}+`, 'gv');
const WORD_CHARACTER = new RegExp(`^${WORD_CHARACTERS}$`, 'v');

export class SearchableText {
  readonly raw: string;
  #lower: string | undefined;
  #folded: string | undefined;
  #words: ReadonlySet<string> | undefined;

  constructor(raw: string) {
    this.raw = raw;
  }

  /** Case folded for ASCII and nothing else changed: what a regular expression's ASCII letters can be looked for in. */
  get lower(): string {
    this.#lower ??= this.raw.toLowerCase().replaceAll('\u017f', 's');
    return this.#lower;
  }

  get folded(): string {
    this.#folded ??= foldText(this.raw);
    return this.#folded;
  }

  get words(): ReadonlySet<string> {
    this.#words ??= new Set(wordsOf(this.folded));
    return this.#words;
  }
}

/** Lower case, composed, white space as single spaces. */
export function foldText(text: string): string {
  if (/^[!-~]*$/.test(text)) return text.toLowerCase();
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
}

export function wordsOf(folded: string): readonly string[] {
  return folded.match(WORDS) ?? [];
}

/** Whether the character that begins at, or ends before, this position is part of a word. */
export function isWordCharacter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x80) return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f;
  if (Number.isNaN(code)) return false;
  const low = code >= 0xdc00 && code <= 0xdfff;
  return WORD_CHARACTER.test(String.fromCodePoint(text.codePointAt(low ? at - 1 : at) ?? code));
}
