// Commands as written: name, arguments, parameters, redirections. On a command line a word is text unless it begins as a
// value does.
import { type CommandElement, type CommandNode, type Expression, freeze, type Redirection } from './ast.ts';
import { expandable, parseBracket, parsePostfix } from './parse-operand.ts';
import { extentOf, type ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

export function parseCommand(parser: ParserState, invocation: CommandNode['invocation']): CommandNode {
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

export function parseRedirections(parser: ParserState): readonly Redirection[] {
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
