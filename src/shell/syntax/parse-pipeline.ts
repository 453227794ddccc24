// Pipelines and assignments: what a statement is that begins with no keyword.
import { type AssignmentNode, type Expression, freeze, type PipelineElement, type Statement } from './ast.ts';
import { parseCommand, parseRedirections } from './parse-command.ts';
import { parseExpression } from './parse-expression.ts';
import { parseStatement } from './parse-statement.ts';
import { ParseError } from './parse-error.ts';
import type { ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '??='] as const;

/** A pipeline, an assignment, or a chain of pipelines by && and ||. */
export function parsePipelineStatement(parser: ParserState): Statement {
  const { start } = parser.peek();
  let left = parsePipelineOrAssignment(parser);
  for (let links = 0; ; links++) {
    parser.checkChain(links);
    const token = parser.peek();
    if (token.kind !== 'sign' || (token.text !== '&&' && token.text !== '||')) return left;
    parser.next();
    parser.skipNewlines();
    const right = parsePipelineOrAssignment(parser);
    left = freeze({ kind: 'Chain', operator: token.text, left, right, extent: parser.extentFrom(start) });
  }
}

function parsePipelineOrAssignment(parser: ParserState): Statement {
  const first = parsePipelineElement(parser, true);
  if (first.kind === 'CommandExpression' && first.redirections.length === 0) {
    const assignment = parseAssignment(parser, first.expression);
    if (assignment) return assignment;
  }
  const elements = [first];
  while (takePipe(parser)) {
    elements.push(parsePipelineElement(parser, false));
    parser.checkChain(elements.length);
  }
  if (parser.atSign('&') && elements.length > 0)
    throw parser.unsupported("Running a pipeline in the background ('&')", parser.peek());
  return freeze({ kind: 'Pipeline', elements, extent: parser.extentFrom(first.extent) });
}

/** A pipe sign ends a line that goes on, and may also begin the next one. */
function takePipe(parser: ParserState): boolean {
  if (parser.peek().kind === 'newline') {
    const before = parser.tokens.position;
    parser.skipNewlines();
    if (!parser.atSign('|')) {
      parser.tokens.position = before;
      return false;
    }
  }
  const token = parser.peek();
  if (!parser.takeSign('|')) return false;
  parser.skipNewlines();
  const follows = parser.peek();
  if (follows.kind === 'end' || (follows.kind === 'sign' && '|;)}'.includes(follows.text))) {
    throw parser.error(
      'EmptyPipeElement',
      'An empty pipe element is not allowed.',
      follows.kind === 'end' ? follows : token,
    );
  }
  return true;
}

function parseAssignment(parser: ParserState, target: Expression): AssignmentNode | null {
  const token = parser.peek();
  const operator = token.kind === 'sign' ? ASSIGNMENTS.find((sign) => sign === token.text) : undefined;
  if (operator === undefined) return null;
  if (!isAssignable(target)) {
    const message =
      'The assignment expression is not valid. The input to an assignment operator must be an object that is able to accept assignments, such as a variable or a property.';
    throw parser.error('InvalidLeftHandSide', message, token);
  }
  parser.next();
  parser.skipNewlines();
  const follows = parser.peek();
  if (follows.kind === 'end' || (follows.kind === 'sign' && ';)}|'.includes(follows.text))) {
    const message = `You must provide a value expression following the '${operator}' operator.`;
    throw parser.error('ExpectedValueExpression', message, follows.kind === 'end' ? follows : token);
  }
  const value = parseStatement(parser);
  return freeze({
    kind: 'Assignment',
    target,
    operator,
    value,
    extent: parser.extentFrom(target.extent),
  });
}

function isAssignable(target: Expression): boolean {
  switch (target.kind) {
    case 'Variable':
    case 'Member':
    case 'Index':
      return true;
    case 'Cast':
      return isAssignable(target.operand);
    case 'List':
      return target.items.every(isAssignable);
    case 'Paren':
      return false;
    default:
      return false;
  }
}

const NAME_OPERATORS = ['not', 'bnot', 'split', 'isplit', 'csplit', 'join'];

/** Whether an element begins with an operand rather than with a command's name. */
function startsExpression(token: Token, command: Token): boolean {
  switch (token.kind) {
    case 'variable':
    case 'string':
    case 'expandable':
    case 'splat':
      return true;
    case 'number':
      return (
        command.kind === 'number' ||
        !'word'.includes(command.kind) ||
        (/^[\d.]+$/.test(token.text) && command.text.startsWith(`${token.text}..`)) ||
        behindNumber(command.text, token.text)
      );
    case 'operator':
      return NAME_OPERATORS.includes(token.name);
    case 'sign':
      return ['(', '$(', '@(', '@{', '{', '[', '!', '-', '+', ',', '++', '--'].includes(token.text);
    default:
      return false;
  }
}

/** `1+2` and `3*4` are arithmetic; `7z` is a command. */
function behindNumber(word: string, number: string): boolean {
  return /^[-+*/%.[]/.test(word.slice(number.length));
}

function parsePipelineElement(parser: ParserState, first: boolean): PipelineElement {
  const token = parser.peek();
  if (token.kind === 'sign' && (token.text === '&' || (token.text === '.' && isDotSource(parser, token)))) {
    return parseCommand(parser, token.text === '&' ? 'call' : 'dot');
  }
  if (!startsExpression(token, parser.peek('command'))) return parseCommand(parser, 'plain');
  const expression = parseExpression(parser);
  if (!first) {
    const message = 'Expressions are only allowed as the first element of a pipeline.';
    throw new ParseError('ExpressionsMustBeFirstInPipeline', message, expression.extent);
  }
  const redirections = parseRedirections(parser);
  return freeze({ kind: 'CommandExpression', expression, redirections, extent: parser.extentFrom(token) });
}

function isDotSource(parser: ParserState, token: Token): boolean {
  const behind = parser.text[token.end] ?? '';
  return (
    behind === ' ' || behind === '\t' || behind === '{' || behind === '$' || behind === '"' || behind === "'"
  );
}
