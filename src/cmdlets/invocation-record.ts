// How an invocation is kept in the history: parameters as plain JSON, the line as typed, secrets masked. Where a secret
// was given, the line is written anew from the parameters: what was typed may hold the secret in any form.
import type { ParameterSet } from '#parameters/parameter-declaration.ts';
import { plainValue } from '#parameters/plain-value.ts';
import { isList } from '#parameters/parameter-type.ts';
import { Hashtable, PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import type { InvocationRecord } from './cmdlet.ts';

const MASK = '********';
const MAX_LINE = 16_384;

/** `given`: declared name → value as given, common parameters left out. */
export function invocationRecord(
  cmdlet: string,
  parameters: ParameterSet,
  given: ReadonlyMap<string, Value>,
  typedLine: string,
): InvocationRecord {
  const isSecret = (name: string): boolean => parameters[name]?.options.secret === true;
  const masked = [...given].map(([name, value]): [string, Value] => [name, isSecret(name) ? MASK : value]);
  const rebuild = typedLine.trim() === '' || [...given.keys()].some(isSecret);
  const line = rebuild ? powerShellLine(cmdlet, masked) : typedLine;
  return {
    cmdlet,
    parameters: Object.fromEntries(masked.map(([name, value]) => [name, plainValue(value)])),
    line: line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line,
  };
}

/** A line that gives these parameters, to be read and typed again. */
export function powerShellLine(cmdlet: string, parameters: Iterable<readonly [string, Value]>): string {
  const words = [cmdlet];
  for (const [name, value] of parameters) {
    if (typeof value === 'boolean') words.push(`-${name}:${powerShellText(value)}`);
    else words.push(`-${name}`, powerShellText(value));
  }
  return words.join(' ');
}

/** A value as PowerShell source. */
export function powerShellText(value: Value): string {
  if (value === null) return '$null';
  if (typeof value === 'boolean') return value ? '$true' : '$false';
  if (typeof value === 'number') return String(value);
  if (isList(value)) return value.length === 0 ? '@()' : value.map(powerShellText).join(',');
  const table = value instanceof PsObject ? value.properties : value;
  if (table instanceof Hashtable) {
    const entries = [...table.entries()].map(
      ([key, item]) => `${powerShellKey(key)}=${powerShellText(item)}`,
    );
    return `@{${entries.join('; ')}}`;
  }
  const plain = plainValue(value);
  return quoted(typeof plain === 'string' ? plain : JSON.stringify(plain));
}

function powerShellKey(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : quoted(key);
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
}
