// Equality and order of values. The left operand says how: a text compares as text, a number as a number, and the right
// operand is converted to it. Without regard to case unless asked. Lists are the operators' business.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { PsObject, type Value } from '#parameters/value.ts';
import type { CaseRule } from '#shell/syntax/ast.ts';
import { Char, Guid } from './object-values.ts';
import { cannotConvert, ScriptError } from './script-error.ts';
import { toText, typeName } from './text.ts';
import { toNumber, tryNumber } from './to-number.ts';
import { isTrue } from './truth.ts';
import { TypeValue } from './type-value.ts';

let ignoring: Intl.Collator | null = null;
let exactly: Intl.Collator | null = null;

/** Culture order of en-US: a before B, without regard to case unless `exact`. */
export function compareText(left: string, right: string, caseRule: CaseRule): number {
  if (left === right) return 0;
  if (caseRule === 'exact') {
    exactly ??= new Intl.Collator('en-US', { sensitivity: 'variant' });
    return exactly.compare(left, right);
  }
  ignoring ??= new Intl.Collator('en-US', { sensitivity: 'accent' });
  return ignoring.compare(left, right);
}

function sameText(left: string, right: string, caseRule: CaseRule): boolean {
  return left === right || (caseRule === 'ignore' && left.toLowerCase() === right.toLowerCase());
}

export function equals(left: Value, right: Value, caseRule: CaseRule = 'ignore'): boolean {
  if (left === null || right === null) return left === right;
  switch (typeof left) {
    case 'string':
      return sameText(left, typeof right === 'string' ? right : toText(right), caseRule);
    case 'number':
      return typeof right === 'object' && !(right instanceof Char) ? false : left === tryNumber(right);
    case 'boolean':
      return left === isTrue(right);
  }
  if (left === right) return true;
  if (left instanceof DateTime) {
    const time = typeof right === 'string' ? DateTime.parse(right) : right;
    return time instanceof DateTime && left.equals(time);
  }
  if (left instanceof Guid || left instanceof Char) {
    return sameText(
      left.text,
      typeof right === 'number' ? String.fromCharCode(right) : toText(right),
      left instanceof Guid ? 'ignore' : caseRule,
    );
  }
  if (left instanceof TimeSpan) {
    const span = typeof right === 'string' ? TimeSpan.parse(right) : right;
    return span instanceof TimeSpan && left.equals(span);
  }
  if (left instanceof TypeValue)
    return left.definition.name === (right instanceof TypeValue ? right.definition.name : toText(right));
  if (left instanceof PsObject && right instanceof PsObject) {
    return (
      left.typeName === right.typeName &&
      left.typeName.startsWith('System.Net.') &&
      toText(left) === toText(right)
    );
  }
  return left instanceof PsObject && typeof right === 'string'
    ? sameText(toText(left), right, caseRule)
    : false;
}

function notComparable(left: Value, right: Value): ScriptError {
  return new ScriptError(
    `Cannot compare "${toText(left)}" to "${toText(right)}" because the objects are not the same type or the object "${toText(left)}" does not implement "IComparable".`,
    {
      errorId: 'NotIcomparable',
    },
  );
}

/** Below 0, 0 or above 0; throws ScriptError where the values have no order. */
export function compare(left: Value, right: Value, caseRule: CaseRule = 'ignore'): number {
  if (left === null || right === null) return compareWithNull(left, right);
  switch (typeof left) {
    case 'string':
      return compareText(left, toText(right), caseRule);
    case 'number':
      return left - toNumber(right);
    case 'boolean':
      return Number(left) - Number(isTrue(right));
  }
  if (left instanceof DateTime) {
    const time = typeof right === 'string' ? DateTime.parse(right) : right;
    if (time instanceof DateTime) return left.compareTo(time);
    throw cannotConvert(
      toText(right),
      'System.DateTime',
      `Error: "String '${toText(right)}' was not recognized as a valid DateTime."`,
    );
  }
  if (left instanceof TimeSpan) {
    const span = typeof right === 'string' ? TimeSpan.parse(right) : right;
    if (span instanceof TimeSpan) return left.compareTo(span);
  }
  if (left instanceof Char || left instanceof Guid) return compareText(left.text, toText(right), caseRule);
  if (left instanceof PsObject && left.typeName === 'System.Version' && right instanceof PsObject)
    return compareVersions(left, right);
  if (isList(left) || typeName(left) !== typeName(right)) throw notComparable(left, right);
  return compareText(toText(left), toText(right), caseRule);
}

function compareWithNull(left: Value, right: Value): number {
  if (left === right) return 0;
  const other = left ?? right;
  const sign = left === null ? -1 : 1;
  // A number compares with nothing as with zero, except that it is never the same as nothing.
  if (typeof other === 'number') return sign * (other < 0 ? -1 : 1);
  return sign;
}

function compareVersions(left: PsObject, right: PsObject): number {
  for (const part of ['Major', 'Minor', 'Build', 'Revision']) {
    const difference = toNumber(left.get(part) ?? -1) - toNumber(right.get(part) ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** For sorting: never throws; what has no common order compares as text. */
export function sortOrder(left: Value, right: Value, caseRule: CaseRule = 'ignore'): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  try {
    return compare(left, right, caseRule);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    return compareText(toText(left), toText(right), caseRule);
  }
}
