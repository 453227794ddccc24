// Reading and setting variables by name and scope, with those that the shell makes up ($?, $env:…) and function: names.
import type { Value } from '#parameters/value.ts';
import type { VariableName } from '#shell/syntax/token.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import type { Frame } from './frame.ts';
import { readOnly, type Stored } from './scope.ts';

/** undefined: the variable isn't set, or a pipeline that gave nothing was assigned to it. Both count as $null. */
export function readVariable(variable: VariableName, frame: Frame): Stored {
  const { scope, name } = variable;
  if (scope === null) {
    if (name === '?') return frame.session.succeeded;
    const key = name.length === 6 ? name.toLowerCase() : name;
    const found = frame.scope.find(key === 'psitem' ? '_' : name);
    // A variable that was never set is $null, not nothing: piped on, it is one object.
    return found ? found.value : null;
  }
  if (scope === 'env') return frame.session.surroundings.environment.get(name) ?? null;
  if (scope === 'function') return frame.scope.findFunction(name)?.block ?? null;
  // An unknown prefix reads as $null; only setting it is an error (PowerShell).
  if (!frame.scope.named(scope)) return null;
  const found = frame.scope.get(variable);
  return found ? found.value : null;
}

function unknownDrive(scope: string): ScriptError {
  return new ScriptError(`Cannot find drive. A drive with the name '${scope}' does not exist.`, {
    category: 'ObjectNotFound',
    errorId: 'DriveNotFound',
    exception: 'System.Management.Automation.DriveNotFoundException',
    target: scope,
  });
}

/** Sets the variable in the current scope or in the one that its prefix names. Throws ScriptError. */
export function writeVariable(variable: VariableName, value: Stored, frame: Frame): void {
  const { scope, name } = variable;
  if (scope === 'env') {
    if (value === null || value === undefined || value === '')
      frame.session.surroundings.environment.delete(name);
    else frame.session.surroundings.environment.set(name, toText(value));
    return;
  }
  // about_Automatic_Variables: what is assigned to $null is thrown away.
  if (scope === null && name.toLowerCase() === 'null') return;
  const target = frame.scope.named(scope);
  if (!target) throw unknownDrive(scope ?? '');
  const own = target.own(name);
  const visible = own ?? frame.scope.find(name);
  if (visible?.readonly === true) throw readOnly(name);
  const converted = own?.type && value !== undefined ? convertFor(name, own.type, value, frame) : value;
  target.set(name, converted);
}

function convertFor(
  name: string,
  type: NonNullable<ReturnType<Frame['scope']['own']>>['type'],
  value: Value,
  frame: Frame,
): Value {
  if (!type) return value;
  try {
    return type.convert(value, frame.session.surroundings);
  } catch (error) {
    if (!(error instanceof ScriptError) || name === '') throw error;
    throw new ScriptError(error.message, {
      category: 'MetadataError',
      errorId: 'RuntimeException',
      exception: 'System.Management.Automation.ArgumentTransformationMetadataException',
    });
  }
}
