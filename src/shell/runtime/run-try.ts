// try, catch and finally. A catch block is chosen by the exception's type or an ancestor of it; what wraps a .NET
// exception is looked into first, as PowerShell does.
import type { TryNode } from '#shell/syntax/ast.ts';
import { ErrorRecordValue } from '#shell/values/error-record.ts';
import { isExceptionOf } from '#shell/values/exception-value.ts';
import { findType } from '#shell/values/type-definition.ts';
import { Stopped } from './budget.ts';
import type { Frame } from './frame.ts';
import { raiseAt } from './report.ts';
import { runStatements } from './run-statement.ts';
import { RaisedError } from './signals.ts';

export async function runTry(node: TryNode, frame: Frame): Promise<void> {
  const { final } = node;
  if (!final) return runBody(node, frame);
  const clean = (): Promise<void> => runStatements(final, frame);
  try {
    await runBody(node, frame);
  } catch (error) {
    await (error instanceof Stopped ? frame.session.budget.shield(clean) : clean());
    throw error;
  }
  await clean();
}

async function runBody(node: TryNode, frame: Frame): Promise<void> {
  if (node.catches.length === 0) return runStatements(node.body, frame);
  try {
    await runStatements(node.body, { ...frame, insideTry: true });
  } catch (error) {
    const raised = raiseAt(error, frame, node.extent);
    if (!(raised instanceof RaisedError)) throw raised;
    const clause = node.catches.find(
      ({ types }) => types.length === 0 || types.some((type) => isCaughtBy(raised.record, type)),
    );
    if (!clause) throw raised;
    frame.session.remember(raised.record);
    await runCatch(clause.body, raised.record, frame);
  }
}

function isCaughtBy(record: ErrorRecordValue, type: string): boolean {
  const { name } = findType(type);
  const { exception } = record;
  return (
    (exception.inner !== null && isExceptionOf(exception.inner.typeName, name)) ||
    isExceptionOf(exception.typeName, name)
  );
}

async function runCatch(body: TryNode['body'], record: ErrorRecordValue, frame: Frame): Promise<void> {
  const previous = frame.scope.own('_');
  const before = previous?.value;
  frame.scope.set('_', record);
  try {
    await runStatements(body, { ...frame, insideCatch: true });
  } finally {
    if (previous) frame.scope.set('_', before);
    else frame.scope.delete('_');
  }
}
