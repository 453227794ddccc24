// New-, Get-, Set- and Remove-DistributionGroup (routing.md); the members' cmdlets are in distribution-group-members.ts.
import {
  applyChanges,
  initialValues,
  propertyParameters,
  requestedChanges,
} from '#directory/declared-object.ts';
import { create, update } from '#directory/directory.ts';
import { distributionGroupObject } from '#directory/distribution-group.ts';
import { smtpAddressType } from '#directory/property-types.ts';
import { listed } from '#directory/rule-outcome.ts';
import { rulesNamingGroup } from '#directory/transport-rule-references.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { assertNoProblems, carryOut, showObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { findOf, getCmdlet, nameProblems, removeCmdlet } from '../object-cmdlets.ts';
import { identityParameter, newNameParameter, renameParameter } from '../object-parameters.ts';
import { addressProblems, derivedAddress, groupKind, memberProblems } from './distribution-group-kind.ts';
import { groupMemberCmdlets } from './distribution-group-members.ts';

const declaration = distributionGroupObject;

const newDistributionGroup: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-DistributionGroup',
  synopsis: 'Makes a distribution group.',
  description:
    'A group is a list of addresses that transport rules can ask for (FromMemberOf, SentToMemberOf). Mail to its own address is not expanded by the gateway.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    PrimarySmtpAddress: parameter(smtpAddressType, {
      help: "The group's own address. Without it: its name at the default accepted domain.",
      defaultText: 'the name at the default domain',
    }),
    ...propertyParameters(declaration, 'New'),
  },
  outputType: 'DistributionGroup',
  examples: [
    {
      title: 'With members',
      command: 'New-DistributionGroup -Name Legal -Members ada@contoso.com,grace@contoso.com',
      description: 'Makes the group Legal with two members.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    const guid = directory.newGuid();
    const made = await carryOut(context, {
      declaration,
      plan() {
        const PrimarySmtpAddress: string = bound.PrimarySmtpAddress ?? derivedAddress(directory, bound.Name);
        const start = { ...initialValues(declaration, bound.Name), PrimarySmtpAddress };
        const { after, warnings } = applyChanges(
          declaration,
          start,
          requestedChanges(declaration, { ...bound, PrimarySmtpAddress }),
        );
        const problems = [
          ...nameProblems(directory, declaration, bound.Name, guid),
          ...addressProblems(directory, PrimarySmtpAddress, guid),
          ...memberProblems(after, after.Members, 'Members'),
        ];
        assertNoProblems(problems, bound.Name);
        return { proposal: create(declaration, guid, after), warnings };
      },
    });
    if (made) await context.output(showObject(directory, declaration, made));
  },
});

const setDistributionGroup: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-DistributionGroup',
  synopsis: 'Changes a distribution group.',
  description:
    'Only the properties that the command names are changed. Transport rules go on naming the group, also by a new name.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    ...propertyParameters(declaration, 'Set'),
    Name: renameParameter(declaration),
  },
  outputType: null,
  examples: [
    {
      title: 'A new name',
      command: 'Set-DistributionGroup Legal -Name "Legal and Compliance"',
      description: 'Renames the group.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    await carryOut(context, {
      declaration,
      plan() {
        const before = findOf(groupKind, directory, bound.Identity);
        const asked = requestedChanges(declaration, bound);
        const { after, warnings } = applyChanges(declaration, before.values, asked);
        const problems = [
          ...nameProblems(directory, declaration, asked.Name, before.guid),
          ...addressProblems(directory, after.PrimarySmtpAddress, before.guid),
        ];
        assertNoProblems(problems, before.values.Name);
        return { proposal: update(declaration, before, after), warnings };
      },
    });
  },
});

export const distributionGroupCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getCmdlet(groupKind, {
    synopsis: 'Shows distribution groups.',
    description: "Without -Identity all groups are returned. An identity may also be the group's address.",
    examples: [{ title: 'All of them', command: 'Get-DistributionGroup', description: 'Lists the groups.' }],
  }),
  newDistributionGroup,
  setDistributionGroup,
  removeCmdlet(
    groupKind,
    {
      synopsis: 'Removes a distribution group.',
      description:
        'A group that transport rules ask for is removed with -Force only: the rules then ask for a group without members.',
      examples: [
        {
          title: 'Without being asked',
          command: 'Remove-DistributionGroup Legal -Confirm:$false',
          description: 'Removes the group at once.',
        },
      ],
    },
    {
      forceHelp: 'Removes the group even though transport rules ask for it.',
      problems(directory, { guid }, force) {
        const rules = rulesNamingGroup(directory, guid);
        if (force || rules.length === 0) return [];
        const message = `Transport rules ask for members of this group: ${listed(rules)}. Change them first, or add -Force.`;
        return [{ parameter: 'Identity', message }];
      },
    },
  ),
  ...groupMemberCmdlets,
];

export const distributionGroupViews: readonly TypeView[] = [
  { typeName: 'DistributionGroup', table: ['Name', 'PrimarySmtpAddress', 'Members'] },
  { typeName: 'DistributionGroupMember', table: ['Name', 'PrimarySmtpAddress'] },
];
