// Regular expressions for scripts from the network: RE2's engine, whose time grows with the text alone, so that no pattern
// can hold up the gateway. Look-around and back references don't exist in it and are refused.
import { RE2JS } from 're2js';
import { type CompiledRegex, numberGroups, type RegexEngine, regexError, type RegexGroup } from './regex.ts';

const LONGEST_PATTERN = 4096;
const KEPT = 100;

export function createLinearRegexEngine(): RegexEngine {
  const kept = new Map<string, CompiledRegex>();
  return {
    compile(pattern, ignoreCase) {
      const key = `${ignoreCase ? 'i' : ''}/${pattern}`;
      const known = kept.get(key);
      if (known) return known;
      if (pattern.length > LONGEST_PATTERN)
        throw regexError(pattern, `it is longer than ${LONGEST_PATTERN} characters.`);
      const compiled = compile(pattern, ignoreCase);
      if (kept.size >= KEPT) kept.clear();
      kept.set(key, compiled);
      return compiled;
    },
  };
}

function compile(pattern: string, ignoreCase: boolean): CompiledRegex {
  const source = pattern.replace(/\(\?(?:<|')(\w+)(?:>|')/g, '(?P<$1>').replace(/\\Z/g, '\\z');
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw regexError(pattern, `${error instanceof Error ? error.message : 'not a regular expression'}.`);
  }
  const names = new Map(Object.entries(regex.namedGroups()).map(([name, number]) => [number, name]));
  return {
    match(text, from) {
      const matcher = regex.matcher(text);
      if (!matcher.find(from)) return null;
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, number): RegexGroup => {
        const value = matcher.group(number);
        const index = matcher.start(number);
        return {
          name: names.get(number) ?? String(number),
          success: value !== null && index >= 0,
          value: value ?? '',
          index,
        };
      });
      return { index: matcher.start(0), value: groups[0]?.value ?? '', groups: numberGroups(groups) };
    },
  };
}
