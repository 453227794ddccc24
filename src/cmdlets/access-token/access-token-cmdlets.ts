// New-, Get- and Remove-AccessToken.
import { randomBytes } from 'node:crypto';
import { accessTokenObject } from '#directory/access-token.ts';
import type { AccessTokenObject } from '#directory/access-token.ts';
import { initialValues } from '#directory/declared-object.ts';
import { create, remove, update } from '#directory/directory.ts';
import type { Proposal } from '#directory/directory.ts';
import { roleGroupObject } from '#directory/role-group.ts';
import type { RoleGroupObject } from '#directory/role-group.ts';
import { DateTime } from '#parameters/date-time.ts';
import { identity } from '#parameters/identity.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { listOf, textUpTo, wholeNumber } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { carryOut, findObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import { mistakes } from '../cmdlet-error.ts';
import type { DirectoryServices } from '../directory-services.ts';
import {
  identityParameter,
  newNameParameter,
  optionalIdentityParameter,
  resultSizeParameter,
} from '../object-parameters.ts';
import { assertMayGive, rolesOfGroup } from '../permissions/giving.ts';
import { roleGroupsOf } from '../permissions/permission-reader.ts';
import { writeObjects } from '../written-objects.ts';
import { accessTokenText, hashAccessToken, TOKEN_OCTETS } from './access-token-secret.ts';

type Context = CmdletContext<DirectoryServices>;
const declaration = accessTokenObject;
const DAY = 86_400_000;

function showToken(context: Context, token: AccessTokenObject, secret: string | null): PsObject {
  const { directory, now } = context.services;
  const { Name, Description, ExpiresAt, CreatedBy } = token.values;
  const properties: (readonly [string, Value])[] = [
    ['Name', Name],
    ['Description', Description],
    ['RoleGroups', roleGroupsOf(directory, token.guid).map(({ values }) => values.Name)],
    ['ExpiresUTC', DateTime.fromUtcMilliseconds(ExpiresAt)],
    ['IsExpired', ExpiresAt <= now()],
    ['CreatedBy', CreatedBy],
    ['WhenCreatedUTC', DateTime.fromUtcMilliseconds(token.whenCreated)],
    ['Identity', Name],
    ['Guid', token.guid],
  ];
  // A type of its own has no table: the token is seen wherever the object is.
  return secret === null
    ? new PsObject('AccessToken', properties)
    : new PsObject('NewAccessToken', [['Token', secret], ...properties]);
}

/** Those named, else those of whoever makes the token: the owner of the data directory is Organization Management. */
function wantedGroups(context: Context, named: readonly string[] | undefined): readonly RoleGroupObject[] {
  const { directory } = context.services;
  if (named) return named.map((name) => findObject(directory, roleGroupObject, name, 'RoleGroup'));
  const own = context.session.roleGroups();
  if (own === null) return [findObject(directory, roleGroupObject, 'Organization Management', 'RoleGroup')];
  return own.flatMap((guid) => directory.get(roleGroupObject, guid) ?? []);
}

const newAccessToken: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-AccessToken',
  synopsis: 'Makes an access token for a program that uses the wire API.',
  description:
    'The token is returned once, as Token, and is kept as a hash only: store it where it is needed. It may do what its role groups may do; without -RoleGroup these are your own. Remove-AccessToken ends it at once.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    RoleGroup: parameter(listOf(identity('RoleGroup'), false), {
      help: 'The role groups that the token is a member of. Give it no more than it needs.',
      defaultText: 'your own',
    }),
    ExpiresInDays: parameter(wholeNumber(1, 3650), {
      help: 'How long the token is good for, in days.',
      default: 365,
    }),
    Description: parameter(textUpTo(1024), { help: 'What the token is for.' }),
  },
  outputType: 'NewAccessToken',
  examples: [
    {
      title: 'For a dashboard',
      command:
        "$token = (New-AccessToken dashboard -RoleGroup 'View-Only Organization Management' -ExpiresInDays 90).Token",
      description: 'The token may look at everything for ninety days.',
    },
  ],
  async run(bound, context: Context) {
    const { directory, now } = context.services;
    const secret = accessTokenText(randomBytes(TOKEN_OCTETS));
    const guid = directory.newGuid();
    const done = await carryOut(context, {
      declaration,
      plan() {
        if (directory.named(declaration, bound.Name)) throw mistakes.objectExists('access token', bound.Name);
        const groups = wantedGroups(context, bound.RoleGroup);
        for (const group of groups)
          assertMayGive(context.session, rolesOfGroup(directory, group), context.catalogue);
        const values = {
          ...initialValues(declaration, bound.Name),
          Description: bound.Description ?? '',
          TokenHash: hashAccessToken(secret) ?? '',
          ExpiresAt: now() + bound.ExpiresInDays * DAY,
          CreatedBy: context.session.user,
        };
        const others = groups.map((group): Proposal => {
          const members = { ...group.values, Members: [...group.values.Members, guid] };
          return update(roleGroupObject, group, members);
        });
        return { proposal: create(declaration, guid, values), warnings: [], others };
      },
    });
    if (!done) return;
    await context.output(showToken(context, done, secret));
    context.warning('The token is shown this once. Store it now; it can be replaced, but not shown again.');
  },
});

const getAccessToken: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-AccessToken',
  synopsis: 'Shows access tokens: what they may do and when they expire.',
  description: 'The tokens themselves are never shown.',
  parameters: { Identity: optionalIdentityParameter(declaration), ResultSize: resultSizeParameter },
  outputType: 'AccessToken',
  examples: [
    {
      title: 'What expires soon',
      command: 'Get-AccessToken | Sort-Object ExpiresUTC | Select-Object Name, ExpiresUTC -First 5',
      description: 'The five tokens that expire first.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const tokens =
      bound.Identity === undefined
        ? directory.list(declaration)
        : [findObject(directory, declaration, bound.Identity)];
    await writeObjects(context, tokens, bound.ResultSize, (token) => showToken(context, token, null));
  },
});

const removeAccessToken: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Remove-AccessToken',
  synopsis: 'Revokes an access token.',
  description: 'Requests with the token are refused from now on.',
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: { Identity: identityParameter(declaration) },
  outputType: null,
  examples: [
    {
      title: 'Without being asked',
      command: 'Remove-AccessToken dashboard -Confirm:$false',
      description: 'Revokes the token at once.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(directory, declaration, bound.Identity);
        const others = roleGroupsOf(directory, before.guid).map((group): Proposal => {
          const Members = group.values.Members.filter((guid) => guid !== before.guid);
          return update(roleGroupObject, group, { ...group.values, Members });
        });
        return { proposal: remove(declaration, before), warnings: [], others };
      },
    });
  },
});

export const accessTokenCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  newAccessToken,
  getAccessToken,
  removeAccessToken,
];
