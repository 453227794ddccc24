// The "MatchesPatterns" conditions of transport rules: regular expressions in RE2's syntax, without regard to case, in
// time linear in the text whatever the pattern: nothing here backtracks. The engine is loaded with the first pattern that
// has to run, and most never do: a piece of text that a pattern can't do without is looked for first.
import { compileRulePattern } from '#directory/rule-pattern.ts';
import type { SearchableText } from './searchable-text.ts';

export type PatternTest = (text: SearchableText) => boolean;

/** Compiles at first use. Throws then, if a pattern is wrong: the rule that holds it fails, not the message. */
export function compilePatterns(patterns: readonly string[]): PatternTest {
  const tests = patterns.map((pattern) => {
    const pieces = requiredPieces(pattern);
    let compiled: ReturnType<typeof compileRulePattern> | undefined;
    return (text: SearchableText): boolean => {
      if (pieces !== null && !pieces.some((piece) => text.lower.includes(piece))) return false;
      compiled ??= compileRulePattern(pattern);
      return compiled.test(text.raw);
    };
  });
  return (text) => tests.some((test) => test(text));
}

/**
 * Pieces of text in lower case of which one is in every text that the pattern matches; null where none can be told. Reads only
 * what stands outside all groups and classes, and gives up at what it doesn't know: it may miss pieces, never invent them.
 */
export function requiredPieces(pattern: string): readonly string[] | null {
  const pieces: string[] = [];
  let longest = '';
  let run = '';
  const endRun = (): void => {
    if (run.length > longest.length) longest = run;
    run = '';
  };
  for (let at = 0; at < pattern.length; ) {
    const next = readElement(pattern, at);
    if (next === null) return null;
    at = next.end;
    if (next.kind === 'alternative') {
      endRun();
      if (longest.length < 2) return null;
      pieces.push(longest);
      longest = '';
      continue;
    }
    const quantifier = /^(?:[*?+]|\{\d+(?:,\d*)?\})\??/.exec(pattern.slice(at, at + 24))?.[0];
    if (next.kind === 'literal' && quantifier === undefined) run += next.text;
    else endRun();
    at += quantifier?.length ?? 0;
  }
  endRun();
  if (longest.length < 2) return null;
  return [...pieces, longest];
}

type Element =
  | { readonly kind: 'literal'; readonly text: string; readonly end: number }
  | { readonly kind: 'other' | 'alternative'; readonly end: number };

function readElement(pattern: string, at: number): Element | null {
  const character = pattern.charAt(at);
  switch (character) {
    case '|':
      return { kind: 'alternative', end: at + 1 };
    case '(':
      return skipped(groupEnd(pattern, at));
    case '[':
      return skipped(classEnd(pattern, at));
    case '\\':
      return readEscape(pattern, at);
    case ')':
    case '*':
    case '+':
    case '?':
    case '{':
      return null;
    case '.':
    case '^':
    case '$':
      return { kind: 'other', end: at + 1 };
    default:
      // What isn't ASCII folds in ways that are the engine's business.
      if (!/[ -~]/.test(character)) return { kind: 'other', end: at + 1 };
      return { kind: 'literal', text: character.toLowerCase(), end: at + 1 };
  }
}

function readEscape(pattern: string, at: number): Element | null {
  const escaped = pattern.charAt(at + 1);
  if (/[sSdDwWbB]/.test(escaped)) return { kind: 'other', end: at + 2 };
  if (/[!-/:-@[-`{-~]/.test(escaped)) return { kind: 'literal', text: escaped, end: at + 2 };
  return null;
}

function skipped(end: number): Element | null {
  return end < 0 ? null : { kind: 'other', end };
}

/** Behind the closing parenthesis; -1 where flags might change the meaning of what follows, or it isn't closed. */
function groupEnd(pattern: string, at: number): number {
  let depth = 0;
  for (let index = at; index < pattern.length; index += 1) {
    switch (pattern.charAt(index)) {
      case '\\':
        if (/[QEpPxC0-9]/.test(pattern.charAt(index + 1))) return -1;
        index += 1;
        break;
      case '[':
        index = classEnd(pattern, index) - 1;
        if (index < 0) return -1;
        break;
      case '(':
        if (pattern.charAt(index + 1) === '?' && pattern.charAt(index + 2) !== ':') return -1;
        depth += 1;
        break;
      case ')':
        depth -= 1;
        if (depth === 0) return index + 1;
        break;
    }
  }
  return -1;
}

function classEnd(pattern: string, at: number): number {
  const class_ = /^\[\^?\]?(?:[^\]\\[]|\\[^QEpPxC0-9]|\[:\^?[a-z]+:\]|\[(?!:))*\]/.exec(pattern.slice(at));
  return class_ === null ? -1 : at + class_[0].length;
}
