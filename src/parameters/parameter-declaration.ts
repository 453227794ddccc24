// How a parameter is declared, once: its type and everything that help, binder, completion, reference and OpenAPI say
// about it. The type of what a cmdlet gets to see (`Bound`) follows from the declaration.
import type { ParameterMetadata } from './metadata.ts';
import { isList } from './parameter-type.ts';
import type { ParameterType } from './parameter-type.ts';
import { plainValue } from './plain-value.ts';
import type { Value } from './value.ts';

export interface ParameterOptions {
  /** Help text in our own words: one paragraph or several, parted by blank lines. */
  readonly help: string;
  readonly aliases?: readonly string[];
  /** 0, 1, …; left out: named only. */
  readonly position?: number;
  /** Taken from the pipeline: the object itself, or its property of the parameter's name (or alias). */
  readonly pipeline?: { readonly byValue?: boolean; readonly byPropertyName?: boolean };
  /** Masked in the history, in audit records and in logs. */
  readonly secret?: boolean;
  /** It names a file, whose text the shell gives as this parameter instead: the daemon reads no files for others. */
  readonly fileFor?: string;
  /** What help shows as the default where the declaration itself has no default (`the organization's`). */
  readonly defaultText?: string;
}

export interface ParameterDeclaration<T, Presence extends 'always' | 'maybe' = 'always' | 'maybe'> {
  readonly type: ParameterType<T>;
  readonly options: ParameterOptions;
  readonly mandatory: boolean;
  readonly default: { readonly value: T } | null;
  /** Never set: carries the presence in the type. */
  readonly presence?: Presence;
}

/** Declares a parameter: mandatory, with a default, or neither (then `bound` has it only when it was given). */
export function parameter<T>(
  type: ParameterType<T>,
  options: ParameterOptions & { readonly mandatory: true },
): ParameterDeclaration<T, 'always'>;
export function parameter<T>(
  type: ParameterType<T>,
  options: ParameterOptions & { readonly default: NoInfer<T> },
): ParameterDeclaration<T, 'always'>;
export function parameter<T>(
  type: ParameterType<T>,
  options: ParameterOptions & { readonly mandatory?: false },
): ParameterDeclaration<T, 'maybe'>;
export function parameter<T>(
  type: ParameterType<T>,
  options: ParameterOptions & { readonly mandatory?: boolean; readonly default?: T },
): ParameterDeclaration<T> {
  const value = options.default;
  return {
    type,
    options,
    mandatory: options.mandatory ?? false,
    default: value === undefined ? null : { value },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a set of declarations mixes types; Bound gives each back exactly
export type AnyParameter = ParameterDeclaration<any>;
/** In the order of help and reference. */
export type ParameterSet = Readonly<Record<string, AnyParameter>>;

type AlwaysPresent<P extends ParameterSet> = {
  [K in keyof P]: P[K] extends ParameterDeclaration<unknown, 'always'> ? K : never;
}[keyof P];
type ReadType<D> = D extends { readonly type: ParameterType<infer T> } ? T : never;

/** What `run` gets: mandatory and defaulted parameters always, others only when given (`'Name' in bound`). */
export type Bound<P extends ParameterSet> = {
  readonly [K in AlwaysPresent<P>]: ReadType<P[K]>;
} & {
  readonly [K in Exclude<keyof P, AlwaysPresent<P>>]?: ReadType<P[K]>;
};

/** The declaration as plain data. */
export function parameterMetadata(name: string, declaration: AnyParameter): ParameterMetadata {
  const { type, options, mandatory } = declaration;
  return {
    name,
    aliases: options.aliases ?? [],
    type: type.name,
    values: type.values,
    isSwitch: type.isSwitch,
    isList: type.isList,
    position: options.position ?? null,
    mandatory,
    pipeline: {
      byValue: options.pipeline?.byValue ?? false,
      byPropertyName: options.pipeline?.byPropertyName ?? false,
    },
    defaultValue: defaultText(declaration),
    description: options.help,
    secret: options.secret ?? false,
    completes: type.completes,
    ...(options.fileFor === undefined ? {} : { fileFor: options.fileFor }),
  };
}

function defaultText({ type, options, default: given }: AnyParameter): string | null {
  if (options.defaultText !== undefined) return options.defaultText;
  if (given === null) return null;
  const printed = type.print(given.value);
  if (printed === null) return '$null';
  if (typeof printed === 'boolean') return printed ? '$true' : '$false';
  if (!isList(printed)) return shownText(printed);
  return printed.length === 0 ? null : printed.map(shownText).join(', ');
}

function shownText(value: Value): string {
  const plain = plainValue(value);
  return typeof plain === 'string' ? plain : JSON.stringify(plain);
}
