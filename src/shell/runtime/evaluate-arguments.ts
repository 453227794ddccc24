// A command's arguments as the binder takes them: evaluated, splatted tables taken apart, and numbers kept with the text
// in which they were written, since `-Comment 007` means the text.
import { isList } from '#parameters/parameter-type.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import type { CommandElement, Expression } from '#shell/syntax/ast.ts';
import type { Extent } from '#shell/syntax/source-text.ts';
import { ListValue } from '#shell/values/object-values.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { numberText } from '#shell/values/text.ts';
import type { PlacedArgument, ReadingParameter, Unread } from './command-arguments.ts';
import { evaluate } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { readVariable } from './variables.ts';

/** A number with the text that stood there. */
class WrittenNumber implements Unread {
  readonly opaque = 'WrittenNumber';
  readonly #value: number;
  readonly text: string;
  constructor(value: number, text: string) {
    this.#value = value;
    this.text = text;
  }
  readFor(parameter: ReadingParameter | null): Value {
    return parameter && meansText(parameter) ? this.text : this.#value;
  }
}

/** Types for which a number means what was written. */
function meansText({ type }: Pick<ReadingParameter, 'type'>): boolean {
  return (
    type.startsWith('String') ||
    type.endsWith('IdParameter') ||
    type === 'MultiValuedProperty' ||
    type.startsWith('SmtpDomain')
  );
}

export async function evaluateArguments(
  elements: readonly CommandElement[],
  frame: Frame,
): Promise<readonly PlacedArgument[]> {
  const placed: PlacedArgument[] = [];
  for (const element of elements) {
    const { extent } = element;
    if (element.kind === 'ParameterElement') {
      const { name, argument } = element;
      const text = `-${name}`;
      if (argument)
        placed.push({
          argument: { kind: 'name', name, text: `${text}:`, value: await argumentValue(argument, frame) },
          extent,
        });
      else placed.push({ argument: { kind: 'name', name, text }, extent });
    } else if (element.value.kind === 'Splat')
      placed.push(
        ...splat(readVariable(element.value.variable, frame) ?? null, element.value.variable.name, extent),
      );
    else
      placed.push({ argument: { kind: 'value', value: await argumentValue(element.value, frame) }, extent });
  }
  return placed;
}

async function argumentValue(node: Expression, frame: Frame): Promise<Value> {
  if (node.kind === 'Number' && node.text !== numberText(node.value))
    return new WrittenNumber(node.value, node.text);
  if (node.kind === 'List' && node.items.some((item) => item.kind === 'Number')) {
    const items: Value[] = [];
    for (const item of node.items) items.push(await argumentValue(item, frame));
    return items;
  }
  return evaluate(node, frame);
}

function splat(value: Value, name: string, extent: Extent): PlacedArgument[] {
  if (value instanceof Hashtable) {
    return [...value.entries()].map(([key, item]) => ({
      argument: { kind: 'name', name: key, text: `-${key}:`, value: item, splatted: true },
      extent,
    }));
  }
  const items = isList(value) ? value : value instanceof ListValue ? value.items : null;
  if (items) {
    return items.map((item) => {
      const dashed = typeof item === 'string' ? /^-([a-z_]\w*)(:?)$/i.exec(item) : null;
      if (dashed) return { argument: { kind: 'name', name: dashed[1] ?? '', text: dashed[0] }, extent };
      return { argument: { kind: 'value', value: item }, extent };
    });
  }
  if (value === null) return [];
  throw new ScriptError(`The variable '@${name}' is splatted; it has to hold a hashtable or a list.`, {
    errorId: 'SplattingNotPermitted',
  });
}
