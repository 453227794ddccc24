// if, the loops and switch.
import type { Value } from '#parameters/value.ts';
import type {
  DoNode,
  ForEachNode,
  ForNode,
  IfNode,
  Statement,
  SwitchNode,
  WhileNode,
} from '#shell/syntax/ast.ts';
import { equals } from '#shell/values/compare.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { matchesTable, regexOf } from '#shell/values/text-operators.ts';
import { toText } from '#shell/values/text.ts';
import { isTrue } from '#shell/values/truth.ts';
import { compileWildcard } from '#shell/values/wildcard.ts';
import { collectStatement, enumerate, evaluate } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { runStatement, runStatements } from './run-statement.ts';
import { invokeBlock } from './script-function.ts';
import { LoopSignal } from './signals.ts';
import { writeVariable } from './variables.ts';

async function holds(condition: Statement, frame: Frame): Promise<boolean> {
  return isTrue(await collectStatement(condition, frame));
}

export async function runIf(node: IfNode, frame: Frame): Promise<void> {
  for (const clause of node.clauses) {
    if (await holds(clause.condition, frame)) return runStatements(clause.body, frame);
  }
  if (node.otherwise) await runStatements(node.otherwise, frame);
}

/** One turn of a loop; false where the loop ends. */
async function turn(body: readonly Statement[], label: string | null, frame: Frame): Promise<boolean> {
  const wait = frame.session.budget.step();
  if (wait) await wait;
  try {
    await runStatements(body, frame);
    return true;
  } catch (error) {
    if (!(error instanceof LoopSignal) || !error.isFor(label)) throw error;
    return error.kind === 'continue';
  }
}

export async function runForEach(node: ForEachNode, frame: Frame): Promise<void> {
  const value = await collectStatement(node.list, frame);
  // Unlike a pipeline, foreach does nothing with $null.
  const items = value === null ? [] : [...enumerate(value)];
  for (const item of items) {
    writeVariable(node.variable, item, frame);
    if (!(await turn(node.body, node.label, frame))) return;
  }
}

export async function runFor(node: ForNode, frame: Frame): Promise<void> {
  const silent: Frame = { ...frame, emit: () => undefined };
  if (node.initial) await runStatement(node.initial, silent);
  while (!node.condition || (await holds(node.condition, frame))) {
    if (!(await turn(node.body, node.label, frame))) return;
    if (node.step) await runStatement(node.step, silent);
  }
}

export async function runLoop(node: WhileNode | DoNode, frame: Frame): Promise<void> {
  if (node.kind === 'While') {
    while (await holds(node.condition, frame)) if (!(await turn(node.body, node.label, frame))) return;
    return;
  }
  do {
    if (!(await turn(node.body, node.label, frame))) return;
  } while ((await holds(node.condition, frame)) !== node.until);
}

/** Every clause that fits runs, for each item of a list; break ends the switch, continue goes on to the next item. */
export async function runSwitch(node: SwitchNode, frame: Frame): Promise<void> {
  const subject = await collectStatement(node.subject, frame);
  const items = subject === null ? [null] : enumerate(subject);
  const previous = frame.scope.own('_');
  const before = previous?.value;
  try {
    for (const item of items) {
      frame.scope.set('_', item);
      if (!(await switchOn(item, node, frame))) return;
    }
  } finally {
    if (previous) frame.scope.set('_', before);
    else frame.scope.delete('_');
  }
}

/** false: the switch was left. */
async function switchOn(item: Value, node: SwitchNode, frame: Frame): Promise<boolean> {
  let fitted = false;
  try {
    for (const clause of node.clauses) {
      const pattern = await evaluate(clause.pattern, frame);
      frame.scope.set('_', item);
      if (!(await fits(item, pattern, node, frame))) continue;
      fitted = true;
      await runStatements(clause.body, frame);
    }
    if (!fitted && node.otherwise) await runStatements(node.otherwise, frame);
    return true;
  } catch (error) {
    if (!(error instanceof LoopSignal) || !error.isFor(node.label)) throw error;
    return error.kind === 'continue';
  }
}

async function fits(item: Value, pattern: Value, node: SwitchNode, frame: Frame): Promise<boolean> {
  if (pattern instanceof ScriptBlockValue) return isTrue(await invokeBlock(pattern, frame, { input: item }));
  if (node.mode === 'wildcard')
    return compileWildcard(toText(pattern), node.caseRule === 'ignore')(toText(item));
  if (node.mode === 'regex') {
    const found = regexOf(pattern, node.caseRule, frame.session.surroundings.regex).compiled.match(
      toText(item),
      0,
    );
    if (found) frame.scope.set('Matches', matchesTable(found));
    return found !== null;
  }
  return equals(item, pattern, node.caseRule);
}
