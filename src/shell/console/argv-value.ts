// One word of the operating system's command line as a parameter's value. The word is a value already: it is never run as
// code. What it means depends on the parameter's type alone, so that text stays text whatever is in it:
//   any parameter            $true $false $null, written so and nothing else
//   lists                    a,b,"c,d" (quotes keep a comma), and @{Add="a","b"; Remove="c"} for multi-valued properties
//   tables                   @{UserName="a"; Password="b"}
//   dates and times          (Get-Date), (Get-Date "5/6/2016 9:30 AM").ToUniversalTime(), .AddDays(-1) and the like
// A table holds constants only; an expression is Get-Date with constants and methods of dates, and nothing else runs.
import type { Value } from '#parameters/value.ts';
import type { ReadingParameter, Unread } from '#shell/runtime/command-arguments.ts';
import { ScriptError } from '#shell/values/script-error.ts';

/** What reads tables and dates; argv-expression.ts. Throws ScriptError. */
export interface ArgvExpressions {
  readTable(text: string): Value;
  readDate(text: string, now: () => number): Value;
}

const EXPRESSION = /^(?:-\w+:)?(?:@\{|\()/;

/** null where no word needs them. */
export async function expressionsFor(words: readonly string[]): Promise<ArgvExpressions | null> {
  return words.some((word) => EXPRESSION.test(word)) ? import('./argv-expression.ts') : null;
}

export class ArgvValue implements Unread {
  readonly opaque = 'ArgvValue';
  readonly text: string;
  readonly #expressions: ArgvExpressions | null;
  readonly #now: () => number;
  /** `expressions` from expressionsFor, which has seen this word. */
  constructor(text: string, expressions: ArgvExpressions | null, now: () => number) {
    this.text = text;
    this.#expressions = expressions;
    this.#now = now;
  }
  readFor(parameter: ReadingParameter | null): Value {
    const { text } = this;
    const expressions = this.#expressions;
    const constant = CONSTANTS.get(text.toLowerCase());
    if (constant !== undefined) return constant;
    if (parameter === null) return text;
    if (parameter.isList && !parameter.type.startsWith('Object'))
      return readList(text, parameter, expressions);
    if (expressions && TABLES.has(parameter.type) && text.startsWith('@{'))
      return expressions.readTable(text);
    if (expressions && parameter.type === 'DateTime' && /^\(\s*get-date\b/i.test(text))
      return expressions.readDate(text, this.#now);
    if (parameter.type === 'Boolean' || parameter.isSwitch)
      return WORDS.get(text.trim().toLowerCase()) ?? text;
    return text;
  }
}

export const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
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

export function problem(text: string, why: string): ScriptError {
  return new ScriptError(`'${text}' can't be read: ${why}`, {
    category: 'InvalidArgument',
    errorId: 'InvalidArgumentText',
    exception: 'System.Management.Automation.ParameterBindingException',
  });
}

function readList(text: string, parameter: ReadingParameter, expressions: ArgvExpressions | null): Value {
  if (expressions && parameter.type === 'MultiValuedProperty' && text.startsWith('@{'))
    return expressions.readTable(text);
  const items = splitList(text);
  return items.length === 1 ? (items[0] ?? '') : items;
}

/** At commas outside quotes; spaces around an item and one pair of quotes are taken off. */
export function splitList(text: string): readonly string[] {
  const items: string[] = [];
  const item = /\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^,]*?))\s*(,|$)/gy;
  for (let found = item.exec(text); found; found = item.exec(text)) {
    items.push(found[1]?.replaceAll('""', '"') ?? found[2]?.replaceAll("''", "'") ?? found[3] ?? '');
    if (found[4] === '') return items;
  }
  // A quote in the middle of an item is a character like any other.
  return text.split(',').map((part) => part.trim());
}
