// The tables and dates that a word of the command line may hold, read without running anything: constants, and Get-Date with
// methods of dates. Loaded when a word looks like one.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import type { Expression, Statement } from '#shell/syntax/ast.ts';
import { ParseError } from '#shell/syntax/parse-error.ts';
import { parseScript } from '#shell/syntax/parse-script.ts';
import { callMethod } from '#shell/values/methods.ts';
import { toText } from '#shell/values/text.ts';
import { CONSTANTS, problem, splitList } from './argv-value.ts';

function parseExpression(text: string): Expression {
  let statements: readonly Statement[];
  try {
    statements = parseScript(text).end;
  } catch (error) {
    if (error instanceof ParseError) throw problem(text, error.message);
    throw error;
  }
  const [only] = statements;
  const element = only?.kind === 'Pipeline' && only.elements.length === 1 ? only.elements[0] : undefined;
  if (statements.length !== 1 || element?.kind !== 'CommandExpression')
    throw problem(text, 'it is more than one value.');
  return element.expression;
}

export function readTable(text: string): Value {
  const node = parseExpression(text);
  if (node.kind !== 'Hashtable') throw problem(text, 'a table is written @{Name="value"; …}.');
  const table = new Hashtable();
  for (const { key, value } of node.entries) {
    const name = constant(key, text);
    const statement =
      value.kind === 'Pipeline' && value.elements.length === 1 ? value.elements[0] : undefined;
    table.set(
      toText(name),
      statement?.kind === 'CommandExpression' ? constant(statement.expression, text) : bareWord(value, text),
    );
  }
  return table;
}

/** `@{Add=a.example}`: a word without quotes, as a POSIX shell leaves it. */
function bareWord(statement: Statement, text: string): Value {
  const command =
    statement.kind === 'Pipeline' && statement.elements.length === 1 ? statement.elements[0] : undefined;
  if (command?.kind === 'Command' && command.elements.length === 0 && command.name.kind === 'Text') {
    const words = splitList(command.name.value);
    return words.length === 1 ? (words[0] ?? '') : words;
  }
  throw problem(
    text,
    'only constants stand in a table here; put values into quotes. Use ./postern -c for expressions.',
  );
}

function constant(node: Expression, text: string): Value {
  switch (node.kind) {
    case 'Text':
    case 'Number':
      return node.value;
    case 'List':
      return node.items.map((item) => constant(item, text));
    case 'Array': {
      const [only] = node.statements;
      if (node.statements.length === 0) return [];
      const element = only?.kind === 'Pipeline' && only.elements.length === 1 ? only.elements[0] : undefined;
      if (node.statements.length !== 1 || element?.kind !== 'CommandExpression') break;
      const value = constant(element.expression, text);
      return isList(value) ? value : [value];
    }
    case 'Variable': {
      const known =
        node.variable.scope === null ? CONSTANTS.get(`$${node.variable.name.toLowerCase()}`) : undefined;
      if (known !== undefined) return known;
      break;
    }
    default:
      break;
  }
  throw problem(text, 'only constants can stand here. Use ./postern -c for expressions.');
}

const DATE_METHODS = new Set(
  'touniversaltime tolocaltime addyears addmonths adddays addhours addminutes addseconds addmilliseconds addticks'.split(
    ' ',
  ),
);

export function readDate(text: string, now: () => number): Value {
  return dateOf(parseExpression(text), text, now);
}

function dateOf(node: Expression, text: string, now: () => number): DateTime {
  if (
    node.kind === 'Call' &&
    !node.isStatic &&
    node.name.kind === 'Text' &&
    DATE_METHODS.has(node.name.value.toLowerCase())
  ) {
    const target = dateOf(node.target, text, now);
    const result = callMethod(
      target,
      node.name.value,
      node.arguments.map((argument) => constant(argument, text)),
    );
    if (result instanceof DateTime) return result;
  }
  if (node.kind === 'Member' && node.name.kind === 'Text' && node.name.value.toLowerCase() === 'date')
    return dateOf(node.target, text, now).date;
  if (node.kind === 'Paren' && node.statement.kind === 'Pipeline') {
    const [element] = node.statement.elements;
    if (node.statement.elements.length === 1 && element) {
      if (element.kind === 'CommandExpression') return dateOf(element.expression, text, now);
      if (element.name.kind === 'Text' && element.name.value.toLowerCase() === 'get-date')
        return getDate(element.elements, text, now);
    }
  }
  throw problem(
    text,
    'only (Get-Date …) with methods of dates can stand here. Use ./postern -c for other expressions.',
  );
}

type Elements = Extract<
  Extract<Statement, { kind: 'Pipeline' }>['elements'][number],
  { kind: 'Command' }
>['elements'];

function getDate(elements: Elements, text: string, now: () => number): DateTime {
  const current = DateTime.fromUtcMilliseconds(now()).toLocalTime();
  if (elements.length === 0) return current;
  const named =
    elements[0]?.kind === 'ParameterElement' && /^date$/i.test(elements[0].name)
      ? elements.slice(1)
      : elements;
  const [value] = named;
  if (named.length !== 1 || value?.kind !== 'ArgumentElement')
    throw problem(text, 'Get-Date takes one date here.');
  const written = toText(constant(value.value, text));
  const time = DateTime.parse(written, now());
  if (!time) throw problem(text, `"${written}" is not a date and time.`);
  return time;
}
