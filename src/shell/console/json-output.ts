// --output json: everything that comes out as one JSON list, written as it comes. Always a list, whatever comes, so that a
// program can rely on it. Format- commands' output has no objects left and is written as text.
import type { Value } from '#parameters/value.ts';
import { FormatDocument } from '#shell/display/format-document.ts';
import { toJson } from '#shell/commands/json-commands.ts';

const DEEPEST = 32;

export interface JsonOutput {
  emit(value: Value): void | Promise<void>;
  finish(): void | Promise<void>;
}

export function createJsonOutput(write: (text: string) => void | Promise<void>, width: number): JsonOutput {
  let count = 0;
  const options = { depth: DEEPEST, indent: '  ', onTruncated: () => undefined };
  return {
    emit(value) {
      const shown = value instanceof FormatDocument ? value.render(width).join('\n') : value;
      const text = toJson(shown, options).replaceAll('\n', '\n  ');
      return write(`${count++ === 0 ? '[\n' : ',\n'}  ${text}`);
    },
    finish: () => write(count === 0 ? '[]\n' : '\n]\n'),
  };
}
