// Compare-Object: what is in one list and not in the other.
import { PsObject, type Value } from '#parameters/value.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';
import type { CaseRule } from '#shell/syntax/ast.ts';
import { equals } from '#shell/values/compare.ts';
import { propertyNames } from '#shell/values/property-names.ts';
import { toText } from '#shell/values/text.ts';
import { type Keyed, keysOf } from './keyed-items.ts';
import { propertySpecs } from './property-spec.ts';

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

export const commands: readonly BuiltinCommand[] = [compareObject];
