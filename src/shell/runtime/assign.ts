// Assignments: to variables, typed ones included, to properties and indices, and to several at once; ++ and --.
import { isList } from '#parameters/parameter-type.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import type { AssignmentNode, Expression, IndexNode, StepNode } from '#shell/syntax/ast.ts';
import { add, divide, modulo, multiply, subtract } from '#shell/values/arithmetic.ts';
import { getProperty, setProperty } from '#shell/values/members.ts';
import { itemsOf, ListValue, mutableItems, OrderedHashtable } from '#shell/values/object-values.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { toNumber } from '#shell/values/to-number.ts';
import { findType } from '#shell/values/type-definition.ts';
import { collectStatement, evaluate, evaluateStored } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { raiseAt } from './report.ts';
import type { Stored } from './scope.ts';
import { writeVariable } from './variables.ts';

const COMPOUND = { '+=': add, '-=': subtract, '*=': multiply, '/=': divide, '%=': modulo } as const;

export async function assign(node: AssignmentNode, frame: Frame): Promise<void> {
  try {
    await assignHere(node, frame);
  } catch (error) {
    throw raiseAt(error, frame, node.extent);
  }
}

async function assignHere(node: AssignmentNode, frame: Frame): Promise<void> {
  if (node.operator === '??=') {
    const present = await evaluate(node.target, frame);
    if (present === null) await assignTo(node.target, await collectStatement(node.value, frame), frame);
    return;
  }
  const value = await collectStatement(node.value, frame);
  if (node.operator === '=') return assignTo(node.target, value, frame);
  const current = await evaluateStored(node.target, frame);
  const result = COMPOUND[node.operator](current ?? null, value ?? null);
  chargeFor(result, value ?? null, frame);
  return assignTo(node.target, result, frame);
}

/** A list that grows by += is copied each time; the copy counts. */
function chargeFor(result: Value, added: Value, frame: Frame): void {
  if (typeof result === 'string' || isList(result)) frame.session.budget.allocated(result.length);
  else if (typeof added === 'string') frame.session.budget.allocated(added.length);
}

export async function assignTo(target: Expression, value: Stored, frame: Frame): Promise<void> {
  switch (target.kind) {
    case 'Variable':
      writeVariable(target.variable, value, frame);
      return;
    case 'Cast':
      return assignTyped(target.type, target.operand, value, frame);
    case 'Member': {
      const object = await evaluate(target.target, frame);
      setProperty(object, toText(await evaluate(target.name, frame)), value ?? null);
      return;
    }
    case 'Index':
      return assignIndex(target, value ?? null, frame);
    case 'List': {
      const items = itemsOf(value ?? null);
      const last = target.items.length - 1;
      for (const [index, item] of target.items.entries()) {
        const rest = items.slice(index);
        const part = index === last && rest.length > 1 ? rest : (items[index] ?? null);
        await assignTo(item, part, frame);
      }
      return;
    }
    default:
      throw new ScriptError('The left side of an assignment is a variable, a property or an index.', {
        errorId: 'InvalidLeftHandSide',
      });
  }
}

/** `[int]$x = …`: the variable keeps the type. Without a variable the value is converted alone. */
async function assignTyped(type: string, operand: Expression, value: Stored, frame: Frame): Promise<void> {
  const definition = findType(type);
  const converted = definition.convert(value ?? null, frame.session.surroundings);
  if (operand.kind !== 'Variable') return assignTo(operand, converted, frame);
  const { variable } = operand;
  const scope = frame.scope.named(variable.scope);
  if (!scope) return assignTo(operand, converted, frame);
  writeVariable(variable, converted, frame);
  const stored = scope.own(variable.name);
  if (stored) stored.type = definition;
}

async function assignIndex(node: IndexNode, value: Value, frame: Frame): Promise<void> {
  const target = await evaluate(node.target, frame);
  const index = await evaluate(node.index, frame);
  if (target === null) throw new ScriptError('Cannot index into a null array.', { errorId: 'NullArray' });
  if (target instanceof Hashtable) {
    const position =
      target instanceof OrderedHashtable && typeof index === 'number'
        ? [...target.entries()][index]?.[0]
        : undefined;
    target.set(position ?? toText(index), value);
    return;
  }
  const items = isList(target) ? mutableItems(target) : target instanceof ListValue ? target.items : null;
  if (!items) {
    if (target instanceof PsObject && getProperty(target, toText(index)) !== undefined)
      return setProperty(target, toText(index), value);
    throw new ScriptError(
      `Unable to index into an object of type "${typeof target === 'string' ? 'System.String' : 'System.Object'}".`,
      { errorId: 'CannotIndex' },
    );
  }
  const wanted = toNumber(index);
  const place = wanted < 0 ? items.length + wanted : wanted;
  if (!Number.isInteger(place) || place < 0 || place >= items.length || Object.isFrozen(items)) {
    throw new ScriptError('Index was outside the bounds of the array.', {
      errorId: 'System.IndexOutOfRangeException',
      exception: 'System.IndexOutOfRangeException',
      category: 'OperationStopped',
    });
  }
  items[place] = value;
}

/** `$x++` gives the value before, `++$x` the one after; alone as a statement neither is shown. */
export async function step(node: StepNode, frame: Frame): Promise<Value> {
  const before = (await evaluate(node.operand, frame)) ?? 0;
  if (typeof before !== 'number') {
    throw new ScriptError(`The operator '${node.by > 0 ? '++' : '--'}' works only on numbers.`, {
      errorId: 'OperatorRequiresNumber',
    });
  }
  const after = before + node.by;
  await assignTo(node.operand, after, frame);
  return node.prefix ? after : before;
}
