// New-, Get- and Remove-ManagementRoleAssignment: which role group has which role. An assignment is named
// `Role-RoleGroup`, as in Exchange, and is no object of its own: the role group knows its roles.
import { update } from '#directory/directory.ts';
import type { Directory } from '#directory/directory.ts';
import { managementRoleObject } from '#directory/management-role.ts';
import type { ManagementRoleObject } from '#directory/management-role.ts';
import { roleGroupObject } from '#directory/role-group.ts';
import type { RoleGroupObject } from '#directory/role-group.ts';
import { identity } from '#parameters/identity.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { PsObject } from '#parameters/value.ts';
import { carryOut, findObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import { mistakes } from '../cmdlet-error.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { resultSizeParameter } from '../object-parameters.ts';
import { builtInRoleGroups } from '../permissions/built-in-roles.ts';
import { assertMayGive, rolesOfGroup } from '../permissions/giving.ts';
import { writeObjects } from '../written-objects.ts';

type Context = CmdletContext<DirectoryServices>;

interface Assignment {
  readonly role: ManagementRoleObject;
  readonly group: RoleGroupObject;
}

const nameOf = ({ role, group }: Assignment): string => `${role.values.Name}-${group.values.Name}`;

function assignments(directory: Directory): readonly Assignment[] {
  return directory
    .list(roleGroupObject)
    .flatMap((group) => rolesOfGroup(directory, group).map((role) => ({ role, group })));
}

function findAssignment(directory: Directory, name: string): Assignment {
  const found = assignments(directory).filter((one) => nameOf(one).toLowerCase() === name.toLowerCase());
  const [first] = found;
  if (!first) throw mistakes.objectNotFound(name);
  if (found.length > 1) throw mistakes.ambiguousObject(name);
  return first;
}

const newAssignment: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-ManagementRoleAssignment',
  synopsis: 'Gives a role group a role.',
  description:
    'The members of the group may use what the role holds at once. Nobody can give what they may not use themselves.',
  supportsShouldProcess: true,
  parameters: {
    Role: parameter(identity('ManagementRole'), { help: 'The role.', mandatory: true }),
    SecurityGroup: parameter(identity('RoleGroup'), { help: 'The role group.', mandatory: true }),
  },
  outputType: 'ManagementRoleAssignment',
  examples: [
    {
      title: 'One more role',
      command: "New-ManagementRoleAssignment -Role 'Outbound Connectors' -SecurityGroup 'Mail Flow Operator'",
      description: 'Mail flow operators may change outbound connectors too.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const role = findObject(directory, managementRoleObject, bound.Role, 'Role');
    const done = await carryOut(context, {
      declaration: roleGroupObject,
      plan() {
        const before = findObject(directory, roleGroupObject, bound.SecurityGroup, 'SecurityGroup');
        assertMayGive(context.session, [role], context.catalogue);
        if (before.values.Roles.includes(role.guid)) {
          throw mistakes.objectExists('role assignment', nameOf({ role, group: before }), 'Role');
        }
        const values = { ...before.values, Roles: [...before.values.Roles, role.guid] };
        return { proposal: update(roleGroupObject, before, values), warnings: [] };
      },
    });
    if (done) await context.output(showAssignment({ role, group: done }));
  },
});

function showAssignment(assignment: Assignment): PsObject {
  return new PsObject('ManagementRoleAssignment', [
    ['Name', nameOf(assignment)],
    ['Role', assignment.role.values.Name],
    ['RoleAssigneeName', assignment.group.values.Name],
    ['RoleAssigneeType', 'RoleGroup'],
    ['Identity', nameOf(assignment)],
  ]);
}

const getAssignment: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-ManagementRoleAssignment',
  synopsis: 'Shows which role group has which role.',
  description: 'Without parameters all assignments are returned.',
  parameters: {
    Identity: parameter(identity('ManagementRoleAssignment'), {
      help: 'The assignment: the role, a hyphen and the role group.',
      position: 0,
      pipeline: { byPropertyName: true },
    }),
    Role: parameter(identity('ManagementRole'), { help: 'Only assignments of this role.' }),
    RoleAssignee: parameter(identity('RoleGroup'), { help: 'Only assignments to this role group.' }),
    ResultSize: resultSizeParameter,
  },
  outputType: 'ManagementRoleAssignment',
  examples: [
    {
      title: 'Who may change a connector',
      command:
        'Get-ManagementRole -Cmdlet Set-OutboundConnector | ForEach-Object { Get-ManagementRoleAssignment -Role $_.Name }',
      description: 'Shows the role groups with a role that holds the cmdlet.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const role =
      bound.Role === undefined ? null : findObject(directory, managementRoleObject, bound.Role, 'Role');
    const group =
      bound.RoleAssignee === undefined
        ? null
        : findObject(directory, roleGroupObject, bound.RoleAssignee, 'RoleAssignee');
    const all =
      bound.Identity === undefined ? assignments(directory) : [findAssignment(directory, bound.Identity)];
    const found = all.filter(
      (one) =>
        (role === null || one.role.guid === role.guid) && (group === null || one.group.guid === group.guid),
    );
    await writeObjects(context, found, bound.ResultSize, showAssignment);
  },
});

const removeAssignment: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Remove-ManagementRoleAssignment',
  synopsis: 'Takes a role from a role group.',
  description: 'Its members lose what they had by the role at once, in open sessions too.',
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: {
    Identity: parameter(identity('ManagementRoleAssignment'), {
      help: 'The assignment: the role, a hyphen and the role group.',
      mandatory: true,
      position: 0,
      pipeline: { byValue: true, byPropertyName: true },
    }),
  },
  outputType: null,
  examples: [
    {
      title: 'Without being asked',
      command: "Remove-ManagementRoleAssignment 'Outbound Connectors-Mail Flow Operator' -Confirm:$false",
      description: 'Mail flow operators may not change outbound connectors any more.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    await carryOut(context, {
      declaration: roleGroupObject,
      plan() {
        const { role, group } = findAssignment(directory, bound.Identity);
        const builtIn = builtInRoleGroups.find(({ name }) => name === group.values.Name);
        if (builtIn?.roles.includes(role.values.Name)) {
          throw mistakes.invalidOperation(
            `'${group.values.Name}' is built in and keeps the role '${role.values.Name}'. Make a role group of your own.`,
            'Identity',
          );
        }
        const values = { ...group.values, Roles: group.values.Roles.filter((guid) => guid !== role.guid) };
        return { proposal: update(roleGroupObject, group, values), warnings: [] };
      },
    });
  },
});

export const roleAssignmentCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  newAssignment,
  getAssignment,
  removeAssignment,
];
