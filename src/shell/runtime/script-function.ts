// Functions and script blocks when they run: a scope of their own (or the caller's), parameters with their defaults,
// begin, process and end, and what `return` means. Called by the pipeline for commands and directly for blocks.
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import type { ScriptBlockNode, Statement } from '#shell/syntax/ast.ts';
import { CmdletValue } from './cmdlet-value.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { collapse, collector, evaluate } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { convertParameter, type FunctionParameter, signatureOf } from './function-signature.ts';
import { runStatements } from './run-statement.ts';
import { Scope, type Stored } from './scope.ts';
import { ReturnSignal } from './signals.ts';

export interface ScriptFunction {
  readonly name: string;
  readonly block: ScriptBlockValue;
}

export interface Invocation {
  /** Sets $_; left out: it stays as it is. */
  readonly input?: Value;
  readonly args?: readonly Value[];
  readonly newScope?: boolean;
}

/** A block's output as a value. */
export async function invokeBlock(
  block: ScriptBlockValue,
  frame: Frame,
  invocation: Invocation,
): Promise<Stored> {
  const items: Value[] = [];
  await runBlock(block, { ...frame, emit: collector(items, frame) }, invocation);
  return collapse(items);
}

/** Runs a script block for one object (ForEach-Object, Where-Object, a calculated property): in the caller's scope. */
export async function runBlock(
  block: ScriptBlockValue,
  caller: Frame,
  invocation: Invocation,
): Promise<void> {
  const own = invocation.newScope === true || block.body.parameters !== null || block.captured !== null;
  const scope = own ? new Scope(caller.scope) : caller.scope;
  const frame: Frame = { ...caller, scope, source: block.source };
  if (own) await prepareScope(block, frame, invocation);
  const before = own ? undefined : scope.own('_');
  const previous = before?.value;
  if (invocation.input !== undefined) scope.set('_', invocation.input);
  try {
    const { begin, process, end } = block.body;
    for (const part of [begin, process, end]) if (part) await runStatements(part, frame);
  } catch (error) {
    if (!(error instanceof ReturnSignal)) throw error;
  } finally {
    if (!own && invocation.input !== undefined) {
      if (before) scope.set('_', previous);
      else scope.delete('_');
    }
  }
}

async function prepareScope(block: ScriptBlockValue, frame: Frame, { args = [] }: Invocation): Promise<void> {
  for (const [name, value] of block.captured ?? []) frame.scope.set(name, value);
  const { parameters } = signatureOf(block);
  for (const [index, parameter] of parameters.entries()) {
    const given = args[index];
    const value =
      given !== undefined
        ? convertParameter(parameter, given, frame.session.surroundings)
        : await defaultOf(parameter, frame);
    setParameter(frame.scope, parameter, value);
  }
  frame.scope.set('args', args.slice(parameters.length));
}

export async function defaultOf(parameter: FunctionParameter, frame: Frame): Promise<Value> {
  if (parameter.node.defaultValue) {
    const value = await evaluate(parameter.node.defaultValue, frame);
    return parameter.type ? parameter.type.convert(value, frame.session.surroundings) : value;
  }
  if (parameter.metadata.isSwitch) return false;
  switch (parameter.type?.name) {
    case 'System.String':
      return '';
    case 'System.Int32':
    case 'System.Int64':
    case 'System.Double':
      return 0;
    case 'System.Boolean':
      return false;
    default:
      return null;
  }
}

function setParameter(scope: Scope, parameter: FunctionParameter, value: Value): void {
  scope.set(parameter.metadata.name, value).type = parameter.type;
}

/** Keeps the variables of the current scope with the block. */
export function captureClosure(block: ScriptBlockValue, scope: Scope): ScriptBlockValue {
  const captured = new Map<string, Value>();
  for (const variable of scope.variables()) captured.set(variable.name, variable.value ?? null);
  return new ScriptBlockValue(block.body, block.source, captured);
}

export interface FunctionCall {
  readonly name: string;
  readonly block: ScriptBlockValue;
  readonly bound: ReadonlyMap<string, Value>;
  readonly args: readonly Value[];
  readonly hasInput: boolean;
  /** Dot-sourced: in the caller's own scope. */
  readonly sharesScope: boolean;
  readonly line: string;
}

/** A function or script in a pipeline. The frame is the caller's, with output and streams of this command. */
export class FunctionRun {
  readonly #call: FunctionCall;
  readonly #body: ScriptBlockNode;
  readonly #input: Value[] = [];
  readonly #frame: Frame;

  constructor(call: FunctionCall, caller: Frame, isScript = false) {
    this.#call = call;
    this.#body = call.block.body;
    const scope = call.sharesScope ? caller.scope : new Scope(caller.scope, isScript);
    this.#frame = {
      ...caller,
      scope,
      source: call.block.source,
      callDepth: caller.callDepth + 1,
      overrides: null,
      onError: null,
    };
  }

  get scope(): Scope {
    return this.#frame.scope;
  }
  get frame(): Frame {
    return this.#frame;
  }

  async begin(): Promise<void> {
    const { session, callDepth } = this.#frame;
    if (callDepth > session.budget.callDepth) {
      throw new ScriptError('The script failed due to call depth overflow.', {
        category: 'InvalidOperation',
        errorId: 'CallDepthOverflow',
        exception: 'System.Management.Automation.ScriptCallDepthException',
      });
    }
    // Takes the call off the stack of the one before it: recursion needs memory, not stack.
    await Promise.resolve();
    await this.#setParameters(this.#call.bound);
    if (this.#body.begin) await this.#run(this.#body.begin);
  }

  async #setParameters(bound: ReadonlyMap<string, Value>): Promise<void> {
    const { scope } = this.#frame;
    const { name, args, block, line } = this.#call;
    for (const [key, value] of block.captured ?? []) scope.set(key, value);
    const table = new Hashtable();
    for (const [key, value] of bound) table.set(key, value);
    scope.set('PSBoundParameters', table);
    scope.set('args', args);
    scope.set('MyInvocation', invocationInfo(name, line, block));
    scope.set('PSCmdlet', new CmdletValue(this.#frame, name));
    if (block.source.file !== null) {
      scope.set('PSCommandPath', block.source.file);
      scope.set('PSScriptRoot', block.source.file.replace(/\/[^/]*$/, '') || '/');
    }
    for (const parameter of signatureOf(block).parameters) {
      const given = bound.get(parameter.metadata.name);
      setParameter(scope, parameter, given !== undefined ? given : await defaultOf(parameter, this.#frame));
    }
  }

  /** `bound`: what this object gave to parameters that take pipeline input. */
  async process(input: Value | undefined, bound: ReadonlyMap<string, Value> | null): Promise<void> {
    const { scope } = this.#frame;
    if (bound) {
      const table = new Hashtable();
      for (const parameter of signatureOf(this.#call.block).parameters) {
        const value = bound.get(parameter.metadata.name);
        if (value === undefined) continue;
        setParameter(scope, parameter, value);
        table.set(parameter.metadata.name, value);
      }
      scope.set('PSBoundParameters', table);
    }
    if (!this.#body.process) {
      if (input !== undefined) this.#input.push(input);
      return;
    }
    if (input !== undefined) scope.set('_', input);
    scope.set('input', input === undefined ? [] : [input]);
    await this.#run(this.#body.process);
  }

  async end(): Promise<void> {
    if (!this.#body.process) this.#frame.scope.set('input', [...this.#input]);
    await this.#run(this.#body.end);
  }

  /** `return` ends the block that it stands in. */
  async #run(statements: readonly Statement[]): Promise<void> {
    try {
      await runStatements(statements, this.#frame);
    } catch (error) {
      if (!(error instanceof ReturnSignal)) throw error;
    }
  }
}

function invocationInfo(name: string, line: string, block: ScriptBlockValue): PsObject {
  const path = block.source.file;
  const command = new PsObject('System.Management.Automation.CommandInfo', [
    ['Name', name],
    ['Path', path],
    ['Definition', path ?? block.toString()],
  ]);
  return new PsObject('System.Management.Automation.InvocationInfo', [
    ['MyCommand', command],
    ['InvocationName', name],
    ['Line', line],
    ['ScriptName', path ?? ''],
    ['PSCommandPath', path ?? ''],
  ]);
}
