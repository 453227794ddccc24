// The "ContainsWords" conditions of transport rules: words or phrases, without regard to case, as whole words (Exchange):
// `bank` is in "bank@contoso.com" and not in "banker". Thousands of words against a long text cost a look-up each.
import { foldText, isWordCharacter, type SearchableText, wordsOf } from './searchable-text.ts';

/** Below this many characters a plain search is cheaper than taking the text apart. */
const SHORT = 256;

interface Phrase {
  readonly text: string;
  /** The words that must all be there for the phrase to be. */
  readonly words: readonly string[];
  /** The phrase is one word and nothing else: that it is there decides. */
  readonly single: boolean;
}

export type WordTest = (text: SearchableText) => boolean;

export function compileWords(words: readonly string[]): WordTest {
  const phrases = words.map(readPhrase).filter((phrase) => phrase.text !== '');
  return (text) => {
    const long = text.raw.length > SHORT;
    return phrases.some((phrase) =>
      long ? inLongText(phrase, text) : containsWhole(text.folded, phrase.text),
    );
  };
}

function readPhrase(typed: string): Phrase {
  const text = foldText(typed);
  const words = wordsOf(text);
  return { text, words, single: words[0] === text };
}

function inLongText(phrase: Phrase, text: SearchableText): boolean {
  const known = text.words;
  // The phrase's own first and last word may go on only if the phrase does not begin and end with them; whole words in any case.
  if (!phrase.words.every((word) => known.has(word))) return false;
  return phrase.single || containsWhole(text.folded, phrase.text);
}

function containsWhole(text: string, phrase: string): boolean {
  const wordFirst = isWordCharacter(phrase, 0);
  const wordLast = isWordCharacter(phrase, phrase.length - 1);
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
    const end = at + phrase.length;
    const begins = !wordFirst || at === 0 || !isWordCharacter(text, at - 1);
    if (begins && (!wordLast || !isWordCharacter(text, end))) return true;
  }
  return false;
}
