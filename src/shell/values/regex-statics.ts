// [regex]:: methods.
import type { Value } from '#parameters/value.ts';
import { expandReplacement, matchAll, replaceAll } from './regex.ts';
import { matchObject, RegexValue } from './regex-value.ts';
import type { Statics } from './static-parsing.ts';
import { escapeRegex } from './text-operators.ts';
import { toText } from './text.ts';

const text = (value: Value | undefined): string => toText(value ?? null);

export const regexStatics: Statics = {
  Escape: ([value]) => escapeRegex(text(value)),
  IsMatch: ([value, pattern, option], { regex }) =>
    new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex).compiled.match(text(value), 0) !==
    null,
  Match: ([value, pattern, option], { regex }) =>
    matchObject(
      new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex).compiled.match(text(value), 0),
    ),
  Matches: ([value, pattern, option], { regex }) =>
    [
      ...matchAll(
        new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex).compiled,
        text(value),
      ),
    ].map(matchObject),
  Replace: ([value, pattern, replacement, option], { regex }) =>
    replaceAll(
      new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex).compiled,
      text(value),
      (match) => expandReplacement(text(replacement), match, text(value)),
    ),
  Split: ([value, pattern], { regex }) => {
    const pieces: string[] = [];
    let last = 0;
    for (const match of matchAll(new RegexValue(text(pattern), false, regex).compiled, text(value))) {
      pieces.push(text(value).slice(last, match.index));
      last = match.index + match.value.length;
    }
    return [...pieces, text(value).slice(last)];
  },
  new: ([pattern, option], { regex }) =>
    new RegexValue(text(pattern), /ignorecase/i.test(text(option)), regex),
};
