// Tables as PowerShell prints them: header, dashes, rows; as wide as their content, cut to the terminal. Columns that don't
// fit shrink, the widest first; those that still don't fit are left out from the right.
import type { Value } from '#parameters/value.ts';
import { cellText, isRightAligned, pad, printable, textWidth, truncate, wrap } from './cell-text.ts';

export interface Column {
  readonly header: string;
  readonly alignment: 'left' | 'right' | 'center' | null;
  readonly width: number | null;
  readonly format: ((value: Value) => string) | null;
}

export interface TableOptions {
  readonly hideHeaders: boolean;
  readonly wrap: boolean;
}

interface LaidOut {
  readonly column: Column;
  readonly index: number;
  readonly width: number;
  readonly right: boolean;
}

const SMALLEST = 6;
const LARGEST_WIDTH = 100_000;

export type Layout = readonly LaidOut[];

function cell(column: Column, value: Value): string {
  return column.format ? column.format(value) : cellText(value);
}

/** Widths from the rows at hand; later rows are cut to them. */
export function layOut(
  columns: readonly Column[],
  rows: readonly (readonly Value[])[],
  available: number,
): Layout {
  const laid = columns.map((column, index) => {
    const content = rows.reduce(
      (widest, row) => Math.max(widest, longestLine(cell(column, row[index] ?? null))),
      textWidth(column.header),
    );
    const first = rows.map((row) => row[index] ?? null).find((value) => value !== null) ?? null;
    const right = column.alignment === null ? isRightAligned(first) : column.alignment === 'right';
    return { column, index, right, width: Math.min(column.width ?? content, LARGEST_WIDTH) };
  });
  return shrink(laid, Math.max(available, 10));
}

function longestLine(text: string): number {
  return text.includes('\n') ? Math.max(...text.split('\n').map(textWidth)) : textWidth(printable(text));
}

function shrink(columns: readonly LaidOut[], available: number): Layout {
  const widths = columns.map(({ width }) => width);
  let count = columns.length;
  const total = (): number =>
    widths.slice(0, count).reduce((sum, width) => sum + width, 0) + Math.max(0, count - 1);
  while (total() > available) {
    let widest = -1;
    for (let index = 0; index < count; index++) {
      const floor = Math.max(SMALLEST, Math.min(textWidth(columns[index]?.column.header ?? ''), 16));
      const width = widths[index] ?? 0;
      if (
        width > floor &&
        columns[index]?.column.width === null &&
        (widest < 0 || width > (widths[widest] ?? 0))
      )
        widest = index;
    }
    if (widest >= 0) {
      const others = Math.max(0, ...widths.slice(0, count).filter((_, index) => index !== widest));
      const excess = total() - available;
      const current = widths[widest] ?? 0;
      const floor = Math.max(SMALLEST, Math.min(textWidth(columns[widest]?.column.header ?? ''), 16));
      widths[widest] = Math.max(floor, Math.min(current - 1, Math.max(current - excess, others)));
    } else if (count > 1) count--;
    else {
      widths[0] = available;
      break;
    }
  }
  return columns
    .slice(0, count)
    .map((column, index) => ({ ...column, width: widths[index] ?? column.width }));
}

function line(layout: Layout, texts: readonly string[]): string {
  return layout
    .map(({ width, right, column }, index) => {
      const text = texts[index] ?? '';
      if (column.alignment === 'center')
        return pad(' '.repeat(Math.floor((width - textWidth(text)) / 2)) + text, width, false);
      return pad(text, width, right);
    })
    .join(' ')
    .trimEnd();
}

export function tableHeader(layout: Layout): readonly string[] {
  const headers = layout.map(({ column, width }) => truncate(column.header, width));
  return [
    line(layout, headers),
    line(
      layout,
      headers.map((header) => '-'.repeat(textWidth(header))),
    ),
  ];
}

export function tableRow(layout: Layout, row: readonly Value[], wraps: boolean): readonly string[] {
  const texts = layout.map(({ column, index }) => cell(column, row[index] ?? null));
  if (!wraps)
    return [
      line(
        layout,
        texts.map((text, index) => truncate(text, layout[index]?.width ?? 0)),
      ),
    ];
  const cells = texts.map((text, index) => wrap(text, layout[index]?.width ?? 0));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    line(
      layout,
      cells.map((lines) => lines[at] ?? ''),
    ),
  );
}
