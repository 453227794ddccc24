// One word of the operating system's command line as a parameter's value. The word is a value already: it is never run as
// code. What it means depends on the parameter's type alone, so that text stays text whatever is in it:
//   any parameter            $true $false $null, written so and nothing else
//   lists                    a,b,"c,d" (quotes keep a comma), and @{Add="a","b"; Remove="c"} for multi-valued properties
//   tables                   @{UserName="a"; Password="b"}
//   dates and times          (Get-Date), (Get-Date "5/6/2016 9:30 AM").ToUniversalTime(), .AddDays(-1) and the like
// A table holds constants only; an expression is Get-Date with constants and methods of dates, and nothing else runs.
import { DateTime } from '#parameters/date-time.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import type { Expression, Statement } from '#shell/syntax/ast.ts';
import { ParseError } from '#shell/syntax/parse-error.ts';
import { parseScript } from '#shell/syntax/parse-script.ts';
import type { ReadingParameter, Unread } from '#shell/runtime/command-arguments.ts';
import { callMethod } from '#shell/values/methods.ts';
import { toText } from '#shell/values/text.ts';
import { ScriptError } from '#shell/values/script-error.ts';

export class ArgvValue implements Unread {
  readonly opaque = 'ArgvValue';
  readonly text: string;
  readonly #now: () => number;
  constructor(text: string, now: () => number) {
    this.text = text;
    this.#now = now;
  }
  readFor(parameter: ReadingParameter | null): Value {
    const { text } = this;
    const constant = CONSTANTS.get(text.toLowerCase());
    if (constant !== undefined) return constant;
    if (parameter === null) return text;
    if (parameter.isList && !parameter.type.startsWith('Object')) return readList(text, parameter);
    if (TABLES.has(parameter.type)) return text.startsWith('@{') ? readTable(text) : text;
    if (parameter.type === 'DateTime' && /^\(\s*get-date\b/i.test(text))
      return readDateExpression(text, this.#now);
    if (parameter.type === 'Boolean' || parameter.isSwitch)
      return WORDS.get(text.trim().toLowerCase()) ?? text;
    return text;
  }
}

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['$true', true],
  ['$false', false],
  ['$null', null],
]);
/** What can be written as a table: all of Hashtable, and the two properties of PSCredential. */
const TABLES: ReadonlySet<string> = new Set(['Hashtable', 'PSCredential']);
/** operations.md: accepted in any case. */
const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function problem(text: string, why: string): ScriptError {
  return new ScriptError(`'${text}' can't be read: ${why}`, {
    category: 'InvalidArgument',
    errorId: 'InvalidArgumentText',
    exception: 'System.Management.Automation.ParameterBindingException',
  });
}

function readList(text: string, parameter: ReadingParameter): Value {
  if (parameter.type === 'MultiValuedProperty' && text.startsWith('@{')) return readTable(text);
  const items = splitList(text);
  return items.length === 1 ? (items[0] ?? '') : items;
}

/** At commas outside quotes; spaces around an item and one pair of quotes are taken off. */
function splitList(text: string): readonly string[] {
  const items: string[] = [];
  const item = /\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^,]*?))\s*(,|$)/gy;
  for (let found = item.exec(text); found; found = item.exec(text)) {
    items.push(found[1]?.replaceAll('""', '"') ?? found[2]?.replaceAll("''", "'") ?? found[3] ?? '');
    if (found[4] === '') return items;
  }
  // A quote in the middle of an item is a character like any other.
  return text.split(',').map((part) => part.trim());
}

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

function readTable(text: string): Value {
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
      return Array.isArray(value) ? value : [value];
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

function readDateExpression(text: string, now: () => number): Value {
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
