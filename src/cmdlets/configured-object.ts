// What the cmdlets of all configured objects have in common: finding one, showing one with its directory tail, and
// carrying out a change: check, say what would change, ask, check again when its turn comes, commit.
import { changedProperties, initialValues } from '#directory/declared-object.ts';
import type { ObjectDeclaration, Properties, PropertyChange } from '#directory/declared-object.ts';
import type { Author, Directory, Proposal } from '#directory/directory.ts';
import type { DirectoryObject } from '#directory/object-table.ts';
import { shownValue } from '#directory/shown-value.ts';
import type { Problem } from '#directory/rule-outcome.ts';
import { DateTime } from '#parameters/date-time.ts';
import { PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { CmdletError, mistakes } from './cmdlet-error.ts';
import type { CmdletContext } from './cmdlet.ts';
import type { DirectoryServices } from './directory-services.ts';

type Context = CmdletContext<DirectoryServices>;

/** Throws CmdletError where there is none. */
export function findObject<P extends Properties>(
  directory: Directory,
  declaration: ObjectDeclaration<P>,
  identity: string,
  parameter = 'Identity',
): DirectoryObject<P> {
  const found = directory.find(declaration, identity);
  if (!found) throw mistakes.objectNotFound(identity, parameter);
  return found;
}

/** Throws a CmdletError that has all problems in it, at the first one's parameter. */
export function assertNoProblems(problems: readonly Problem[], target: string): void {
  const first = problems[0];
  if (!first) return;
  const message = problems.map((problem) => problem.message).join(' ');
  throw mistakes.invalidArgument(first.parameter, message, target);
}

/** Shown by Get-, in the order of the declaration, then the directory's own properties (Exchange's order). */
export function showObject<P extends Properties>(
  directory: Directory,
  declaration: ObjectDeclaration<P>,
  object: DirectoryObject<P>,
  replaced: Readonly<Record<string, Value>> = {},
): PsObject {
  const { values } = object;
  const own = Object.entries(declaration.properties).flatMap(
    ([name, property]): (readonly [string, Value])[] => {
      if (property.hidden) return [];
      return [
        [name, Object.hasOwn(replaced, name) ? (replaced[name] ?? null) : property.print(values[name])],
      ];
    },
  );
  const computed = Object.entries(declaration.computed ?? {}).map(
    ([name, of]) => [name, of(values)] as const,
  );
  return new PsObject(declaration.kind, [
    ...own,
    ...computed,
    ...directoryTail(directory, declaration, object),
  ]);
}

function directoryTail(
  directory: Directory,
  { objectClass }: ObjectDeclaration,
  object: DirectoryObject,
): readonly (readonly [string, Value])[] {
  const { organizationName } = directory;
  const name = object.values.Name;
  const [changed, created] = [object.whenChanged, object.whenCreated].map((time) =>
    DateTime.fromUtcMilliseconds(time),
  );
  return [
    ['AdminDisplayName', ''],
    ['ExchangeVersion', '0.1 (8.0.535.0)'],
    ['DirectoryObjectVersion', object.version],
    ['Name', name],
    ['DistinguishedName', directory.distinguishedName(object)],
    ['Identity', name],
    ['ObjectCategory', `${organizationName}/Configuration/Schema/${objectClass}`],
    ['ObjectClass', ['top', objectClass]],
    ['WhenChanged', changed?.toLocalTime() ?? null],
    ['WhenCreated', created?.toLocalTime() ?? null],
    ['WhenChangedUTC', changed ?? null],
    ['WhenCreatedUTC', created ?? null],
    ['ExchangeObjectId', object.guid],
    ['OrganizationalUnitRoot', organizationName],
    ['OrganizationId', organizationName],
    ['Id', name],
    ['Guid', object.guid],
    ['OriginatingServer', directory.hostname],
    ['IsValid', true],
    ['ObjectState', 'Unchanged'],
  ];
}

/** What a command would do to one object; made anew when its turn comes. */
export interface Plan<P extends Properties> {
  readonly proposal: Proposal<P>;
  readonly warnings: readonly string[];
  /** More changes that belong to it. */
  readonly others?: readonly Proposal[];
  /** Changes that the properties don't show (a priority, a default). */
  readonly shownChanges?: readonly PropertyChange[];
}

export interface Undertaking<P extends Properties> {
  readonly declaration: ObjectDeclaration<P>;
  /** Throws CmdletError where a rule forbids it. */
  readonly plan: () => Plan<P>;
  /** The word for -WhatIf and -Confirm; default: the cmdlet's verb. */
  readonly action?: string;
  /** Nothing is said where nothing would change. */
  readonly isQuietWhenIdle?: boolean;
  /** One of many: with -WhatIf its proposals are put here, and the caller tells what all of them together would do. */
  readonly together?: Proposal[];
}

/** Resolves with the object as it is now; null: removed, or not done (-WhatIf, a "no", or nothing to change). */
export async function carryOut<P extends Properties>(
  context: Context,
  { declaration, plan, action, isQuietWhenIdle = false, together }: Undertaking<P>,
): Promise<DirectoryObject<P> | null> {
  const first = plan();
  const { before, after } = first.proposal;
  const name = before?.values.Name ?? after?.Name ?? '';
  for (const warning of first.warnings) context.warning(warning);
  const changes = [...changesOf(declaration, first), ...(first.shownChanges ?? [])];
  const isIdle = before !== null && after !== null && changes.length === 0 && !differsHidden(first);
  if (!(await context.shouldProcess(name, action))) {
    if (context.isWhatIf) await sayWhatIf(context, first, after === null ? null : changes, together);
    return null;
  }
  if (isIdle) {
    // Exchange's words.
    if (!isQuietWhenIdle)
      context.warning(`The command completed successfully but no settings of '${name}' have been modified.`);
    return before;
  }
  await commit(context, () => {
    const { proposal, others = [] } = plan();
    return [proposal, ...others];
  });
  return context.services.directory.get(declaration, first.proposal.guid);
}

function changesOf<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  plan: Plan<P>,
): readonly PropertyChange[] {
  const { before, after } = plan.proposal;
  if (after === null) return [];
  return changedProperties(declaration, before?.values ?? initialValues(declaration, ''), after);
}

function differsHidden<P extends Properties>({ proposal }: Plan<P>): boolean {
  const { before, after } = proposal;
  return JSON.stringify(before?.values) !== JSON.stringify(after);
}

/** `changes` null: a removal. */
async function sayWhatIf<P extends Properties>(
  context: Context,
  { proposal, others = [] }: Plan<P>,
  changes: readonly PropertyChange[] | null,
  together: Proposal[] | undefined,
): Promise<void> {
  if (changes?.length === 0) context.whatIf('What if: no property would change.');
  for (const { name, before, after } of changes ?? []) {
    context.whatIf(`What if: ${name}: ${shownValue(before)} -> ${shownValue(after)}`);
  }
  if (changes?.length === 0) return;
  if (together === undefined) await sayImpact(context, [proposal, ...others]);
  else together.push(proposal, ...others);
}

/** What these proposals would do to the mail of the last days. */
export async function sayImpact(context: Context, proposals: readonly Proposal[]): Promise<void> {
  const { directory, impact } = context.services;
  if (impact !== null && proposals.length > 0)
    await impact(directory.configuration(), directory.preview(proposals), context);
}

/** Commits as the caller; the store's refusals become errors that an administrator understands. */
export async function commit(
  context: Context,
  propose: () => readonly Proposal[],
): Promise<readonly (DirectoryObject | null)[]> {
  const author: Author = { user: context.session.user, ...context.record };
  try {
    return await context.services.directory.commit(author, propose);
  } catch (error) {
    if (error instanceof CmdletError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw mistakes.unavailable(`Nothing was changed, because the change could not be stored: ${why}`);
  }
}
