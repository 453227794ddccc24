// Binds arguments to parameters by PowerShell's rules: names without regard to case, aliases, unique prefixes, switches,
// `-Name:value`, positions, and what comes down the pipeline. Pure, and knows names only: values are converted and
// checked by the declaration, wherever the cmdlet runs. Used for cmdlets, the shell's own commands and functions alike.
import * as bindingError from './binding-error.ts';
import type { BindingError } from './binding-error.ts';
import { commonParameterMetadata, shouldProcessMetadata } from './common-parameters.ts';
import { identityOf } from './identity.ts';
import type { CmdletMetadata, ParameterMetadata } from './metadata.ts';
import { isList, textOf, typeNameOf } from './parameter-type.ts';
import { PsObject } from './value.ts';
import type { Value } from './value.ts';

/** One argument, in the order of the line. Comma lists are one value; `-Name:value` is one argument with a value. */
export type Argument =
  | {
      readonly kind: 'name';
      /** Without the dash. */
      readonly name: string;
      /** As typed: `-foo`. It becomes the value where a parameter waits for one and no parameter is called so. */
      readonly text: string;
      readonly value?: Value;
      /** From a splatted hashtable: gives way to the same parameter given by name. */
      readonly splatted?: boolean;
    }
  | { readonly kind: 'value'; readonly value: Value };

/** Full name → value; a switch without a value is true. In the order in which they were bound. */
export type BoundParameters = ReadonlyMap<string, Value>;

export type Binding =
  | { readonly ok: true; readonly bound: BoundParameters }
  | { readonly ok: false; readonly error: BindingError };

/** A command's parameters, ready to bind. Make it once for each command. */
export interface BindableParameters {
  readonly declared: readonly ParameterMetadata[];
  readonly common: readonly ParameterMetadata[];
  readonly byKey: ReadonlyMap<string, ParameterMetadata>;
  readonly positional: readonly ParameterMetadata[];
  readonly remaining: ParameterMetadata | null;
  readonly mandatory: readonly ParameterMetadata[];
  readonly pipeline: readonly ParameterMetadata[];
}

/** `common` false: a function without CmdletBinding. */
export function bindableParameters(
  { parameters, supportsShouldProcess }: Pick<CmdletMetadata, 'parameters' | 'supportsShouldProcess'>,
  options: { readonly common: boolean } = { common: true },
): BindableParameters {
  const common = [
    ...(supportsShouldProcess ? shouldProcessMetadata : []),
    ...(options.common ? commonParameterMetadata : []),
  ];
  const byKey = new Map<string, ParameterMetadata>();
  for (const parameter of [...common, ...parameters]) {
    for (const alias of parameter.aliases) byKey.set(alias.toLowerCase(), parameter);
  }
  for (const parameter of [...common, ...parameters]) byKey.set(parameter.name.toLowerCase(), parameter);
  return {
    declared: parameters,
    common,
    byKey,
    positional: parameters
      .filter(({ position }) => position !== null)
      .sort((a, b) => (a.position ?? 0) - (b.position ?? 0)),
    remaining: parameters.find(({ remaining }) => remaining === true) ?? null,
    mandatory: parameters.filter(({ mandatory }) => mandatory),
    pipeline: parameters.filter(({ pipeline }) => pipeline.byValue || pipeline.byPropertyName),
  };
}

/** A parameter by name, alias or unique prefix; a list of names where the prefix fits several; null where none. */
export function matchParameter(
  parameters: BindableParameters,
  name: string,
): ParameterMetadata | readonly string[] | null {
  const key = name.toLowerCase();
  const exact = parameters.byKey.get(key);
  if (exact || key === '') return exact ?? null;
  const declared = startingWith(parameters.declared, key);
  // PowerShell: a cmdlet's own parameter wins over the common ones.
  if (declared.length === 1) return declared[0] ?? null;
  const all = [...declared, ...startingWith(parameters.common, key)];
  if (all.length <= 1) return all[0] ?? null;
  return all.map((parameter) => parameter.name);
}

function startingWith(parameters: readonly ParameterMetadata[], key: string): readonly ParameterMetadata[] {
  return parameters.filter(
    ({ name, aliases }) =>
      name.toLowerCase().startsWith(key) || aliases.some((alias) => alias.toLowerCase().startsWith(key)),
  );
}

/** `pipelineInput`: objects come down the pipeline, so mandatory parameters that take them may still be open. */
export function bind(
  parameters: BindableParameters,
  args: readonly Argument[],
  options: { readonly pipelineInput: boolean } = { pipelineInput: false },
): Binding {
  const named = bindNamed(parameters, args);
  if ('error' in named) return { ok: false, error: named.error };
  const { bound } = named;
  const error = bindPositional(parameters, args, named.rest, bound);
  if (error) return { ok: false, error };
  const missing = parameters.mandatory
    .filter(({ name, pipeline }) => {
      const mayCome = options.pipelineInput && (pipeline.byValue || pipeline.byPropertyName);
      return !bound.has(name) && !mayCome;
    })
    .map(({ name }) => name);
  if (missing.length > 0) return { ok: false, error: bindingError.missingMandatoryParameter(missing) };
  return { ok: true, bound };
}

interface NamedBinding {
  readonly bound: Map<string, Value>;
  /** Indices of arguments that no name has taken. */
  readonly rest: readonly number[];
}

function bindNamed(
  parameters: BindableParameters,
  args: readonly Argument[],
): NamedBinding | { readonly error: BindingError } {
  const bound = new Map<string, Value>();
  const splatted = new Set<string>();
  const rest: number[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument?.kind !== 'name') {
      rest.push(index);
      continue;
    }
    const parameter = matchParameter(parameters, argument.name);
    if (parameter === null) {
      rest.push(index);
      continue;
    }
    if (isNameList(parameter)) {
      return { error: bindingError.ambiguousParameter(argument.name, parameter, index) };
    }
    const { name } = parameter;
    const taken = takeValue(parameters, parameter, args, index);
    if ('error' in taken) return taken;
    const nameIndex = index;
    index = taken.last;
    if (bound.has(name)) {
      const earlierIsSplatted = splatted.delete(name);
      if (earlierIsSplatted === (argument.splatted === true)) {
        return { error: bindingError.parameterAlreadyBound(name, nameIndex) };
      }
      if (argument.splatted === true) continue;
    }
    if (argument.splatted === true) splatted.add(name);
    bound.set(name, taken.value);
  }
  return { bound, rest };
}

function isNameList(match: ParameterMetadata | readonly string[]): match is readonly string[] {
  return Array.isArray(match);
}

function takeValue(
  parameters: BindableParameters,
  parameter: ParameterMetadata,
  args: readonly Argument[],
  index: number,
): { readonly value: Value; readonly last: number } | { readonly error: BindingError } {
  const argument = args[index];
  if (argument?.value !== undefined) return { value: argument.value, last: index };
  if (parameter.isSwitch) return { value: true, last: index };
  const next = args[index + 1];
  if (next?.kind === 'value') return { value: next.value, last: index + 1 };
  // PowerShell: `-Comment -foo` takes "-foo" unless a parameter is called so.
  if (next && next.value === undefined && matchParameter(parameters, next.name) === null) {
    return { value: next.text, last: index + 1 };
  }
  return { error: bindingError.missingArgument(parameter.name, parameter.type, index) };
}

function bindPositional(
  parameters: BindableParameters,
  args: readonly Argument[],
  rest: readonly number[],
  bound: Map<string, Value>,
): BindingError | null {
  const open = parameters.positional.filter(({ name }) => !bound.has(name));
  const surplus: number[] = [];
  for (const index of rest) {
    const argument = args[index];
    const parameter = argument?.kind === 'value' ? open[0] : undefined;
    if (argument?.kind !== 'value' || parameter === undefined || parameter.remaining === true) {
      surplus.push(index);
      continue;
    }
    open.shift();
    bound.set(parameter.name, argument.value);
  }
  const { remaining } = parameters;
  if (remaining && !bound.has(remaining.name) && surplus.length > 0) {
    const values = surplus.map((index) => remainingValue(args[index]));
    bound.set(remaining.name, values.length === 1 ? (values[0] ?? null) : values);
    return null;
  }
  const first = surplus[0];
  const argument = first === undefined ? undefined : args[first];
  if (first === undefined || !argument) return null;
  if (argument.kind === 'name') return bindingError.namedParameterNotFound(argument.name, first);
  return bindingError.positionalParameterNotFound(shown(argument.value), first);
}

function remainingValue(argument: Argument | undefined): Value {
  if (!argument) return null;
  return argument.kind === 'name' ? argument.text : argument.value;
}

function shown(value: Value): string {
  if (value === null) return 'null';
  return textOf(value) ?? typeNameOf(value);
}

/**
 * One object of the pipeline: what it gives to parameters that are still open, on top of `bound`. A value that fits
 * as it is goes before a property, a property before a value that has to be converted (PowerShell's order).
 */
export function bindPipelineInput(
  parameters: BindableParameters,
  bound: BoundParameters,
  input: Value,
): Binding {
  const result = new Map(bound);
  const open = parameters.pipeline.filter(({ name }) => !bound.has(name));
  const take = (parameter: ParameterMetadata, value: Value | undefined): void => {
    if (value !== undefined && !result.has(parameter.name)) result.set(parameter.name, value);
  };
  for (const parameter of open) if (parameter.pipeline.byValue) take(parameter, asItIs(parameter, input));
  for (const parameter of open) {
    if (parameter.pipeline.byPropertyName) take(parameter, propertyFor(parameter, input));
  }
  if (result.size === bound.size) {
    for (const parameter of open)
      if (parameter.pipeline.byValue) take(parameter, convertible(parameter, input));
  }
  if (result.size === bound.size) return { ok: false, error: bindingError.inputObjectNotBound() };
  const missing = parameters.mandatory.filter(({ name }) => !result.has(name)).map(({ name }) => name);
  if (missing.length > 0) return { ok: false, error: bindingError.inputObjectMissingMandatory(missing) };
  return { ok: true, bound: result };
}

const ANY_VALUE: ReadonlySet<string> = new Set(['Object', 'PSObject', 'Object[]', 'PSObject[]']);

/** The value where the parameter takes it without converting; undefined where not. */
function asItIs(parameter: ParameterMetadata, input: Value): Value | undefined {
  if (ANY_VALUE.has(parameter.type)) return input;
  if (parameter.type.endsWith('IdParameter')) {
    return typeof input === 'string' ? input : input instanceof PsObject ? identityOf(input) : undefined;
  }
  if (typeof input === 'string') return parameter.type.startsWith('String') ? input : undefined;
  const own = typeNameOf(input).replace(/^System\./, '');
  return own === parameter.type || own === parameter.type.replace(/\[\]$/, '') ? input : undefined;
}

function propertyFor({ name, aliases }: ParameterMetadata, input: Value): Value | undefined {
  if (!(input instanceof PsObject)) return undefined;
  for (const key of [name, ...aliases]) {
    const value = input.get(key);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function convertible(parameter: ParameterMetadata, input: Value): Value | undefined {
  if (textOf(input) !== null) return input;
  return parameter.isList && isList(input) ? input : undefined;
}
