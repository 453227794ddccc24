// `{ … }` as a value: code with the text it came from, and the variables kept with it by GetNewClosure.
import type { Opaque, Value } from '#parameters/value.ts';
import type { ScriptBlockNode } from '#shell/syntax/ast.ts';
import type { SourceText } from '#shell/syntax/source-text.ts';

export class ScriptBlockValue implements Opaque {
  readonly opaque = 'ScriptBlock';
  readonly body: ScriptBlockNode;
  readonly source: SourceText;
  readonly captured: ReadonlyMap<string, Value> | null;

  constructor(body: ScriptBlockNode, source: SourceText, captured: ReadonlyMap<string, Value> | null = null) {
    this.body = body;
    this.source = source;
    this.captured = captured;
  }
  /** The code between the braces, as written. */
  toString(): string {
    const { start, end } = this.body.extent;
    const text = this.source.text.slice(start, end);
    return text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  }
}
