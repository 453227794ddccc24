// Format-Table, Format-List and Format-Wide: how objects are shown.
import { Hashtable, type Value } from '#parameters/value.ts';
import { getProperty } from '#shell/values/members.ts';
import { propertyNames } from '#shell/values/property-names.ts';
import { toText } from '#shell/values/text.ts';
import { toNumber } from '#shell/values/to-number.ts';
import { FormatDocument } from '#shell/display/format-document.ts';
import type { ListEntry } from '#shell/display/list-view.ts';
import { viewOf } from '#shell/display/object-view.ts';
import type { Column } from '#shell/display/table-view.ts';
import { cellText } from '#shell/display/cell-text.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
  INPUT_OBJECT,
} from '#shell/runtime/builtin-command.ts';
import {
  evaluateSpec,
  expandSpecs,
  formatOf,
  labelFor,
  type PropertySpec,
  propertySpec,
  propertySpecs,
} from './property-spec.ts';

const GROUP_BY = builtinParameter('GroupBy', 'object', {
  help: 'Begins a new table or list where this property changes.',
});
const PROPERTY = builtinParameter('Property', 'object[]', {
  position: 0,
  help: 'The properties to show: names, wildcards, or tables with Name and Expression.',
});
const VIEW = builtinParameter('Expand', 'string', {
  help: 'Accepted as in PowerShell; lists inside objects are shown as values.',
});

/** Cuts the objects into runs with the same value of -GroupBy. */
async function groups(
  items: readonly Value[],
  context: CommandContext,
): Promise<readonly { readonly label: string | null; readonly items: readonly Value[] }[]> {
  if (!context.has('GroupBy')) return items.length === 0 ? [] : [{ label: null, items }];
  const spec = propertySpec(context.value('GroupBy'));
  const runs: { label: string; items: Value[] }[] = [];
  for (const item of items) {
    const label = `${spec.label}: ${cellText(await evaluateSpec(spec, item, context))}`;
    const last = runs.at(-1);
    if (last?.label === label) last.items.push(item);
    else runs.push({ label, items: [item] });
  }
  return runs;
}

function alignmentOf(spec: PropertySpec): Column['alignment'] {
  const written = toText(spec.options.get('alignment') ?? spec.options.get('align') ?? null).toLowerCase();
  return written === 'left' || written === 'right' || written === 'center' ? written : null;
}

/** Texts and numbers are shown as they are, whatever format is asked for. */
function isPlain(value: Value): boolean {
  return value === null || typeof value !== 'object';
}

async function passPlain(items: readonly Value[], context: CommandContext): Promise<boolean> {
  if (!items.every(isPlain) || context.has('Property')) return false;
  for (const item of items) await context.emit(item);
  return true;
}

const formatTable = defineBuiltin(
  {
    name: 'Format-Table',
    synopsis: 'Shows objects as a table.',
    parameters: [
      PROPERTY,
      builtinParameter('AutoSize', 'switch', { help: 'Columns as wide as their content; they always are.' }),
      builtinParameter('HideTableHeaders', 'switch', { help: 'Leaves out the header.' }),
      builtinParameter('Wrap', 'switch', {
        help: 'Shows long values on several lines instead of cutting them.',
      }),
      GROUP_BY,
      VIEW,
      INPUT_OBJECT,
    ],
  },
  (context) => {
    const items: Value[] = [];
    return {
      process: (input) => void items.push(input),
      end: async () => {
        if (await passPlain(items, context)) return;
        for (const { label, items: run } of await groups(items, context))
          await context.emit(await tableOf(run, label, context));
      },
    };
  },
);

async function tableOf(
  items: readonly Value[],
  group: string | null,
  context: CommandContext,
): Promise<FormatDocument> {
  const [first = null] = items;
  const rowsIn = items.flatMap((item) =>
    item instanceof Hashtable && !context.has('Property') ? hashtableRows(item) : [item],
  );
  const specs = expandSpecs(specsOf(context, rowsIn[0] ?? first, 'table'), rowsIn[0] ?? first);
  const columns = specs.map((spec): Column => {
    const width = spec.options.get('width');
    return {
      header: labelFor(spec, rowsIn[0] ?? first),
      alignment: alignmentOf(spec),
      width: width === undefined ? null : toNumber(width),
      format: formatOf(spec),
    };
  });
  const rows: Value[][] = [];
  for (const item of rowsIn) {
    const row: Value[] = [];
    for (const spec of specs) row.push(await evaluateSpec(spec, item, context));
    rows.push(row);
  }
  return new FormatDocument({
    kind: 'table',
    columns,
    rows,
    group,
    options: { hideHeaders: context.flag('HideTableHeaders'), wrap: context.flag('Wrap') },
  });
}

function hashtableRows(table: Hashtable): readonly Value[] {
  return [...table.entries()].map(([key, value]) => new Hashtable().set('Name', key).set('Value', value));
}

/** The properties asked for, else those that the object's own view has. */
function specsOf(context: CommandContext, first: Value, kind: 'table' | 'list'): readonly PropertySpec[] {
  if (context.has('Property')) return propertySpecs(context.list('Property'));
  if (first instanceof Hashtable) return propertySpecs(['Name', 'Value']);
  const view = viewOf(first, context.frame.session.source?.views ?? []);
  if (kind === 'table' && view?.kind === 'table') return propertySpecs(view.columns);
  const names = view?.kind === 'list' && kind === 'list' ? view.properties : propertyNames(first);
  return propertySpecs(names.length === 0 ? ['Value'] : names);
}

const formatList = defineBuiltin(
  {
    name: 'Format-List',
    synopsis: 'Shows each object as a list of its properties.',
    parameters: [
      PROPERTY,
      GROUP_BY,
      VIEW,
      builtinParameter('Force', 'switch', { help: 'Shows all properties of error records too.' }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    const items: Value[] = [];
    return {
      process: (input) => void items.push(input),
      end: async () => {
        if (await passPlain(items, context)) return;
        for (const { label, items: run } of await groups(items, context)) {
          const lists: ListEntry[][] = [];
          for (const item of run) lists.push(...(await listsOf(item, context)));
          await context.emit(new FormatDocument({ kind: 'list', items: lists, group: label }));
        }
      },
    };
  },
);

async function listsOf(item: Value, context: CommandContext): Promise<ListEntry[][]> {
  if (item instanceof Hashtable && !context.has('Property')) {
    return [...item.entries()].map(([key, value]): ListEntry[] => [
      ['Name', key],
      ['Value', value],
    ]);
  }
  const entries: ListEntry[] = [];
  for (const spec of expandSpecs(specsOf(context, item, 'list'), item)) {
    // A list leaves out what the object doesn't have.
    if (spec.block === null && spec.name !== null && getProperty(item, spec.name) === undefined) continue;
    entries.push([labelFor(spec, item), await evaluateSpec(spec, item, context), formatOf(spec)]);
  }
  return [entries];
}

const formatWide = defineBuiltin(
  {
    name: 'Format-Wide',
    synopsis: 'Shows one property of each object in columns.',
    parameters: [
      builtinParameter('Property', 'object', { position: 0, help: 'The property; else the name.' }),
      builtinParameter('Column', 'int', { help: 'How many columns.' }),
      builtinParameter('AutoSize', 'switch', { help: 'As many columns as fit; it is always so.' }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    const items: Value[] = [];
    return {
      process: (input) => void items.push(input),
      end: async () => {
        const texts: string[] = [];
        for (const item of items) {
          const spec = context.has('Property')
            ? propertySpec(context.value('Property'))
            : propertySpec(propertyNames(item)[0] ?? 'Name');
          texts.push(isPlain(item) ? toText(item) : cellText(await evaluateSpec(spec, item, context)));
        }
        await context.emit(new FormatDocument({ kind: 'wide', texts, columns: context.number('Column') }));
      },
    };
  },
);

export const commands: readonly BuiltinCommand[] = [formatTable, formatList, formatWide];
