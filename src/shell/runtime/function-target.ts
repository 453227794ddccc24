// A function as the binder's target: values become its parameters' types and pass its checks.
import type { ParameterMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import type { BindTarget } from './bind-command.ts';
import type { Frame } from './frame.ts';
import { convertParameter, type FunctionSignature, signatureOf } from './function-signature.ts';
import type { ScriptFunction } from './script-function.ts';

/** Throws ScriptError for a parameter's unknown type or attribute. */
export function functionTarget({ name, block }: ScriptFunction): BindTarget {
  const signature = signatureOf(block);
  return {
    name,
    parameters: signature.bindable,
    gathersRest: !signature.isAdvanced,
    convert: (value, parameter, frame) => convertAndCheck(signature, value, parameter, frame),
  };
}

async function convertAndCheck(
  { byName }: FunctionSignature,
  value: Value,
  name: string,
  frame: Frame,
): Promise<Value> {
  const parameter = byName.get(name);
  if (!parameter) return value;
  const converted = convertParameter(parameter, value, frame.session.surroundings);
  refuseEmpty(parameter.metadata, converted, parameter.allows);
  for (const validator of parameter.validators) {
    const problem = await validator(converted, frame);
    if (problem !== null) throw validationError(name, problem);
  }
  return converted;
}

function validationError(name: string, problem: string): ScriptError {
  return new ScriptError(`Cannot validate argument on parameter '${name}'. ${problem}`, {
    category: 'InvalidData',
    errorId: 'ParameterArgumentValidationError',
    exception: 'System.Management.Automation.ParameterBindingValidationException',
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
      exception: 'System.Management.Automation.ParameterBindingValidationException',
    });
  }
}
