// Pipelines, commands with their arguments, and assignments: what a statement is that begins with no keyword.
import {
  type AssignmentNode,
  type CommandElement,
  type CommandNode,
  type Expression,
  freeze,
  type PipelineElement,
  type Redirection,
  type Statement,
} from './ast.ts';
import { expandable, parseBracket, parsePostfix } from './parse-operand.ts';
import { parseExpression } from './parse-expression.ts';
import { parseStatement } from './parse-statement.ts';
import { extentOf, type ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '??='] as const;
type AssignmentOperator = (typeof ASSIGNMENTS)[number];

/** A pipeline, an assignment, or a chain of pipelines by && and ||. */
export function parsePipelineStatement(parser: ParserState): Statement {
  const { start } = parser.peek();
  let left = parsePipelineOrAssignment(parser);
  for (;;) {
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
  while (takePipe(parser)) elements.push(parsePipelineElement(parser, false));
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
    operator: operator as AssignmentOperator,
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
  if (!first && token.kind !== 'string' && token.kind !== 'variable') refuseLaterExpression(parser, token);
  const expression = parseExpression(parser);
  if (!first) refuseLaterExpression(parser, expression.extent);
  const redirections = parseRedirections(parser);
  return freeze({ kind: 'CommandExpression', expression, redirections, extent: parser.extentFrom(token) });
}

function refuseLaterExpression(parser: ParserState, place: Token | { start: number; end: number }): void {
  const token = 'kind' in place ? place : { ...parser.peek(), ...place, kind: 'newline' as const };
  throw parser.error(
    'ExpressionsMustBeFirstInPipeline',
    'Expressions are only allowed as the first element of a pipeline.',
    token as Token,
  );
}

function isDotSource(parser: ParserState, token: Token): boolean {
  const behind = parser.text[token.end] ?? '';
  return (
    behind === ' ' || behind === '\t' || behind === '{' || behind === '$' || behind === '"' || behind === "'"
  );
}

function parseCommand(parser: ParserState, invocation: CommandNode['invocation']): CommandNode {
  const { start } = parser.peek('command');
  if (invocation !== 'plain') parser.next();
  const token = parser.peek('command');
  const name = parseCommandName(parser, token, invocation);
  const elements: CommandElement[] = [];
  const redirections: Redirection[] = [];
  for (;;) {
    const next = parser.peek('command');
    if (next.kind === 'end' || next.kind === 'newline') break;
    if (next.kind === 'sign' && [';', '|', '||', '&&', '&', ')', '}'].includes(next.text)) break;
    if (next.kind === 'redirection') redirections.push(parseRedirection(parser));
    else elements.push(parseElement(parser, next));
  }
  return freeze({
    kind: 'Command',
    invocation,
    name,
    elements,
    redirections,
    extent: parser.extentFrom(start),
  });
}

function parseCommandName(
  parser: ParserState,
  token: Token,
  invocation: CommandNode['invocation'],
): Expression {
  const name = invocation === 'plain' ? parseWord(parser, token) : parseArgumentValue(parser);
  if (!name)
    throw token.kind === 'end' && invocation !== 'plain'
      ? parser.error(
          'MissingExpression',
          "The expression after '&' in a pipeline element produced an object that was not valid.",
          token,
        )
      : parser.unexpected(token);
  return name;
}

function parseWord(parser: ParserState, token: Token): Expression | null {
  if (token.kind !== 'word' && token.kind !== 'number' && token.kind !== 'parameter') return null;
  parser.next('command');
  if (token.kind === 'word' && token.parts.some((part) => part.kind !== 'text'))
    return expandable(parser, token.parts, token);
  const value = token.kind === 'word' ? token.value : token.text;
  return freeze({ kind: 'Text', value, bare: true, extent: extentOf(token) });
}

function parseElement(parser: ParserState, token: Token): CommandElement {
  if (token.kind !== 'parameter') {
    const value = parseArgument(parser);
    return freeze({ kind: 'ArgumentElement', value, extent: value.extent });
  }
  parser.next('command');
  if (!token.colon)
    return freeze({ kind: 'ParameterElement', name: token.name, argument: null, extent: extentOf(token) });
  const next = parser.peek('command');
  if (
    next.kind === 'end' ||
    next.kind === 'newline' ||
    (next.kind === 'sign' && ';|)}'.includes(next.text))
  ) {
    throw parser.error(
      'ParameterRequiresArgument',
      `Missing an argument for parameter '${token.name}'.`,
      next.kind === 'end' ? next : token,
    );
  }
  const argument = parseArgument(parser);
  return freeze({ kind: 'ParameterElement', name: token.name, argument, extent: parser.extentFrom(token) });
}

/** A value, or several with commas between them. */
function parseArgument(parser: ParserState): Expression {
  const first = parseArgumentValue(parser);
  if (!first) throw parser.unexpected(parser.peek('command'));
  if (!parser.atSign(',', 'command')) return first;
  const items = [first];
  while (parser.atSign(',', 'command')) {
    const comma = parser.next('command');
    parser.skipNewlines();
    const item = parseArgumentValue(parser);
    if (!item)
      throw parser.error(
        'MissingArgument',
        'Missing argument in parameter list.',
        parser.peek('command').kind === 'end' ? parser.peek('command') : comma,
      );
    items.push(item);
  }
  return freeze({ kind: 'List', items, extent: parser.extentFrom(first.extent) });
}

function parseArgumentValue(parser: ParserState): Expression | null {
  const token = parser.peek('command');
  switch (token.kind) {
    case 'number':
      parser.next('command');
      return freeze({ kind: 'Number', value: token.value, text: token.text, extent: extentOf(token) });
    case 'string':
      parser.next('command');
      return parsePostfix(
        parser,
        freeze({ kind: 'Text', value: token.value, bare: false, extent: extentOf(token) }),
        'command',
      );
    case 'expandable':
      parser.next('command');
      return parsePostfix(parser, expandable(parser, token.parts, token), 'command');
    case 'variable':
      parser.next('command');
      return parsePostfix(
        parser,
        freeze({ kind: 'Variable', variable: token.variable, extent: extentOf(token) }),
        'command',
      );
    case 'splat':
      parser.next('command');
      return freeze({ kind: 'Splat', variable: token.variable, extent: extentOf(token) });
    case 'word':
    case 'parameter':
      return parseWord(parser, token);
    case 'sign':
      if (!['(', '$(', '@(', '@{', '{'].includes(token.text)) return null;
      return parsePostfix(parser, parseBracket(parser, token, 'command'), 'command');
    default:
      return null;
  }
}

function parseRedirections(parser: ParserState): readonly Redirection[] {
  const list: Redirection[] = [];
  while (parser.peek('command').kind === 'redirection') list.push(parseRedirection(parser));
  return list;
}

function parseRedirection(parser: ParserState): Redirection {
  const token = parser.next('command');
  if (token.kind !== 'redirection') throw parser.unexpected(token);
  if (token.to === 'output') {
    if (token.text.endsWith('2')) throw parser.unsupported(`The redirection '${token.text}'`, token);
    return freeze({ from: token.from, to: 'output', extent: extentOf(token) });
  }
  const file = parseArgumentValue(parser);
  if (!file)
    throw parser.error(
      'MissingFileSpecification',
      'Missing file specification after redirection operator.',
      parser.peek('command').kind === 'end' ? parser.peek('command') : token,
    );
  return freeze({
    from: token.from,
    to: { file, append: token.to === 'append' },
    extent: parser.extentFrom(token),
  });
}
