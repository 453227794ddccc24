// A script's text with its name, and where in it an offset lies: what error messages need to point at the place.

export interface Extent {
  /** Offset of the first character. */
  readonly start: number;
  /** Offset behind the last character. */
  readonly end: number;
}

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The whole line, without its end. */
  readonly text: string;
}

export interface SourceText {
  /** The file's path; null for text typed at a prompt or given on the command line. */
  readonly file: string | null;
  readonly text: string;
}

const LINE_END = /\r\n|\r|\n/g;

export function placeOf(source: SourceText, offset: number): Place {
  let line = 1;
  let start = 0;
  LINE_END.lastIndex = 0;
  for (
    let found = LINE_END.exec(source.text);
    found && found.index < offset;
    found = LINE_END.exec(source.text)
  ) {
    if (found.index + found[0].length > offset) break;
    line++;
    start = found.index + found[0].length;
  }
  LINE_END.lastIndex = start;
  const stop = LINE_END.exec(source.text)?.index ?? source.text.length;
  return { line, column: offset - start + 1, text: source.text.slice(start, stop) };
}
