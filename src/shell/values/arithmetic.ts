// Arithmetic as PowerShell has it: the left operand says what is meant. Numbers are JavaScript's; whole results stay whole.
// Texts and lists that grow without bound are refused before memory is.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import { Char, itemsOf, ListValue, OrderedHashtable } from './object-values.ts';
import { ScriptError } from './script-error.ts';
import { toText, typeName } from './text.ts';
import { toNumber } from './to-number.ts';

const LONGEST_TEXT = 64 * 1024 * 1024;
const LONGEST_LIST = 10_000_000;

const METHOD_NAMES: Readonly<Record<string, string>> = {
  '+': 'op_Addition',
  '-': 'op_Subtraction',
  '*': 'op_Multiply',
  '/': 'op_Division',
  '%': 'op_Modulus',
};

function noOperator(operator: string, value: Value): ScriptError {
  const message = `Method invocation failed because [${typeName(value)}] does not contain a method named '${METHOD_NAMES[operator] ?? operator}'.`;
  return new ScriptError(message, { errorId: 'MethodNotFound' });
}

function isNumeric(value: Value): boolean {
  return (
    value === null ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    typeof value === 'string' ||
    value instanceof Char
  );
}

function numbers(operator: string, left: Value, right: Value): readonly [number, number] {
  if (!isNumeric(left)) throw noOperator(operator, left);
  return [toNumber(left), toNumber(right)];
}

export function add(left: Value, right: Value): Value {
  if (left === null) return right;
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (typeof left === 'string') return checkText(left + toText(right));
  if (left instanceof Char && typeof right === 'string') return left.text + right;
  if (isList(left) || left instanceof ListValue) {
    const items = itemsOf(left);
    const more = itemsOf(right);
    if (items.length + more.length > LONGEST_LIST) throw tooLarge('list');
    return [...items, ...more];
  }
  if (left instanceof DateTime) return left.add(right instanceof TimeSpan ? right : spanOf(right));
  if (left instanceof TimeSpan)
    return right instanceof DateTime
      ? right.add(left)
      : left.add(right instanceof TimeSpan ? right : spanOf(right));
  if (left instanceof Hashtable) return merge(left, right);
  const [first, second] = numbers('+', left, right);
  return first + second;
}

function merge(left: Hashtable, right: Value): Hashtable {
  if (!(right instanceof Hashtable)) {
    throw new ScriptError('A hash table can only be added to another hash table.', {
      errorId: 'AddHashTableToNonHashTable',
    });
  }
  const result = left instanceof OrderedHashtable ? new OrderedHashtable() : new Hashtable();
  for (const [key, value] of left.entries()) result.set(key, value);
  for (const [key, value] of right.entries()) {
    if (result.has(key)) {
      throw new ScriptError(
        `Item has already been added. Key in dictionary: '${key}'  Key being added: '${key}'`,
        { errorId: 'System.ArgumentException', exception: 'System.ArgumentException' },
      );
    }
    result.set(key, value);
  }
  return result;
}

function spanOf(value: Value): TimeSpan {
  const span =
    typeof value === 'string'
      ? TimeSpan.parse(value)
      : typeof value === 'number'
        ? new TimeSpan(value)
        : null;
  if (!span)
    throw new ScriptError(`Cannot convert value "${toText(value)}" to type "System.TimeSpan".`, {
      category: 'InvalidArgument',
      errorId: 'InvalidCast',
    });
  return span;
}

export function subtract(left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (left instanceof DateTime) {
    const other = typeof right === 'string' ? (DateTime.parse(right) ?? right) : right;
    return other instanceof DateTime
      ? left.subtract(other)
      : left.add((other instanceof TimeSpan ? other : spanOf(other)).negate());
  }
  if (left instanceof TimeSpan) return left.subtract(right instanceof TimeSpan ? right : spanOf(right));
  const [first, second] = numbers('-', left, right);
  return first - second;
}

export function multiply(left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return left * right;
  if (left === null) return null;
  if (typeof left === 'string') {
    const count = Math.max(0, Math.round(toNumber(right)));
    if (left.length * count > LONGEST_TEXT) throw tooLarge('text');
    return left.repeat(count);
  }
  if (isList(left) || left instanceof ListValue) {
    const items = itemsOf(left);
    const count = Math.max(0, Math.round(toNumber(right)));
    if (items.length * count > LONGEST_LIST) throw tooLarge('list');
    return Array.from({ length: items.length * count }, (_, index) => items[index % items.length] ?? null);
  }
  if (left instanceof TimeSpan) return new TimeSpan(left.ticks * toNumber(right));
  const [first, second] = numbers('*', left, right);
  return first * second;
}

function divideByZero(): ScriptError {
  return new ScriptError('Attempted to divide by zero.', {
    category: 'NotSpecified',
    errorId: 'RuntimeException',
    inner: null,
    exception: 'System.DivideByZeroException',
  });
}

export function divide(left: Value, right: Value): Value {
  if (left instanceof TimeSpan)
    return right instanceof TimeSpan ? left.ticks / right.ticks : new TimeSpan(left.ticks / toNumber(right));
  const [first, second] = numbers('/', left, right);
  if (second === 0) throw divideByZero();
  return first / second;
}

export function modulo(left: Value, right: Value): Value {
  const [first, second] = numbers('%', left, right);
  if (second === 0) throw divideByZero();
  const rest = first % second;
  return rest === 0 ? 0 : rest;
}

export function negate(value: Value): Value {
  if (value instanceof TimeSpan) return value.negate();
  const [number] = numbers('-', value, null);
  return number === 0 ? 0 : -number;
}

type Bitwise = 'band' | 'bor' | 'bxor' | 'shl' | 'shr';

export function bitwise(operator: Bitwise, left: Value, right: Value): Value {
  const first = Math.round(toNumber(left));
  const second = Math.round(toNumber(right));
  const isShift = operator === 'shl' || operator === 'shr';
  const small = Math.abs(first) < 2 ** 31 && (isShift || Math.abs(second) < 2 ** 31);
  const bits = small ? 32 : 64;
  const a = BigInt(first);
  const b = BigInt(isShift ? second & (bits - 1) : second);
  const results = {
    band: () => a & b,
    bor: () => a | b,
    bxor: () => a ^ b,
    shl: () => a << b,
    shr: () => a >> b,
  };
  return Number(BigInt.asIntN(bits, results[operator]()));
}

export function complement(value: Value): Value {
  const number = Math.round(toNumber(value));
  return -number - 1;
}

function checkText(text: string): string {
  if (text.length > LONGEST_TEXT) throw tooLarge('text');
  return text;
}

function tooLarge(what: string): ScriptError {
  return new ScriptError(`The ${what} would be too large.`, {
    category: 'ResourceUnavailable',
    errorId: 'OutOfMemoryException',
    exception: 'System.OutOfMemoryException',
  });
}
