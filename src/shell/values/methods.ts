// `$value.Method(…)`: finds the method for the value's kind, or for each item of a list, and calls it. Methods that take
// script blocks (.Where, .ForEach, .Invoke) are the evaluator's.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { equals } from './compare.ts';
import { ExceptionValue } from './exception-value.ts';
import { Char, Guid, ListValue } from './object-values.ts';
import {
  arrayMethods,
  charMethods,
  dateTimeMethods,
  guidMethods,
  hashtableMethods,
  listMethods,
  numberMethods,
  regexMethods,
  timeSpanMethods,
} from './object-methods.ts';
import { RegexValue } from './regex-value.ts';
import { ShellObject } from './shell-object.ts';
import { methodFailed, ScriptError } from './script-error.ts';
import { type Method, stringMethodNames, stringMethods } from './string-methods.ts';
import { toText, typeName } from './text.ts';
import { findType } from './type-definition.ts';
import { TypeValue } from './type-value.ts';

/** The method of the value's own kind, ready to be called; undefined where it has none of that name. */
function ownMethod(
  value: Exclude<Value, null>,
  key: string,
): ((args: readonly Value[]) => Value) | undefined {
  const bound = <T>(
    target: T,
    method: Method<T> | undefined,
  ): ((args: readonly Value[]) => Value) | undefined => method && ((args) => method(target, args));
  if (typeof value === 'string') return bound(value, stringMethods.get(key));
  if (typeof value === 'number') return bound(value, numberMethods.get(key));
  if (typeof value === 'boolean') return undefined;
  if (isList(value)) return bound(value, arrayMethods.get(key));
  if (value instanceof DateTime) return bound(value, dateTimeMethods.get(key));
  if (value instanceof Hashtable) return bound(value, hashtableMethods.get(key));
  if (value instanceof ListValue) return bound(value, listMethods.get(key));
  if (value instanceof TimeSpan) return bound(value, timeSpanMethods.get(key));
  if (value instanceof Guid) return bound(value, guidMethods.get(key));
  if (value instanceof RegexValue) return bound(value, regexMethods.get(key));
  return value instanceof Char ? bound(value, charMethods.get(key)) : undefined;
}

function ownNames(value: Exclude<Value, null>): readonly string[] {
  if (typeof value === 'string') return stringMethodNames;
  if (typeof value === 'number') return numberMethods.names;
  if (typeof value === 'boolean') return [];
  if (isList(value)) return arrayMethods.names;
  if (value instanceof DateTime) return dateTimeMethods.names;
  if (value instanceof Hashtable) return hashtableMethods.names;
  if (value instanceof ListValue) return listMethods.names;
  if (value instanceof TimeSpan) return timeSpanMethods.names;
  if (value instanceof Guid) return guidMethods.names;
  return value instanceof RegexValue ? regexMethods.names : [];
}

const COMMON: ReadonlyMap<string, Method<Exclude<Value, null>>> = new Map<
  string,
  Method<Exclude<Value, null>>
>([
  [
    'tostring',
    (value) => (value instanceof PsObject && value.typeName.includes('PSCustomObject') ? '' : toText(value)),
  ],
  ['gettype', (value) => new TypeValue(typeOf(value))],
  ['equals', (value, [other = null]) => equals(value, other, 'exact')],
  ['gethashcode', (value) => hashCode(toText(value))],
  ['getbaseexception', (value) => innermost(value)],
]);

function typeOf(value: Value): ReturnType<typeof findType> {
  const name = typeName(value);
  try {
    return findType(name);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    return { name, holds: (other) => typeName(other) === name, convert: (other) => other };
  }
}

function innermost(value: Value): Value {
  let found = value;
  while (found instanceof ExceptionValue && found.inner) found = found.inner;
  return found;
}

function hashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (hash * 31 + text.charCodeAt(index)) | 0;
  return hash;
}

function find(value: Exclude<Value, null>, key: string): ((args: readonly Value[]) => Value) | undefined {
  const common = COMMON.get(key);
  return ownMethod(value, key) ?? (common && ((args) => common(value, args)));
}

export function methodNames(value: Exclude<Value, null>): readonly string[] {
  return [...new Set([...ownNames(value), 'Equals', 'GetHashCode', 'GetType', 'ToString'])].sort();
}

export function methodNotFound(value: Value, name: string): ScriptError {
  const message = `Method invocation failed because [${typeName(value)}] does not contain a method named '${name}'.`;
  return new ScriptError(message, { errorId: 'MethodNotFound', target: name });
}

/** Throws ScriptError: no such method, or what the method itself threw, wrapped as PowerShell does. */
export function callMethod(value: Value, name: string, args: readonly Value[]): Value {
  if (value === null) {
    throw new ScriptError('You cannot call a method on a null-valued expression.', {
      errorId: 'InvokeMethodOnNull',
    });
  }
  const key = name.toLowerCase();
  if (value instanceof ShellObject) {
    const result = value.call(key, args);
    if (result !== undefined) return result;
  }
  const method = find(value, key);
  if (method) return run(method, name, args);
  const items = isList(value) ? value : value instanceof ListValue ? value.items : null;
  if (!items) throw methodNotFound(value, name);
  return items.flatMap((item) => callMethod(item, name, args));
}

function run(method: (args: readonly Value[]) => Value, name: string, args: readonly Value[]): Value {
  try {
    return method(args);
  } catch (error) {
    if (error instanceof ScriptError) throw methodFailed(name, args.length, error.exception);
    if (!(error instanceof RangeError)) throw error;
    const reason = new ExceptionValue('System.ArgumentOutOfRangeException', error.message);
    throw methodFailed(name, args.length, reason);
  }
}
