// What commands share that have to see all objects before they can say anything: gathering them, and their sort keys.
import type { Value } from '#parameters/value.ts';
import type { CommandContext } from '#shell/runtime/builtin-command.ts';
import { evaluateSpec, type PropertySpec } from './property-spec.ts';

export interface Keyed {
  readonly item: Value;
  readonly keys: readonly Value[];
}

export async function keysOf(
  item: Value,
  specs: readonly PropertySpec[],
  context: CommandContext,
): Promise<readonly Value[]> {
  if (specs.length === 0) return [item];
  const keys: Value[] = [];
  for (const spec of specs) keys.push(await evaluateSpec(spec, item, context));
  return keys;
}

export function collecting(
  context: CommandContext,
  finish: (items: Value[]) => Promise<void>,
): { process: (input: Value) => void; end: () => Promise<void> } {
  const items: Value[] = [];
  return {
    process: (input) => {
      context.frame.session.budget.allocated(1);
      items.push(input);
    },
    end: () => finish(items),
  };
}
