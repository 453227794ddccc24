// The parameters of functions and scripts with their types, attributes and defaults, and attributes as such.
import { type AttributeNode, type Expression, freeze, type ParameterNode } from './ast.ts';
import { parseExpression } from './parse-expression.ts';
import { parseTypeName, startsAttribute } from './parse-type.ts';
import type { ParserState } from './parser-state.ts';

/** A run of `[Attribute(…)]`; null where a type or something else stands there. */
export function parseAttributes(parser: ParserState): readonly AttributeNode[] | null {
  const attributes: AttributeNode[] = [];
  while (parser.atSign('[')) {
    if (!startsAttribute(parser)) return null;
    attributes.push(parseAttribute(parser));
    parser.skipNewlines();
  }
  return attributes;
}

function parseAttribute(parser: ParserState): AttributeNode {
  const start = parser.next().start;
  const name = parseTypeName(parser);
  parser.expectSign('(', 'MissingParenInAttribute', `Missing '(' behind the attribute '${name}'.`);
  const positional: Expression[] = [];
  const named: { name: string; value: Expression | null }[] = [];
  parser.nested(() => {
    parser.commaSeparates = true;
    parser.skipNewlines();
    while (!parser.atSign(')')) {
      parseAttributeArgument(parser, positional, named);
      parser.skipNewlines();
      if (!parser.takeSign(',')) break;
      parser.skipNewlines();
    }
  });
  parser.expectSign(')', 'MissingEndParenthesisInExpression', "Missing closing ')' in expression.");
  parser.expectSign(
    ']',
    'EndSquareBracketExpectedAtEndOfAttribute',
    "Missing ']' at end of attribute or type literal.",
  );
  return freeze({ name, positional, named: Object.freeze(named), extent: parser.extentFrom(start) });
}

function parseAttributeArgument(
  parser: ParserState,
  positional: Expression[],
  named: { name: string; value: Expression | null }[],
): void {
  const token = parser.peek();
  if (token.kind !== 'word') {
    positional.push(parseExpression(parser));
    return;
  }
  parser.next();
  parser.skipNewlines();
  if (parser.takeSign('=')) {
    parser.skipNewlines();
    named.push({ name: token.value, value: parseExpression(parser) });
  } else named.push({ name: token.value, value: null });
}

/** From behind the opening parenthesis to behind the closing one. */
export function parseParameters(parser: ParserState): readonly ParameterNode[] {
  const parameters: ParameterNode[] = [];
  parser.nested(() => {
    parser.skipNewlines();
    while (!parser.atSign(')')) {
      parser.commaSeparates = true;
      parameters.push(parseParameter(parser));
      parser.skipNewlines();
      if (!parser.takeSign(',')) break;
      parser.skipNewlines();
    }
  });
  parser.expectSign(
    ')',
    'MissingEndParenthesisInFunctionParameterList',
    "Missing ')' in function parameter list.",
  );
  return Object.freeze(parameters);
}

function parseParameter(parser: ParserState): ParameterNode {
  const { start } = parser.peek();
  const attributes: AttributeNode[] = [];
  let type: string | null = null;
  while (parser.atSign('[')) {
    if (startsAttribute(parser)) attributes.push(parseAttribute(parser));
    else {
      parser.next();
      type = parseTypeName(parser);
      parser.expectSign(']', 'EndSquareBracketExpectedAtEndOfType', 'Missing ] at end of type token.');
    }
    parser.skipNewlines();
  }
  const token = parser.peek();
  if (token.kind !== 'variable') {
    throw parser.error(
      'MissingExpressionAfterToken',
      'A parameter is a variable, with its type and attributes before it.',
      token,
    );
  }
  parser.next();
  let defaultValue: Expression | null = null;
  parser.skipNewlines();
  if (parser.takeSign('=')) {
    parser.skipNewlines();
    defaultValue = parseExpression(parser);
  }
  return freeze({
    name: token.variable.name,
    type,
    attributes,
    defaultValue,
    extent: parser.extentFrom(start),
  });
}
