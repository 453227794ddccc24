// `[Type]::new(…)` and New-Object: exceptions, lists, tables, and the types that are made from a text.
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { ExceptionValue, isExceptionOf } from '#shell/values/exception-value.ts';
import {
  customObject,
  CUSTOM_OBJECT,
  itemsOf,
  ListValue,
  OrderedHashtable,
} from '#shell/values/object-values.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import type { Surroundings } from '#shell/values/surroundings.ts';
import { findStatic } from '#shell/values/statics.ts';
import { toText } from '#shell/values/text.ts';
import type { TypeDefinition } from '#shell/values/type-value.ts';

export const CHOICE_DESCRIPTION = 'System.Management.Automation.Host.ChoiceDescription';

/** Throws ScriptError where the type can't be made so. */
export function construct(type: TypeDefinition, args: readonly Value[], surroundings: Surroundings): Value {
  const { name } = type;
  const [first = null, second = null] = args;
  if (isExceptionOf(name, 'System.Exception') && name.endsWith('Exception')) {
    return new ExceptionValue(
      name,
      args.length === 0 ? `Exception of type '${name}' was thrown.` : toText(first),
      second instanceof ExceptionValue ? second : null,
    );
  }
  if (name.startsWith('System.Collections.Generic.List') || name === 'System.Collections.ArrayList') {
    return new ListValue(name, args.length === 1 && typeof first !== 'number' ? [...itemsOf(first)] : []);
  }
  switch (name) {
    case 'System.Collections.Hashtable':
    case 'System.Collections.Generic.Dictionary':
      return new Hashtable();
    case 'System.Collections.Specialized.OrderedDictionary':
      return new OrderedHashtable();
    case CUSTOM_OBJECT:
    case 'System.Management.Automation.PSObject':
    case 'System.Object':
      return first instanceof Hashtable
        ? customObject(first.entries())
        : first instanceof PsObject
          ? first
          : customObject();
    case CHOICE_DESCRIPTION:
      return choiceDescription(toText(first), toText(second));
    case 'System.Management.Automation.PSCredential':
      return new PsObject(name, [
        ['UserName', toText(first)],
        ['Password', second],
      ]);
    case 'System.Management.Automation.PSNoteProperty':
      return new PsObject(name, [
        ['Name', toText(first)],
        ['Value', second],
      ]);
  }
  const make = findStatic(type, 'new');
  if (make) return make(args, surroundings);
  throw new ScriptError(
    `Cannot find an overload for "new" and the argument count: "${args.length}". Postern's shell can't make a [${name}].`,
    { errorId: 'MethodCountCouldNotFindBest', exception: 'System.Management.Automation.MethodException' },
  );
}

export function choiceDescription(label: string, help: string): PsObject {
  return new PsObject(CHOICE_DESCRIPTION, [
    ['Label', label],
    ['HelpMessage', help],
  ]);
}
