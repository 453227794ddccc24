// Operators by precedence, from logical down to unary, and lists of commas. Operands are in parse-operand.ts.
import { type BinaryNode, type CaseRule, type Expression, freeze } from './ast.ts';
import { parsePostfix, parsePrimary } from './parse-operand.ts';
import { parseTypeName, startsType } from './parse-type.ts';
import { extentOf, type ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

interface Operator {
  readonly name: string;
  readonly caseRule: CaseRule;
}

/** Each level binds tighter than the one before. */
const LEVELS: readonly ReadonlySet<string>[] = [
  new Set(['and', 'or', 'xor']),
  new Set(['band', 'bor', 'bxor']),
  new Set(
    'eq ne gt ge lt le like notlike match notmatch replace contains notcontains in notin split join is isnot as shl shr'.split(
      ' ',
    ),
  ),
  new Set(['+', '-']),
  new Set(['*', '/', '%']),
  new Set(['f']),
  new Set(['..']),
];
/** Those that have c and i forms. */
const CASED = new Set(
  'eq ne gt ge lt le like notlike match notmatch replace contains notcontains in notin split'.split(' '),
);
const KNOWN = new Set(LEVELS.flatMap((level) => [...level]).concat('not', 'bnot'));

/** The operator that a dash word names; null for one that PowerShell doesn't have. */
function operatorOf(token: Token): Operator | null {
  if (token.kind === 'sign') return { name: token.text, caseRule: 'ignore' };
  if (token.kind !== 'operator') return null;
  if (KNOWN.has(token.name)) return { name: token.name, caseRule: 'ignore' };
  const bare = token.name.slice(1);
  if (!CASED.has(bare)) return null;
  if (token.name[0] === 'c') return { name: bare, caseRule: 'exact' };
  return token.name[0] === 'i' ? { name: bare, caseRule: 'ignore' } : null;
}

export function parseExpression(parser: ParserState): Expression {
  return parser.deeper(() => parseCoalesce(parser));
}

function parseCoalesce(parser: ParserState): Expression {
  const { start } = parser.peek();
  const condition = parseLevel(parser, 0);
  const token = parser.peek();
  if (token.kind === 'sign' && token.text === '??') {
    parser.next();
    parser.skipNewlines();
    const right = parseExpression(parser);
    const extent = parser.extentFrom(start);
    return freeze({
      kind: 'Binary',
      operator: '??',
      caseRule: 'ignore',
      left: condition,
      right,
      operatorExtent: extentOf(token),
      extent,
    });
  }
  if (!(token.kind === 'sign' && token.text === '?' && token.spaceBefore)) return condition;
  parser.next();
  parser.skipNewlines();
  const whenTrue = parseExpression(parser);
  parser.skipNewlines();
  parser.expectSign(':', 'MissingColonInTernaryExpression', "Missing ':' in the ternary expression.");
  parser.skipNewlines();
  const whenFalse = parseExpression(parser);
  return freeze({ kind: 'Ternary', condition, whenTrue, whenFalse, extent: parser.extentFrom(start) });
}

function parseLevel(parser: ParserState, level: number): Expression {
  const operators = LEVELS[level];
  if (!operators) return parseList(parser);
  const { start } = parser.peek();
  let left = parseLevel(parser, level + 1);
  for (let links = 0; ; links++) {
    parser.checkChain(links);
    const token = parser.peek();
    const operator = operatorOf(token);
    if (!operator) {
      if (token.kind === 'operator') throw parser.unexpected(token);
      return left;
    }
    if (!operators.has(operator.name)) return left;
    parser.next();
    parser.skipNewlines();
    refuseMissingOperand(parser, token);
    const right = parseLevel(parser, level + 1);
    const node: BinaryNode = {
      kind: 'Binary',
      operator: operator.name,
      caseRule: operator.caseRule,
      left,
      right,
      operatorExtent: extentOf(token),
      extent: parser.extentFrom(start),
    };
    left = freeze(node);
  }
}

function refuseMissingOperand(parser: ParserState, operator: Token): void {
  const token = parser.peek();
  const closes = token.kind === 'end' || (token.kind === 'sign' && ')}];|,='.includes(token.text));
  if (!closes) return;
  const message = `You must provide a value expression following the '${operator.text}' operator.`;
  throw parser.error('ExpectedValueExpression', message, token.kind === 'end' ? token : operator);
}

function parseList(parser: ParserState): Expression {
  const { start } = parser.peek();
  const first = parseUnary(parser);
  if (parser.commaSeparates || !parser.atSign(',')) return first;
  const items = [first];
  while (!parser.commaSeparates && parser.atSign(',')) {
    const comma = parser.next();
    parser.skipNewlines();
    if (parser.peek().kind === 'end')
      throw parser.error('MissingExpressionAfterToken', "Missing expression after ','.");
    if (parser.atSign(')'))
      throw parser.error('MissingExpressionAfterToken', "Missing expression after ','.", comma);
    items.push(parseUnary(parser));
  }
  return freeze({ kind: 'List', items, extent: parser.extentFrom(start) });
}

const UNARY_SIGNS: ReadonlyMap<string, 'not' | 'minus' | 'plus' | 'list'> = new Map([
  ['!', 'not'],
  ['-', 'minus'],
  ['+', 'plus'],
  [',', 'list'],
]);

export function parseUnary(parser: ParserState): Expression {
  return parser.deeper(() => parseUnaryHere(parser));
}

function parseUnaryHere(parser: ParserState): Expression {
  const token = parser.peek();
  if (token.kind === 'sign') {
    const operator = UNARY_SIGNS.get(token.text);
    if (operator) return parseUnaryOperator(parser, token, operator, 'ignore');
    if (token.text === '++' || token.text === '--') {
      parser.next();
      const operand = parseUnary(parser);
      return freeze({
        kind: 'Step',
        by: token.text === '++' ? 1 : -1,
        prefix: true,
        operand,
        extent: parser.extentFrom(token),
      });
    }
    if (token.text === '[' && startsType(parser)) return parseCast(parser, token);
  } else if (token.kind === 'operator') {
    const bare = token.name.replace(/^[ci](?=split$)/, '');
    if (bare === 'not' || bare === 'bnot' || bare === 'split' || bare === 'join') {
      return parseUnaryOperator(parser, token, bare, token.name === 'csplit' ? 'exact' : 'ignore');
    }
    throw parser.unexpected(token);
  }
  return parsePostfix(parser, parsePrimary(parser), 'expression');
}

function parseUnaryOperator(
  parser: ParserState,
  token: Token,
  operator: 'not' | 'bnot' | 'minus' | 'plus' | 'split' | 'join' | 'list',
  caseRule: CaseRule,
): Expression {
  parser.next();
  parser.skipNewlines();
  refuseMissingOperand(parser, token);
  const follows = parser.peek();
  if (operator === 'minus' && follows.kind === 'number' && !follows.spaceBefore) {
    parser.next();
    const extent = parser.extentFrom(token);
    const number: Expression = freeze({
      kind: 'Number',
      value: -follows.value,
      text: `-${follows.text}`,
      extent,
    });
    return parsePostfix(parser, number, 'expression');
  }
  const operand = parseUnary(parser);
  return freeze({ kind: 'Unary', operator, caseRule, operand, extent: parser.extentFrom(token) });
}

/** `[type]` alone is a value; before an operand it converts; with `::` it leads to a static member. */
function parseCast(parser: ParserState, token: Token): Expression {
  parser.next();
  const name = parseTypeName(parser);
  parser.expectSign(']', 'EndSquareBracketExpectedAtEndOfType', 'Missing ] at end of type token.');
  const extent = parser.extentFrom(token);
  if (!startsOperand(parser))
    return parsePostfix(parser, freeze({ kind: 'Type', name, extent }), 'expression');
  const operand = parseUnary(parser);
  return freeze({ kind: 'Cast', type: name, operand, extent: parser.extentFrom(token) });
}

function startsOperand(parser: ParserState): boolean {
  const token = parser.peek();
  switch (token.kind) {
    case 'number':
    case 'string':
    case 'expandable':
    case 'variable':
      return true;
    case 'sign':
      return (
        ['(', '$(', '@(', '@{', '{', '!', '-', '+', '++', '--'].includes(token.text) ||
        (token.text === '[' && startsType(parser))
      );
    case 'operator':
      return ['not', 'bnot', 'split', 'join'].includes(token.name);
    default:
      return false;
  }
}
