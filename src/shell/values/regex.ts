// Regular expressions in .NET's syntax, run by JavaScript's engine: translated where the two differ, refused by name where
// JavaScript has no equal. Compiled ones are kept, since scripts use the same few in loops.
import { ScriptError } from './script-error.ts';

export interface RegexGroup {
  readonly name: string;
  readonly success: boolean;
  readonly value: string;
  /** Offset in the text; -1 where the engine doesn't say. */
  readonly index: number;
}

export interface RegexMatch {
  readonly index: number;
  readonly value: string;
  /** The whole match first. */
  readonly groups: readonly RegexGroup[];
}

export interface CompiledRegex {
  /** The first match at or behind the offset. */
  match(text: string, from: number): RegexMatch | null;
}

export interface RegexEngine {
  /** Throws ScriptError where the pattern is wrong. */
  compile(pattern: string, ignoreCase: boolean): CompiledRegex;
}

const KEPT = 200;
const LONGEST_PATTERN = 8192;

/** Flags given inside, as `(?im)` at the very start. */
const LEADING_FLAGS = /^\(\?([imsnx]+)(?:-[imsnx]+)?\)/;

const WORD = '\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}';

export function regexError(pattern: string, why: string): ScriptError {
  return new ScriptError(`Invalid pattern '${pattern.slice(0, 200)}': ${why}`, {
    category: 'InvalidArgument',
    errorId: 'RegexParseException',
    exception: 'System.Text.RegularExpressions.RegexParseException',
  });
}

/** A pattern for JavaScript with the `u` flag. */
export function translatePattern(pattern: string): { readonly source: string; readonly flags: string } {
  let flags = '';
  let rest = pattern;
  const leading = LEADING_FLAGS.exec(rest);
  if (leading) {
    const wanted = leading[1] ?? '';
    rest = rest.slice(leading[0].length);
    for (const flag of 'ims') if (wanted.includes(flag)) flags += flag;
    if (wanted.includes('x')) rest = withoutWhitespace(rest);
  }
  const multiline = flags.includes('m');
  let source = '';
  let inClass = false;
  for (let at = 0; at < rest.length; ) {
    const char = rest[at] ?? '';
    if (char === '\\') {
      const escape = translateEscape(rest, at, inClass);
      source += escape.source;
      at = escape.end;
      continue;
    }
    if (inClass) {
      if (char === ']') inClass = false;
      source += char === '[' ? '\\[' : char;
    } else if (char === '[') {
      inClass = true;
      source += char;
      if (rest[at + 1] === '^') source += rest[++at];
      if (rest[at + 1] === ']') {
        source += '\\]';
        at++;
      }
    } else if (char === '(' && rest[at + 1] === '?') {
      const group = translateGroup(pattern, rest, at);
      source += group.source;
      at = group.end;
      continue;
    } else if (char === '$' && !multiline) source += '(?=\\n?$)';
    else if (char === '{' && !/^\{\d+(,\d*)?\}/.test(rest.slice(at, at + 20))) source += '\\{';
    else if (char === '}' && !/\{\d+(,\d*)?$/.test(rest.slice(Math.max(0, at - 20), at))) source += '\\}';
    else if (char === ']') source += '\\]';
    else source += char;
    at++;
  }
  return { source, flags };
}

function withoutWhitespace(pattern: string): string {
  return pattern.replace(
    /(\\.|\[(?:\\.|[^\]])*\])|\s+|#[^\n]*/g,
    (_, kept: string | undefined) => kept ?? '',
  );
}

function translateGroup(pattern: string, text: string, at: number): { source: string; end: number } {
  const behind = text.slice(at + 2, at + 60);
  const quoted = /^'(\w+)'/.exec(behind);
  if (quoted) return { source: `(?<${quoted[1] ?? ''}>`, end: at + 2 + quoted[0].length };
  if (/^<\w*-\w+>/.test(behind)) throw regexError(pattern, 'balancing groups are not supported by Postern.');
  if (behind.startsWith('>')) throw regexError(pattern, 'atomic groups (?>…) are not supported by Postern.');
  if (behind.startsWith('('))
    throw regexError(pattern, 'conditional groups (?(…)…) are not supported by Postern.');
  if (behind.startsWith('#')) return { source: '', end: closing(text, at) };
  const flags = /^([imsnx]*)(?:-([imsnx]*))?([:)])/.exec(behind);
  if (flags?.[3] === ')')
    throw regexError(pattern, 'flags such as (?i) stand at the beginning, or as (?i:…).');
  return { source: '(?', end: at + 2 };
}

function closing(text: string, at: number): number {
  const found = text.indexOf(')', at);
  return found < 0 ? text.length : found + 1;
}

function translateEscape(text: string, at: number, inClass: boolean): { source: string; end: number } {
  const char = text[at + 1] ?? '';
  const end = at + 2;
  switch (char) {
    case 'A':
      return { source: '(?<![\\s\\S])', end };
    case 'z':
      return { source: '(?![\\s\\S])', end };
    case 'Z':
      return { source: '(?=\\n?(?![\\s\\S]))', end };
    case 'a':
      return { source: '\\x07', end };
    case 'e':
      return { source: '\\x1b', end };
    case 'w':
      return { source: inClass ? WORD : `[${WORD}]`, end };
    case 'W':
      return inClass ? { source: '\\W', end } : { source: `[^${WORD}]`, end };
    case 'd':
      return { source: '\\p{Nd}', end };
    case 'D':
      return { source: '\\P{Nd}', end };
    case 'b':
      return inClass
        ? { source: '\\x08', end }
        : { source: `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`, end };
    case 'B':
      return { source: `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`, end };
    case 'p':
    case 'P':
    case 'k':
    case 'x':
    case 'u':
    case 'c':
      return { source: `\\${char}`, end };
  }
  if (/[A-Za-z0-9]/.test(char)) return { source: `\\${char}`, end };
  // JavaScript's u flag allows escapes only where they mean something.
  const special = inClass ? '\\]^-/[' : '^$\\.*+?()[]{}|/';
  return { source: special.includes(char) ? `\\${char}` : char, end };
}

function toMatch(found: RegExpExecArray): RegexMatch {
  const names = new Map<number, string>();
  const named = found.groups ? Object.keys(found.groups) : [];
  const indices = found.indices;
  if (named.length > 0 && indices?.groups) {
    for (const name of named) {
      const place = indices.groups[name];
      const number = indices.findIndex((pair, index) => index > 0 && pair === place);
      if (number > 0) names.set(number, name);
    }
    // A group that took no part has no place to be found by; its number is the next one free.
    for (const name of named) {
      if ([...names.values()].includes(name)) continue;
      for (let number = 1; number < found.length; number++) {
        if (found[number] === undefined && !names.has(number)) {
          names.set(number, name);
          break;
        }
      }
    }
  }
  const groups = [...found].map((value, number): RegexGroup => {
    const text = value as string | undefined;
    const name = names.get(number) ?? String(number);
    return { name, success: text !== undefined, value: text ?? '', index: indices?.[number]?.[0] ?? -1 };
  });
  return { index: found.index, value: found[0], groups: numberGroups(groups) };
}

/** .NET numbers the groups without a name first, then those with one. */
export function numberGroups(groups: readonly RegexGroup[]): readonly RegexGroup[] {
  const isNamed = (group: RegexGroup): boolean => !/^\d+$/.test(group.name);
  if (!groups.some(isNamed)) return groups;
  const unnamed = groups
    .filter((group) => !isNamed(group))
    .map((group, number) => ({ ...group, name: String(number) }));
  return [...unnamed, ...groups.filter(isNamed)];
}

/** JavaScript's engine: all of the syntax, but a bad pattern can take very long. For scripts of the machine's own users. */
export function createRegexEngine(): RegexEngine {
  const kept = new Map<string, CompiledRegex>();
  return {
    compile(pattern, ignoreCase) {
      const key = `${ignoreCase ? 'i' : ''}/${pattern}`;
      const known = kept.get(key);
      if (known) return known;
      if (pattern.length > LONGEST_PATTERN)
        throw regexError(pattern, `it is longer than ${LONGEST_PATTERN} characters.`);
      const { source, flags } = translatePattern(pattern);
      const expression = compileSource(
        pattern,
        source,
        `dgu${[...new Set(`${flags}${ignoreCase ? 'i' : ''}`)].join('')}`,
      );
      const compiled: CompiledRegex = {
        match(text, from) {
          expression.lastIndex = from;
          const found = expression.exec(text);
          return found ? toMatch(found) : null;
        },
      };
      if (kept.size >= KEPT) kept.clear();
      kept.set(key, compiled);
      return compiled;
    },
  };
}

function compileSource(pattern: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const why =
      error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /, '') : 'not a regular expression';
    throw regexError(pattern, `${why}.`);
  }
}

/** Every match, one behind the other; an empty one moves on by a character. */
export function* matchAll(regex: CompiledRegex, text: string): Iterable<RegexMatch> {
  let from = 0;
  while (from <= text.length) {
    const match = regex.match(text, from);
    if (!match) return;
    yield match;
    from = match.index + Math.max(match.value.length, 1);
  }
}

/** `$1`, `${name}`, `$&`, `$$` in a replacement, as .NET reads them. */
export function expandReplacement(replacement: string, match: RegexMatch, text: string): string {
  if (!replacement.includes('$')) return replacement;
  return replacement.replace(
    /\$(?:(\d+)|\{(\w+)\}|([$&`'_]))/g,
    (whole, number?: string, name?: string, sign?: string) => {
      if (sign === '$') return '$';
      if (sign === '&') return match.value;
      if (sign === '`') return text.slice(0, match.index);
      if (sign === "'") return text.slice(match.index + match.value.length);
      if (sign === '_') return text;
      const wanted = number ?? name ?? '';
      const byNumber = /^\d+$/.test(wanted) ? match.groups[Number(wanted)] : undefined;
      const group = byNumber ?? match.groups.find((candidate) => candidate.name === wanted);
      return group ? group.value : whole;
    },
  );
}

export function replaceAll(
  regex: CompiledRegex,
  text: string,
  replace: (match: RegexMatch) => string,
): string {
  let result = '';
  let last = 0;
  for (const match of matchAll(regex, text)) {
    result += text.slice(last, match.index) + replace(match);
    last = match.index + match.value.length;
  }
  return result + text.slice(last);
}
