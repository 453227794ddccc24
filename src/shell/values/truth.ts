// What counts as true: nothing, zero, the empty text and the empty list are false; a list of one counts as its item.
import { isList } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { Char, ListValue } from './object-values.ts';

export function isTrue(value: Value | undefined): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string') return value !== '';
  if (value instanceof Char) return value.code !== 0;
  const items = isList(value) ? value : value instanceof ListValue ? value.items : null;
  if (items === null) return true;
  if (items.length === 1) return isTrue(items[0]);
  return items.length > 1;
}
