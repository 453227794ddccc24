// --output list and --output table: every object in that form, whatever its own view is.
import type { TypeView } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import { FormatDocument } from '#shell/display/format-document.ts';
import { viewOf } from '#shell/display/object-view.ts';
import { getProperty } from '#shell/values/members.ts';
import { propertyNames } from '#shell/values/property-names.ts';

/** null: the values have no properties and are shown as they are. */
export function forcedView(
  form: 'list' | 'table',
  items: readonly Value[],
  views: readonly TypeView[],
): FormatDocument | null {
  const [first = null] = items;
  if (typeof first !== 'object' || propertyNames(first).length === 0) return null;
  if (form === 'list') {
    const lists = items.map((item) =>
      propertyNames(item).map((name) => [name, getProperty(item, name) ?? null] as const),
    );
    return new FormatDocument({ kind: 'list', items: lists, group: null });
  }
  const view = viewOf(first, views);
  const names = view?.kind === 'table' ? view.columns : propertyNames(first);
  const columns = names.map((header) => ({ header, alignment: null, width: null, format: null }));
  const rows = items.map((item) => names.map((name) => getProperty(item, name) ?? null));
  return new FormatDocument({
    kind: 'table',
    columns,
    rows,
    group: null,
    options: { hideHeaders: false, wrap: false },
  });
}
