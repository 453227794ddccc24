// Expressions: from a node to its value. One switch by kind; operators, members, strings and assignments are in files of
// their own. A value is undefined where a pipeline gave nothing at all.
import { Hashtable, type Value } from '#parameters/value.ts';
import type { Expression, ExpandableNode, HashtableNode } from '#shell/syntax/ast.ts';
import { isList } from '#parameters/parameter-type.ts';
import { itemsOf, ListValue, OrderedHashtable, Reference } from '#shell/values/object-values.ts';
import { PropertyCollection } from '#shell/values/property-collection.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { isTrue } from '#shell/values/truth.ts';
import { findType } from '#shell/values/type-definition.ts';
import { TypeValue } from '#shell/values/type-value.ts';
import { step } from './assign.ts';
import { evaluateBinary, evaluateUnary } from './evaluate-operator.ts';
import { evaluateCall, evaluateIndex, evaluateMember } from './evaluate-member.ts';
import type { Frame } from './frame.ts';
import { raiseAt } from './report.ts';
import { runStatement, runStatements } from './run-statement.ts';
import type { Stored } from './scope.ts';
import { readVariable, writeVariable } from './variables.ts';

/** The value, null where there is none. */
export async function evaluate(node: Expression, frame: Frame): Promise<Value> {
  return (await evaluateStored(node, frame)) ?? null;
}

export async function evaluateStored(node: Expression, frame: Frame): Promise<Stored> {
  switch (node.kind) {
    case 'Number':
    case 'Text':
      return node.value;
    case 'Variable':
      return readVariable(node.variable, frame);
    case 'ScriptBlockLiteral':
      return new ScriptBlockValue(node.body, frame.source);
  }
  try {
    return await evaluateComposite(node, frame);
  } catch (error) {
    throw raiseAt(error, frame, node.extent);
  }
}

async function evaluateComposite(
  node: Exclude<Expression, { kind: 'Number' | 'Text' | 'Variable' | 'ScriptBlockLiteral' }>,
  frame: Frame,
): Promise<Stored> {
  switch (node.kind) {
    case 'Binary':
      return evaluateBinary(node, frame);
    case 'Unary':
      return evaluateUnary(node, frame);
    case 'Member':
      return evaluateMember(node, frame);
    case 'Call':
      return evaluateCall(node, frame);
    case 'Index':
      return evaluateIndex(node, frame);
    case 'Expandable':
      return evaluateText(node, frame);
    case 'Paren':
      return collectStatement(node.statement, frame);
    case 'SubExpression':
      return collapse(await collect(node.statements, frame));
    case 'Array':
      return evaluateArray(node.statements, frame);
    case 'List': {
      const items: Value[] = [];
      for (const item of node.items) items.push(await evaluate(item, frame));
      frame.session.budget.allocated(items.length);
      return items;
    }
    case 'Hashtable':
      return evaluateHashtable(node, frame, new Hashtable());
    case 'Type':
      return new TypeValue(findType(node.name));
    case 'Cast':
      return evaluateCast(node.type, node.operand, frame);
    case 'Step':
      return step(node, frame);
    case 'Ternary':
      return evaluateStored(
        isTrue(await evaluate(node.condition, frame)) ? node.whenTrue : node.whenFalse,
        frame,
      );
    default:
      throw new ScriptError(
        `The splatting operator '@' can be used only on a command line: @${node.variable.name}.`,
        { errorId: 'SplattingNotPermitted' },
      );
  }
}

/** `@(…)`: always a list; one that is a list already stays as it is. */
async function evaluateArray(statements: Parameters<typeof runStatements>[0], frame: Frame): Promise<Value> {
  const only = statements[0];
  if (statements.length === 1 && only?.kind === 'Pipeline' && only.elements.length === 1) {
    const [element] = only.elements;
    if (
      element?.kind === 'CommandExpression' &&
      element.expression.kind === 'List' &&
      element.redirections.length === 0
    ) {
      return evaluate(element.expression, frame);
    }
  }
  return collect(statements, frame);
}

/** The output of statements, as a list. */
export async function collect(
  statements: Parameters<typeof runStatements>[0],
  frame: Frame,
): Promise<Value[]> {
  const items: Value[] = [];
  await runStatements(statements, { ...frame, emit: collector(items, frame) });
  return items;
}

export function collector(items: Value[], frame: Frame): (value: Value) => void {
  return (value) => {
    frame.session.budget.allocated(1);
    items.push(value);
  };
}

/** Nothing, the one object, or a list: what a pipeline's output is as a value. */
export function collapse(items: readonly Value[]): Stored {
  return items.length === 0 ? undefined : items.length === 1 ? items[0] : items;
}

/** A statement as a value. An expression alone keeps its list as it is. */
export async function collectStatement(
  statement: Parameters<typeof runStatement>[0],
  frame: Frame,
): Promise<Stored> {
  if (statement.kind === 'Pipeline' && statement.elements.length === 1) {
    const [element] = statement.elements;
    if (element?.kind === 'CommandExpression' && element.redirections.length === 0) {
      const value = await evaluateStored(element.expression, frame);
      frame.session.succeeded = true;
      return value;
    }
  }
  if (statement.kind === 'Assignment') {
    await runStatement(statement, frame);
    return evaluateStored(statement.target, frame);
  }
  const items: Value[] = [];
  await runStatement(statement, { ...frame, emit: collector(items, frame) });
  return collapse(items);
}

async function evaluateText(node: ExpandableNode, frame: Frame): Promise<string> {
  let text = '';
  const separator = frame.scope.find('OFS')?.value;
  for (const part of node.parts) {
    if (typeof part === 'string') text += part;
    else
      text += toText(
        (await evaluateStored(part, frame)) ?? null,
        separator === undefined ? ' ' : toText(separator),
      );
  }
  frame.session.budget.allocated(text.length);
  return text;
}

async function evaluateHashtable(node: HashtableNode, frame: Frame, table: Hashtable): Promise<Hashtable> {
  for (const entry of node.entries) {
    const key = await evaluate(entry.key, frame);
    if (key === null)
      throw new ScriptError('A null key is not allowed in a hash literal.', { errorId: 'InvalidNullKey' });
    const name = toText(key);
    if (table.has(name)) {
      throw new ScriptError(
        `Item has already been added. Key in dictionary: '${name}'  Key being added: '${name}'`,
        { errorId: 'DuplicateKeyInHashLiteral', exception: 'System.ArgumentException' },
      );
    }
    table.set(name, (await collectStatement(entry.value, frame)) ?? null);
    frame.session.budget.allocated(1);
  }
  return table;
}

async function evaluateCast(type: string, operand: Expression, frame: Frame): Promise<Value> {
  const key = type.toLowerCase();
  if (key === 'ref') return referenceTo(operand, frame);
  if (operand.kind === 'Hashtable') {
    if (key === 'ordered') return evaluateHashtable(operand, frame, new OrderedHashtable());
  } else if (key === 'ordered')
    throw new ScriptError('The ordered attribute can be specified only on a hash literal node.', {
      errorId: 'OrderedAttributeOnlyOnHashLiteralNode',
    });
  const definition = findType(type);
  const value = await evaluate(operand, frame);
  if (key === 'void') return null;
  return definition.convert(value, frame.session.surroundings);
}

function referenceTo(operand: Expression, frame: Frame): Value {
  if (operand.kind !== 'Variable')
    throw new ScriptError('[ref] can be applied only to a variable.', {
      errorId: 'NonExistingVariableReference',
    });
  const { variable } = operand;
  return new Reference(
    () => readVariable(variable, frame) ?? null,
    (value) => writeVariable(variable, value, frame),
  );
}

/** The objects that a value is on a pipeline: a list's items, nothing for nothing, itself otherwise. */
export function enumerate(value: Stored): readonly Value[] {
  if (value === undefined) return [];
  if (value instanceof PropertyCollection) return value.items;
  return isList(value) || value instanceof ListValue ? itemsOf(value) : [value];
}
