// Sort-Object, Group-Object, Measure-Object, Compare-Object and Get-Unique: what has to see all objects first.
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import type { CaseRule } from '#shell/syntax/ast.ts';
import { equals, sortOrder } from '#shell/values/compare.ts';
import { getProperty } from '#shell/values/members.ts';
import { propertyNames } from '#shell/values/property-names.ts';
import { toText } from '#shell/values/text.ts';
import { tryNumber } from '#shell/values/to-number.ts';
import { isTrue } from '#shell/values/truth.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
  INPUT_OBJECT,
} from '#shell/runtime/builtin-command.ts';
import { evaluateSpec, type PropertySpec, propertySpecs } from './property-spec.ts';

interface Keyed {
  readonly item: Value;
  readonly keys: readonly Value[];
}

async function keysOf(
  item: Value,
  specs: readonly PropertySpec[],
  context: CommandContext,
): Promise<readonly Value[]> {
  if (specs.length === 0) return [item];
  const keys: Value[] = [];
  for (const spec of specs) keys.push(await evaluateSpec(spec, item, context));
  return keys;
}

function descends(spec: PropertySpec | undefined, descending: boolean): boolean {
  if (spec?.options.has('descending') === true) return isTrue(spec.options.get('descending'));
  if (spec?.options.has('ascending') === true) return !isTrue(spec.options.get('ascending'));
  return descending;
}

function collecting(
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

const MEASURES = ['Sum', 'Average', 'Maximum', 'Minimum', 'StandardDeviation'] as const;

const measureObject = defineBuiltin(
  {
    name: 'Measure-Object',
    synopsis: 'Counts objects, and adds up or compares a property of theirs.',
    parameters: [
      builtinParameter('Property', 'string[]', { position: 0, help: 'The properties to measure.' }),
      ...MEASURES.map((name) => builtinParameter(name, 'switch', { help: `Gives the ${name}.` })),
      builtinParameter('AllStats', 'switch', { help: 'Gives all of them.' }),
      builtinParameter('Line', 'switch', { help: 'Counts lines of text.' }),
      builtinParameter('Word', 'switch', { help: 'Counts words.' }),
      builtinParameter('Character', 'switch', { help: 'Counts characters.' }),
      INPUT_OBJECT,
    ],
  },
  (context) =>
    collecting(context, async (items) => {
      if (context.flag('Line') || context.flag('Word') || context.flag('Character'))
        return context.emit(measureText(items, context));
      const properties = context.list('Property').map((name) => toText(name));
      for (const property of properties.length === 0 ? [null] : properties)
        await measure(items, property, context);
    }),
);

function measureText(items: readonly Value[], context: CommandContext): PsObject {
  const texts = items.map((item) => toText(item));
  const sum = (count: (text: string) => number): number =>
    texts.reduce((total, text) => total + count(text), 0);
  return new PsObject('Microsoft.PowerShell.Commands.TextMeasureInfo', [
    ['Lines', context.flag('Line') ? sum((text) => text.split('\n').length) : null],
    [
      'Words',
      context.flag('Word') ? sum((text) => text.split(/\s+/).filter((word) => word !== '').length) : null,
    ],
    ['Characters', context.flag('Character') ? sum((text) => text.length) : null],
    ['Property', null],
  ]);
}

async function measure(
  items: readonly Value[],
  property: string | null,
  context: CommandContext,
): Promise<void> {
  const wants = (name: (typeof MEASURES)[number]): boolean => context.flag(name) || context.flag('AllStats');
  const present = items
    .map((item) => (property === null ? item : (getProperty(item, property) ?? null)))
    .filter((value) => value !== null);
  const needsNumbers = wants('Sum') || wants('Average') || wants('StandardDeviation');
  const numbers: number[] = [];
  for (const value of present) {
    const number = tryNumber(value);
    if (number !== null) numbers.push(number);
    else if (needsNumbers)
      await context.error(`Input object "${toText(value)}" is not numeric.`, {
        category: 'InvalidType',
        errorId: 'NonNumericInputObject',
        exception: 'System.Management.Automation.PSInvalidCastException',
        target: value,
      });
  }
  if (property !== null && present.length === 0 && items.length > 0) {
    await context.error(`The property "${property}" cannot be found in the input for any objects.`, {
      category: 'InvalidArgument',
      errorId: 'GenericMeasurePropertyNotFound',
      exception: 'System.Management.Automation.PSArgumentException',
    });
    return;
  }
  const sum = numbers.reduce((total, number) => total + number, 0);
  const mean = numbers.length === 0 ? 0 : sum / numbers.length;
  const sorted = [...(numbers.length === present.length ? numbers : present)].sort((left, right) =>
    sortOrder(left, right),
  );
  const deviation =
    numbers.length < 2
      ? 0
      : Math.sqrt(numbers.reduce((total, number) => total + (number - mean) ** 2, 0) / (numbers.length - 1));
  await context.emit(
    new PsObject('Microsoft.PowerShell.Commands.GenericMeasureInfo', [
      ['Count', present.length],
      ['Average', wants('Average') ? mean : null],
      ['Sum', wants('Sum') ? sum : null],
      ['Maximum', wants('Maximum') ? (sorted.at(-1) ?? null) : null],
      ['Minimum', wants('Minimum') ? (sorted[0] ?? null) : null],
      ['StandardDeviation', wants('StandardDeviation') ? deviation : null],
      ['Property', property],
    ]),
  );
}

const compareObject = defineBuiltin(
  {
    name: 'Compare-Object',
    synopsis: 'Shows which objects are in one list and not in the other.',
    parameters: [
      builtinParameter('ReferenceObject', 'object[]', {
        position: 0,
        mandatory: true,
        help: 'The list to compare with.',
      }),
      builtinParameter('DifferenceObject', 'object[]', {
        position: 1,
        mandatory: true,
        byValue: true,
        help: 'The list that is compared.',
      }),
      builtinParameter('Property', 'object[]', {
        help: 'The properties that make objects the same; else their text.',
      }),
      builtinParameter('IncludeEqual', 'switch', { help: 'Shows what is in both as well.' }),
      builtinParameter('ExcludeDifferent', 'switch', { help: 'Shows only what is in both.' }),
      builtinParameter('PassThru', 'switch', { help: 'Gives the objects themselves.' }),
      builtinParameter('CaseSensitive', 'switch', { help: 'Upper and lower case are different.' }),
      builtinParameter('SyncWindow', 'int', { help: 'Accepted; all positions are always compared.' }),
    ],
  },
  (context) => {
    const piped: Value[] = [];
    return {
      process: (input) => void piped.push(input),
      end: () =>
        compareLists(
          context.list('ReferenceObject'),
          context.has('DifferenceObject') ? context.list('DifferenceObject') : piped,
          context,
        ),
    };
  },
);

async function compareLists(
  reference: readonly Value[],
  difference: readonly Value[],
  context: CommandContext,
): Promise<void> {
  const specs = propertySpecs(context.list('Property'));
  const caseRule: CaseRule = context.flag('CaseSensitive') ? 'exact' : 'ignore';
  const withKeys = async (items: readonly Value[]): Promise<Keyed[]> => {
    const keyed: Keyed[] = [];
    for (const item of items)
      keyed.push({
        item,
        keys:
          specs.length === 0
            ? [
                item instanceof PsObject
                  ? propertyNames(item)
                      .map((name) => toText(item.get(name) ?? null))
                      .join('\n')
                  : item,
              ]
            : await keysOf(item, specs, context),
      });
    return keyed;
  };
  const left = await withKeys(reference);
  const right = await withKeys(difference);
  const same = (a: Keyed, b: Keyed): boolean =>
    a.keys.every((key, index) => equals(key, b.keys[index] ?? null, caseRule));
  const equal: Keyed[] = [];
  const added: Keyed[] = [];
  for (const entry of right) {
    const index = left.findIndex((other) => same(other, entry));
    if (index < 0) added.push(entry);
    else equal.push(...left.splice(index, 1));
  }
  const different = context.flag('ExcludeDifferent')
    ? []
    : [...added.map((entry) => [entry, '=>'] as const), ...left.map((entry) => [entry, '<='] as const)];
  const unchanged =
    context.flag('IncludeEqual') || context.flag('ExcludeDifferent')
      ? equal.map((entry) => [entry, '=='] as const)
      : [];
  for (const [entry, side] of [...unchanged, ...different]) {
    if (context.flag('PassThru')) await context.emit(entry.item);
    else {
      const shown: (readonly [string, Value])[] =
        specs.length === 0
          ? [['InputObject', entry.item]]
          : specs.map((spec, index) => [spec.label, entry.keys[index] ?? null]);
      await context.emit(
        new PsObject('System.Management.Automation.PSCustomObject', [...shown, ['SideIndicator', side]]),
      );
    }
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

export const commands: readonly BuiltinCommand[] = [
  sortObject,
  groupObject,
  measureObject,
  compareObject,
  getUnique,
];
