// From a command as written to a stage of a pipeline that can run: its name resolved, its arguments bound, its common
// parameters in effect.
import type { Value } from '#parameters/value.ts';
import { type BindableParameters, bindableParameters } from '#parameters/bind.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import type { CommandNode } from '#shell/syntax/ast.ts';
import type { Extent } from '#shell/syntax/source-text.ts';
import { ParseError } from '#shell/syntax/parse-error.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { bindCommand, type BindTarget, type Bound } from './bind-command.ts';
import { evaluateArguments, type PlacedArgument } from './command-arguments.ts';
import { type CommonRun, openCommon } from './common-run.ts';
import { evaluate } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { signatureOf } from './function-signature.ts';
import { raiseAt } from './report.ts';
import { type Command, resolveCommand } from './resolve-command.ts';
import { builtinStage } from './stage-builtin.ts';
import { cmdletStage } from './stage-cmdlet.ts';
import { functionStage } from './stage-function.ts';
import { RaisedError } from './signals.ts';

export interface Stage {
  /** What StopUpstream names. */
  readonly owner: object;
  begin(): Promise<void>;
  /** One object from the stage before. */
  process(input: Value): void | Promise<void>;
  /** The first stage of a pipeline, without input. */
  run(): Promise<void>;
  end(): Promise<void>;
  failed(): boolean;
}

export interface StageParts {
  /** Of the command as written. */
  readonly extent: Extent;
  readonly name: string;
  readonly target: BindTarget;
  readonly bound: Bound;
  readonly common: CommonRun;
  /** The frame in which the command was written. */
  readonly caller: Frame;
  readonly hasInput: boolean;
}

const bindables = new WeakMap<CmdletMetadata, BindableParameters>();

function bindableOf(metadata: CmdletMetadata): BindableParameters {
  let bindable = bindables.get(metadata);
  if (!bindable) {
    bindable = bindableParameters(metadata);
    bindables.set(metadata, bindable);
  }
  return bindable;
}

/** A command that is ready to be bound: what it is, what it was given, and where it stands. */
export interface OpenedCommand {
  readonly command: Command;
  readonly args: readonly PlacedArgument[];
  readonly extent: Extent;
  readonly sharesScope: boolean;
}

/** Throws RaisedError at the place that is at fault. */
export async function openStage(
  node: CommandNode,
  frame: Frame,
  { hasInput }: { readonly hasInput: boolean },
): Promise<Stage> {
  try {
    const command = await commandOf(node, frame);
    const args = await evaluateArguments(node.elements, frame);
    return await openCommand(
      { command, args, extent: node.extent, sharesScope: node.invocation === 'dot' },
      frame,
      hasInput,
    );
  } catch (error) {
    if (error instanceof ParseError) throw raiseAt(parseFailure(error), frame, node.extent);
    throw raiseAt(error, frame, node.name.extent, null);
  }
}

function parseFailure({ message, errorId }: ParseError): ScriptError {
  return new ScriptError(message, {
    category: 'ParserError',
    errorId,
    exception: 'System.Management.Automation.ParseException',
  });
}

export async function openCommand(opened: OpenedCommand, frame: Frame, hasInput: boolean): Promise<Stage> {
  const { command, args, extent } = opened;
  const target = targetOf(command);
  const bound = await bindCommand(target, args, frame, { hasInput, extent });
  const common = openCommon(bound, frame, frame.emit, extent);
  const parts: StageParts = { extent, name: target.name, target, bound, common, caller: frame, hasInput };
  return supervised(stageOf(command, parts, opened.sharesScope), parts);
}

async function commandOf(node: CommandNode, frame: Frame): Promise<Command> {
  const name = await evaluate(node.name, frame);
  if (name instanceof ScriptBlockValue)
    return { kind: 'function', function: { name: '', block: name }, isScript: false };
  if (name === null || toText(name) === '') {
    throw new ScriptError(
      "The expression after '&' in a pipeline element produced an object that was not valid. It must result in a command name, a script block, or a CommandInfo object.",
      { errorId: 'BadExpression' },
    );
  }
  return resolveCommand(toText(name), frame);
}

function targetOf(command: Command): BindTarget {
  switch (command.kind) {
    case 'function': {
      const signature = signatureOf(command.function.block);
      return { name: command.function.name, parameters: signature.bindable, signature, converts: false };
    }
    case 'builtin':
      return {
        name: command.builtin.metadata.name,
        parameters: bindableOf(command.builtin.metadata),
        signature: null,
        converts: true,
      };
    default:
      return {
        name: command.metadata.name,
        parameters: bindableOf(command.metadata),
        signature: null,
        converts: false,
      };
  }
}

function stageOf(command: Command, parts: StageParts, sharesScope: boolean): Stage {
  switch (command.kind) {
    case 'function':
      return functionStage(command.function, parts, { sharesScope, isScript: command.isScript });
    case 'builtin':
      return builtinStage(command.builtin, parts);
    default:
      return cmdletStage(command.metadata, parts);
  }
}

/** Gives every error of the stage the command's place, and keeps terminating ones for -ErrorVariable. */
function supervised(stage: Stage, { extent, name, common, caller }: StageParts): Stage {
  const watch = async (work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const raised = raiseAt(error, caller, extent, name === '' ? null : name);
      if (raised instanceof RaisedError) common.keep(raised.record);
      throw raised;
    }
  };
  return {
    owner: stage.owner,
    begin: () => watch(() => stage.begin()),
    process: (input) => watch(() => stage.process(input)),
    run: () => watch(() => stage.run()),
    end: () =>
      watch(async () => {
        await stage.end();
        await common.flush();
      }),
    failed: () => stage.failed(),
  };
}
