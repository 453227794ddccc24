// A cmdlet, declared once: name, words for help, parameters, and what it does. Metadata, binding rules, help, the
// reference and OpenAPI all follow from this declaration.
//
//   export const getWidget = defineCmdlet({
//     name: 'Get-Widget', synopsis: '…', description: '…', outputType: 'Widget', examples: [],
//     parameters: { Identity: parameter(identity('Widget'), { help: '…', position: 0 }) },
//     async run(bound, context: CmdletContext<{ readonly widgets: Widgets }>) { … await context.output(object); },
//   });
//
// `run` names the services it needs in its context's type; a registry takes cmdlets whose needs its services meet.
import type { Bound, ParameterSet } from '#parameters/parameter-declaration.ts';
import { parameterMetadata } from '#parameters/parameter-declaration.ts';
import type { CmdletExample, CmdletMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import type { CmdletError } from './cmdlet-error.ts';
import type { Catalogue } from './registry.ts';
import type { Session } from './session.ts';

/** What a running cmdlet has around it. */
export interface CmdletContext<Services> {
  readonly services: Services;
  readonly session: Session;
  /** What cmdlets there are, for Get-Help, Get-Command and the permission cmdlets. */
  readonly catalogue: Catalogue;
  /** For the change record: the cmdlet's declared name, its parameters printed as JSON, the line; secrets masked. */
  readonly record: InvocationRecord;
  /** Resolves when the caller can take more: await it for each object of a long list. */
  output(value: Value): Promise<void>;
  warning(text: string): void;
  verbose(text: string): void;
  progress(activity: string, status: string, percent: number | null): void;
  /** An error that does not end the cmdlet (one object of several). To end it, throw a CmdletError. */
  error(error: CmdletError): void;
  /**
   * Ask before every change, after every check. false: don't (WhatIf, which was printed, or the user said no).
   * `action` defaults to the verb. Throws when a prompt is needed and can't be shown.
   */
  shouldProcess(target: string, action?: string): Promise<boolean>;
  /** -WhatIf was given: `whatIf` may say more than shouldProcess did (properties with old and new value). */
  readonly isWhatIf: boolean;
  whatIf(text: string): void;
  /** Aborted when the caller goes away or presses Ctrl+C. */
  readonly signal: AbortSignal;
}

export interface InvocationRecord {
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly line: string;
}

export interface CmdletDeclaration<P extends ParameterSet, Services> {
  /** Verb-Noun. */
  readonly name: string;
  /** One sentence. */
  readonly synopsis: string;
  /** Paragraphs parted by blank lines. */
  readonly description: string;
  /** Without WhatIf, Confirm and the common parameters. */
  readonly parameters: P;
  /** It changes something: gets -WhatIf and -Confirm. Default false. */
  readonly supportsShouldProcess?: boolean;
  /** `High`: asks unless -Confirm:$false (or its own -Force). Default: Medium where it changes something, else None. */
  readonly confirmImpact?: 'None' | 'Medium' | 'High';
  readonly outputType: string | null;
  readonly examples: readonly CmdletExample[];
  run(bound: Bound<P>, context: CmdletContext<Services>): Promise<void>;
}

/** A cmdlet as a registry holds it. */
export interface Cmdlet<Services> {
  readonly name: string;
  readonly metadata: CmdletMetadata;
  readonly parameters: ParameterSet;
  /** `bound` is what invoke() read by `parameters`. */
  readonly run: (bound: Readonly<Record<string, unknown>>, context: CmdletContext<Services>) => Promise<void>;
}

export function defineCmdlet<const P extends ParameterSet, Services = unknown>(
  declaration: CmdletDeclaration<P, Services>,
): Cmdlet<Services> {
  const { name, synopsis, description, parameters, outputType, examples } = declaration;
  const supportsShouldProcess = declaration.supportsShouldProcess ?? false;
  return {
    name,
    parameters,
    metadata: {
      name,
      synopsis,
      description,
      parameters: Object.entries(parameters).map(([key, value]) => parameterMetadata(key, value)),
      supportsShouldProcess,
      confirmImpact: declaration.confirmImpact ?? (supportsShouldProcess ? 'Medium' : 'None'),
      outputType,
      examples,
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- invoke() read it by these very parameters
    run: (bound, context) => declaration.run(bound as Bound<P>, context),
  };
}
