// Sort-Object, Group-Object and Get-Unique: order, and what is the same.
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import type { CaseRule } from '#shell/syntax/ast.ts';
import { equals, sortOrder } from '#shell/values/compare.ts';
import { toText } from '#shell/values/text.ts';
import { isTrue } from '#shell/values/truth.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
  INPUT_OBJECT,
} from '#shell/runtime/builtin-command.ts';
import { collecting, type Keyed, keysOf } from './keyed-items.ts';
import { type PropertySpec, propertySpecs } from './property-spec.ts';

function descends(spec: PropertySpec | undefined, descending: boolean): boolean {
  if (spec?.options.has('descending') === true) return isTrue(spec.options.get('descending'));
  if (spec?.options.has('ascending') === true) return !isTrue(spec.options.get('ascending'));
  return descending;
}

const PROPERTY = builtinParameter('Property', 'object[]', {
  position: 0,
  help: 'Properties, or tables with an Expression.',
});

const sortObject = defineBuiltin(
  {
    name: 'Sort-Object',
    synopsis: 'Sorts objects by themselves or by properties.',
    parameters: [
      PROPERTY,
      builtinParameter('Descending', 'switch', { help: 'The largest first.' }),
      builtinParameter('Unique', 'switch', { help: 'Each value once.' }),
      builtinParameter('CaseSensitive', 'switch', { help: 'Upper and lower case are different.' }),
      builtinParameter('Top', 'int', { help: 'That many from the beginning of the order.' }),
      builtinParameter('Bottom', 'int', { help: 'That many from its end.' }),
      builtinParameter('Stable', 'switch', { help: 'Keeps the order of equals; it is always kept.' }),
      INPUT_OBJECT,
    ],
  },
  (context) =>
    collecting(context, async (items) => {
      const specs = propertySpecs(context.list('Property'));
      const caseRule: CaseRule = context.flag('CaseSensitive') ? 'exact' : 'ignore';
      const keyed: Keyed[] = [];
      for (const item of items) keyed.push({ item, keys: await keysOf(item, specs, context) });
      const descending = context.flag('Descending');
      const order = (left: Keyed, right: Keyed): number => {
        for (let index = 0; index < left.keys.length; index++) {
          const difference = sortOrder(left.keys[index] ?? null, right.keys[index] ?? null, caseRule);
          if (difference !== 0) return descends(specs[index], descending) ? -difference : difference;
        }
        return 0;
      };
      keyed.sort(order);
      let sorted = context.flag('Unique')
        ? keyed.filter((entry, index) => index === 0 || order(keyed[index - 1] ?? entry, entry) !== 0)
        : keyed;
      const top = context.number('Top');
      const bottom = context.number('Bottom');
      if (top !== null) sorted = sorted.slice(0, top);
      else if (bottom !== null) sorted = bottom === 0 ? [] : sorted.slice(-bottom);
      for (const { item } of sorted) await context.emit(item);
    }),
);

const groupObject = defineBuiltin(
  {
    name: 'Group-Object',
    synopsis: 'Gathers objects that have the same value.',
    parameters: [
      PROPERTY,
      builtinParameter('NoElement', 'switch', { help: 'Leaves out the objects themselves.' }),
      builtinParameter('AsHashTable', 'switch', { aliases: ['AHT'], help: 'Gives one table by value.' }),
      builtinParameter('AsString', 'switch', { help: 'The keys of the table are texts; they always are.' }),
      builtinParameter('CaseSensitive', 'switch', { help: 'Upper and lower case are different.' }),
      INPUT_OBJECT,
    ],
  },
  (context) =>
    collecting(context, async (items) => {
      const specs = propertySpecs(context.list('Property'));
      const exact = context.flag('CaseSensitive');
      const groups = new Map<string, { keys: readonly Value[]; items: Value[] }>();
      for (const item of items) {
        const keys = await keysOf(item, specs, context);
        const name = keys.map((key) => toText(key)).join(', ');
        const id = exact ? name : name.toLowerCase();
        const group = groups.get(id);
        if (group) group.items.push(item);
        else groups.set(id, { keys, items: [item] });
      }
      await emitGroups(
        [...groups.values()].sort((left, right) => sortOrder(left.keys[0] ?? null, right.keys[0] ?? null)),
        context,
      );
    }),
);

async function emitGroups(
  groups: readonly { keys: readonly Value[]; items: Value[] }[],
  context: CommandContext,
): Promise<void> {
  if (context.flag('AsHashTable')) {
    const table = new Hashtable();
    for (const { keys, items } of groups) table.set(keys.map((key) => toText(key)).join(', '), items);
    await context.emit(table);
    return;
  }
  for (const { keys, items } of groups) {
    const properties: (readonly [string, Value])[] = [
      ['Count', items.length],
      ['Name', keys.map((key) => toText(key)).join(', ')],
    ];
    if (!context.flag('NoElement')) properties.push(['Group', items]);
    const type = `Microsoft.PowerShell.Commands.GroupInfo${context.flag('NoElement') ? 'NoElement' : ''}`;
    await context.emit(new PsObject(type, properties));
  }
}

const getUnique = defineBuiltin(
  {
    name: 'Get-Unique',
    synopsis: 'Leaves out objects that are the same as the one before.',
    parameters: [builtinParameter('AsString', 'switch', { help: 'Compares the texts.' }), INPUT_OBJECT],
  },
  (context) => {
    let last: Value | undefined;
    return {
      process: async (input) => {
        if (last !== undefined && equals(toText(last), toText(input), 'exact')) return;
        last = input;
        await context.emit(input);
      },
    };
  },
);

export const commands: readonly BuiltinCommand[] = [sortObject, groupObject, getUnique];
