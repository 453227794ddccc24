// The parameters that every cmdlet has (seed: CommonParameters), and the two that every cmdlet has which changes
// something. Declared here and nowhere else; what they do is the shell's business, except WhatIf and Confirm.
import { parameter, parameterMetadata } from './parameter-declaration.ts';
import type { AnyParameter, ParameterSet } from './parameter-declaration.ts';
import type { CmdletMetadata, ParameterMetadata } from './metadata.ts';
import { enumeration, int32Type, switchType, textType } from './scalar-types.ts';

/** PowerShell's order, as its errors list them. */
export const actionPreference = enumeration('ActionPreference', [
  'SilentlyContinue',
  'Stop',
  'Continue',
  'Inquire',
  'Ignore',
]);

export const commonParameters: ParameterSet = {
  Debug: parameter(switchType, { aliases: ['db'], help: 'Shows what the cmdlet says for debugging.' }),
  ErrorAction: parameter(actionPreference, {
    aliases: ['ea'],
    help: 'What happens at an error that does not end the cmdlet: Continue shows it and goes on, Stop ends the command, SilentlyContinue goes on without showing it, Ignore does not record it either, Inquire asks.',
  }),
  ErrorVariable: parameter(textType, {
    aliases: ['ev'],
    help: 'The name of a variable that takes the errors. With a plus sign in front they are added to what it holds.',
  }),
  InformationAction: parameter(actionPreference, {
    aliases: ['infa'],
    help: 'What happens with information messages.',
  }),
  InformationVariable: parameter(textType, {
    aliases: ['iv'],
    help: 'The name of a variable that takes the information messages.',
  }),
  OutVariable: parameter(textType, {
    aliases: ['ov'],
    help: 'The name of a variable that takes the output, which goes down the pipeline as well.',
  }),
  OutBuffer: parameter(int32Type, {
    aliases: ['ob'],
    help: 'How many objects are collected before the next command of the pipeline gets them.',
  }),
  PipelineVariable: parameter(textType, {
    aliases: ['pv'],
    help: 'The name of a variable that holds the current object for the commands further down the pipeline.',
  }),
  Verbose: parameter(switchType, { aliases: ['vb'], help: 'Shows in detail what the cmdlet does.' }),
  WarningAction: parameter(actionPreference, { aliases: ['wa'], help: 'What happens at a warning.' }),
  WarningVariable: parameter(textType, {
    aliases: ['wv'],
    help: 'The name of a variable that takes the warnings.',
  }),
};

export const shouldProcessParameters: { readonly WhatIf: AnyParameter; readonly Confirm: AnyParameter } = {
  WhatIf: parameter(switchType, {
    aliases: ['wi'],
    help: 'Checks everything and shows what would change, but changes nothing.',
  }),
  Confirm: parameter(switchType, {
    aliases: ['cf'],
    help: 'Asks before anything is changed. Cmdlets that remove something ask by themselves unless -Confirm:$false is given.',
  }),
};

export const commonParameterMetadata: readonly ParameterMetadata[] = Object.entries(commonParameters).map(
  ([name, declaration]) => parameterMetadata(name, declaration),
);

export const shouldProcessMetadata: readonly ParameterMetadata[] = Object.entries(
  shouldProcessParameters,
).map(([name, declaration]) => parameterMetadata(name, declaration));

const commonByName: ReadonlyMap<string, readonly [string, AnyParameter]> = new Map(
  Object.entries({ ...commonParameters, ...shouldProcessParameters }).map(
    (entry) => [entry[0].toLowerCase(), entry] as const,
  ),
);

/** Declared name and declaration of a common parameter by its full name; WhatIf and Confirm only where supported. */
export function findCommonParameter(
  name: string,
  { supportsShouldProcess }: Pick<CmdletMetadata, 'supportsShouldProcess'>,
): readonly [string, AnyParameter] | null {
  const found = commonByName.get(name.toLowerCase());
  if (!found || (found[0] in shouldProcessParameters && !supportsShouldProcess)) return null;
  return found;
}
