// Which view an object gets where nobody asked for one: the columns of its type, a table for up to four properties, a list
// for more. Values of .NET types have views of their own.
import type { TypeView } from '#parameters/metadata.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { getProperty } from '#shell/values/members.ts';
import { ExceptionValue } from '#shell/values/exception-value.ts';
import { Guid, isCustomObject } from '#shell/values/object-values.ts';
import { propertyNames } from '#shell/values/property-names.ts';
import { TypeValue } from '#shell/values/type-value.ts';

/** More properties than this make a list (PowerShell). */
const TABLE_PROPERTIES = 4;

export type ObjectView =
  | {
      readonly kind: 'table';
      readonly key: string;
      readonly columns: readonly string[];
      readonly alignment?: 'left';
    }
  | { readonly kind: 'list'; readonly key: string; readonly properties: readonly string[] };

const OWN_VIEWS: ReadonlyMap<string, readonly string[]> = new Map([
  ['System.Collections.DictionaryEntry', ['Name', 'Value']],
  ['Microsoft.PowerShell.Commands.MemberDefinition', ['Name', 'MemberType', 'Definition']],
  ['System.Management.Automation.PSNoteProperty', ['MemberType', 'Name', 'Value']],
]);

/** null: the value is shown as text. */
export function viewOf(value: Value, views: readonly TypeView[]): ObjectView | null {
  if (value instanceof PsObject) return objectView(value, views);
  if (value instanceof Hashtable)
    return { kind: 'table', key: 'hashtable', columns: ['Name', 'Value'], alignment: 'left' };
  if (value instanceof Guid) return { kind: 'table', key: 'guid', columns: ['Guid'] };
  if (value instanceof TypeValue) return { kind: 'table', key: 'type', columns: ['Name', 'FullName'] };
  if (value instanceof TimeSpan) return { kind: 'list', key: 'timespan', properties: TIME_SPAN };
  if (value instanceof ExceptionValue)
    return { kind: 'list', key: 'exception', properties: ['Message', 'InnerException'] };
  return null;
}

const TIME_SPAN = [
  'Days',
  'Hours',
  'Minutes',
  'Seconds',
  'Milliseconds',
  'Ticks',
  'TotalDays',
  'TotalHours',
  'TotalMinutes',
  'TotalSeconds',
  'TotalMilliseconds',
];

function objectView(object: PsObject, views: readonly TypeView[]): ObjectView | null {
  const { typeName } = object;
  const columns =
    OWN_VIEWS.get(typeName) ??
    (isCustomObject(object) ? undefined : views.find((view) => view.typeName === typeName)?.table);
  if (columns && columns.length > 0)
    return OWN_VIEWS.has(typeName)
      ? { kind: 'table', key: typeName, columns, alignment: 'left' }
      : { kind: 'table', key: typeName, columns };
  const properties = propertyNames(object);
  if (properties.length === 0) return null;
  if (columns === undefined && properties.length <= TABLE_PROPERTIES)
    return { kind: 'table', key: typeName, columns: properties };
  return { kind: 'list', key: typeName, properties };
}

/** The rows that a value is in its table: a hashtable's entries, else itself. */
export function rowsOf(value: Value, columns: readonly string[]): readonly (readonly Value[])[] {
  if (value instanceof Hashtable) return [...value.entries()].map(([key, item]) => [key, item]);
  return [columns.map((name) => getProperty(value, name) ?? null)];
}
