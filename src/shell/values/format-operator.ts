// The -f operator and [string]::Format: `{index,width:format}` with .NET's formats for numbers, dates and time spans.
import { DateTime } from '#parameters/date-time.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import type { Value } from '#parameters/value.ts';
import { formatNumber } from './number-format.ts';
import { Guid } from './object-values.ts';
import { ScriptError } from './script-error.ts';
import { toText } from './text.ts';

const ITEM = /\{\{|\}\}|\{(\d{1,4})(?:,\s*(-?\d{1,5})\s*)?(?::((?:[^{}]|\{\{|\}\})*))?\}|[{}]/g;
const WIDEST = 10_000;

function formatError(why: string): ScriptError {
  return new ScriptError(`Error formatting a string: ${why}`, {
    category: 'InvalidOperation',
    errorId: 'FormatError',
    exception: 'System.Management.Automation.RuntimeException',
  });
}

/** One value under a format string; values that know none are shown as text. */
export function formatValue(value: Value, format: string | null): string {
  if (typeof value === 'number') return formatNumber(value, format ?? '');
  if (value instanceof DateTime) return value.toString(format ?? 'G');
  if (value instanceof TimeSpan) return value.toString(format ?? 'c');
  if (value instanceof Guid && format !== null) return formatGuid(value.text, format);
  return toText(value);
}

export function formatGuid(text: string, format: string): string {
  switch (format.toUpperCase()) {
    case 'N':
      return text.replaceAll('-', '');
    case 'B':
      return `{${text}}`;
    case 'P':
      return `(${text})`;
    default:
      return text;
  }
}

export function formatText(format: string, args: readonly Value[]): string {
  return format.replace(ITEM, (whole, index?: string, width?: string, specifier?: string) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    if (index === undefined) throw formatError('Input string was not in a correct format.');
    const argument = args[Number(index)];
    if (argument === undefined) {
      throw formatError(
        'Index (zero based) must be greater than or equal to zero and less than the size of the argument list.',
      );
    }
    const text = formatValue(argument, specifier ?? null);
    const places = Number(width ?? 0);
    if (Math.abs(places) > WIDEST) throw formatError(`The width ${places} is too large.`);
    return places < 0 ? text.padEnd(-places) : text.padStart(places);
  });
}
