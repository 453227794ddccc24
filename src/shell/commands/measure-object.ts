// Measure-Object: counts, sums, and the largest and smallest.
import { PsObject, type Value } from '#parameters/value.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
  INPUT_OBJECT,
} from '#shell/runtime/builtin-command.ts';
import { sortOrder } from '#shell/values/compare.ts';
import { getProperty } from '#shell/values/members.ts';
import { toText } from '#shell/values/text.ts';
import { tryNumber } from '#shell/values/to-number.ts';
import { collecting } from './keyed-items.ts';

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

export const commands: readonly BuiltinCommand[] = [measureObject];
