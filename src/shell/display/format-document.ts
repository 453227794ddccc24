// What Format-Table, Format-List and Format-Wide hand on: data and how to show it, drawn by whatever comes last
// (the terminal, Out-String with a width of its own, a file).
import type { Opaque, Value } from '#parameters/value.ts';
import { textWidth, truncate } from './cell-text.ts';
import { type ListEntry, listLines } from './list-view.ts';
import { type Column, layOut, tableHeader, type TableOptions, tableRow } from './table-view.ts';

export type FormatContent =
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Value[])[];
      readonly options: TableOptions;
      readonly group: string | null;
    }
  | {
      readonly kind: 'list';
      readonly items: readonly (readonly ListEntry[])[];
      readonly group: string | null;
    }
  | { readonly kind: 'wide'; readonly texts: readonly string[]; readonly columns: number | null };

export class FormatDocument implements Opaque {
  readonly opaque = 'Microsoft.PowerShell.Commands.Internal.Format.FormatEntryData';
  readonly content: FormatContent;
  constructor(content: FormatContent) {
    this.content = content;
  }
  /** Lines, without the blank ones around the whole. */
  render(width: number): readonly string[] {
    const { content } = this;
    if (content.kind === 'wide') return wideLines(content.texts, content.columns, width);
    const group = content.group === null ? [] : [`   ${content.group}`, ''];
    if (content.kind === 'list')
      return [
        ...group,
        ...content.items.flatMap((entries, index) => [
          ...(index > 0 ? [''] : []),
          ...listLines(entries, width),
        ]),
      ];
    const layout = layOut(content.columns, content.rows, width);
    const header = content.options.hideHeaders ? [] : tableHeader(layout);
    return [
      ...group,
      ...header,
      ...content.rows.flatMap((row) => tableRow(layout, row, content.options.wrap)),
    ];
  }
}

function wideLines(texts: readonly string[], columns: number | null, width: number): readonly string[] {
  const widest = Math.max(1, ...texts.map(textWidth));
  const count = columns ?? Math.max(1, Math.floor((width + 1) / (widest + 1)));
  const cell = Math.max(1, Math.floor((width - count + 1) / count));
  const lines: string[] = [];
  for (let at = 0; at < texts.length; at += count) {
    lines.push(
      texts
        .slice(at, at + count)
        .map((text) => truncate(text, cell).padEnd(cell))
        .join(' ')
        .trimEnd(),
    );
  }
  return lines;
}
