// Comma-separated values as text: quoting on the way out, and a reader that follows quotes over line ends on the way in.

export type QuoteRule = 'Always' | 'AsNeeded' | 'Never';

export function csvField(text: string, delimiter: string, rule: QuoteRule): string {
  const needed = text.includes(delimiter) || text.includes('"') || /[\r\n]/.test(text);
  if (rule === 'Never' || (rule === 'AsNeeded' && !needed)) return text;
  return `"${text.replaceAll('"', '""')}"`;
}

/** Rows of fields. A quote inside an unquoted field is a character like any other; empty lines are left out. */
export function parseCsv(text: string, delimiter: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const source = text.replace(/^\uFEFF/, '');
  while (at < source.length) {
    const field = readField(source, at, delimiter);
    row.push(field.text);
    at = field.end;
    if (source.startsWith(delimiter, at)) {
      at += delimiter.length;
      if (at >= source.length) row.push('');
      continue;
    }
    if (source[at] === '\r') at++;
    if (source[at] === '\n') at++;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

function readField(
  source: string,
  start: number,
  delimiter: string,
): { readonly text: string; readonly end: number } {
  let at = start;
  if (delimiter !== ' ') while (source[at] === ' ') at++;
  if (source[at] !== '"') {
    let end = at;
    while (
      end < source.length &&
      source[end] !== '\n' &&
      source[end] !== '\r' &&
      !source.startsWith(delimiter, end)
    )
      end++;
    return { text: source.slice(at, end).trimEnd(), end };
  }
  let text = '';
  at++;
  while (at < source.length) {
    if (source[at] === '"') {
      if (source[at + 1] !== '"') break;
      at++;
    }
    text += source[at++];
  }
  at++;
  while (
    at < source.length &&
    source[at] !== '\n' &&
    source[at] !== '\r' &&
    !source.startsWith(delimiter, at)
  )
    at++;
  return { text, end: at };
}
