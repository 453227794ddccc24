// The checks of [ValidateSet()], [ValidateRange()] and their like, each with PowerShell's words for what is wrong.
import { isList } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import type { AttributeNode, ParameterNode, ScriptBlockLiteralNode } from '#shell/syntax/ast.ts';
import { compare, equals } from '#shell/values/compare.ts';
import { itemsOf } from '#shell/values/object-values.ts';
import { RegexValue } from '#shell/values/regex-value.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { isTrue } from '#shell/values/truth.ts';
import type { Frame } from './frame.ts';
import { attributeIs, constants } from './function-signature.ts';
import { invokeBlock } from './script-function.ts';

/** null: the value passes; else what is wrong with it. */
export type Validator = (value: Value, frame: Frame) => string | null | Promise<string | null>;

type Maker = (attribute: AttributeNode) => Validator;

/** The check for each item of a list. */
const each =
  (test: (item: Value, frame: Frame) => string | null | Promise<string | null>): Validator =>
  async (value, frame) => {
    for (const item of itemsOf(value)) {
      const problem = await test(item, frame);
      if (problem !== null) return problem;
    }
    return null;
  };

const argumentsOf = (attribute: AttributeNode): readonly Value[] => attribute.positional.flatMap(constants);

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['ValidateSet', validateSet],
  ['ValidateRange', validateRange],
  ['ValidateLength', validateLength],
  ['ValidatePattern', validatePattern],
  ['ValidateCount', validateCount],
  ['ValidateScript', validateScript],
  [
    'ValidateNotNull',
    () => (value) =>
      value === null
        ? 'The argument is null. Provide a valid value for the argument, and then try running the command again.'
        : null,
  ],
  ['ValidateNotNullOrEmpty', () => notNullOrEmpty],
]);

function notNullOrEmpty(value: Value): string | null {
  const empty =
    value === null ||
    value === '' ||
    (isList(value) && (value.length === 0 || value.some((item) => item === null || item === '')));
  return empty
    ? 'The argument is null or empty. Provide an argument that is not null or empty, and then try the command again.'
    : null;
}

function validateSet(attribute: AttributeNode): Validator {
  const allowed = argumentsOf(attribute).map((value) => toText(value));
  return each((item) => {
    if (allowed.some((value) => equals(value, toText(item)))) return null;
    return `The argument "${toText(item)}" does not belong to the set "${allowed.join(',')}" specified by the ValidateSet attribute. Supply an argument that is in the set and then try the command again.`;
  });
}

function validateRange(attribute: AttributeNode): Validator {
  const [minimum = null, maximum = null] = argumentsOf(attribute);
  return each((item) => {
    if (compare(item, maximum) > 0) {
      return `The ${toText(item)} argument is greater than the maximum allowed range of ${toText(maximum)}. Supply an argument that is less than or equal to ${toText(maximum)} and then try the command again.`;
    }
    if (compare(item, minimum) >= 0) return null;
    return `The ${toText(item)} argument is less than the minimum allowed range of ${toText(minimum)}. Supply an argument that is greater than or equal to ${toText(minimum)} and then try the command again.`;
  });
}

function validateLength(attribute: AttributeNode): Validator {
  const [minimum = 0, maximum = Infinity] = argumentsOf(attribute).map(Number);
  return each((item) => {
    const { length } = toText(item);
    if (length >= minimum && length <= maximum) return null;
    const side = length < minimum ? 'minimum' : 'maximum';
    return `The character length (${length}) of the argument is ${length < minimum ? 'less than the minimum' : 'greater than the maximum'} allowed length of ${side === 'minimum' ? minimum : maximum}. Supply an argument with a length between ${minimum} and ${maximum}, and then try the command again.`;
  });
}

function validatePattern(attribute: AttributeNode): Validator {
  const pattern = toText(argumentsOf(attribute)[0] ?? null);
  return each((item, frame) => {
    const regex = new RegexValue(pattern, true, frame.session.surroundings.regex);
    if (regex.compiled.match(toText(item), 0)) return null;
    return `The argument "${toText(item)}" does not match the "${pattern}" pattern. Supply an argument that matches "${pattern}" and try the command again.`;
  });
}

function validateCount(attribute: AttributeNode): Validator {
  const [minimum = 0, maximum = Infinity] = argumentsOf(attribute).map(Number);
  return (value) => {
    const { length } = itemsOf(value);
    return length >= minimum && length <= maximum
      ? null
      : `The number of arguments (${length}) must be between ${minimum} and ${maximum}.`;
  };
}

function validateScript(attribute: AttributeNode): Validator {
  const [block] = attribute.positional;
  if (block?.kind !== 'ScriptBlockLiteral')
    throw new ScriptError('ValidateScript takes a script block.', {
      errorId: 'ParameterAttributeArgumentNeedsToBeConstant',
    });
  const { body }: ScriptBlockLiteralNode = block;
  return each(async (item, frame) => {
    if (isTrue(await invokeBlock(new ScriptBlockValue(body, frame.source), frame, { input: item })))
      return null;
    const text = new ScriptBlockValue(body, frame.source).toString();
    return `The "${text}" validation script for the argument with value "${toText(item)}" did not return a result of True. Determine why the validation script failed, and then try the command again.`;
  });
}

export function createValidators(node: ParameterNode): readonly Validator[] {
  return node.attributes.flatMap((attribute) => {
    for (const [name, make] of MAKERS) if (attributeIs(attribute, name)) return [make(attribute)];
    return [];
  });
}
