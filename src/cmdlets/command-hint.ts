// What to say beside "is not recognized": the cmdlet that was probably meant, or, for a name in cmdlet form, that
// Postern has no such cmdlet (cmdlets.md: one of Exchange's never passes in silence).

const CMDLET_FORM = /^[a-z]+-[a-z]\w*$/i;
/** Longer names are no typing mistakes. */
const MAX_NAME = 100;
const MAX_DISTANCE = 2;

/** One or two sentences; null where nothing helps. */
export function commandHint(name: string, known: readonly string[]): string | null {
  if (name.length > MAX_NAME || !CMDLET_FORM.test(name)) return null;
  const wanted = name.toLowerCase();
  let best: string | null = null;
  let bestDistance = MAX_DISTANCE + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  if (best !== null) return `Did you mean ${best}?`;
  return 'It is not part of Postern; Get-Command lists the cmdlets there are.';
}

/** Levenshtein's distance; `limit` or more is reported as `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(row[b.length] ?? limit, limit);
}
