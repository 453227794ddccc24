// Operands: literals, variables, brackets of every kind, and what may hang on them: members, calls, indices, `++`.
import {
  type Expression,
  type ExpandableNode,
  freeze,
  type Statement,
  type SubExpressionNode,
  type VariableNode,
} from './ast.ts';
import { isNameCharacter } from './characters.ts';
import { parseExpression, parseUnary } from './parse-expression.ts';
import { parseScriptBlockBody } from './parse-script.ts';
import { parseStatement, parseStatementsUntil } from './parse-statement.ts';
import { extentOf, type ParserState } from './parser-state.ts';
import type { StringPart, Token, TokenMode } from './token.ts';

const MISSING_PARENTHESIS = "Missing closing ')' in expression.";

export function parsePrimary(parser: ParserState): Expression {
  const token = parser.peek();
  switch (token.kind) {
    case 'number':
      parser.next();
      return freeze({ kind: 'Number', value: token.value, text: token.text, extent: extentOf(token) });
    case 'string':
      parser.next();
      return freeze({ kind: 'Text', value: token.value, bare: false, extent: extentOf(token) });
    case 'expandable':
      parser.next();
      return expandable(parser, token.parts, token);
    case 'variable':
      parser.next();
      return freeze({ kind: 'Variable', variable: token.variable, extent: extentOf(token) });
    case 'splat':
      throw parser.error(
        'SplattingNotPermitted',
        `The splatting operator '@' cannot be used to reference variables in an expression. '@${token.variable.name}' can be used only as an argument to a command. To reference variables in an expression use '$${token.variable.name}'.`,
      );
    case 'sign':
      return parseBracket(parser, token);
    default:
      throw parser.unexpected(token);
  }
}

/** `(…)`, `$(…)`, `@(…)`, `@{…}` or `{…}`. */
export function parseBracket(parser: ParserState, token: Token, mode: TokenMode = 'expression'): Expression {
  switch (token.text) {
    case '(':
      return parseParen(parser, token, mode);
    case '$(':
    case '@(': {
      parser.next(mode);
      const statements = parser.nested(() => parseStatementsUntil(parser, ')'));
      return freeze({
        kind: token.text === '@(' ? 'Array' : 'SubExpression',
        statements,
        extent: parser.extentFrom(token),
      });
    }
    case '@{':
      parser.next(mode);
      return parser.nested(() => parseHashtable(parser, token));
    case '{':
      parser.next(mode);
      return scriptBlock(parser, token);
    default:
      throw parser.unexpected(token);
  }
}

function scriptBlock(parser: ParserState, token: Token): Expression {
  const body = parseScriptBlockBody(parser, '}', token.start, null);
  return freeze({ kind: 'ScriptBlockLiteral', body, extent: parser.extentFrom(token) });
}

function parseParen(parser: ParserState, token: Token, mode: TokenMode): Expression {
  parser.next(mode);
  const statement = parser.nested(() => {
    parser.skipNewlines();
    if (parser.atSign(')'))
      throw parser.error('ExpectedExpression', "An expression was expected after '('.", token);
    const inner = parseStatement(parser);
    parser.skipNewlines();
    return inner;
  });
  parser.expectSign(')', 'MissingEndParenthesisInExpression', MISSING_PARENTHESIS);
  if (!['Pipeline', 'Assignment', 'Chain'].includes(statement.kind)) {
    throw parser.error('UnexpectedToken', `A statement stands in $(…), not in (…).`, token);
  }
  return freeze({ kind: 'Paren', statement, extent: parser.extentFrom(token) });
}

function parseHashtable(parser: ParserState, token: Token): Expression {
  const entries: { key: Expression; value: Statement }[] = [];
  const literalKeys = new Set<string>();
  parser.skipSeparators();
  while (!parser.atSign('}')) {
    if (parser.peek().kind === 'end')
      throw parser.error('IncompleteHashLiteral', 'The hash literal was incomplete.');
    const start = parser.peek();
    const key = parseKey(parser);
    const name = key.kind === 'Text' || key.kind === 'Number' ? String(key.value).toLowerCase() : null;
    if (name !== null && literalKeys.has(name)) {
      throw parser.error(
        'DuplicateKeyInHashLiteral',
        `Duplicate keys '${start.text}' are not allowed in hash literals.`,
        start,
      );
    }
    if (name !== null) literalKeys.add(name);
    parser.skipNewlines();
    parser.expectSign('=', 'MissingEqualsInHashLiteral', "Missing '=' operator after key in hash literal.");
    parser.skipNewlines();
    if (parser.peek().kind === 'end' || parser.atSign('}') || parser.atSign(';')) {
      throw parser.error('MissingStatementInHashLiteral', "Missing statement after '=' in hash literal.");
    }
    entries.push({ key, value: parseStatement(parser) });
    const behind = parser.peek();
    if (behind.kind !== 'newline' && !parser.atSign(';') && !parser.atSign('}') && behind.kind !== 'end')
      throw parser.unexpected(behind);
    parser.skipSeparators();
  }
  parser.next();
  return freeze({ kind: 'Hashtable', entries, extent: parser.extentFrom(token) });
}

function parseKey(parser: ParserState): Expression {
  const token = parser.peek();
  if (token.kind !== 'word' || !isNameCharacter(token.text[0] ?? ''))
    return parser.withCommas(() => parseUnary(parser));
  parser.next();
  return freeze({ kind: 'Text', value: token.value, bare: true, extent: extentOf(token) });
}

export function expandable(parser: ParserState, parts: readonly StringPart[], token: Token): ExpandableNode {
  const nodes = parts.map((part): string | VariableNode | SubExpressionNode => {
    if (part.kind === 'text') return part.text;
    const extent = extentOf(part);
    if (part.kind === 'variable') return freeze({ kind: 'Variable', variable: part.variable, extent });
    const inner = parser.inside(part.start, part.end);
    const statements = inner.nested(() => parseStatementsUntil(inner, 'end'));
    return freeze({ kind: 'SubExpression', statements, extent });
  });
  return freeze({ kind: 'Expandable', parts: nodes, extent: extentOf(token) });
}

/** Members, calls and indices; on a command line only those that follow without a space. */
export function parsePostfix(parser: ParserState, operand: Expression, mode: TokenMode): Expression {
  let result = operand;
  const start = operand.extent;
  for (let links = 0; ; links++) {
    parser.checkChain(links);
    const behind = parser.text[parser.tokens.lastEnd] ?? '';
    if (!'.:[?+-'.includes(behind) || behind === '') return result;
    const token = parser.peek();
    if (token.kind !== 'sign' || token.spaceBefore) return result;
    switch (token.text) {
      case '.':
      case '::':
      case '?.':
        if (mode === 'command' && !/[\p{L}_$"'({]/u.test(parser.text[token.end] ?? '')) return result;
        parser.next();
        result = parseMember(parser, result, token.text);
        break;
      case '[':
      case '?[':
        parser.next();
        result = parseIndex(parser, result, token.text === '?[');
        break;
      case '++':
      case '--':
        if (mode === 'command') return result;
        parser.next();
        result = freeze({
          kind: 'Step',
          by: token.text === '++' ? 1 : -1,
          prefix: false,
          operand: result,
          extent: parser.extentFrom(start),
        });
        break;
      default:
        return result;
    }
  }
}

function parseIndex(parser: ParserState, target: Expression, nullConditional: boolean): Expression {
  const index = parser.nested(() => {
    parser.skipNewlines();
    if (parser.atSign(']'))
      throw parser.error('MissingArrayIndexExpression', 'Array index expression is missing or not valid.');
    const inner = parseExpression(parser);
    parser.skipNewlines();
    return inner;
  });
  parser.expectSign(']', 'MissingEndSquareBracket', "Missing ']' after array index expression.");
  return freeze({ kind: 'Index', target, index, nullConditional, extent: parser.extentFrom(target.extent) });
}

function parseMember(parser: ParserState, target: Expression, sign: string): Expression {
  parser.skipNewlines();
  const token = parser.peek();
  const name = memberName(parser, token);
  const common = { target, name, isStatic: sign === '::', nullConditional: sign === '?.' } as const;
  const paren = parser.peek();
  if (!(paren.kind === 'sign' && paren.text === '(' && !paren.spaceBefore)) {
    if (paren.kind === 'sign' && paren.text === '{' && !paren.spaceBefore) {
      parser.next();
      const block = scriptBlock(parser, paren);
      return freeze({
        kind: 'Call',
        ...common,
        arguments: [block],
        extent: parser.extentFrom(target.extent),
      });
    }
    return freeze({ kind: 'Member', ...common, extent: parser.extentFrom(target.extent) });
  }
  parser.next();
  const list = parser.nested(() => parseArguments(parser));
  parser.expectSign(')', 'MissingEndParenthesisInMethodCall', "Missing ')' in method call.");
  return freeze({ kind: 'Call', ...common, arguments: list, extent: parser.extentFrom(target.extent) });
}

function memberName(parser: ParserState, token: Token): Expression {
  switch (token.kind) {
    case 'word': {
      parser.next();
      if (!isNameCharacter(token.text[0] ?? '')) throw parser.unexpected(token);
      return freeze({ kind: 'Text', value: token.value, bare: true, extent: extentOf(token) });
    }
    case 'number':
    case 'string':
    case 'expandable':
    case 'variable':
      return parsePrimary(parser);
    case 'sign':
      if (token.text === '(' || token.text === '$(') return parsePrimary(parser);
  }
  throw parser.error('MissingPropertyName', 'Missing property name after reference operator.', token);
}

function parseArguments(parser: ParserState): readonly Expression[] {
  const list: Expression[] = [];
  parser.skipNewlines();
  while (!parser.atSign(')')) {
    list.push(parser.withCommas(() => parseExpression(parser)));
    parser.skipNewlines();
    if (!parser.atSign(',')) break;
    const comma = parser.next();
    parser.skipNewlines();
    if (parser.atSign(')'))
      throw parser.error('MissingExpressionAfterToken', "Missing expression after ','.", comma);
  }
  return list;
}
