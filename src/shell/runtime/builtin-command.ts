// The shell's own commands: how one is declared and what it is given while it runs. A command is made anew for every use;
// `process` is called for each object of the pipeline, `end` once at the end, with or without a pipeline.
import type { CmdletMetadata, ParameterMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import type { ScriptBlockValue } from '#shell/values/script-block.ts';
import type { ErrorPosition } from '#shell/values/error-record.ts';
import type { ScriptErrorDetails } from '#shell/values/script-error.ts';
import type { Frame } from './frame.ts';

export interface Processor {
  begin?(): void | Promise<void>;
  process?(input: Value): void | Promise<void>;
  end?(): void | Promise<void>;
}

export interface CommandContext {
  readonly name: string;
  readonly frame: Frame;
  /** The command as written. */
  readonly position: ErrorPosition;
  /** Objects come down the pipeline. */
  readonly hasInput: boolean;
  has(parameter: string): boolean;
  /** null where it wasn't given. */
  value(parameter: string): Value;
  text(parameter: string): string | null;
  number(parameter: string): number | null;
  /** A switch or Boolean; false where it wasn't given. */
  flag(parameter: string): boolean;
  /** Empty where it wasn't given. */
  list(parameter: string): readonly Value[];
  emit(value: Value): void | Promise<void>;
  /** An error that doesn't end the command. */
  error(message: string, details?: ScriptErrorDetails): Promise<void>;
  /** Ends the command. */
  fail(message: string, details?: ScriptErrorDetails): Error;
  warning(text: string): Promise<void>;
  verbose(text: string): Promise<void>;
  /** Nothing more is wanted from the commands before this one. */
  stopUpstream(): never;
  /** Runs a script block in the caller's scope with $_ set; its output goes to `emit`. */
  run(
    block: ScriptBlockValue,
    input: Value,
    emit: (value: Value) => void | Promise<void>,
    args?: readonly Value[],
  ): Promise<void>;
  /** The same, its output as one value. */
  evaluate(block: ScriptBlockValue, input: Value): Promise<Value>;
}

export interface BuiltinCommand {
  readonly metadata: CmdletMetadata;
  create(context: CommandContext): Processor;
}

/** Names and aliases without loading the commands; each family is loaded when one of its commands is called. */
export interface BuiltinTable {
  readonly names: readonly string[];
  readonly aliases: ReadonlyMap<string, string>;
  find(name: string): Promise<BuiltinCommand | null>;
}

interface ParameterSpec {
  readonly aliases?: readonly string[];
  readonly position?: number;
  readonly mandatory?: boolean;
  readonly byValue?: boolean;
  readonly byPropertyName?: boolean;
  readonly values?: readonly string[];
  readonly remaining?: boolean;
  readonly help: string;
}

/** `type` as a script would write it: `string`, `object[]`, `switch`, `int`, `scriptblock`. */
export function builtinParameter(name: string, type: string, spec: ParameterSpec): ParameterMetadata {
  return {
    name,
    aliases: spec.aliases ?? [],
    type: TYPE_NAMES.get(type) ?? type,
    values: spec.values ?? [],
    isSwitch: type === 'switch',
    isList: type.endsWith('[]'),
    position: spec.position ?? null,
    mandatory: spec.mandatory ?? false,
    pipeline: { byValue: spec.byValue ?? false, byPropertyName: spec.byPropertyName ?? false },
    defaultValue: null,
    description: spec.help,
    secret: false,
    completes: null,
    ...(spec.remaining === true ? { remaining: true } : {}),
  };
}

const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ['string', 'String'],
  ['string[]', 'String[]'],
  ['object', 'Object'],
  ['object[]', 'Object[]'],
  ['int', 'Int32'],
  ['int[]', 'Int32[]'],
  ['double', 'Double'],
  ['bool', 'Boolean'],
  ['switch', 'SwitchParameter'],
  ['scriptblock', 'ScriptBlock'],
  ['scriptblock[]', 'ScriptBlock[]'],
  ['datetime', 'DateTime'],
  ['timespan', 'TimeSpan'],
  ['hashtable', 'Hashtable'],
]);

export const INPUT_OBJECT = builtinParameter('InputObject', 'object', {
  byValue: true,
  help: 'The objects, from the pipeline or given here.',
});

export interface BuiltinSpec {
  readonly name: string;
  readonly synopsis: string;
  readonly parameters: readonly ParameterMetadata[];
  readonly examples?: CmdletMetadata['examples'];
}

export function defineBuiltin(spec: BuiltinSpec, create: BuiltinCommand['create']): BuiltinCommand {
  const metadata: CmdletMetadata = {
    name: spec.name,
    synopsis: spec.synopsis,
    description: spec.synopsis,
    parameters: spec.parameters,
    supportsShouldProcess: false,
    confirmImpact: 'None',
    outputType: null,
    examples: spec.examples ?? [],
  };
  return { metadata, create };
}
