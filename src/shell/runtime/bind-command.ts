// Binds a command's arguments to its parameters and turns what goes wrong into errors at the argument's place. Where a
// person sits at the terminal, missing mandatory parameters are asked for.
import { type BindableParameters, bind, bindPipelineInput } from '#parameters/bind.ts';
import type { BindingError } from '#parameters/binding-error.ts';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import type { Extent } from '#shell/syntax/source-text.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { ErrorRecordValue, recordOfScriptError } from '#shell/values/error-record.ts';
import { Boxed, type PlacedArgument, unwrap, isUnread } from './command-arguments.ts';
import type { Frame } from './frame.ts';
import { positionIn } from './report.ts';
import { RaisedError } from './signals.ts';

/** The name under which a function without CmdletBinding gets what nothing else takes; nobody can type it. */
export const ARGS = '$args';

export interface BindTarget {
  readonly name: string;
  readonly parameters: BindableParameters;
  /** What is left over goes to $args. */
  readonly gathersRest: boolean;
  /** The value as the parameter's type, checked; throws ScriptError. null: whoever runs the command does it. */
  readonly convert: ((value: Value, name: string, frame: Frame) => Value | Promise<Value>) | null;
}

export type Bound = Map<string, Value>;

function bindingException(name: string): string {
  return `System.Management.Automation.${name}`;
}

function raiseBinding(
  error: BindingError,
  target: BindTarget,
  placed: readonly PlacedArgument[],
  frame: Frame,
  extent: Extent,
): RaisedError {
  const argument = error.argument === null ? undefined : placed[error.argument];
  const shown = argument?.argument.kind === 'value' ? unwrapForText(argument.argument.value) : null;
  const message =
    error.errorId === 'PositionalParameterNotFound' && shown !== null
      ? `A positional parameter cannot be found that accepts argument '${shown}'.`
      : error.message;
  const script = new ScriptError(message, {
    category: error.category,
    errorId: error.errorId,
    exception: bindingException(error.exception),
  });
  return new RaisedError(
    recordOfScriptError(script, target.name, positionIn(frame, argument?.extent ?? extent)),
    false,
  );
}

function unwrapForText(value: Value): string | null {
  if (value instanceof Boxed) return unwrapForText(value.value);
  return isUnread(value) ? value.text : null;
}

/** Throws RaisedError. */
export async function bindCommand(
  target: BindTarget,
  placed: readonly PlacedArgument[],
  frame: Frame,
  options: { readonly hasInput: boolean; readonly extent: Extent },
): Promise<Bound> {
  const args = placed.map(({ argument }) =>
    target.gathersRest && argument.kind === 'value'
      ? { ...argument, value: new Boxed(argument.value) }
      : argument,
  );
  const binding = bind(target.parameters, args, { pipelineInput: options.hasInput });
  if (!binding.ok) {
    const { error } = binding;
    if (
      error.errorId === 'MissingMandatoryParameter' &&
      frame.session.host.interactive &&
      frame.session.host.readLine
    ) {
      return bindCommand(
        target,
        [...placed, ...(await askForMissing(error, target, frame, options.extent))],
        frame,
        options,
      );
    }
    throw raiseBinding(error, target, placed, frame, options.extent);
  }
  const bound: Bound = new Map();
  for (const [name, value] of binding.bound) {
    const parameter = findParameter(target.parameters, name);
    bound.set(
      name,
      name === ARGS && target.gathersRest
        ? remaining(value)
        : await convert(unwrap(value, parameter), name, target, frame, placed, options.extent),
    );
  }
  return bound;
}

function remaining(value: Value): Value {
  const list = Array.isArray(value) ? (value as readonly Value[]) : [value];
  return list.map((item) => unwrap(item, null));
}

function findParameter(parameters: BindableParameters, name: string): ParameterMetadata | null {
  return parameters.byKey.get(name.toLowerCase()) ?? null;
}

async function askForMissing(
  error: BindingError,
  target: BindTarget,
  frame: Frame,
  extent: Extent,
): Promise<PlacedArgument[]> {
  const { host } = frame.session;
  await host.say(
    `\ncmdlet ${target.name} at command pipeline position 1\nSupply values for the following parameters:\n`,
  );
  const answers: PlacedArgument[] = [];
  for (const name of error.missing) {
    const line = await host.readLine?.(`${name}: `, {
      secret: findParameter(target.parameters, name)?.secret === true,
    });
    if (line === null || line === undefined) throw raiseBinding(error, target, [], frame, extent);
    answers.push({ argument: { kind: 'name', name, text: `-${name}`, value: line }, extent });
  }
  return answers;
}

async function convert(
  value: Value,
  name: string,
  target: BindTarget,
  frame: Frame,
  placed: readonly PlacedArgument[],
  extent: Extent,
): Promise<Value> {
  if (!target.convert) return value;
  try {
    return await target.convert(value, name, frame);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const at = positionIn(frame, extentOfParameter(name, value, target, placed) ?? extent);
    throw new RaisedError(recordOfScriptError(error, target.name, at), false);
  }
}

/** The argument that the parameter took: by its name, else the value itself. */
function extentOfParameter(
  name: string,
  value: Value,
  target: BindTarget,
  placed: readonly PlacedArgument[],
): Extent | null {
  const index = placed.findIndex(({ argument }) => {
    if (argument.kind !== 'name') return false;
    const written = argument.name.toLowerCase();
    return name.toLowerCase().startsWith(written) || findParameter(target.parameters, written)?.name === name;
  });
  const argument = placed[index];
  if (!argument) {
    return (
      placed.find(({ argument: given }) => given.kind === 'value' && unwrap(given.value, null) === value)
        ?.extent ?? null
    );
  }
  const taken =
    argument.argument.kind === 'name' && argument.argument.value === undefined
      ? placed[index + 1]
      : undefined;
  return taken?.extent ?? argument.extent;
}

/** What one object of the pipeline binds, beside what the line gave; an ErrorRecord where it fits nothing. */
export async function bindInput(
  target: BindTarget,
  bound: Bound,
  input: Value,
  frame: Frame,
  extent: Extent,
): Promise<Bound | ErrorRecordValue> {
  const binding = bindPipelineInput(target.parameters, bound, input);
  if (!binding.ok) {
    const { error } = binding;
    const script = new ScriptError(error.message, {
      category: error.category,
      errorId: error.errorId,
      exception: bindingException(error.exception),
      target: input,
    });
    return recordOfScriptError(script, target.name, positionIn(frame, extent));
  }
  const result: Bound = new Map();
  for (const [name, value] of binding.bound) {
    result.set(name, bound.has(name) ? value : await convert(value, name, target, frame, [], extent));
  }
  return result;
}
