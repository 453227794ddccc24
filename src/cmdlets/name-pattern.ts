// PowerShell's wildcards in names: `*` and `?`, without regard to case. Linear in pattern times text, whatever is asked.

export function hasWildcard(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/** The whole text matches the whole pattern. */
export function namePattern(pattern: string): (text: string) => boolean {
  const wanted = pattern.toLowerCase();
  return (text) => matches(wanted, text.toLowerCase());
}

function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  /** Where the last `*` stood, and how far it has eaten. */
  let star = -1;
  let eaten = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      eaten = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++eaten;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
