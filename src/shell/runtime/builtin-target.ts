// One of the shell's own commands as the binder's target: values become what its parameters take.
import type { BindableParameters } from '#parameters/bind.ts';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { findType } from '#shell/values/type-definition.ts';
import type { BindTarget } from './bind-command.ts';
import type { BuiltinCommand } from './builtin-command.ts';
import type { Frame } from './frame.ts';

export function builtinTarget(
  { metadata: { name } }: BuiltinCommand,
  parameters: BindableParameters,
): BindTarget {
  return {
    name,
    parameters,
    gathersRest: false,
    convert: (value, parameter, frame) =>
      convertBuiltin(value, parameters.byKey.get(parameter.toLowerCase()) ?? null, frame),
  };
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
      exception: 'System.Management.Automation.ParameterBindingException',
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
      exception: 'System.Management.Automation.ParameterBindingException',
    },
  );
}
