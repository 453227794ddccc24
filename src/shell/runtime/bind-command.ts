// Binds a command's arguments to its parameters and turns what goes wrong into errors at the argument's place. Where a
// person sits at the terminal, missing mandatory parameters are asked for.
import { type BindableParameters, bind, bindPipelineInput } from '#parameters/bind.ts';
import type { BindingError } from '#parameters/binding-error.ts';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import type { Extent } from '#shell/syntax/source-text.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { ErrorRecordValue, recordOfScriptError } from '#shell/values/error-record.ts';
import { toText } from '#shell/values/text.ts';
import { findType } from '#shell/values/type-definition.ts';
import { Boxed, type PlacedArgument, unwrap, isUnread } from './command-arguments.ts';
import type { Frame } from './frame.ts';
import { ARGS, convertParameter, type FunctionSignature } from './function-signature.ts';
import { positionIn } from './report.ts';
import { RaisedError } from './signals.ts';

export interface BindTarget {
  readonly name: string;
  readonly parameters: BindableParameters;
  /** Set for functions: types and checks of their own. */
  readonly signature: FunctionSignature | null;
  /** Values are converted here; a cmdlet's daemon does it itself. */
  readonly converts: boolean;
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
  const isSimple = target.signature !== null && !target.signature.isAdvanced;
  const args = placed.map(({ argument }) =>
    isSimple && argument.kind === 'value' ? { ...argument, value: new Boxed(argument.value) } : argument,
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
      name === ARGS && isSimple
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
  const parameter = target.signature?.byName.get(name);
  const at = positionIn(frame, extentOfParameter(name, value, target, placed) ?? extent);
  try {
    if (parameter) {
      const converted = convertParameter(parameter, value, frame.session.surroundings);
      refuseEmpty(parameter.metadata, converted, parameter.allows);
      for (const validator of parameter.validators) {
        const problem = await validator(converted, frame);
        if (problem !== null) throw validationError(name, problem);
      }
      return converted;
    }
    return target.converts ? convertBuiltin(value, findParameter(target.parameters, name), frame) : value;
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
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

function validationError(name: string, problem: string): ScriptError {
  return new ScriptError(`Cannot validate argument on parameter '${name}'. ${problem}`, {
    category: 'InvalidData',
    errorId: 'ParameterArgumentValidationError',
    exception: bindingException('ParameterBindingValidationException'),
  });
}

function refuseEmpty(parameter: ParameterMetadata, value: Value, allows: ReadonlySet<string>): void {
  if (!parameter.mandatory) return;
  const problems: readonly [boolean, string, string, string][] = [
    [value === null, 'allownull', 'it is null', 'NullNotAllowed'],
    [value === '', 'allowemptystring', 'it is an empty string', 'EmptyStringNotAllowed'],
    [
      Array.isArray(value) && value.length === 0,
      'allowemptycollection',
      'it is an empty array',
      'EmptyArrayNotAllowed',
    ],
  ];
  for (const [applies, permission, what, id] of problems) {
    if (!applies || allows.has(permission)) continue;
    throw new ScriptError(`Cannot bind argument to parameter '${parameter.name}' because ${what}.`, {
      category: 'InvalidData',
      errorId: `ParameterArgumentValidationError${id}`,
      exception: bindingException('ParameterBindingValidationException'),
    });
  }
}

const CONVERTED = new Set([
  'String',
  'String[]',
  'Int32',
  'Int32[]',
  'Int64',
  'Double',
  'Boolean',
  'SwitchParameter',
  'DateTime',
  'TimeSpan',
  'ScriptBlock',
]);

/** A built-in command's values; `Object` stays what it is. */
function convertBuiltin(value: Value, parameter: ParameterMetadata | null, frame: Frame): Value {
  if (!parameter) return value;
  if (parameter.values.length > 0) return pickValue(value, parameter);
  if (!CONVERTED.has(parameter.type))
    return parameter.isList && value !== null && !Array.isArray(value)
      ? findType('array').convert(value, frame.session.surroundings)
      : value;
  try {
    return findType(parameter.type.replace('SwitchParameter', 'switch')).convert(
      value,
      frame.session.surroundings,
    );
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    throw new ScriptError(`Cannot bind parameter '${parameter.name}'. ${error.message}`, {
      category: 'InvalidArgument',
      errorId: 'CannotConvertArgumentNoMessage',
      exception: bindingException('ParameterBindingException'),
    });
  }
}

function pickValue(value: Value, parameter: ParameterMetadata): Value {
  const text = toText(value).trim();
  const known = parameter.values.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (known !== undefined) return known;
  throw new ScriptError(
    `Cannot bind parameter '${parameter.name}'. Cannot convert value "${text}" to type "${parameter.type}". Error: "Unable to match the identifier name ${text} to a valid enumerator name. Specify one of the following enumerator names and try again:\n${parameter.values.join(', ')}"`,
    {
      category: 'InvalidArgument',
      errorId: 'CannotConvertArgumentNoMessage',
      exception: bindingException('ParameterBindingException'),
    },
  );
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
