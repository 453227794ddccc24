// if, switch, the loops and try: the statements that decide what runs. A label is given to those that can be left by it.
import { type Expression, freeze, type Statement, type SwitchNode } from './ast.ts';
import { parseUnary } from './parse-expression.ts';
import { parseBlock, parseStatement } from './parse-statement.ts';
import { parseTypeName } from './parse-type.ts';
import { extentOf, type ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

type Body = readonly Statement[];

/** The statement that the keyword begins; null where the word is none of these keywords. */
export function parseControlStatement(
  parser: ParserState,
  token: Token,
  word: string,
  label: string | null,
): Statement | null {
  switch (word) {
    case 'if':
      return parseIf(parser, token);
    case 'foreach':
      return parseForEach(parser, token, label);
    case 'for':
      return parseFor(parser, token, label);
    case 'while':
      return parseWhile(parser, token, label);
    case 'do':
      return parseDo(parser, token, label);
    case 'switch':
      return parseSwitch(parser, token, label);
    case 'try':
      return parseTry(parser, token);
    default:
      return null;
  }
}

function block(parser: ParserState, behind: string): Body {
  return parseBlock(parser, {
    errorId: 'MissingStatementBlock',
    message: `Missing statement block after ${behind}.`,
  });
}

/** `( pipeline )` behind a keyword. */
function condition(parser: ParserState, keyword: string): Statement {
  parser.skipNewlines();
  parser.expectSign(
    '(',
    'MissingOpenParenthesisInIfStatement',
    `Missing '(' after '${keyword}' in ${keyword} statement.`,
  );
  const statement = parser.nested(() => {
    parser.skipNewlines();
    if (parser.atSign(')'))
      throw parser.error(
        'IfStatementMissingCondition',
        `Missing condition in ${keyword} statement after '${keyword} ('.`,
      );
    const inner = parseStatement(parser);
    parser.skipNewlines();
    return inner;
  });
  parser.expectSign(
    ')',
    'MissingEndParenthesisAfterStatement',
    `Missing ')' after expression in '${keyword}' statement.`,
  );
  return statement;
}

function parseIf(parser: ParserState, token: Token): Statement {
  const clauses: { condition: Statement; body: Body }[] = [];
  let otherwise: Body | null = null;
  parser.next();
  clauses.push({ condition: condition(parser, 'if'), body: block(parser, 'if ( condition )') });
  while (takeClause(parser, 'elseif')) {
    clauses.push({ condition: condition(parser, 'elseif'), body: block(parser, "'elseif' ( condition )") });
  }
  if (takeClause(parser, 'else')) otherwise = block(parser, "'else'");
  return freeze({ kind: 'If', clauses, otherwise, extent: parser.extentFrom(token) });
}

/** A following clause may begin on a later line. */
function takeClause(parser: ParserState, word: string): boolean {
  const before = parser.tokens.position;
  parser.skipNewlines();
  if (parser.takeWord(word)) return true;
  parser.tokens.position = before;
  return false;
}

function parseForEach(parser: ParserState, token: Token, label: string | null): Statement {
  parser.next();
  if (parser.peek().kind === 'operator')
    throw parser.unsupported(`'foreach ${parser.peek().text}'`, parser.peek());
  parser.skipNewlines();
  parser.expectSign(
    '(',
    'MissingOpenParenthesisAfterKeyword',
    "Missing opening '(' after keyword 'foreach'.",
  );
  parser.skipNewlines();
  const variable = parser.peek();
  if (variable.kind !== 'variable')
    throw parser.error('MissingVariableNameAfterForeach', 'Missing variable name after foreach.', variable);
  parser.next();
  parser.skipNewlines();
  if (!parser.takeWord('in'))
    throw parser.error('MissingInInForeach', "Missing 'in' after variable in foreach loop.");
  parser.skipNewlines();
  if (parser.atSign(')'))
    throw parser.error('MissingForeachExpression', "Missing expression after 'in' in foreach loop.");
  const list = parser.nested(() => parseStatement(parser));
  parser.skipNewlines();
  parser.expectSign(
    ')',
    'MissingEndParenthesisAfterForeach',
    "Missing closing ')' after expression part of foreach loop.",
  );
  const body = block(parser, 'foreach loop');
  return freeze({
    kind: 'ForEach',
    label,
    variable: variable.variable,
    list,
    body,
    extent: parser.extentFrom(token),
  });
}

function parseFor(parser: ParserState, token: Token, label: string | null): Statement {
  parser.next();
  parser.skipNewlines();
  parser.expectSign('(', 'MissingOpenParenthesisAfterKeyword', "Missing opening '(' after keyword 'for'.");
  const part = (): Statement | null => {
    parser.skipNewlines();
    if (parser.atSign(';') || parser.atSign(')')) return null;
    const statement = parser.nested(() => parseStatement(parser));
    return statement;
  };
  const initial = part();
  takeForSeparator(parser);
  const test = part();
  takeForSeparator(parser);
  const step = part();
  parser.skipNewlines();
  parser.expectSign(
    ')',
    'MissingEndParenthesisAfterStatement',
    "Missing closing ')' after expression in 'for' statement.",
  );
  const body = block(parser, 'for loop');
  return freeze({
    kind: 'For',
    label,
    initial,
    condition: test,
    step,
    body,
    extent: parser.extentFrom(token),
  });
}

function takeForSeparator(parser: ParserState): void {
  if (!parser.takeSign(';') && parser.peek().kind === 'newline') parser.skipNewlines();
}

function parseWhile(parser: ParserState, token: Token, label: string | null): Statement {
  parser.next();
  const test = condition(parser, 'while');
  return freeze({
    kind: 'While',
    label,
    condition: test,
    body: block(parser, "'while'"),
    extent: parser.extentFrom(token),
  });
}

function parseDo(parser: ParserState, token: Token, label: string | null): Statement {
  parser.next();
  const body = block(parser, "'do'");
  parser.skipNewlines();
  const until = parser.atWord('until');
  if (!until && !parser.atWord('while'))
    throw parser.error('MissingWhileOrUntilInDoWhile', 'Missing while or until keyword in do loop.');
  parser.next();
  const test = condition(parser, until ? 'until' : 'while');
  return freeze({ kind: 'Do', label, until, condition: test, body, extent: parser.extentFrom(token) });
}

function parseSwitch(parser: ParserState, token: Token, label: string | null): Statement {
  parser.next();
  let mode: SwitchNode['mode'] = 'exact';
  let caseRule: SwitchNode['caseRule'] = 'ignore';
  for (let flag = parser.peek(); flag.kind === 'operator'; flag = parser.peek()) {
    if ('exact'.startsWith(flag.name)) mode = 'exact';
    else if ('wildcard'.startsWith(flag.name)) mode = 'wildcard';
    else if ('regex'.startsWith(flag.name)) mode = 'regex';
    else if ('casesensitive'.startsWith(flag.name)) caseRule = 'exact';
    else throw parser.unsupported(`The switch statement's parameter '${flag.text}'`, flag);
    parser.next();
  }
  const subject = condition(parser, 'switch');
  parser.skipNewlines();
  parser.expectSign('{', 'MissingCurlyBraceInSwitchStatement', "Missing opening '{' in switch statement.");
  const clauses = parser.nested(() => parseClauses(parser));
  return freeze({
    kind: 'Switch',
    label,
    mode,
    caseRule,
    subject,
    ...clauses,
    extent: parser.extentFrom(token),
  });
}

function parseClauses(parser: ParserState): Pick<SwitchNode, 'clauses' | 'otherwise'> {
  const clauses: { pattern: Expression; body: Body }[] = [];
  let otherwise: Body | null = null;
  parser.skipSeparators();
  while (!parser.takeSign('}')) {
    const token = parser.peek();
    if (token.kind === 'end')
      throw parser.error('MissingCurlyBraceInSwitchStatement', "Missing closing '}' in switch statement.");
    const pattern = parsePattern(parser);
    const body = block(parser, 'switch clause');
    if (pattern.kind === 'Text' && pattern.bare && pattern.value.toLowerCase() === 'default') {
      if (otherwise)
        throw parser.error(
          'MultipleSwitchDefaultClauses',
          'A switch statement must have only one default clause.',
          token,
        );
      otherwise = body;
    } else clauses.push({ pattern, body });
    parser.skipSeparators();
  }
  return { clauses: Object.freeze(clauses), otherwise };
}

/** A bare word is text here, as on a command line. */
function parsePattern(parser: ParserState): Expression {
  const token = parser.peek('command');
  if (token.kind !== 'word' || token.text.startsWith('[') || token.text.startsWith('!'))
    return parseUnary(parser);
  parser.next('command');
  return freeze({ kind: 'Text', value: token.value, bare: true, extent: extentOf(token) });
}

function parseTry(parser: ParserState, token: Token): Statement {
  parser.next();
  const body = block(parser, "'try'");
  const catches: { types: readonly string[]; body: Body }[] = [];
  while (takeClause(parser, 'catch')) {
    const types = parseCatchTypes(parser);
    catches.push({ types, body: block(parser, "'catch'") });
  }
  const final = takeClause(parser, 'finally') ? block(parser, "'finally'") : null;
  if (catches.length === 0 && !final) {
    throw parser.error('MissingCatchOrFinally', 'The Try statement is missing its Catch or Finally block.');
  }
  return freeze({ kind: 'Try', body, catches, final, extent: parser.extentFrom(token) });
}

function parseCatchTypes(parser: ParserState): readonly string[] {
  const types: string[] = [];
  parser.skipNewlines();
  while (parser.takeSign('[')) {
    types.push(parseTypeName(parser));
    parser.expectSign(']', 'EndSquareBracketExpectedAtEndOfType', 'Missing ] at end of type token.');
    parser.skipNewlines();
    if (!parser.takeSign(',')) break;
    parser.skipNewlines();
  }
  return Object.freeze(types);
}
