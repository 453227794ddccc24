// -split and -join, and the pieces of -replace and -match that need no evaluator.
import { isList } from '#parameters/parameter-type.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import type { CaseRule } from '#shell/syntax/ast.ts';
import { itemsOf } from './object-values.ts';
import { matchAll, type RegexEngine, type RegexMatch } from './regex.ts';
import { RegexValue } from './regex-value.ts';
import { toText } from './text.ts';
import { toNumber } from './to-number.ts';

/** The regex that a right operand means: `[regex]` as it is, anything else as a pattern. */
export function regexOf(value: Value, caseRule: CaseRule, engine: RegexEngine): RegexValue {
  return value instanceof RegexValue ? value : new RegexValue(toText(value), caseRule === 'ignore', engine);
}

/** What $Matches holds: groups that took part, by number or name. */
export function matchesTable(match: RegexMatch): Hashtable {
  const table = new Hashtable();
  for (const group of match.groups) if (group.success) table.set(group.name, group.value);
  return table;
}

function splitOne(text: string, regex: RegexValue, limit: number): string[] {
  const pieces: string[] = [];
  let last = 0;
  if (limit < 0) return splitFromEnd(text, regex, -limit);
  for (const match of matchAll(regex.compiled, text)) {
    if (limit > 0 && pieces.length >= limit - 1) break;
    if (match.value === '' && (match.index === 0 || match.index === text.length)) {
      pieces.push(text.slice(last, match.index));
      last = match.index;
      continue;
    }
    pieces.push(text.slice(last, match.index));
    for (const group of match.groups.slice(1)) if (group.success) pieces.push(group.value);
    last = match.index + match.value.length;
  }
  pieces.push(text.slice(last));
  return pieces;
}

function splitFromEnd(text: string, regex: RegexValue, limit: number): string[] {
  const matches = [...matchAll(regex.compiled, text)].filter((match) => match.value !== '');
  const used = limit > 1 ? matches.slice(-(limit - 1)) : [];
  const pieces: string[] = [];
  let last = 0;
  for (const match of used) {
    pieces.push(text.slice(last, match.index));
    last = match.index + match.value.length;
  }
  pieces.push(text.slice(last));
  return pieces;
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\*+?|{}[\]()^$.# ]/g, '\\$&');
}

/** `text -split pattern, limit, option`; lists are split item by item. */
export function split(left: Value, right: Value, caseRule: CaseRule, engine: RegexEngine): Value {
  const args = isList(right) ? right : [right];
  const [pattern = null, limit = 0, options = null] = args;
  const simple = toText(options)
    .toLowerCase()
    .split(/[\s,]+/)
    .includes('simplematch');
  const regex = simple
    ? new RegexValue(escapeRegex(toText(pattern)), caseRule === 'ignore', engine)
    : regexOf(pattern, caseRule, engine);
  return itemsOf(left).flatMap((item) => splitOne(toText(item), regex, Math.round(toNumber(limit))));
}

/** `-split text`: at runs of white space, none at the ends. */
export function splitWords(value: Value): Value {
  return itemsOf(value).flatMap((item) =>
    toText(item)
      .trim()
      .split(/\s+/)
      .filter((word) => word !== ''),
  );
}

export function join(left: Value, separator: string): string {
  return itemsOf(left)
    .map((item) => toText(item))
    .join(separator);
}
