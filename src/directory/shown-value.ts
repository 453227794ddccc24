// A property's value in a line of text, as WhatIf, help and the audit log show it: `{a, b}`, `$null`, `True`, `00:15:00`.
import { isList, textOf, typeNameOf } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';

const SHOWN_CHARACTERS = 500;

/** Long values are cut. */
export function shownValue(value: Value): string {
  const text = wholeText(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function wholeText(value: Value): string {
  if (value === null) return '$null';
  if (isList(value)) return `{${value.map(wholeText).join(', ')}}`;
  if (value instanceof TimeSpan) return value.toString();
  if (value instanceof Hashtable || value instanceof PsObject) return '{…}';
  const text = textOf(value) ?? typeNameOf(value);
  return text === '' ? "''" : text;
}
