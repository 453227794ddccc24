// What -Property takes: names, names with wildcards, script blocks, and tables with a Name and an Expression
// (calculated properties). Shared by Select-Object, Sort-Object, Group-Object and the Format- commands.
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { formatValue } from '#shell/values/format-operator.ts';
import { getProperty } from '#shell/values/members.ts';
import { propertyNames } from '#shell/values/property-names.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { compileWildcard, hasWildcard } from '#shell/values/wildcard.ts';
import type { CommandContext } from '#shell/runtime/builtin-command.ts';

export interface PropertySpec {
  readonly label: string;
  /** Set where the name has wildcards: it stands for the object's properties that match. */
  readonly matches: ((name: string) => boolean) | null;
  /** A property's name; null for a calculated one. */
  readonly name: string | null;
  readonly block: ScriptBlockValue | null;
  /** What the calculated property's table says beside name and expression. */
  readonly options: ReadonlyMap<string, Value>;
}

const NAME_KEYS = ['name', 'label', 'n', 'l'];
const EXPRESSION_KEYS = ['expression', 'e'];
const OPTION_KEYS = ['width', 'alignment', 'align', 'formatstring', 'f', 'ascending', 'descending', 'depth'];

function fromTable(table: Hashtable): PropertySpec {
  let label: string | null = null;
  let expression: Value = null;
  const options = new Map<string, Value>();
  for (const [key, value] of table.entries()) {
    const known = key.toLowerCase();
    if (NAME_KEYS.includes(known)) label = toText(value);
    else if (EXPRESSION_KEYS.includes(known)) expression = value;
    else if (OPTION_KEYS.includes(known)) options.set(known, value);
    else {
      throw new ScriptError(`The ${key} key is not valid.`, {
        category: 'InvalidArgument',
        errorId: 'DictionaryKeyIllegal',
        exception: 'System.NotSupportedException',
      });
    }
  }
  const block = expression instanceof ScriptBlockValue ? expression : null;
  const name = block === null ? (expression === null ? label : toText(expression)) : null;
  return { label: label ?? (block ? block.toString() : (name ?? '')), matches: null, name, block, options };
}

export function propertySpec(value: Value): PropertySpec {
  if (value instanceof Hashtable) return fromTable(value);
  const options = new Map<string, Value>();
  if (value instanceof ScriptBlockValue)
    return { label: value.toString(), matches: null, name: null, block: value, options };
  const name = toText(value);
  return {
    label: name,
    matches: hasWildcard(name) ? compileWildcard(name) : null,
    name,
    block: null,
    options,
  };
}

export function propertySpecs(values: readonly Value[]): readonly PropertySpec[] {
  return values.map(propertySpec);
}

/** Wildcards replaced by the names that this object has. */
export function expandSpecs(specs: readonly PropertySpec[], object: Value): readonly PropertySpec[] {
  if (!specs.some((spec) => spec.matches)) return specs;
  return specs.flatMap((spec) => {
    const { matches } = spec;
    if (!matches) return [spec];
    return propertyNames(object)
      .filter(matches)
      .map((name) => ({ ...spec, label: name, name, matches: null }));
  });
}

/** The label as the object spells it. */
export function labelFor(spec: PropertySpec, object: Value): string {
  if (spec.name === null || spec.label !== spec.name) return spec.label;
  const wanted = spec.name.toLowerCase();
  return object instanceof PsObject
    ? (propertyNames(object).find((name) => name.toLowerCase() === wanted) ?? spec.label)
    : spec.label;
}

/** The property of one object; null where it has none. Errors in a calculated property give null, as in PowerShell. */
export async function evaluateSpec(
  spec: PropertySpec,
  object: Value,
  context: CommandContext,
): Promise<Value> {
  if (spec.block) return context.evaluate(spec.block, object);
  return spec.name === null ? null : (getProperty(object, spec.name) ?? null);
}

/** `FormatString` of a calculated property; null where there is none. */
export function formatOf(spec: PropertySpec): ((value: Value) => string) | null {
  const format = spec.options.get('formatstring') ?? spec.options.get('f');
  return format === undefined ? null : (value) => formatValue(value, toText(format));
}
