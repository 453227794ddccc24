// A value in a table's cell or behind a list's label: lists as {a, b}, dates as en-US shows them. Also how wide text is on
// a terminal, and how it is cut and wrapped.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import { ListValue } from '#shell/values/object-values.ts';
import { toText } from '#shell/values/text.ts';

/** Exchange's shell shows sixteen values of a list. */
const SHOWN_ITEMS = 16;

export function cellText(value: Value): string {
  if (value instanceof DateTime) return value.toString();
  const items = isList(value) ? value : value instanceof ListValue ? value.items : null;
  if (items) return `{${shownItems(items.map(itemText), items.length)}}`;
  if (value instanceof Hashtable) {
    const entries = [...value.entries()].map(([key, item]) => `[${key}, ${itemText(item)}]`);
    return `{${shownItems(entries, entries.length)}}`;
  }
  return toText(value);
}

function itemText(value: Value): string {
  if (value instanceof DateTime) return value.toString();
  return isList(value) ? 'System.Object[]' : toText(value);
}

function shownItems(texts: readonly string[], count: number): string {
  return texts.slice(0, SHOWN_ITEMS).join(', ') + (count > SHOWN_ITEMS ? '…' : '');
}

/** PowerShell aligns numbers and Booleans to the right. */
export function isRightAligned(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

const PLAIN = /^[\x20-\x7e]*$/;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}]/u;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** Columns that the text takes. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** Control characters of data never reach the terminal as commands. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (char) => (char === '\r' ? '' : '\uFFFD'));
}

/** The text on one line within the width, with … where something was cut off. */
export function truncate(text: string, width: number): string {
  const line = printable(text)
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('\t', ' ');
  if (textWidth(line) <= width) return line;
  if (width <= 1) return width === 1 ? '…' : '';
  let kept = '';
  let used = 0;
  for (const char of line) {
    const next = textWidth(char);
    if (used + next > width - 1) break;
    kept += char;
    used += next;
  }
  return `${kept}…`;
}

/** Lines of at most the width; words stay whole where they fit. */
export function wrap(text: string, width: number): readonly string[] {
  const limit = Math.max(width, 1);
  if (text.length <= limit && PLAIN.test(text)) return [text];
  return printable(text)
    .split('\n')
    .flatMap((line) => wrapLine(line.replaceAll('\t', '    '), limit));
}

function wrapLine(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (textWidth(rest) > width) {
    const cut = breakAt(rest, width);
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).replace(/^ +/, '');
  }
  lines.push(rest);
  return lines;
}

function breakAt(text: string, width: number): number {
  let used = 0;
  let end = 0;
  for (const char of text) {
    const next = textWidth(char);
    if (used + next > width) break;
    used += next;
    end += char.length;
  }
  const space = text.lastIndexOf(' ', end);
  return space > width / 3 ? space + 1 : Math.max(end, 1);
}

export function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return right ? space + text : text + space;
}
