// Pipelines: every object goes through all stages before the next one is asked for. A stage that wants no more stops those
// before it. Redirections are applied to the stage that they are written at.
import type { Value } from '#parameters/value.ts';
import type { CommandNode, PipelineElement, PipelineNode } from '#shell/syntax/ast.ts';
import { enumerate, evaluateStored } from './evaluate.ts';
import type { Frame } from './frame.ts';
import type { Stage } from './open-command.ts';
import { openStage } from './open-stage.ts';
import { openRedirections, type Redirected } from './redirection.ts';
import { raiseAt } from './report.ts';
import { type Emit, RaisedError, StopUpstream } from './signals.ts';

/** Holds back what comes before the stage has begun. */
class Gate {
  stage: Stage | null = null;
  #begun = false;
  readonly #waiting: Value[] = [];

  receive(value: Value): void | Promise<void> {
    if (!this.#begun || !this.stage) {
      this.#waiting.push(value);
      return;
    }
    return this.stage.process(value);
  }
  async begin(): Promise<void> {
    await this.stage?.begin();
    this.#begun = true;
    for (const value of this.#waiting.splice(0)) await this.stage?.process(value);
  }
}

export async function runPipeline(node: PipelineNode, frame: Frame): Promise<void> {
  const { session } = frame;
  const [first] = node.elements;
  const startsWithExpression = first?.kind === 'CommandExpression';
  const commands = node.elements.filter((element): element is CommandNode => element.kind === 'Command');
  const gates = commands.map(() => new Gate());
  const opened: Redirected[] = [];
  session.succeeded = true;
  let stages: readonly Stage[] = [];
  try {
    stages = await openStages(node, commands, gates, opened, frame);
    const source = startsWithExpression
      ? await expressionSource(first, frame, gates, opened)
      : () => stages[0]?.run() ?? Promise.resolve();
    await runStages(stages, gates, source);
    for (const redirection of opened) await redirection.close();
  } catch (error) {
    if (error instanceof RaisedError) session.succeeded = false;
    throw error;
  }
  if (stages.some((stage) => stage.failed())) session.succeeded = false;
  else if (stages.length > 0) session.succeeded = true;
}

async function openStages(
  node: PipelineNode,
  commands: readonly CommandNode[],
  gates: readonly Gate[],
  opened: Redirected[],
  frame: Frame,
): Promise<readonly Stage[]> {
  const stages: Stage[] = [];
  for (const [index, command] of commands.entries()) {
    const isFirst = command === node.elements[0];
    const redirected = await openRedirections(command.redirections, frame, sinkBehind(index, gates, frame));
    opened.push(redirected);
    const stage = await openStage(command, redirected.frame, { hasInput: !isFirst });
    const gate = gates[index];
    if (gate) gate.stage = stage;
    stages.push(stage);
  }
  return stages;
}

function sinkBehind(index: number, gates: readonly Gate[], frame: Frame): Emit {
  const next = gates[index + 1];
  return next ? (value) => next.receive(value) : frame.emit;
}

async function runStages(
  stages: readonly Stage[],
  gates: readonly Gate[],
  source: () => Promise<void>,
): Promise<void> {
  let wanted = 0;
  for (const gate of gates) wanted = Math.max(wanted, await firstWanted(stages, () => gate.begin()));
  if (wanted === 0) wanted = await firstWanted(stages, source);
  for (let index = wanted; index < stages.length; index++) {
    const next = await firstWanted(stages, () => stages[index]?.end() ?? Promise.resolve());
    index = Math.max(index, next - 1);
  }
}

/** Runs a step; where a stage stopped those before it, the index of that stage, else 0. */
async function firstWanted(stages: readonly Stage[], run: () => Promise<void>): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    if (!(error instanceof StopUpstream)) throw error;
    const index = stages.findIndex((stage) => stage.owner === error.stage);
    if (index < 0) throw error;
    return index;
  }
}

type ExpressionElement = Extract<PipelineElement, { kind: 'CommandExpression' }>;

async function expressionSource(
  element: ExpressionElement,
  frame: Frame,
  gates: readonly Gate[],
  opened: Redirected[],
): Promise<() => Promise<void>> {
  const redirected = await openRedirections(
    element.redirections,
    frame,
    gates[0] ? (value) => gates[0]?.receive(value) : frame.emit,
  );
  opened.push(redirected);
  return async () => {
    let items: readonly Value[];
    try {
      items = enumerate(await evaluateStored(element.expression, redirected.frame));
    } catch (error) {
      throw raiseAt(error, frame, element.extent);
    }
    for (const item of items) {
      const pause = frame.session.budget.step();
      if (pause) await pause;
      const wait = redirected.frame.emit(item);
      if (wait) await wait;
    }
  };
}
