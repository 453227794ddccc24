// Values as numbers, by PowerShell's rules: text is read as a literal, true is 1, a whole number rounds half to even.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { parseNumberText } from '#shell/syntax/number-literal.ts';
import { Char } from './object-values.ts';
import { cannotConvert, ScriptError } from './script-error.ts';
import { toText, typeName } from './text.ts';

function unconvertible(value: Value, type: string): ScriptError {
  const text = toText(value);
  if (typeof value === 'string') {
    const why = `Error: "The input string '${text}' was not in a correct format."`;
    return cannotConvert(text, type, why, 'InvalidCastFromStringToInteger');
  }
  return new ScriptError(
    `Cannot convert the "${text}" value of type "${typeName(value)}" to type "${type}".`,
    {
      category: 'InvalidArgument',
      errorId: 'ConvertToFinalInvalidCastException',
      exception: 'System.Management.Automation.PSInvalidCastException',
    },
  );
}

/** Throws ScriptError where the value is no number. */
export function toNumber(value: Value, type = 'System.Int32'): number {
  if (typeof value === 'number') return value;
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') {
    if (value.trim() === '') return 0;
    const number = parseNumberText(value);
    if (number === null) throw unconvertible(value, type);
    return number;
  }
  if (value instanceof Char) return value.code;
  if (isList(value) && value.length === 1) return toNumber(value[0] ?? null, type);
  if (value instanceof DateTime) throw unconvertible(value, type);
  throw unconvertible(value, type);
}

/** The same as a value: null where the value is no number. */
export function tryNumber(value: Value): number | null {
  try {
    return toNumber(value);
  } catch (error) {
    if (error instanceof ScriptError) return null;
    throw error;
  }
}

/** Half to even, as .NET's conversions round: 2.5 is 2, 3.5 is 4. */
export function roundHalfEven(number: number): number {
  const floor = Math.floor(number);
  const rest = number - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A whole number within limits; throws where it doesn't fit. */
export function toInteger(value: Value, type: string, minimum: number, maximum: number): number {
  const number = roundHalfEven(toNumber(value, type));
  if (!(number >= minimum && number <= maximum)) {
    const short = type.replace(/^System\./, '');
    throw cannotConvert(
      toText(value),
      type,
      `Error: "Value was either too large or too small for an ${short}."`,
      'InvalidCastIConvertible',
    );
  }
  return number === 0 ? 0 : number;
}
