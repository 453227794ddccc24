// What can go wrong when arguments are bound to parameters, in PowerShell's words and with its error ids. The shell
// makes an error record of it, with the position of `argument` in the line.

export interface BindingError {
  readonly message: string;
  readonly category: 'InvalidArgument';
  readonly errorId:
    | 'NamedParameterNotFound'
    | 'PositionalParameterNotFound'
    | 'MissingArgument'
    | 'ParameterAlreadyBound'
    | 'AmbiguousParameter'
    | 'MissingMandatoryParameter'
    | 'InputObjectNotBound'
    | 'InputObjectMissingMandatory';
  readonly exception: 'ParameterBindingException';
  /** Full name where it is known, else as typed. */
  readonly parameter: string | null;
  /** Index of the argument at fault; null: the command as a whole. */
  readonly argument: number | null;
  /** MissingMandatoryParameter: what a prompt could still ask for. */
  readonly missing: readonly string[];
}

function bindingError(
  errorId: BindingError['errorId'],
  message: string,
  parameter: string | null,
  argument: number | null,
  missing: readonly string[] = [],
): BindingError {
  const category = 'InvalidArgument';
  return { message, category, errorId, exception: 'ParameterBindingException', parameter, argument, missing };
}

export function namedParameterNotFound(name: string, argument: number | null): BindingError {
  const message = `A parameter cannot be found that matches parameter name '${name}'.`;
  return bindingError('NamedParameterNotFound', message, name, argument);
}

export function positionalParameterNotFound(shown: string, argument: number): BindingError {
  const message = `A positional parameter cannot be found that accepts argument '${shown}'.`;
  return bindingError('PositionalParameterNotFound', message, null, argument);
}

/** operations.md: `-Enabled $false` in a POSIX shell arrives without its value, so a Boolean's error shows the cure. */
export function missingArgument(name: string, type: string, argument: number): BindingError {
  const hint =
    type === 'Boolean'
      ? ` In a POSIX shell write -${name} false, or quote the value: -${name} '$false'.`
      : '';
  const message = `Missing an argument for parameter '${name}'. Specify a parameter of type '${type}' and try again.${hint}`;
  return bindingError('MissingArgument', message, name, argument);
}

export function parameterAlreadyBound(name: string, argument: number): BindingError {
  const message =
    `Cannot bind parameter because parameter '${name}' is specified more than once. To provide multiple values to ` +
    'parameters that can accept multiple values, use the array syntax. For example, "-parameter value1,value2,value3".';
  return bindingError('ParameterAlreadyBound', message, name, argument);
}

export function ambiguousParameter(name: string, matches: readonly string[], argument: number): BindingError {
  const possible = matches.map((match) => ` -${match}`).join('');
  const message = `Parameter cannot be processed because the parameter name '${name}' is ambiguous. Possible matches include:${possible}.`;
  return bindingError('AmbiguousParameter', message, name, argument);
}

export function missingMandatoryParameter(names: readonly string[]): BindingError {
  const message = `Cannot process command because of one or more missing mandatory parameters: ${names.join(' ')}.`;
  return bindingError('MissingMandatoryParameter', message, names[0] ?? null, null, names);
}

export function inputObjectNotBound(): BindingError {
  const message =
    'The input object cannot be bound to any parameters for the command either because the command does not take ' +
    'pipeline input or the input and its properties do not match any of the parameters that take pipeline input.';
  return bindingError('InputObjectNotBound', message, null, null);
}

export function inputObjectMissingMandatory(names: readonly string[]): BindingError {
  const message =
    'The input object cannot be bound because it did not contain the information required to bind all mandatory ' +
    `parameters: ${names.join(' ')}`;
  return bindingError('InputObjectMissingMandatory', message, names[0] ?? null, null, names);
}
