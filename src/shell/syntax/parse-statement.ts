// Statements: lists of them, and those that begin with a keyword. The rest are pipelines.
import { type Expression, freeze, type FunctionNode, type LeaveNode, type Statement } from './ast.ts';
import { parseControlStatement } from './parse-control.ts';
import { parseParameters } from './parse-parameters.ts';
import { parsePipelineStatement } from './parse-pipeline.ts';
import { parseScriptBlockBody } from './parse-script.ts';
import { extentOf, type ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

const UNSUPPORTED = new Set([
  'trap',
  'data',
  'class',
  'enum',
  'using',
  'workflow',
  'configuration',
  'parallel',
  'sequence',
  'inlinescript',
]);

/** Statements up to the closing sign, which is taken unless `take` is false, or to the end of the text. */
export function parseStatementsUntil(
  parser: ParserState,
  closing: ')' | '}' | 'end',
  take = true,
): readonly Statement[] {
  const statements: Statement[] = [];
  for (;;) {
    parser.skipSeparators();
    const token = parser.peek();
    if (closing !== 'end' && parser.atSign(closing)) break;
    if (token.kind === 'end') {
      if (closing === 'end') break;
      throw closing === ')'
        ? parser.error('MissingEndParenthesisInSubexpression', "Missing closing ')' in subexpression.", token)
        : parser.error(
            'MissingEndCurlyBrace',
            "Missing closing '}' in statement block or type definition.",
            token,
          );
    }
    statements.push(parseStatement(parser));
    const behind = parser.peek();
    const ends =
      behind.kind === 'newline' ||
      behind.kind === 'end' ||
      parser.atSign(';') ||
      (closing !== 'end' && parser.atSign(closing));
    if (!ends && !endsWithBrace(parser)) throw parser.unexpected(behind);
  }
  if (closing !== 'end' && take) parser.next();
  return Object.freeze(statements);
}

/** `if (…) {…} $x = 1` needs no separator behind the brace. */
function endsWithBrace(parser: ParserState): boolean {
  return parser.text[parser.tokens.lastEnd - 1] === '}';
}

/** The statements between braces. */
export function parseBlock(
  parser: ParserState,
  missing: { errorId: string; message: string },
): readonly Statement[] {
  parser.skipNewlines();
  parser.expectSign('{', missing.errorId, missing.message);
  return parser.nested(() => parseStatementsUntil(parser, '}'));
}

export function parseStatement(parser: ParserState): Statement {
  return parser.nested(() => {
    const token = parser.peek();
    if (token.kind === 'sign' && token.text === ':' && !parser.tokens.text[token.end]?.match(/\s/))
      return parseLabelled(parser, token);
    if (token.kind !== 'word' || !isKeywordHere(parser, token)) return parsePipelineStatement(parser);
    const word = token.value.toLowerCase();
    const control = parseControlStatement(parser, token, word, null);
    if (control) return control;
    switch (word) {
      case 'function':
      case 'filter':
        return parseFunction(parser, token, word);
      case 'return':
      case 'throw':
      case 'exit':
        return parseLeave(parser, token, word);
      case 'break':
      case 'continue':
        return parseJump(parser, token, word);
      case 'param':
        throw parser.error(
          'UnexpectedToken',
          'param() stands at the beginning of a script, function or script block.',
          token,
        );
    }
    if (UNSUPPORTED.has(word)) throw parser.unsupported(`The '${word}' statement`, token);
    return parsePipelineStatement(parser);
  });
}

/** A keyword is a whole word: `if-not` and `exit.ps1` are commands. */
function isKeywordHere(parser: ParserState, token: Token): boolean {
  const command = parser.peek('command');
  return (
    command.start === token.start &&
    command.kind === 'word' &&
    (command.end === token.end || '([{'.includes(parser.text[token.end] ?? ''))
  );
}

function parseLabelled(parser: ParserState, colon: Token): Statement {
  parser.next();
  const label = parser.peek();
  if (label.kind !== 'word') throw parser.unexpected(label);
  parser.next();
  parser.skipNewlines();
  const token = parser.peek();
  const loop =
    token.kind === 'word'
      ? parseControlStatement(parser, token, token.value.toLowerCase(), label.value)
      : null;
  if (!loop || loop.kind === 'If' || loop.kind === 'Try') throw parser.unexpected(colon);
  return loop;
}

function endsStatement(parser: ParserState): boolean {
  const token = parser.peek();
  return (
    token.kind === 'end' ||
    token.kind === 'newline' ||
    (token.kind === 'sign' && [';', '}', ')', '|', '&&', '||'].includes(token.text))
  );
}

function parseLeave(parser: ParserState, token: Token, word: 'return' | 'throw' | 'exit'): LeaveNode {
  parser.next();
  const value = endsStatement(parser) ? null : parsePipelineStatement(parser);
  const kind = word === 'return' ? 'Return' : word === 'throw' ? 'Throw' : 'Exit';
  return freeze({ kind, value, extent: parser.extentFrom(token) });
}

function parseJump(parser: ParserState, token: Token, word: 'break' | 'continue'): Statement {
  parser.next();
  const next = parser.peek();
  let label: Expression | null = null;
  if (next.kind === 'word') {
    parser.next();
    label = freeze({ kind: 'Text', value: next.value, bare: true, extent: extentOf(next) });
  } else if (next.kind === 'variable') {
    parser.next();
    label = freeze({ kind: 'Variable', variable: next.variable, extent: extentOf(next) });
  }
  return freeze({ kind: word === 'break' ? 'Break' : 'Continue', label, extent: parser.extentFrom(token) });
}

function parseFunction(parser: ParserState, token: Token, word: 'function' | 'filter'): FunctionNode {
  parser.next();
  const name = parser.peek('command');
  if (name.kind !== 'word' || name.parts.some((part) => part.kind !== 'text')) {
    throw parser.error('MissingNameAfterKeyword', `Missing name after ${word} keyword.`, name);
  }
  parser.next('command');
  parser.skipNewlines();
  const parameters = parser.takeSign('(') ? parseParameters(parser) : null;
  parser.skipNewlines();
  const brace = parser.peek();
  parser.expectSign('{', 'MissingFunctionBody', 'Missing function body in function declaration.');
  const read = parseScriptBlockBody(parser, '}', brace.start, parameters);
  const body =
    word === 'filter' && !read.begin && !read.process
      ? freeze({ ...read, process: read.end, end: [] })
      : read;
  return freeze({ kind: 'Function', name: name.value, body, extent: parser.extentFrom(token) });
}
