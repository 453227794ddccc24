// .NET's enumerations that scripts name. A value is its name as text.
import type { Value } from '#parameters/value.ts';
import { cannotConvert } from './script-error.ts';
import { toText } from './text.ts';

export const ENUMERATIONS: Readonly<Record<string, readonly string[]>> = {
  'System.StringSplitOptions': ['None', 'RemoveEmptyEntries', 'TrimEntries'],
  'System.StringComparison': [
    'CurrentCulture',
    'CurrentCultureIgnoreCase',
    'InvariantCulture',
    'InvariantCultureIgnoreCase',
    'Ordinal',
    'OrdinalIgnoreCase',
  ],
  'System.DayOfWeek': ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  'System.DateTimeKind': ['Unspecified', 'Utc', 'Local'],
  'System.ConsoleColor': [
    'Black',
    'DarkBlue',
    'DarkGreen',
    'DarkCyan',
    'DarkRed',
    'DarkMagenta',
    'DarkYellow',
    'Gray',
    'DarkGray',
    'Blue',
    'Green',
    'Cyan',
    'Red',
    'Magenta',
    'Yellow',
    'White',
  ],
  'System.MidpointRounding': ['ToEven', 'AwayFromZero', 'ToZero', 'ToNegativeInfinity', 'ToPositiveInfinity'],
  'System.Text.RegularExpressions.RegexOptions': ['None', 'IgnoreCase', 'Multiline', 'Singleline'],
  'System.Net.SecurityProtocolType': ['SystemDefault', 'Tls', 'Tls11', 'Tls12', 'Tls13'],
  'System.Management.Automation.ActionPreference': [
    'SilentlyContinue',
    'Stop',
    'Continue',
    'Inquire',
    'Ignore',
  ],
  'System.Management.Automation.ErrorCategory': [
    'NotSpecified',
    'InvalidArgument',
    'InvalidData',
    'InvalidOperation',
    'ObjectNotFound',
    'OperationStopped',
    'PermissionDenied',
    'ResourceUnavailable',
    'ConnectionError',
  ],
};
export function enumerationValue(name: string, member: string): string | null {
  return ENUMERATIONS[name]?.find((value) => value.toLowerCase() === member.toLowerCase()) ?? null;
}

export function toEnumeration(value: Value, name: string, values: readonly string[]): Value {
  const text = toText(value).trim();
  const known = values.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (known !== undefined) return known;
  const why = `Error: "Unable to match the identifier name ${text} to a valid enumerator name. Specify one of the following enumerator names and try again:\n${values.join(', ')}"`;
  throw cannotConvert(text, name, why, 'InvalidCastFromStringToEnumNotFound');
}
