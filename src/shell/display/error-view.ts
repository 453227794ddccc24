// An error record as PowerShell shows it: the message, where it happened, the line with the place marked, and its ids.
import type { ErrorRecordValue } from '#shell/values/error-record.ts';
import { printable } from './cell-text.ts';

/** Lines without a line end at the last. */
export function errorText(record: ErrorRecordValue): string {
  const label = record.errorId === 'CommandNotFoundException' ? record.targetName : (record.command ?? '');
  const head = label === '' ? record.message : `${label} : ${record.message}`;
  const position = record.positionMessage;
  return printable(
    [
      head,
      ...(position === '' ? [] : [position]),
      `    + CategoryInfo          : ${record.categoryText}`,
      `    + FullyQualifiedErrorId : ${record.fullyQualifiedErrorId}`,
    ].join('\n'),
  );
}

/** A parse error has no record yet: only its place and id. */
export function red(text: string): string {
  return text
    .split('\n')
    .map((line) => `\u001b[31m${line}\u001b[0m`)
    .join('\n');
}

export function yellow(text: string): string {
  return `\u001b[33m${text}\u001b[0m`;
}
