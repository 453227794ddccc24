// A function's parameters as the binder knows them, with their types and the checks that their attributes ask for. Read
// from the tree once for each block. An attribute that isn't known is refused by name.
import { type BindableParameters, bindableParameters } from '#parameters/bind.ts';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import type { AttributeNode, Expression, ParameterNode, ScriptBlockNode } from '#shell/syntax/ast.ts';
import type { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import type { Surroundings } from '#shell/values/surroundings.ts';
import { toText } from '#shell/values/text.ts';
import { isTrue } from '#shell/values/truth.ts';
import { findType } from '#shell/values/type-definition.ts';
import type { TypeDefinition } from '#shell/values/type-value.ts';
import { ARGS } from './bind-command.ts';
import { createValidators, type Validator } from './validate-parameter.ts';

export interface FunctionParameter {
  readonly node: ParameterNode;
  readonly metadata: ParameterMetadata;
  readonly type: TypeDefinition | null;
  readonly validators: readonly Validator[];
  readonly allows: ReadonlySet<string>;
}

export interface FunctionSignature {
  readonly parameters: readonly FunctionParameter[];
  readonly byName: ReadonlyMap<string, FunctionParameter>;
  readonly bindable: BindableParameters;
  /** [CmdletBinding()] or [Parameter()]: common parameters, and nothing that isn't declared. */
  readonly isAdvanced: boolean;
  readonly supportsShouldProcess: boolean;
}

const signatures = new WeakMap<ScriptBlockNode, FunctionSignature>();

/** Throws ScriptError for an unknown type or attribute. */
export function signatureOf(block: ScriptBlockValue): FunctionSignature {
  let signature = signatures.get(block.body);
  if (!signature) {
    signature = readSignature(block.body);
    signatures.set(block.body, signature);
  }
  return signature;
}

function readSignature(body: ScriptBlockNode): FunctionSignature {
  const binding = body.attributes.find((attribute) => attributeIs(attribute, 'CmdletBinding'));
  for (const attribute of body.attributes) checkAttribute(attribute, BLOCK_ATTRIBUTES);
  const nodes = body.parameters ?? [];
  const isAdvanced =
    binding !== undefined ||
    nodes.some((node) => node.attributes.some((attribute) => attributeIs(attribute, 'Parameter')));
  const positions = nodes.map((node) => namedValue(node, 'Position'));
  const positional =
    !positions.some((position) => position !== null) && namedOf(binding, 'PositionalBinding') !== false;
  let next = 0;
  const parameters = nodes.map((node, index) => {
    const isSwitch = ['switch', 'switchparameter', 'system.management.automation.switchparameter'].includes(
      node.type?.toLowerCase() ?? '',
    );
    const written = positions[index];
    const position = typeof written === 'number' ? written : positional && !isSwitch ? next++ : null;
    return readParameter(node, isSwitch, position);
  });
  const supportsShouldProcess = isTrue(namedOf(binding, 'SupportsShouldProcess') ?? false);
  const metadata = parameters.map((parameter) => parameter.metadata);
  const rest: ParameterMetadata = { ...EMPTY, name: ARGS, type: 'Object[]', isList: true, remaining: true };
  const bindable = bindableParameters(
    { parameters: isAdvanced ? metadata : [...metadata, rest], supportsShouldProcess },
    { common: isAdvanced },
  );
  const byName = new Map(parameters.map((parameter) => [parameter.metadata.name, parameter]));
  return { parameters, byName, bindable, isAdvanced, supportsShouldProcess };
}

const EMPTY: ParameterMetadata = {
  name: '',
  aliases: [],
  type: 'Object',
  values: [],
  isSwitch: false,
  isList: false,
  position: null,
  mandatory: false,
  pipeline: { byValue: false, byPropertyName: false },
  defaultValue: null,
  description: '',
  secret: false,
  completes: null,
};

const BLOCK_ATTRIBUTES = [
  'CmdletBinding',
  'OutputType',
  'Diagnostics.CodeAnalysis.SuppressMessageAttribute',
  'SuppressMessage',
  'Alias',
];
const PARAMETER_ATTRIBUTES = [
  'Parameter',
  'Alias',
  'ValidateSet',
  'ValidateRange',
  'ValidateLength',
  'ValidatePattern',
  'ValidateCount',
  'ValidateScript',
  'ValidateNotNull',
  'ValidateNotNullOrEmpty',
  'AllowNull',
  'AllowEmptyString',
  'AllowEmptyCollection',
  'PSDefaultValue',
  'SupportsWildcards',
]; // prettier-ignore

function readParameter(node: ParameterNode, isSwitch: boolean, position: number | null): FunctionParameter {
  for (const attribute of node.attributes) checkAttribute(attribute, PARAMETER_ATTRIBUTES);
  const type = node.type === null ? null : findType(node.type);
  const set = node.attributes.find((attribute) => attributeIs(attribute, 'ValidateSet'));
  const aliases = node.attributes
    .filter((attribute) => attributeIs(attribute, 'Alias'))
    .flatMap((attribute) => attribute.positional.flatMap(constants));
  const metadata: ParameterMetadata = {
    ...EMPTY,
    name: node.name,
    aliases: aliases.map((alias) => toText(alias)),
    type:
      type === null
        ? 'Object'
        : type.name
            .replace(/^System\.(?!Management)/, '')
            .replace(/^.*\.(?=SwitchParameter$|PSCustomObject$)/, ''),
    values: set?.positional.flatMap(constants).map((value) => toText(value)) ?? [],
    isSwitch,
    isList: type === null || type.name.endsWith('[]'),
    position,
    mandatory: isTrue(namedValue(node, 'Mandatory')),
    pipeline: {
      byValue: isTrue(namedValue(node, 'ValueFromPipeline')),
      byPropertyName: isTrue(namedValue(node, 'ValueFromPipelineByPropertyName')),
    },
    description: toText(namedValue(node, 'HelpMessage')),
    ...(isTrue(namedValue(node, 'ValueFromRemainingArguments')) ? { remaining: true } : {}),
  };
  const allows = new Set(
    node.attributes
      .map((attribute) => attribute.name.toLowerCase())
      .filter((name) => name.startsWith('allow')),
  );
  return { node, metadata, type, validators: createValidators(node), allows };
}

function checkAttribute(attribute: AttributeNode, known: readonly string[]): void {
  if (known.some((name) => attributeIs(attribute, name))) return;
  throw new ScriptError(`The attribute [${attribute.name}()] is not supported by Postern's shell.`, {
    errorId: 'CustomAttributeTypeNotFound',
    target: attribute.name,
  });
}

export function attributeIs(attribute: AttributeNode, name: string): boolean {
  const written = attribute.name.toLowerCase().replace(/^system\.(?:management\.automation\.)?/, '');
  return written === name.toLowerCase() || written === `${name.toLowerCase()}attribute`;
}

/** A named argument of [Parameter()]; null where it isn't there. */
function namedValue(node: ParameterNode, name: string): Value {
  for (const attribute of node.attributes) {
    if (!attributeIs(attribute, 'Parameter')) continue;
    const value = namedOf(attribute, name);
    if (value !== null) return value;
  }
  return null;
}

function namedOf(attribute: AttributeNode | undefined, name: string): Value {
  const argument = attribute?.named.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (!argument) return null;
  return argument.value ? constant(argument.value) : true;
}

/** An attribute's argument: a constant, or a list of them. */
export function constant(node: Expression): Value {
  switch (node.kind) {
    case 'Number':
    case 'Text':
      return node.value;
    case 'Variable': {
      const name = node.variable.name.toLowerCase();
      if (name === 'true' || name === 'false') return name === 'true';
      if (name === 'null') return null;
      break;
    }
    case 'List':
      return node.items.map(constant);
    case 'Paren':
      break;
    case 'Type':
      return node.name;
    default:
      break;
  }
  throw notConstant();
}

function notConstant(): ScriptError {
  return new ScriptError('Attribute argument must be a constant.', {
    errorId: 'ParameterAttributeArgumentNeedsToBeConstant',
  });
}

export function constants(node: Expression): readonly Value[] {
  const value = constant(node);
  return Array.isArray(value) ? (value as readonly Value[]) : [value];
}

/** The argument as the parameter's type; throws ScriptError in PowerShell's words. */
export function convertParameter(
  parameter: FunctionParameter,
  value: Value,
  surroundings: Surroundings,
): Value {
  if (!parameter.type) return value;
  try {
    return parameter.type.convert(value, surroundings);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    throw new ScriptError(
      `Cannot process argument transformation on parameter '${parameter.metadata.name}'. ${error.message}`,
      {
        category: 'InvalidData',
        errorId: 'ParameterArgumentTransformationError',
        exception: 'System.Management.Automation.ParameterBindingArgumentTransformationException',
      },
    );
  }
}

/** For completion: what the function can be given. */
export function bindableParametersOfFunction(block: ScriptBlockValue): BindableParameters {
  return signatureOf(block).bindable;
}
