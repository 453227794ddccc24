// New-, Get- and Remove-ManagementRole.
import { initialValues } from '#directory/declared-object.ts';
import { create, remove } from '#directory/directory.ts';
import { managementRoleObject } from '#directory/management-role.ts';
import type { ManagementRoleObject } from '#directory/management-role.ts';
import { roleGroupObject } from '#directory/role-group.ts';
import { identity } from '#parameters/identity.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { listOf, textUpTo } from '#parameters/scalar-types.ts';
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
  resultSizeParameter,
} from '../object-parameters.ts';
import { hasWildcard, namePattern } from '../name-pattern.ts';
import { roleEntries } from '../permissions/permission-reader.ts';
import { printRoleEntry } from '../permissions/role-entry.ts';
import { writeObjects } from '../written-objects.ts';

type Context = CmdletContext<DirectoryServices>;
const declaration = managementRoleObject;
const word = textUpTo(200, 1);

function showRole(context: Context, role: ManagementRoleObject): PsObject {
  const { directory } = context.services;
  const whole = showObject(directory, declaration, role);
  const parent = directory.get(declaration, role.values.ParentGuid);
  return new PsObject('ManagementRole', [
    ['Name', role.values.Name],
    ['Description', role.values.Description],
    ['Parent', parent?.values.Name ?? null],
    ['IsRootRole', role.values.ParentGuid === ''],
    ['RoleEntries', roleEntries(role, context.catalogue).map(({ cmdlet }) => cmdlet)],
    ...[...whole.properties.entries()].filter(([name]) => name !== 'Name' && name !== 'Description'),
  ]);
}

const newManagementRole: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-ManagementRole',
  synopsis: 'Makes a role out of another one.',
  description:
    'The new role holds what its parent holds, or the cmdlets named. Remove-ManagementRoleEntry and Set-ManagementRoleEntry take away what it should not hold; it can never hold more than its parent.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    Parent: parameter(identity('ManagementRole'), {
      help: 'The role to start from.',
      mandatory: true,
      position: 1,
    }),
    EnabledCmdlets: parameter(listOf(word, false), {
      help: 'Takes over these cmdlets alone.',
    }),
    Description: parameter(textUpTo(1024), { help: 'What the role is for.' }),
  },
  outputType: 'ManagementRole',
  examples: [
    {
      title: 'Only switch connectors on and off',
      command:
        "New-ManagementRole 'Connector Switch' -Parent 'Outbound Connectors' -EnabledCmdlets Get-OutboundConnector,Set-OutboundConnector\nSet-ManagementRoleEntry 'Connector Switch\\Set-OutboundConnector' -Parameters Identity,Enabled",
      description: 'Whoever has this role finds Set-OutboundConnector with two parameters, and no other.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const guid = directory.newGuid();
    const done = await carryOut(context, {
      declaration,
      plan() {
        if (directory.named(declaration, bound.Name))
          throw mistakes.objectExists('management role', bound.Name);
        const parent = findObject(directory, declaration, bound.Parent, 'Parent');
        const held = roleEntries(parent, context.catalogue);
        const wanted = bound.EnabledCmdlets?.map((name) => name.toLowerCase());
        const unknown = bound.EnabledCmdlets?.find(
          (name) => !held.some(({ cmdlet }) => cmdlet.toLowerCase() === name.toLowerCase()),
        );
        if (unknown !== undefined) {
          const message = `The role '${parent.values.Name}' doesn't hold ${unknown}. Get-ManagementRoleEntry '${parent.values.Name}\\*' lists what it holds.`;
          throw mistakes.invalidArgument('EnabledCmdlets', message, unknown);
        }
        const entries = held.filter(({ cmdlet }) => wanted?.includes(cmdlet.toLowerCase()) ?? true);
        const values = {
          ...initialValues(declaration, bound.Name),
          Description: bound.Description ?? '',
          ParentGuid: parent.guid,
          Entries: entries.map(printRoleEntry),
        };
        return { proposal: create(declaration, guid, values), warnings: [] };
      },
    });
    if (done) await context.output(showRole(context, done));
  },
});

const getManagementRole: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-ManagementRole',
  synopsis: 'Shows roles, and finds the roles that a cmdlet or parameter needs.',
  description:
    'With -Cmdlet, the roles that hold the cmdlet; with -CmdletParameters too, those that hold all these parameters of it. Get-ManagementRoleAssignment shows which role groups have a role.',
  parameters: {
    Identity: optionalIdentityParameter(declaration),
    Cmdlet: parameter(word, { help: 'Only roles that hold this cmdlet. Wildcards are allowed.' }),
    CmdletParameters: parameter(listOf(word, false), {
      help: 'Only roles that hold all these parameters on one cmdlet.',
    }),
    ResultSize: resultSizeParameter,
  },
  outputType: 'ManagementRole',
  examples: [
    {
      title: 'Who may set TlsSettings',
      command: 'Get-ManagementRole -Cmdlet Set-OutboundConnector -CmdletParameters TlsSettings',
      description: 'Shows the roles that hold the TlsSettings parameter of Set-OutboundConnector.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const roles =
      bound.Identity === undefined
        ? directory.list(declaration)
        : [findObject(directory, declaration, bound.Identity)];
    const { Cmdlet: cmdlet, CmdletParameters: wanted = [] } = bound;
    const fits = cmdlet === undefined ? () => true : namePattern(cmdlet);
    const isAsked = cmdlet !== undefined || wanted.length > 0;
    if (
      cmdlet !== undefined &&
      !hasWildcard(cmdlet) &&
      !context.catalogue.everything.some(({ name }) => fits(name))
    ) {
      throw mistakes.invalidArgument(
        'Cmdlet',
        `There is no cmdlet '${cmdlet}' in Postern. Get-Command lists those there are.`,
      );
    }
    const found = roles.filter(
      (role) =>
        !isAsked ||
        roleEntries(role, context.catalogue).some(
          (entry) =>
            fits(entry.cmdlet) &&
            wanted.every((name) =>
              entry.parameters.some((held) => held.toLowerCase() === name.toLowerCase()),
            ),
        ),
    );
    await writeObjects(context, found, bound.ResultSize, (role) => showRole(context, role));
  },
});

const removeManagementRole: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Remove-ManagementRole',
  synopsis: 'Removes a role.',
  description: 'Roles that are built in, that a role group has, or that others were made from, stay.',
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: { Identity: identityParameter(declaration) },
  outputType: null,
  examples: [
    {
      title: 'Without being asked',
      command: "Remove-ManagementRole 'Connector Switch' -Confirm:$false",
      description: 'Removes the role at once.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(directory, declaration, bound.Identity);
        const { Name, ParentGuid } = before.values;
        const refuse = (why: string) =>
          mistakes.invalidOperation(`'${Name}' can't be removed: ${why}`, 'Identity', Name);
        if (ParentGuid === '') throw refuse('it is built in.');
        const child = directory.list(declaration).find(({ values }) => values.ParentGuid === before.guid);
        if (child) throw refuse(`'${child.values.Name}' was made from it. Remove that one first.`);
        const group = directory
          .list(roleGroupObject)
          .find(({ values }) => values.Roles.includes(before.guid));
        if (group) {
          throw refuse(
            `'${group.values.Name}' has it. Run Remove-ManagementRoleAssignment '${Name}-${group.values.Name}' first.`,
          );
        }
        return { proposal: remove(declaration, before), warnings: [] };
      },
    });
  },
});

export const managementRoleCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  newManagementRole,
  getManagementRole,
  removeManagementRole,
];
