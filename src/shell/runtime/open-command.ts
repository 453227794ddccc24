// A command that is known and has its arguments becomes a stage that can run: parameters bound, common parameters in
// effect. What functions and the shell's own commands need is loaded with the first of them: a one-shot cmdlet needs none.
import type { Value } from '#parameters/value.ts';
import { type BindableParameters, bindableParameters } from '#parameters/bind.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import type { Extent } from '#shell/syntax/source-text.ts';
import { bindCommand, type BindTarget, type Bound } from './bind-command.ts';
import type { PlacedArgument } from './command-arguments.ts';
import { type CommonRun, openCommon } from './common-run.ts';
import type { Frame } from './frame.ts';
import { raiseAt } from './report.ts';
import type { Command } from './resolve-command.ts';
import { RaisedError } from './signals.ts';
import { cmdletStage } from './stage-cmdlet.ts';

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
  /** Or what makes them once it is known which parameters there are. */
  readonly args: readonly PlacedArgument[] | ((parameters: BindableParameters) => readonly PlacedArgument[]);
  readonly extent: Extent;
  readonly sharesScope: boolean;
}

interface OpenKind {
  readonly target: BindTarget;
  readonly stage: (parts: StageParts) => Stage;
}

let kinds: typeof import('./local-commands.ts') | null = null;

async function open(command: Command, sharesScope: boolean): Promise<OpenKind> {
  if (command.kind === 'cmdlet') {
    const { metadata } = command;
    const target = {
      name: metadata.name,
      parameters: bindableOf(metadata),
      gathersRest: false,
      convert: null,
    };
    return { target, stage: (parts) => cmdletStage(metadata, parts) };
  }
  kinds ??= await import('./local-commands.ts');
  if (command.kind === 'function') {
    const { functionTarget, functionStage } = kinds;
    const { isScript } = command;
    return {
      target: functionTarget(command.function),
      stage: (parts) => functionStage(command.function, parts, { sharesScope, isScript }),
    };
  }
  const { builtinTarget, builtinStage } = kinds;
  const { builtin } = command;
  return {
    target: builtinTarget(builtin, bindableOf(builtin.metadata)),
    stage: (parts) => builtinStage(builtin, parts),
  };
}

export async function openCommand(opened: OpenedCommand, frame: Frame, hasInput: boolean): Promise<Stage> {
  const { command, args, extent, sharesScope } = opened;
  const { target, stage } = await open(command, sharesScope);
  const placed = typeof args === 'function' ? args(target.parameters) : args;
  const bound = await bindCommand(target, placed, frame, { hasInput, extent });
  const common = openCommon(bound, frame, frame.emit, extent);
  const parts: StageParts = { extent, name: target.name, target, bound, common, caller: frame, hasInput };
  return supervised(stage(parts), parts);
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
