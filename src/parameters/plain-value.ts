// A value as plain JSON, for history records and JSON answers: dates in ISO 8601, tables and objects as objects. One
// way only: types are lost. What can't leave the process (a script block) shows as its type's name.
import { DateTime } from './date-time.ts';
import { isList } from './parameter-type.ts';
import { TimeSpan } from './time-span.ts';
import { Hashtable, PsObject } from './value.ts';
import type { Value } from './value.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Deeper than any cmdlet's output. */
const MAX_DEPTH = 32;

export function plainValue(value: Value, depth = 0): Json {
  if (value === null || typeof value !== 'object') return value;
  if (depth > MAX_DEPTH) return '…';
  if (isList(value)) return value.map((item) => plainValue(item, depth + 1));
  const table = value instanceof PsObject ? value.properties : value;
  // Object.fromEntries defines its keys as own properties: `__proto__` is a name like any other.
  if (table instanceof Hashtable) {
    return Object.fromEntries([...table.entries()].map(([key, item]) => [key, plainValue(item, depth + 1)]));
  }
  if (value instanceof DateTime || value instanceof TimeSpan) return value.toJSON();
  return 'opaque' in value ? value.opaque : null;
}
