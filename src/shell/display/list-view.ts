// Lists as PowerShell prints them: a property a line, labels padded, long values wrapped behind the label.
import type { Value } from '#parameters/value.ts';
import { cellText, pad, textWidth, wrap } from './cell-text.ts';

export type ListEntry = readonly [label: string, value: Value, format?: ((value: Value) => string) | null];

export function listLines(entries: readonly ListEntry[], width: number): readonly string[] {
  const labelWidth = Math.max(0, ...entries.map(([label]) => textWidth(label)));
  return entries.flatMap(([label, value, format]) => {
    const text = format ? format(value) : cellText(value);
    const lines = wrap(text, Math.max(width - labelWidth - 3, 8));
    return lines.map((line, index) =>
      (index === 0
        ? `${pad(label, labelWidth, false)} : ${line}`
        : `${' '.repeat(labelWidth + 3)}${line}`
      ).trimEnd(),
    );
  });
}
