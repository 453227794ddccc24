// Statements: one after the other, each by its kind. A terminating error ends its statement: it is shown and the next one
// runs, unless a catch block waits for it or it is meant to end the script.
import type {
  ChainNode,
  FunctionNode,
  JumpNode,
  LeaveNode,
  PipelineNode,
  Statement,
} from '#shell/syntax/ast.ts';
import { recordOfThrown } from '#shell/values/error-record.ts';
import { ErrorRecordValue } from '#shell/values/error-record.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { toNumber } from '#shell/values/to-number.ts';
import { assign } from './assign.ts';
import { collectStatement, enumerate, evaluate, evaluateStored } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { positionIn, raiseAt, reportStatementError } from './report.ts';
import { runFor, runForEach, runIf, runLoop, runSwitch } from './run-control.ts';
import { runPipeline } from './run-pipeline.ts';
import { runTry } from './run-try.ts';
import { ExitSignal, LoopSignal, RaisedError, ReturnSignal } from './signals.ts';

export async function runStatements(statements: readonly Statement[], frame: Frame): Promise<void> {
  for (const statement of statements) {
    const wait = frame.session.budget.step();
    if (wait) await wait;
    try {
      await runStatement(statement, frame);
    } catch (error) {
      const raised = raiseAt(error, frame, statement.extent);
      if (!(raised instanceof RaisedError) || raised.stopsScript || frame.insideTry) throw raised;
      await reportStatementError(frame, raised);
    }
  }
}

export function runStatement(statement: Statement, frame: Frame): Promise<void> {
  switch (statement.kind) {
    case 'Pipeline':
      return runPipelineStatement(statement, frame);
    case 'Assignment':
      return assignStatement(statement, frame);
    case 'If':
      return runIf(statement, frame);
    case 'ForEach':
      return runForEach(statement, frame);
    case 'For':
      return runFor(statement, frame);
    case 'While':
    case 'Do':
      return runLoop(statement, frame);
    case 'Switch':
      return runSwitch(statement, frame);
    case 'Try':
      return runTry(statement, frame);
    case 'Function':
      return defineFunction(statement, frame);
    case 'Chain':
      return runChain(statement, frame);
    case 'Return':
    case 'Throw':
    case 'Exit':
      return leave(statement, frame);
    default:
      return jump(statement, frame);
  }
}

async function assignStatement(
  statement: Extract<Statement, { kind: 'Assignment' }>,
  frame: Frame,
): Promise<void> {
  frame.session.succeeded = true;
  await assign(statement, frame);
}

/** An expression alone needs no pipeline. */
async function runPipelineStatement(statement: PipelineNode, frame: Frame): Promise<void> {
  const [only] = statement.elements;
  if (statement.elements.length !== 1 || only?.kind !== 'CommandExpression' || only.redirections.length > 0) {
    return runPipeline(statement, frame);
  }
  const { expression } = only;
  const value = await evaluateStored(expression, frame);
  frame.session.succeeded = true;
  if (expression.kind === 'Step' || (expression.kind === 'Cast' && expression.type.toLowerCase() === 'void'))
    return;
  if (expression.kind === 'Call' && value === null) return;
  for (const item of enumerate(value)) {
    const wait = frame.emit(item);
    if (wait) await wait;
  }
}

async function runChain(statement: ChainNode, frame: Frame): Promise<void> {
  await runStatements([statement.left], frame);
  if (frame.session.succeeded === (statement.operator === '&&'))
    await runStatements([statement.right], frame);
}

async function defineFunction(statement: FunctionNode, frame: Frame): Promise<void> {
  const colon = statement.name.indexOf(':');
  const prefix = colon > 0 ? statement.name.slice(0, colon).toLowerCase() : null;
  const name = prefix === null ? statement.name : statement.name.slice(colon + 1);
  const scope = frame.scope.named(prefix);
  if (!scope)
    throw new ScriptError(`A function can't be defined in the scope '${prefix ?? ''}'.`, {
      errorId: 'InvalidScope',
    });
  scope.setFunction(name, { name, block: new ScriptBlockValue(statement.body, frame.source) });
}

async function leave(statement: LeaveNode, frame: Frame): Promise<void> {
  if (statement.kind === 'Return') {
    if (statement.value) await runStatement(statement.value, frame);
    throw new ReturnSignal();
  }
  const value = statement.value ? ((await collectStatement(statement.value, frame)) ?? null) : null;
  if (statement.kind === 'Exit') throw new ExitSignal(statement.value ? toNumber(value) : 0);
  const current = frame.scope.find('_')?.value;
  const rethrown =
    !statement.value && frame.insideCatch && current instanceof ErrorRecordValue ? current : value;
  throw new RaisedError(recordOfThrown(rethrown, positionIn(frame, statement.extent)), true);
}

async function jump(statement: JumpNode, frame: Frame): Promise<void> {
  const label = statement.label ? toText(await evaluate(statement.label, frame)) : null;
  throw new LoopSignal(statement.kind === 'Break' ? 'break' : 'continue', label);
}
