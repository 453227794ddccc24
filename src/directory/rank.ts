// Ranks: texts that order things, with room between any two. Moving one thing is one change of one object: nobody else
// is renumbered, so that an insertion is one commit. Pure. Base 36, compared by code unit; a rank never ends in `0`.

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';
const BASE = DIGITS.length;

/** A rank between two (null: before the first, behind the last). `before` sorts below `after`. */
export function rankBetween(before: string | null, after: string | null): string {
  const low = before ?? '';
  let rank = '';
  for (let index = 0; ; index += 1) {
    const floor = digitAt(low, index, 0);
    const ceiling = after === null || !after.startsWith(rank) ? BASE : digitAt(after, index, 0);
    // Most things are appended: then the next digit, so that ranks grow by one character in 35 appends.
    const middle = after === null ? Math.min(floor + 1, BASE - 1) : Math.floor((floor + ceiling) / 2);
    if (middle > floor) return rank + (DIGITS[middle] ?? '');
    rank += DIGITS[floor] ?? '';
  }
}

function digitAt(rank: string, index: number, otherwise: number): number {
  const digit = rank[index];
  return digit === undefined ? otherwise : DIGITS.indexOf(digit);
}
