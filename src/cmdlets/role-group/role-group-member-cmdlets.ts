// Add-, Get- and Remove-RoleGroupMember.
import { update } from '#directory/directory.ts';
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
import { identityParameter, resultSizeParameter } from '../object-parameters.ts';
import { assertMayGive, findMemberByName, rolesOfGroup } from '../permissions/giving.ts';
import { findMember } from '../permissions/permission-reader.ts';
import { writeObjects } from '../written-objects.ts';

type Context = CmdletContext<DirectoryServices>;
const declaration = roleGroupObject;

const member = parameter(identity('RoleGroupMember'), {
  help: 'A submission user or an access token: its name, its distinguished name or its GUID.',
  mandatory: true,
  position: 1,
});

async function changeMembers(
  context: Context,
  group: string,
  change: (before: RoleGroupObject) => readonly string[],
): Promise<void> {
  const { directory } = context.services;
  await carryOut(context, {
    declaration,
    plan() {
      const before = findObject(directory, declaration, group);
      const values = { ...before.values, Members: change(before) };
      return { proposal: update(declaration, before, values), warnings: [] };
    },
  });
}

const addRoleGroupMember: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Add-RoleGroupMember',
  synopsis: 'Puts a submission user or an access token into a role group.',
  description:
    "The member may use what the group's roles hold at once. Nobody can give what they may not use themselves.",
  supportsShouldProcess: true,
  parameters: { Identity: identityParameter(declaration), Member: member },
  outputType: null,
  examples: [
    {
      title: 'A colleague at the help desk',
      command: "Add-RoleGroupMember 'Help Desk' -Member bob@contoso.com",
      description: 'Bob may follow messages and look at queues.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    await changeMembers(context, bound.Identity, (before) => {
      const { guid, values } = findMemberByName(directory, bound.Member, 'Member');
      assertMayGive(context.session, rolesOfGroup(directory, before), context.catalogue);
      if (before.values.Members.includes(guid)) {
        throw mistakes.invalidOperation(
          `'${values.Name}' is already in '${before.values.Name}'.`,
          'Member',
          values.Name,
        );
      }
      return [...before.values.Members.filter((known) => findMember(directory, known)), guid];
    });
  },
});

const removeRoleGroupMember: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Remove-RoleGroupMember',
  synopsis: 'Takes a submission user or an access token out of a role group.',
  description: "The member loses what it had by the group's roles at once, in open sessions too.",
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: { Identity: identityParameter(declaration), Member: member },
  outputType: null,
  examples: [
    {
      title: 'Without being asked',
      command: "Remove-RoleGroupMember 'Help Desk' -Member bob@contoso.com -Confirm:$false",
      description: 'Bob may not follow messages any more.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    await changeMembers(context, bound.Identity, (before) => {
      const { guid, values } = findMemberByName(directory, bound.Member, 'Member');
      if (!before.values.Members.includes(guid)) {
        throw mistakes.invalidOperation(
          `'${values.Name}' is not in '${before.values.Name}'.`,
          'Member',
          values.Name,
        );
      }
      return before.values.Members.filter((known) => known !== guid && findMember(directory, known));
    });
  },
});

const getRoleGroupMember: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-RoleGroupMember',
  synopsis: 'Shows who is in a role group.',
  description: 'Returns the submission users and access tokens that are members.',
  parameters: { Identity: identityParameter(declaration), ResultSize: resultSizeParameter },
  outputType: 'RoleGroupMember',
  examples: [
    {
      title: 'Who may do everything',
      command: "Get-RoleGroupMember 'Organization Management'",
      description: 'Besides them, whoever owns the data directory may do everything on the machine itself.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const group = findObject(directory, declaration, bound.Identity);
    const members = group.values.Members.flatMap((guid) => findMember(directory, guid) ?? []);
    await writeObjects(context, members, bound.ResultSize, ({ kind, guid, values }) => {
      return new PsObject('RoleGroupMember', [
        ['Name', values.Name],
        ['RecipientType', kind],
        ['Identity', values.Name],
        ['Guid', guid],
      ]);
    });
  },
});

export const roleGroupMemberCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  addRoleGroupMember,
  removeRoleGroupMember,
  getRoleGroupMember,
];
