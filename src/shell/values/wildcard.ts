// PowerShell's wildcards, as -like and -Filter-like parameters take them: * ? [a-z] and back-tick to mean a sign itself.
// Matching takes time in proportion to pattern times text at worst, never more.

export type Wildcard = (text: string) => boolean;

type Element = '*' | '?' | ((char: string) => boolean) | { readonly literal: string };

function parse(pattern: string, ignoreCase: boolean): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (char === '*') {
      if (elements.at(-1) !== '*') elements.push('*');
    } else if (char === '?') elements.push('?');
    else if (char === '[') {
      const close = pattern.indexOf(']', at + 2);
      if (close < 0) elements.push({ literal: char });
      else {
        elements.push(characterSet(pattern.slice(at + 1, close), ignoreCase));
        at = close;
      }
    } else if (char === '`' && at + 1 < pattern.length) elements.push({ literal: pattern[++at] ?? '' });
    else elements.push({ literal: char });
  }
  return elements;
}

function characterSet(body: string, ignoreCase: boolean): (char: string) => boolean {
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < body.length; at++) {
    const first = body[at] ?? '';
    if (body[at + 1] === '-' && at + 2 < body.length) {
      ranges.push([first, body[at + 2] ?? '']);
      at += 2;
    } else ranges.push([first, first]);
  }
  const holds = (char: string): boolean => ranges.some(([from, to]) => char >= from && char <= to);
  return ignoreCase ? (char) => holds(char.toLowerCase()) || holds(char.toUpperCase()) : holds;
}

export function compileWildcard(pattern: string, ignoreCase = true): Wildcard {
  const elements = parse(ignoreCase ? pattern.toLowerCase() : pattern, ignoreCase);
  if (elements.every((element) => typeof element === 'object')) {
    const whole = elements.map((element) => (typeof element === 'object' ? element.literal : '')).join('');
    return (text) => (ignoreCase ? text.toLowerCase() : text) === whole;
  }
  return (text) => matches(elements, ignoreCase ? text.toLowerCase() : text);
}

function matches(elements: readonly Element[], text: string): boolean {
  let element = 0;
  let char = 0;
  let star = -1;
  let resume = 0;
  while (char < text.length) {
    const current = elements[element];
    if (current === '*') {
      star = element++;
      resume = char;
    } else if (current !== undefined && fits(current, text[char] ?? '')) {
      element++;
      char++;
    } else if (star >= 0) {
      element = star + 1;
      char = ++resume;
    } else return false;
  }
  while (elements[element] === '*') element++;
  return element === elements.length;
}

function fits(element: Exclude<Element, '*'>, char: string): boolean {
  if (element === '?') return true;
  return typeof element === 'function' ? element(char) : element.literal === char;
}

export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text);
}
