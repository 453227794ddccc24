// The way in: a whole script becomes a script block. Also reads what stands between a script block's braces: param(),
// attributes, begin, process and end. Throws ParseError with the place of the first thing that is wrong.
import {
  type AttributeNode,
  freeze,
  type ParameterNode,
  type ScriptBlockNode,
  type Statement,
} from './ast.ts';
import { parseAttributes, parseParameters } from './parse-parameters.ts';
import { parseStatementsUntil } from './parse-statement.ts';
import { ParserState } from './parser-state.ts';

export function parseScript(text: string): ScriptBlockNode {
  const parser = new ParserState(text);
  return parseScriptBlockBody(parser, 'end', 0, null);
}

const UNSUPPORTED_BLOCKS = ['dynamicparam', 'clean'];

/**
 * Reads up to the closing brace, which is taken, or to the end of the text. `parameters`: those written behind a
 * function's name, null where there are none.
 */
export function parseScriptBlockBody(
  parser: ParserState,
  closing: '}' | 'end',
  start: number,
  parameters: readonly ParameterNode[] | null,
): ScriptBlockNode {
  return parser.nested(() => {
    const header = parseHeader(parser, parameters);
    const blocks = parseBlocks(parser, closing);
    if (closing === '}') {
      parser.expectSign(
        '}',
        'MissingEndCurlyBrace',
        "Missing closing '}' in statement block or type definition.",
      );
    } else if (parser.peek().kind !== 'end') throw parser.unexpected();
    return freeze({ kind: 'ScriptBlock', ...header, ...blocks, extent: parser.extentFrom(start) });
  });
}

function parseHeader(
  parser: ParserState,
  given: readonly ParameterNode[] | null,
): Pick<ScriptBlockNode, 'attributes' | 'parameters'> {
  parser.skipSeparators();
  const before = parser.tokens.position;
  let attributes: readonly AttributeNode[] = [];
  if (parser.atSign('[')) {
    attributes = parseAttributes(parser) ?? [];
    parser.skipNewlines();
    if (!parser.atWord('param')) {
      attributes = [];
      parser.tokens.position = before;
    }
  }
  const token = parser.peek();
  if (!parser.takeWord('param')) return { attributes, parameters: given };
  parser.skipNewlines();
  if (!parser.takeSign('(')) {
    parser.tokens.position = token.start;
    return { attributes, parameters: given };
  }
  const parameters = parseParameters(parser);
  if (given)
    throw parser.error(
      'ParamBlockAndParameterList',
      'A function has its parameters either behind its name or in param(), not both.',
      token,
    );
  return { attributes, parameters };
}

function parseBlocks(
  parser: ParserState,
  closing: '}' | 'end',
): Pick<ScriptBlockNode, 'begin' | 'process' | 'end'> {
  let begin: readonly Statement[] | null = null;
  let process: readonly Statement[] | null = null;
  let end: readonly Statement[] | null = null;
  for (;;) {
    parser.skipSeparators();
    const token = parser.peek();
    const word = token.kind === 'word' ? token.value.toLowerCase() : '';
    if (!['begin', 'process', 'end', ...UNSUPPORTED_BLOCKS].includes(word) || !bracesFollow(parser)) break;
    if (UNSUPPORTED_BLOCKS.includes(word)) throw parser.unsupported(`A '${word}' block`, token);
    parser.next();
    parser.skipNewlines();
    parser.next();
    const statements = parser.nested(() => parseStatementsUntil(parser, '}'));
    if ((word === 'begin' ? begin : word === 'process' ? process : end) !== null) {
      throw parser.error(
        'DuplicateScriptCommandClause',
        `Script command clause '${word}' has already been defined.`,
        token,
      );
    }
    if (word === 'begin') begin = statements;
    else if (word === 'process') process = statements;
    else end = statements;
  }
  if (begin || process || end) return { begin, process, end: end ?? [] };
  const statements =
    closing === '}' ? parseStatementsUntil(parser, '}', false) : parseStatementsUntil(parser, 'end');
  return { begin: null, process: null, end: statements };
}

function bracesFollow(parser: ParserState): boolean {
  const before = parser.tokens.position;
  parser.next();
  parser.skipNewlines();
  const found = parser.atSign('{');
  parser.tokens.position = before;
  return found;
}
