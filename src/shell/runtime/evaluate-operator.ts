// Operators: arithmetic, comparison, logic, text and type. A comparison with a list on its left picks from the list.
import { isList } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import type { BinaryNode, CaseRule, UnaryNode } from '#shell/syntax/ast.ts';
import {
  add,
  bitwise,
  complement,
  divide,
  modulo,
  multiply,
  negate,
  subtract,
} from '#shell/values/arithmetic.ts';
import { compare, equals } from '#shell/values/compare.ts';
import { formatText } from '#shell/values/format-operator.ts';
import { Char, itemsOf, ListValue } from '#shell/values/object-values.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { expandReplacement, matchAll, replaceAll } from '#shell/values/regex.ts';
import { matchObject } from '#shell/values/regex-value.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { join, matchesTable, regexOf, split, splitWords } from '#shell/values/text-operators.ts';
import { toText } from '#shell/values/text.ts';
import { roundHalfEven, toNumber } from '#shell/values/to-number.ts';
import { isTrue } from '#shell/values/truth.ts';
import { findType } from '#shell/values/type-definition.ts';
import { TypeValue } from '#shell/values/type-value.ts';
import { compileWildcard } from '#shell/values/wildcard.ts';
import { evaluate, evaluateStored } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { invokeBlock } from './script-function.ts';
import type { Stored } from './scope.ts';

type Calculate = (left: Value, right: Value, node: BinaryNode, frame: Frame) => Value | Promise<Value>;

export async function evaluateBinary(node: BinaryNode, frame: Frame): Promise<Stored> {
  const left = await evaluateStored(node.left, frame);
  switch (node.operator) {
    case 'and':
      return isTrue(left) && isTrue(await evaluate(node.right, frame));
    case 'or':
      return isTrue(left) || isTrue(await evaluate(node.right, frame));
    case 'xor':
      return isTrue(left) !== isTrue(await evaluate(node.right, frame));
    case '??':
      return left ?? evaluateStored(node.right, frame);
  }
  const calculate = OPERATORS.get(node.operator);
  if (!calculate)
    throw new ScriptError(`The operator '-${node.operator}' is not supported by Postern's shell.`, {
      errorId: 'NotSupported',
    });
  const right = await evaluate(node.right, frame);
  const result = await calculate(left ?? null, right, node, frame);
  if (typeof result === 'string' || isList(result)) frame.session.budget.allocated(result.length);
  return result;
}

/** Applies a test to a value, or picks the items of a list that pass it. */
function filter(left: Value, test: (item: Value) => boolean): Value {
  if (isList(left) || left instanceof ListValue) return itemsOf(left).filter(test);
  return test(left);
}

const compared =
  (test: (order: number) => boolean): Calculate =>
  (left, right, { caseRule }) =>
    filter(left, (item) => test(compare(item, right, caseRule)));

const matchedBy =
  (makeTest: (right: Value, caseRule: CaseRule) => (item: Value) => boolean, wanted: boolean): Calculate =>
  (left, right, { caseRule }) => {
    const test = makeTest(right, caseRule);
    return filter(left, (item) => test(item) === wanted);
  };

function like(right: Value, caseRule: CaseRule): (item: Value) => boolean {
  const matches = compileWildcard(toText(right), caseRule === 'ignore');
  return (item) => matches(toText(item));
}

const match =
  (wanted: boolean): Calculate =>
  (left, right, { caseRule }, frame) => {
    const regex = regexOf(right, caseRule, frame.session.surroundings.regex);
    if (isList(left) || left instanceof ListValue) {
      return itemsOf(left).filter((item) => (regex.compiled.match(toText(item), 0) !== null) === wanted);
    }
    const found = regex.compiled.match(toText(left), 0);
    if (found) frame.scope.set('Matches', matchesTable(found));
    return (found !== null) === wanted;
  };

const replace: Calculate = async (left, right, { caseRule }, frame) => {
  const [pattern = null, replacement = ''] = isList(right) ? right : [right];
  const regex = regexOf(pattern, caseRule, frame.session.surroundings.regex);
  const one = async (item: Value): Promise<string> => {
    const text = toText(item);
    if (!(replacement instanceof ScriptBlockValue)) {
      const plain = toText(replacement);
      return replaceAll(regex.compiled, text, (found) => expandReplacement(plain, found, text));
    }
    const texts: string[] = [];
    for (const found of matchAll(regex.compiled, text))
      texts.push(toText((await invokeBlock(replacement, frame, { input: matchObject(found) })) ?? null));
    let index = 0;
    return replaceAll(regex.compiled, text, () => texts[index++] ?? '');
  };
  if (!isList(left) && !(left instanceof ListValue)) return one(left);
  const results: Value[] = [];
  for (const item of itemsOf(left)) results.push(await one(item));
  return results;
};

const LARGEST_RANGE = 1_000_000;

const range: Calculate = (left, right, _, frame) => {
  const isChar = (value: Value): boolean =>
    value instanceof Char || (typeof value === 'string' && value.length === 1 && !/\d/.test(value));
  const letters = isChar(left) && isChar(right);
  const edge = (value: Value): number =>
    letters ? toText(value).charCodeAt(0) : roundHalfEven(toNumber(value));
  const from = edge(left);
  const to = edge(right);
  const length = Math.abs(to - from) + 1;
  if (length > LARGEST_RANGE)
    throw new ScriptError(`The range ${from}..${to} has more than ${LARGEST_RANGE} items.`, {
      category: 'ResourceUnavailable',
      errorId: 'RangeTooLarge',
    });
  frame.session.budget.allocated(length);
  const step = to >= from ? 1 : -1;
  return Array.from(
    { length },
    (__, index): Value =>
      letters ? new Char(String.fromCharCode(from + index * step)) : from + index * step,
  );
};

function typeOperand(right: Value): ReturnType<typeof findType> {
  return right instanceof TypeValue ? right.definition : findType(toText(right));
}

const as: Calculate = (left, right, _, frame) => {
  try {
    return typeOperand(right).convert(left, frame.session.surroundings);
  } catch (error) {
    if (error instanceof ScriptError && error.errorId !== 'TypeNotFound') return null;
    throw error;
  }
};

const contains =
  (wanted: boolean): Calculate =>
  (left, right, { caseRule }) =>
    itemsOf(left).some((item) => equals(item, right, caseRule)) === wanted;
const isIn =
  (wanted: boolean): Calculate =>
  (left, right, { caseRule }) =>
    itemsOf(right).some((item) => equals(item, left, caseRule)) === wanted;

const OPERATORS: ReadonlyMap<string, Calculate> = new Map<string, Calculate>([
  ['+', add],
  ['-', subtract],
  ['*', multiply],
  ['/', divide],
  ['%', modulo],
  ['eq', (left, right, { caseRule }) => filter(left, (item) => equals(item, right, caseRule))],
  ['ne', (left, right, { caseRule }) => filter(left, (item) => !equals(item, right, caseRule))],
  ['gt', compared((order) => order > 0)],
  ['ge', compared((order) => order >= 0)],
  ['lt', compared((order) => order < 0)],
  ['le', compared((order) => order <= 0)],
  ['like', matchedBy(like, true)],
  ['notlike', matchedBy(like, false)],
  ['match', match(true)],
  ['notmatch', match(false)],
  ['contains', contains(true)],
  ['notcontains', contains(false)],
  ['in', isIn(true)],
  ['notin', isIn(false)],
  ['replace', replace],
  [
    'split',
    (left, right, { caseRule }, frame) => split(left, right, caseRule, frame.session.surroundings.regex),
  ],
  ['join', (left, right) => join(left, toText(right))],
  ['f', (left, right) => formatText(toText(left), itemsOf(right))],
  ['..', range],
  ['is', (left, right) => typeOperand(right).holds(left)],
  ['isnot', (left, right) => !typeOperand(right).holds(left)],
  ['as', as],
  ...(['band', 'bor', 'bxor', 'shl', 'shr'] as const).map((operator): [string, Calculate] => [
    operator,
    (left, right) => bitwise(operator, left, right),
  ]),
]);

export async function evaluateUnary(node: UnaryNode, frame: Frame): Promise<Stored> {
  const value = await evaluate(node.operand, frame);
  switch (node.operator) {
    case 'not':
      return !isTrue(value);
    case 'bnot':
      return complement(value);
    case 'minus':
      return negate(value);
    case 'plus':
      return toNumber(value);
    case 'split':
      return splitWords(value);
    case 'join':
      return join(value, '');
    default:
      return [value];
  }
}
