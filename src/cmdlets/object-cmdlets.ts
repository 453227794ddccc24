// Get- and Remove- cmdlets as most kinds of objects have them, made from the kind's declaration and its own words.
import type { ObjectDeclaration, Properties } from '#directory/declared-object.ts';
import { remove } from '#directory/directory.ts';
import type { Directory } from '#directory/directory.ts';
import type { DirectoryObject } from '#directory/object-table.ts';
import type { Problem } from '#directory/rule-outcome.ts';
import type { CmdletExample } from '#parameters/metadata.ts';
import type { PsObject } from '#parameters/value.ts';
import { mistakes } from './cmdlet-error.ts';
import { assertNoProblems, carryOut, findObject, showObject } from './configured-object.ts';
import { defineCmdlet } from './cmdlet.ts';
import type { Cmdlet, CmdletContext } from './cmdlet.ts';
import type { DirectoryServices } from './directory-services.ts';
import {
  forceParameter,
  identityParameter,
  optionalIdentityParameter,
  resultSizeParameter,
} from './object-parameters.ts';
import { writeObjects } from './written-objects.ts';

export interface ObjectWords {
  readonly synopsis: string;
  readonly description: string;
  readonly examples: readonly CmdletExample[];
}

export interface ObjectKindCmdlets<P extends Properties> {
  readonly declaration: ObjectDeclaration<P>;
  /** How an object is found besides name, distinguished name and GUID (an address, a domain); null: not found. */
  readonly findAlso?: (directory: Directory, identity: string) => DirectoryObject<P> | null;
  readonly show?: (directory: Directory, object: DirectoryObject<P>) => PsObject;
}

/** Throws CmdletError. */
export function findOf<P extends Properties>(
  { declaration, findAlso }: ObjectKindCmdlets<P>,
  directory: Directory,
  identity: string,
): DirectoryObject<P> {
  const also =
    directory.find(declaration, identity) === null && findAlso ? findAlso(directory, identity) : null;
  return also ?? findObject(directory, declaration, identity);
}

export function showOf<P extends Properties>(
  { declaration, show }: ObjectKindCmdlets<P>,
  directory: Directory,
  object: DirectoryObject<P>,
): PsObject {
  return show ? show(directory, object) : showObject(directory, declaration, object);
}

export function getCmdlet<P extends Properties>(
  kind: ObjectKindCmdlets<P>,
  words: ObjectWords,
): Cmdlet<DirectoryServices> {
  const { declaration } = kind;
  return defineCmdlet({
    name: `Get-${declaration.kind}`,
    ...words,
    parameters: { Identity: optionalIdentityParameter(declaration), ResultSize: resultSizeParameter },
    outputType: declaration.kind,
    async run(bound, context: CmdletContext<DirectoryServices>) {
      const { directory } = context.services;
      const show = (object: DirectoryObject<P>): PsObject => showOf(kind, directory, object);
      if (bound.Identity !== undefined) await context.output(show(findOf(kind, directory, bound.Identity)));
      else await writeObjects(context, directory.list(declaration), bound.ResultSize, show);
    },
  });
}

export interface RemovalRules<P extends Properties> {
  /** What stands in the way; `force`: -Force was given. */
  readonly problems?: (
    directory: Directory,
    object: DirectoryObject<P>,
    force: boolean,
  ) => readonly Problem[];
  /** What -Force overrides; left out: the cmdlet has none. */
  readonly forceHelp?: string;
}

export function removeCmdlet<P extends Properties>(
  kind: ObjectKindCmdlets<P>,
  words: ObjectWords,
  { problems, forceHelp }: RemovalRules<P> = {},
): Cmdlet<DirectoryServices> {
  const { declaration } = kind;
  return defineCmdlet({
    name: `Remove-${declaration.kind}`,
    ...words,
    supportsShouldProcess: true,
    confirmImpact: 'High',
    parameters: {
      Identity: identityParameter(declaration),
      ...(forceHelp === undefined
        ? {}
        : { Force: forceParameter(`${forceHelp} It also leaves out the question.`) }),
    },
    outputType: null,
    async run(bound, context: CmdletContext<DirectoryServices>) {
      const { directory } = context.services;
      await carryOut(context, {
        declaration,
        plan() {
          const before = findOf(kind, directory, bound.Identity);
          assertNoProblems(problems?.(directory, before, bound.Force === true) ?? [], before.values.Name);
          return { proposal: remove(declaration, before), warnings: [] };
        },
      });
    },
  });
}

/** Rule 1's second half, for every kind: names are unique without regard to case. */
export function nameProblems<P extends Properties>(
  directory: Directory,
  declaration: ObjectDeclaration<P>,
  name: string | undefined,
  guid: string,
): readonly Problem[] {
  const named = name === undefined ? null : directory.named(declaration, name);
  if (!named || named.guid === guid) return [];
  const article = /^[aeiou]/.test(declaration.noun) ? 'an' : 'a';
  const message = `There is already ${article} ${declaration.noun} named "${name}". Choose another name.`;
  return [{ parameter: 'Name', message }];
}

/** The one object of a kind that there is always one of. Throws CmdletError. */
export function onlyObject<P extends Properties>(
  directory: Directory,
  declaration: ObjectDeclaration<P>,
): DirectoryObject<P> {
  const [object] = directory.list(declaration);
  if (!object) throw mistakes.objectNotFound(declaration.noun);
  return object;
}
