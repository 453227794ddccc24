// Values as text, as "$x" and [string] give it: invariant culture, lists joined by spaces, custom objects as @{…}.
// Also .NET's names of types. Pure.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { ExceptionValue } from './exception-value.ts';
import {
  Char,
  CUSTOM_OBJECT,
  Guid,
  InformationRecord,
  isCustomObject,
  ListValue,
  OrderedHashtable,
  StreamRecord,
} from './object-values.ts';

const MAX_DEPTH = 8;
const MAX_LONG = 2 ** 63;
const MAX_INT = 2 ** 31;

/** .NET's shortest form: 0.00001 is 1E-05, whole numbers up to 64 bits are written out. */
export function numberText(number: number): string {
  if (Number.isInteger(number) && Math.abs(number) < MAX_LONG) {
    return Math.abs(number) < Number.MAX_SAFE_INTEGER ? String(number) : BigInt(number).toString();
  }
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? '∞' : '-∞';
  const size = Math.abs(number);
  if (size >= 1e-4 && size < 1e15) return String(number);
  const [mantissa = '', exponent = '0'] = number.toExponential().split('e');
  const digits = exponent.replace(/^[+-]/, '').padStart(2, '0');
  return `${mantissa}E${exponent.startsWith('-') ? '-' : '+'}${digits}`;
}

export function toText(value: Value, separator = ' ', depth = 0): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'True' : 'False';
  }
  if (value === null) return '';
  if (isList(value)) return listText(value, separator, depth);
  if (value instanceof ListValue) return listText(value.items, separator, depth);
  if (value instanceof DateTime) return value.toInvariantString();
  if (value instanceof PsObject) return objectText(value, depth);
  return opaqueText(value);
}

function listText(items: readonly Value[], separator: string, depth: number): string {
  if (depth > MAX_DEPTH) return 'System.Object[]';
  return items
    .map((item) => (isList(item) ? 'System.Object[]' : toText(item, separator, depth + 1)))
    .join(separator);
}

/** Objects of .NET whose text is one of their properties. */
const TEXT_PROPERTY: ReadonlyMap<string, string> = new Map([
  ['System.Net.IPAddress', 'IPAddressToString'],
  ['System.Net.Mail.MailAddress', 'Address'],
  ['System.Uri', 'OriginalString'],
  ['System.Text.RegularExpressions.Match', 'Value'],
  ['System.Text.RegularExpressions.Group', 'Value'],
]);

function versionText(version: PsObject): string {
  const parts = [...version.properties.entries()].map(([, part]) => part);
  return parts
    .filter((part) => part !== -1)
    .map((part) => toText(part))
    .join('.');
}

/** A custom object shows its properties, an object of a cmdlet its identity. */
function objectText(object: PsObject, depth: number): string {
  if (!isCustomObject(object)) {
    if (object.typeName === 'System.Version') return versionText(object);
    const shown = TEXT_PROPERTY.get(object.typeName);
    if (shown !== undefined) return toText(object.get(shown) ?? null);
    const identity = object.get('Identity') ?? object.get('Name') ?? null;
    return typeof identity === 'string' && identity !== '' ? identity : object.typeName;
  }
  if (depth > 1) return '';
  const parts = [...object.properties.entries()].map(
    ([name, value]) => `${name}=${isList(value) ? 'System.Object[]' : toText(value, ' ', depth + 1)}`,
  );
  return `@{${parts.join('; ')}}`;
}

function opaqueText(value: Exclude<Value, null | boolean | number | string>): string {
  if (value instanceof Char || value instanceof Guid) return value.text;
  if (value instanceof TimeSpan) return value.toString();
  if (value instanceof Hashtable) return typeName(value);
  if (value instanceof StreamRecord) return value.message;
  if (value instanceof InformationRecord) return value.text;
  if (value instanceof ExceptionValue) return value.toString();
  // oxlint-disable-next-line typescript/no-base-to-string -- hasText has looked
  if (hasText(value)) return value.toString();
  return 'opaque' in value ? value.opaque : '';
}

/** Whether the value's own class says what it is as text. */
function hasText(value: object): boolean {
  return value.toString !== Object.prototype.toString;
}

const OPAQUE_NAMES: ReadonlyMap<string, string> = new Map([
  ['Char', 'System.Char'],
  ['Guid', 'System.Guid'],
  ['TimeSpan', 'System.TimeSpan'],
  ['Type', 'System.RuntimeType'],
  ['ScriptBlock', 'System.Management.Automation.ScriptBlock'],
  ['ErrorRecord', 'System.Management.Automation.ErrorRecord'],
  ['WarningRecord', 'System.Management.Automation.WarningRecord'],
  ['VerboseRecord', 'System.Management.Automation.VerboseRecord'],
  ['DebugRecord', 'System.Management.Automation.DebugRecord'],
  ['InformationRecord', 'System.Management.Automation.InformationRecord'],
  ['PSReference', 'System.Management.Automation.PSReference'],
  ['Regex', 'System.Text.RegularExpressions.Regex'],
]);

/** The full .NET name of a value's type. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'System.String';
    case 'boolean':
      return 'System.Boolean';
    case 'number':
      if (!Number.isInteger(value) || Math.abs(value) >= MAX_LONG) return 'System.Double';
      return value >= -MAX_INT && value < MAX_INT ? 'System.Int32' : 'System.Int64';
  }
  if (value === null) return 'null';
  if (isList(value)) return 'System.Object[]';
  if (value instanceof DateTime) return 'System.DateTime';
  if (value instanceof OrderedHashtable) return 'System.Collections.Specialized.OrderedDictionary';
  if (value instanceof Hashtable) return 'System.Collections.Hashtable';
  if (value instanceof PsObject) return value.typeName === 'PSCustomObject' ? CUSTOM_OBJECT : value.typeName;
  if (value instanceof ExceptionValue || value instanceof ListValue) return value.typeName;
  return 'opaque' in value ? (OPAQUE_NAMES.get(value.opaque) ?? value.opaque) : 'System.Object';
}
