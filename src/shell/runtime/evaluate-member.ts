// `.Member`, `.Method(…)`, `::Static` and `[index]`. Methods that run script blocks or wait for something are here; the
// others belong to the values.
import { isList } from '#parameters/parameter-type.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import type { CallNode, IndexNode, MemberNode } from '#shell/syntax/ast.ts';
import { getProperty } from '#shell/values/members.ts';
import { callMethod } from '#shell/values/methods.ts';
import { Char, itemsOf, ListValue, OrderedHashtable } from '#shell/values/object-values.ts';
import { PropertyCollection } from '#shell/values/property-collection.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ShellObject } from '#shell/values/shell-object.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { findStatic, getStatic } from '#shell/values/statics.ts';
import { toText, typeName } from '#shell/values/text.ts';
import { toNumber } from '#shell/values/to-number.ts';
import { isTrue } from '#shell/values/truth.ts';
import { TypeValue } from '#shell/values/type-value.ts';
import { construct } from './construct.ts';
import { evaluate } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { captureClosure, invokeBlock } from './script-function.ts';
import type { Stored } from './scope.ts';

export async function evaluateMember(node: MemberNode, frame: Frame): Promise<Stored> {
  const target = await evaluate(node.target, frame);
  const name = toText(await evaluate(node.name, frame));
  if (node.isStatic) {
    const type = typeOf(target);
    const value = getStatic(type, name, frame.session.surroundings);
    if (value !== undefined) return value;
    throw new ScriptError(
      `The type [${type.name}] has no static member '${name}' that Postern's shell knows.`,
      { errorId: 'StaticMemberNotFound', target: name },
    );
  }
  return getProperty(target, name) ?? null;
}

function typeOf(target: Value): TypeValue['definition'] {
  if (target instanceof TypeValue) return target.definition;
  throw new ScriptError('Static members belong to a type: [type]::Member.', { errorId: 'NotAType' });
}

export async function evaluateCall(node: CallNode, frame: Frame): Promise<Stored> {
  const target = await evaluate(node.target, frame);
  if (target === null && node.nullConditional) return null;
  const name = toText(await evaluate(node.name, frame));
  const args: Value[] = [];
  for (const argument of node.arguments) args.push(await evaluate(argument, frame));
  const result = node.isStatic
    ? await callStatic(typeOf(target), name, args, frame)
    : await callInstance(target, name, args, frame);
  if (typeof result === 'string' || isList(result)) frame.session.budget.allocated(result.length);
  return result;
}

async function callStatic(
  type: TypeValue['definition'],
  name: string,
  args: readonly Value[],
  frame: Frame,
): Promise<Value> {
  const method = findStatic(type, name);
  if (method) return method(args, frame.session.surroundings);
  if (name.toLowerCase() === 'new') return construct(type, args, frame.session.surroundings);
  throw new ScriptError(
    `Method invocation failed because [${type.name}] does not contain a method named '${name}' that Postern's shell knows.`,
    { errorId: 'MethodNotFound', target: name },
  );
}

async function callInstance(
  target: Value,
  name: string,
  args: readonly Value[],
  frame: Frame,
): Promise<Value> {
  const key = name.toLowerCase();
  if (target instanceof ShellObject) {
    const result = await target.callAsync(key, args);
    if (result !== undefined) return result;
  }
  if (target instanceof ScriptBlockValue) {
    const result = await callBlock(target, key, args, frame);
    if (result !== undefined) return result;
  }
  const [block] = args;
  if (block instanceof ScriptBlockValue && target !== null) {
    if (key === 'where') return where(itemsOf(target), block, args.slice(1), frame);
    if (key === 'foreach') return forEach(itemsOf(target), block, frame);
  }
  if (key === 'foreach' && typeof block === 'string' && target !== null)
    return itemsOf(target).map((item) => getProperty(item, block) ?? null);
  return callMethod(target, name, args);
}

async function callBlock(
  block: ScriptBlockValue,
  key: string,
  args: readonly Value[],
  frame: Frame,
): Promise<Value | undefined> {
  if (key === 'invoke' || key === 'invokereturnasis')
    return (await invokeBlock(block, frame, { args, newScope: true })) ?? null;
  return key === 'getnewclosure' ? captureClosure(block, frame.scope) : undefined;
}

async function where(
  items: readonly Value[],
  block: ScriptBlockValue,
  [modeValue = null, limit = null]: readonly Value[],
  frame: Frame,
): Promise<Value> {
  const mode = toText(modeValue).toLowerCase();
  const found: Value[] = [];
  const wanted = limit !== null && toNumber(limit) > 0 ? toNumber(limit) : mode === 'first' ? 1 : Infinity;
  for (const item of items) {
    if (found.length >= wanted && mode !== 'last') break;
    if (isTrue(await invokeBlock(block, frame, { input: item }))) found.push(item);
  }
  if (mode === 'last') return found.slice(-Math.min(wanted === Infinity ? 1 : wanted, found.length || 1));
  if (mode === 'split') return [found, items.filter((item) => !found.includes(item))];
  return found;
}

async function forEach(items: readonly Value[], block: ScriptBlockValue, frame: Frame): Promise<Value> {
  const results: Value[] = [];
  for (const item of items) {
    const result = await invokeBlock(block, frame, { input: item });
    if (result !== undefined) results.push(...(isList(result) ? result : [result]));
  }
  return results;
}

export async function evaluateIndex(node: IndexNode, frame: Frame): Promise<Stored> {
  const target = await evaluate(node.target, frame);
  if (target === null && node.nullConditional) return null;
  const index = await evaluate(node.index, frame);
  if (target === null) throw new ScriptError('Cannot index into a null array.', { errorId: 'NullArray' });
  if (index === null)
    throw new ScriptError('Index operation failed; the array index evaluated to null.', {
      errorId: 'NullArrayIndex',
    });
  return indexInto(target, index);
}

function indexInto(target: Exclude<Value, null>, index: Exclude<Value, null>): Value {
  if (isList(index)) {
    const picked = index.map((item) => pick(target, item ?? 0)).filter((item) => item !== undefined);
    return picked.length === 1 && !isList(target) ? (picked[0] ?? null) : picked;
  }
  return pick(target, index) ?? null;
}

/** undefined where the place is outside the list. */
function pick(target: Exclude<Value, null>, index: Value): Value | undefined {
  if (target instanceof Hashtable) {
    if (target instanceof OrderedHashtable && typeof index === 'number' && !target.has(toText(index))) {
      return [...target.entries()].at(index)?.[1];
    }
    return target.get(toText(index)) ?? null;
  }
  if (target instanceof PropertyCollection)
    return typeof index === 'string' ? target.index(index) : (target.items.at(toNumber(index)) ?? null);
  if (target instanceof PsObject && typeof index === 'string') return getProperty(target, index) ?? null;
  if (typeof target === 'string') {
    const char = target.at(toNumber(index));
    return char === undefined ? undefined : new Char(char);
  }
  const items = isList(target) ? target : target instanceof ListValue ? target.items : null;
  if (items) return items.at(Math.round(toNumber(index)));
  // PowerShell: a single object counts as a list of one.
  if (typeof target === 'object' && !(target instanceof PsObject))
    throw new ScriptError(`Unable to index into an object of type "${typeName(target)}".`, {
      errorId: 'CannotIndex',
    });
  return toNumber(index) === 0 || toNumber(index) === -1 ? target : undefined;
}
