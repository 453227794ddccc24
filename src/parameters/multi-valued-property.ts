// Exchange's multi-valued property as a parameter: a list replaces, `@{Add=…; Remove=…}` changes, `$null` clears
// (connectors.md rule 13). Reading gives a change; applyChange says what comes out and what was already so.
import { cannotConvert, defineType, isList } from './parameter-type.ts';
import type { ParameterType } from './parameter-type.ts';
import { MAX_ITEMS, tooManyItems } from './scalar-types.ts';
import { Hashtable, PsObject } from './value.ts';
import type { Value } from './value.ts';

export type MultiValuedChange<T> =
  | { readonly replace: readonly T[] }
  | { readonly add: readonly T[]; readonly remove: readonly T[] };

/** The parameter's type on New- and Set- cmdlets; `print` shows a replacement as the plain list. */
export function multiValued<T>(element: ParameterType<T>): ParameterType<MultiValuedChange<T>> {
  return defineType<MultiValuedChange<T>>({
    name: 'MultiValuedProperty',
    values: element.values,
    isList: true,
    nullable: true,
    completes: element.completes,
    schema: changeSchema(element),
    read: (value) => {
      const table = value instanceof PsObject ? value.properties : value;
      if (table instanceof Hashtable) return readTable(table, element);
      return { replace: readItems(value, element) };
    },
    print: (change) => {
      if ('replace' in change) return change.replace.map((item) => element.print(item));
      const table = new Hashtable();
      if (change.add.length > 0)
        table.set(
          'Add',
          change.add.map((item) => element.print(item)),
        );
      if (change.remove.length > 0)
        table.set(
          'Remove',
          change.remove.map((item) => element.print(item)),
        );
      return table;
    },
  });
}

function readItems<T>(value: Value, element: ParameterType<T>): readonly T[] {
  // The empty text clears, as -SmartHosts "" does in Exchange.
  const items = value === null || value === '' ? [] : isList(value) ? value : [value];
  if (items.length > MAX_ITEMS) throw tooManyItems(items.length);
  return items.map((item) => element.read(item));
}

function readTable<T>(table: Hashtable, element: ParameterType<T>): MultiValuedChange<T> {
  let add: readonly T[] = [];
  let remove: readonly T[] = [];
  for (const [key, value] of table.entries()) {
    const lower = key.toLowerCase();
    if (lower === 'add') add = readItems(value, element);
    else if (lower === 'remove') remove = readItems(value, element);
    // Exchange's wire form marks the table with its type.
    else if (lower !== '@odata.type') {
      throw cannotConvert(
        table,
        'MultiValuedProperty',
        `The key '${key}' is not known here. Use @{Add="value1","value2"; Remove="value3"}.`,
      );
    }
  }
  return { add, remove };
}

function changeSchema(element: ParameterType<unknown>): Readonly<Record<string, unknown>> {
  const list = { type: 'array', items: element.schema };
  const oneOrMany = { anyOf: [element.schema, list] };
  return {
    anyOf: [
      element.schema,
      list,
      {
        type: 'object',
        properties: {
          '@odata.type': { const: '#Exchange.GenericHashTable' },
          Add: oneOrMany,
          Remove: oneOrMany,
        },
        additionalProperties: false,
      },
      { type: 'null' },
    ],
  };
}

export interface AppliedChange<T> {
  readonly values: readonly T[];
  /** One sentence for each value that was added but there already, or removed but not there. */
  readonly warnings: readonly string[];
}

/**
 * `keyOf` says when two values are the same (the canonical text). Duplicates collapse to the first; order is kept,
 * additions come last. Removals happen before additions.
 */
export function applyChange<T>(
  current: readonly T[],
  change: MultiValuedChange<T>,
  keyOf: (value: T) => string,
): AppliedChange<T> {
  if ('replace' in change) {
    const distinct = new Map<string, T>();
    for (const value of change.replace) if (!distinct.has(keyOf(value))) distinct.set(keyOf(value), value);
    return { values: [...distinct.values()], warnings: [] };
  }
  const values = new Map(current.map((value) => [keyOf(value), value]));
  const warnings: string[] = [];
  for (const value of change.remove) {
    const key = keyOf(value);
    if (!values.delete(key))
      warnings.push(`The value "${key}" can't be removed because it isn't in the list.`);
  }
  for (const value of change.add) {
    const key = keyOf(value);
    if (values.has(key)) warnings.push(`The value "${key}" is already in the list.`);
    else values.set(key, value);
  }
  return { values: [...values.values()], warnings };
}
