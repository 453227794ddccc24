// Parameters that the cmdlets of configured objects share, each declared once.
import type { ObjectDeclaration } from '#directory/declared-object.ts';
import { identity } from '#parameters/identity.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import type { ParameterDeclaration } from '#parameters/parameter-declaration.ts';
import { unlimited } from '#parameters/quantity-types.ts';
import { switchType, wholeNumber } from '#parameters/scalar-types.ts';

const FROM_PIPELINE = { byValue: true, byPropertyName: true } as const;

/** Which object a cmdlet is about: first position, also from the pipeline (seed). */
export function identityParameter({ kind, noun }: ObjectDeclaration): ParameterDeclaration<string, 'always'> {
  return parameter(identity(kind), {
    mandatory: true,
    position: 0,
    pipeline: FROM_PIPELINE,
    help: `The ${noun}: its name, its distinguished name or its GUID, without regard to case. Wildcards are not expanded.`,
  });
}

/** For Get-: left out means all; $null is a mistake (Postern). */
export function optionalIdentityParameter({
  kind,
  noun,
}: ObjectDeclaration): ParameterDeclaration<string, 'maybe'> {
  return parameter(identity(kind), {
    position: 0,
    pipeline: FROM_PIPELINE,
    help: `The ${noun}: its name, its distinguished name or its GUID. Without it all are returned; $null is an error.`,
  });
}

export function newNameParameter({
  nameType,
  noun,
}: ObjectDeclaration): ParameterDeclaration<string, 'always'> {
  return parameter(nameType, {
    mandatory: true,
    position: 0,
    help: `The name of the new ${noun}: up to 64 characters, unique without regard to case.`,
  });
}

export function renameParameter({
  nameType,
  noun,
}: ObjectDeclaration): ParameterDeclaration<string, 'maybe'> {
  return parameter(nameType, {
    help: `A new name for the ${noun}: up to 64 characters, unique without regard to case.`,
  });
}

export const resultSizeParameter: ParameterDeclaration<number | 'Unlimited', 'always'> = parameter(
  unlimited(wholeNumber(1)),
  { default: 1000, help: 'How many objects are returned at most: a number, or Unlimited.' },
);

export function forceParameter(help: string): ParameterDeclaration<boolean, 'always'> {
  return parameter(switchType, { default: false, help });
}
