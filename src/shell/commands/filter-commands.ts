// Where-Object, ForEach-Object, Tee-Object and Out-Null.
import type { Value } from '#parameters/value.ts';
import type { CaseRule } from '#shell/syntax/ast.ts';
import { compare, equals } from '#shell/values/compare.ts';
import { getProperty } from '#shell/values/members.ts';
import { callMethod } from '#shell/values/methods.ts';
import { itemsOf } from '#shell/values/object-values.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { regexOf } from '#shell/values/text-operators.ts';
import { toText } from '#shell/values/text.ts';
import { isTrue } from '#shell/values/truth.ts';
import { findType } from '#shell/values/type-definition.ts';
import { TypeValue } from '#shell/values/type-value.ts';
import { compileWildcard } from '#shell/values/wildcard.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
  INPUT_OBJECT,
} from '#shell/runtime/builtin-command.ts';
import { enumerate } from '#shell/runtime/evaluate.ts';
import { filesOf } from '#shell/runtime/files.ts';
import { createFormatter } from '#shell/display/formatter.ts';

type Test = (left: Value, right: Value, caseRule: CaseRule, context: CommandContext) => boolean;

const anyItem = (value: Value, test: (item: Value) => boolean): boolean => itemsOf(value).some(test);

const COMPARISONS: readonly (readonly [string, Test])[] = [
  ['EQ', (left, right, caseRule) => anyItem(left, (item) => equals(item, right, caseRule))],
  ['NE', (left, right, caseRule) => anyItem(left, (item) => !equals(item, right, caseRule))],
  ['GT', (left, right, caseRule) => anyItem(left, (item) => compare(item, right, caseRule) > 0)],
  ['GE', (left, right, caseRule) => anyItem(left, (item) => compare(item, right, caseRule) >= 0)],
  ['LT', (left, right, caseRule) => anyItem(left, (item) => compare(item, right, caseRule) < 0)],
  ['LE', (left, right, caseRule) => anyItem(left, (item) => compare(item, right, caseRule) <= 0)],
  [
    'Like',
    (left, right, caseRule) =>
      anyItem(left, (item) => compileWildcard(toText(right), caseRule === 'ignore')(toText(item))),
  ],
  [
    'NotLike',
    (left, right, caseRule) =>
      anyItem(left, (item) => !compileWildcard(toText(right), caseRule === 'ignore')(toText(item))),
  ],
  [
    'Match',
    (left, right, caseRule, { frame }) =>
      anyItem(
        left,
        (item) =>
          regexOf(right, caseRule, frame.session.surroundings.regex).compiled.match(toText(item), 0) !== null,
      ),
  ],
  [
    'NotMatch',
    (left, right, caseRule, { frame }) =>
      anyItem(
        left,
        (item) =>
          regexOf(right, caseRule, frame.session.surroundings.regex).compiled.match(toText(item), 0) === null,
      ),
  ],
  ['Contains', (left, right, caseRule) => anyItem(left, (item) => equals(item, right, caseRule))],
  ['NotContains', (left, right, caseRule) => !anyItem(left, (item) => equals(item, right, caseRule))],
  ['In', (left, right, caseRule) => anyItem(right, (item) => equals(item, left, caseRule))],
  ['NotIn', (left, right, caseRule) => !anyItem(right, (item) => equals(item, left, caseRule))],
  [
    'Is',
    (left, right) => (right instanceof TypeValue ? right.definition : findType(toText(right))).holds(left),
  ],
  [
    'IsNot',
    (left, right) => !(right instanceof TypeValue ? right.definition : findType(toText(right))).holds(left),
  ],
];
/** Operators that have a case-sensitive form. */
const CASED = COMPARISONS.filter(([name]) => !name.startsWith('Is'));

const whereObject = defineBuiltin(
  {
    name: 'Where-Object',
    synopsis: 'Passes on the objects for which a condition holds.',
    parameters: [
      builtinParameter('FilterScript', 'object', {
        position: 0,
        mandatory: true,
        aliases: ['Property'],
        help: 'A script block with the condition, or the name of a property.',
      }),
      builtinParameter('Value', 'object', { position: 1, help: 'What the property is compared with.' }),
      ...COMPARISONS.map(([name]) =>
        builtinParameter(name, 'switch', {
          aliases: CASED.some(([cased]) => cased === name) ? [`I${name}`] : [],
          help: `Compares the property with -${name.toLowerCase()}.`,
        }),
      ),
      ...CASED.map(([name]) =>
        builtinParameter(`C${name}`, 'switch', {
          help: `Compares with regard to case with -c${name.toLowerCase()}.`,
        }),
      ),
      builtinParameter('Not', 'switch', { help: 'Passes on the objects whose property is not true.' }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    const filter = context.value('FilterScript');
    if (filter instanceof ScriptBlockValue) {
      return {
        process: async (input) => {
          if (isTrue(await context.evaluate(filter, input))) await context.emit(input);
        },
      };
    }
    const property = toText(filter);
    const test = propertyTest(context);
    return {
      process: async (input) => {
        if (test(getProperty(input, property) ?? null)) await context.emit(input);
      },
    };
  },
);

function propertyTest(context: CommandContext): (left: Value) => boolean {
  if (context.flag('Not')) return (left) => !isTrue(left);
  const right = context.value('Value');
  for (const [name, test] of COMPARISONS) {
    if (context.flag(name)) return (left) => test(left, right, 'ignore', context);
    if (context.flag(`C${name}`)) return (left) => test(left, right, 'exact', context);
  }
  if (context.has('Value')) {
    throw new ScriptError(
      'The specified operator requires both the -Property and -Value parameters. Provide values for both parameters, and then try the command again.',
      { category: 'InvalidArgument', errorId: 'ValueNotSpecifiedForWhereObject' },
    );
  }
  return isTrue;
}

const forEachObject = defineBuiltin(
  {
    name: 'ForEach-Object',
    synopsis: 'Runs a script block for each object, or gives a property or calls a method of each.',
    parameters: [
      builtinParameter('Process', 'object[]', {
        position: 0,
        mandatory: true,
        aliases: ['MemberName'],
        help: 'The script blocks, or the name of a property or method.',
      }),
      builtinParameter('Begin', 'scriptblock', { help: 'Runs before the first object.' }),
      builtinParameter('End', 'scriptblock', { help: 'Runs behind the last object.' }),
      builtinParameter('ArgumentList', 'object[]', { aliases: ['Args'], help: 'Arguments of the method.' }),
      builtinParameter('RemainingScripts', 'object[]', {
        remaining: true,
        help: 'Further script blocks: the first of several is -Begin, the last -End.',
      }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    const emit = (value: Value): void | Promise<void> => context.emit(value);
    const [member] = context.list('Process');
    if (member !== undefined && !(member instanceof ScriptBlockValue))
      return memberProcessor(toText(member ?? null), context);
    const blocks = [...context.list('Process'), ...context.list('RemainingScripts')].filter(
      (block) => block instanceof ScriptBlockValue,
    );
    const begins = context.value('Begin');
    const ends = context.value('End');
    const begin =
      begins instanceof ScriptBlockValue ? begins : blocks.length > 1 ? blocks.shift() : undefined;
    const end = ends instanceof ScriptBlockValue ? ends : blocks.length > 1 ? blocks.pop() : undefined;
    return {
      begin: async () => {
        if (begin) await context.run(begin, null, emit);
      },
      process: async (input) => {
        const pause = context.frame.session.budget.step();
        if (pause) await pause;
        for (const block of blocks) await context.run(block, input, emit);
      },
      end: async () => {
        if (end) await context.run(end, null, emit);
      },
    };
  },
);

function memberProcessor(
  name: string,
  context: CommandContext,
): { process: (input: Value) => Promise<void> } {
  const args = [...context.list('ArgumentList'), ...context.list('RemainingScripts')];
  return {
    process: async (input) => {
      const property = getProperty(input, name);
      const value =
        property === undefined && (args.length > 0 || input !== null)
          ? tryMethod(input, name, args)
          : (property ?? null);
      for (const item of enumerate(value)) await context.emit(item);
    },
  };
}

/** A name that is neither property nor method gives nothing, as in PowerShell. */
function tryMethod(input: Value, name: string, args: readonly Value[]): Value | undefined {
  try {
    return callMethod(input, name, args);
  } catch (error) {
    if (error instanceof ScriptError && error.errorId === 'MethodNotFound' && args.length === 0) return null;
    throw error;
  }
}

const teeObject = defineBuiltin(
  {
    name: 'Tee-Object',
    synopsis: 'Passes objects on and keeps them in a file or a variable as well.',
    parameters: [
      builtinParameter('FilePath', 'string', { position: 0, help: 'The file that gets the text.' }),
      builtinParameter('Variable', 'string', { help: 'The variable that gets the objects.' }),
      builtinParameter('Append', 'switch', { help: 'Adds to the file.' }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    const kept: Value[] = [];
    return {
      process: (input) => {
        kept.push(input);
        return context.emit(input);
      },
      end: async () => {
        const variable = context.text('Variable');
        if (variable !== null) context.frame.scope.set(variable, kept.length === 1 ? kept[0] : kept);
        const path = context.text('FilePath');
        if (path === null) return;
        const files = filesOf(context.frame);
        let text = '';
        const { host, source } = context.frame.session;
        const formatter = createFormatter({
          width: host.width,
          views: () => source?.views ?? [],
          colour: false,
          write: (chunk) => void (text += chunk),
        });
        for (const item of kept) await formatter.add(item);
        await formatter.finish();
        await files.writeText(files.resolve(path), text, context.flag('Append'));
      },
    };
  },
);

const outNull = defineBuiltin(
  { name: 'Out-Null', synopsis: 'Takes objects and shows nothing.', parameters: [INPUT_OBJECT] },
  () => ({ process: () => undefined }),
);

export const commands: readonly BuiltinCommand[] = [whereObject, forEachObject, teeObject, outNull];
