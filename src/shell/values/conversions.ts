// From one value to another type, as casts and typed variables convert. What can't be converted is an error in PowerShell's
// words.
import { DateTime } from '#parameters/date-time.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import { Char, customObject, Guid, OrderedHashtable } from './object-values.ts';
import { cannotConvert, ScriptError } from './script-error.ts';
import type { Surroundings } from './surroundings.ts';
import { toText, typeName } from './text.ts';
import { isTrue } from './truth.ts';

export function opaqueIs(value: Value, kind: string): boolean {
  return value !== null && typeof value === 'object' && 'opaque' in value && value.opaque === kind;
}
export function keepOrFail(value: Value, kind: string, name: string): Value {
  if (value === null || opaqueIs(value, kind)) return value;
  throw cannotConvert(toText(value), name, '');
}
export function toBoolean(value: Value): boolean {
  return isTrue(value);
}
export function toChar(value: Value): Value {
  if (value instanceof Char) return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff)
    return new Char(String.fromCharCode(value));
  const text = toText(value);
  if (text.length === 1) return new Char(text);
  throw cannotConvert(text, 'System.Char', 'Error: "String must be exactly one character long."');
}
export function toDateTime(value: Value, surroundings: Surroundings): Value {
  if (value instanceof DateTime) return value;
  if (typeof value === 'number') return DateTime.fromTicks(BigInt(Math.round(value)));
  const text = toText(value);
  const time = DateTime.parse(text, surroundings.now());
  if (!time)
    throw cannotConvert(
      text,
      'System.DateTime',
      `Error: "String '${text}' was not recognized as a valid DateTime."`,
      'InvalidCastParseTargetInvocation',
    );
  return time;
}
export function toTimeSpan(value: Value): Value {
  if (value instanceof TimeSpan) return value;
  if (typeof value === 'number') return new TimeSpan(value);
  const span = TimeSpan.parse(toText(value));
  if (!span)
    throw cannotConvert(
      toText(value),
      'System.TimeSpan',
      `Error: "String '${toText(value)}' was not recognized as a valid TimeSpan."`,
      'InvalidCastParseTargetInvocation',
    );
  return span;
}

const GUID = /^[({]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[)}]?$/i;

export function toGuid(value: Value): Value {
  if (value instanceof Guid) return value;
  const found = GUID.exec(toText(value).trim());
  if (!found)
    throw cannotConvert(
      toText(value),
      'System.Guid',
      'Error: "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."',
      'InvalidCastParseTargetInvocation',
    );
  return new Guid(found.slice(1).join('-').toLowerCase());
}
export function toHashtable(value: Value): Value {
  if (value instanceof Hashtable || value === null) return value;
  throw new ScriptError(
    `Cannot convert the "${toText(value)}" value of type "${typeName(value)}" to type "System.Collections.Hashtable".`,
    {
      category: 'InvalidArgument',
      errorId: 'ConvertToFinalInvalidCastException',
      exception: 'System.Management.Automation.PSInvalidCastException',
    },
  );
}
export function toOrdered(value: Value): Value {
  if (!(value instanceof Hashtable)) return toHashtable(value);
  const ordered = new OrderedHashtable();
  for (const [key, item] of value.entries()) ordered.set(key, item);
  return ordered;
}
export function toCustomObject(value: Value): Value {
  return value instanceof Hashtable ? customObject(value.entries()) : value;
}
