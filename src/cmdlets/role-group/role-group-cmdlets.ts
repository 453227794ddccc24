// New-, Get-, Set- and Remove-RoleGroup.
import { initialValues, requestedChanges, applyChanges } from '#directory/declared-object.ts';
import { create, remove, update } from '#directory/directory.ts';
import type { Directory } from '#directory/directory.ts';
import { roleGroupObject } from '#directory/role-group.ts';
import type { RoleGroupObject } from '#directory/role-group.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { identity } from '#parameters/identity.ts';
import { listOf } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import { carryOut, findObject, showObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import { mistakes } from '../cmdlet-error.ts';
import type { DirectoryServices } from '../directory-services.ts';
import {
  identityParameter,
  newNameParameter,
  optionalIdentityParameter,
  renameParameter,
  resultSizeParameter,
} from '../object-parameters.ts';
import { isBuiltInRoleGroup } from '../permissions/built-in-roles.ts';
import { assertMayGive, findMemberByName, findRoles, rolesOfGroup } from '../permissions/giving.ts';
import { findMember } from '../permissions/permission-reader.ts';
import { writeObjects } from '../written-objects.ts';

type Context = CmdletContext<DirectoryServices>;
const declaration = roleGroupObject;
const description = parameter(declaration.properties.Description.input!, {
  help: declaration.properties.Description.help,
});

/** As Get-RoleGroup shows it: roles and members by name; members that are gone are left out. */
export function showRoleGroup(directory: Directory, group: RoleGroupObject): PsObject {
  const whole = showObject(directory, declaration, group);
  return new PsObject('RoleGroup', [
    ['Name', group.values.Name],
    ['Description', group.values.Description],
    ['Roles', rolesOfGroup(directory, group).map(({ values }) => values.Name)],
    ['Members', group.values.Members.flatMap((guid) => findMember(directory, guid)?.values.Name ?? [])],
    ['IsBuiltIn', isBuiltInRoleGroup(group.values.Name)],
    ...[...whole.properties.entries()].filter(([name]) => name !== 'Name' && name !== 'Description'),
  ]);
}

const newRoleGroup: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-RoleGroup',
  synopsis: 'Makes a role group.',
  description:
    'The members of a role group may use what its roles hold. Nobody can make a group with more than they may use themselves.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    Roles: parameter(listOf(identity('ManagementRole')), {
      help: 'The roles that the members have.',
      default: [],
    }),
    Members: parameter(listOf(identity('RoleGroupMember')), {
      help: 'Submission users and access tokens that are members from the start.',
      default: [],
    }),
    Description: description,
  },
  outputType: 'RoleGroup',
  examples: [
    {
      title: 'Those who look after connectors',
      command: "New-RoleGroup 'Connector Admins' -Roles 'Outbound Connectors' -Members ada@contoso.com",
      description: 'Members may change outbound connectors and nothing else.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const guid = directory.newGuid();
    const done = await carryOut(context, {
      declaration,
      plan() {
        if (directory.named(declaration, bound.Name)) throw mistakes.objectExists('role group', bound.Name);
        const roles = findRoles(directory, bound.Roles, 'Roles');
        assertMayGive(context.session, roles, context.catalogue);
        const members = bound.Members.map((name) => findMemberByName(directory, name, 'Members').guid);
        const values = {
          ...initialValues(declaration, bound.Name),
          Description: bound.Description ?? '',
          Roles: [...new Set(roles.map(({ guid }) => guid))],
          Members: [...new Set(members)],
        };
        return { proposal: create(declaration, guid, values), warnings: [] };
      },
    });
    if (done) await context.output(showRoleGroup(directory, done));
  },
});

const getRoleGroup: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-RoleGroup',
  synopsis: 'Shows role groups with their roles and members.',
  description: 'Without -Identity all role groups are returned.',
  parameters: { Identity: optionalIdentityParameter(declaration), ResultSize: resultSizeParameter },
  outputType: 'RoleGroup',
  examples: [{ title: 'All', command: 'Get-RoleGroup', description: 'Shows every role group.' }],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const groups =
      bound.Identity === undefined
        ? directory.list(declaration)
        : [findObject(directory, declaration, bound.Identity)];
    await writeObjects(context, groups, bound.ResultSize, (group) => showRoleGroup(directory, group));
  },
});

const setRoleGroup: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-RoleGroup',
  synopsis: 'Changes the name or description of a role group.',
  description:
    'Add-RoleGroupMember and Remove-RoleGroupMember change who is in it, New-ManagementRoleAssignment and Remove-ManagementRoleAssignment which roles it has.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    Name: renameParameter(declaration),
    Description: description,
  },
  outputType: null,
  examples: [
    {
      title: 'A description',
      command: "Set-RoleGroup 'Connector Admins' -Description 'Looks after partners'",
      description: 'Changes what Get-RoleGroup shows.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(directory, declaration, bound.Identity);
        if (bound.Name !== undefined) assertRename(directory, before, bound.Name);
        const { after, warnings } = applyChanges(
          declaration,
          before.values,
          requestedChanges(declaration, bound),
        );
        return { proposal: update(declaration, before, after), warnings };
      },
    });
  },
});

function assertRename(directory: Directory, before: RoleGroupObject, name: string): void {
  const same = directory.named(declaration, name);
  if (same && same.guid !== before.guid) throw mistakes.objectExists('role group', name);
  if (isBuiltInRoleGroup(before.values.Name) && name !== before.values.Name) {
    throw mistakes.invalidOperation(`'${before.values.Name}' is built in and keeps its name.`, 'Name');
  }
}

const removeRoleGroup: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Remove-RoleGroup',
  synopsis: 'Removes a role group.',
  description:
    'Its members lose what they had by it at once, in open sessions too. Built-in role groups stay.',
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: { Identity: identityParameter(declaration) },
  outputType: null,
  examples: [
    {
      title: 'Without being asked',
      command: "Remove-RoleGroup 'Connector Admins' -Confirm:$false",
      description: 'Removes the role group at once.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(directory, declaration, bound.Identity);
        const { Name } = before.values;
        if (isBuiltInRoleGroup(Name)) {
          throw mistakes.invalidOperation(
            `'${Name}' is built in. Remove its members instead.`,
            'Identity',
            Name,
          );
        }
        return { proposal: remove(declaration, before), warnings: [] };
      },
    });
  },
});

export const roleGroupCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  newRoleGroup,
  getRoleGroup,
  setRoleGroup,
  removeRoleGroup,
];
