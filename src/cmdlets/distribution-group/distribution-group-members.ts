// Add-, Remove- and Get-DistributionGroupMember.
import { update } from '#directory/directory.ts';
import { distributionGroupObject } from '#directory/distribution-group.ts';
import { addressKey, smtpAddressType } from '#directory/property-types.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { listOf } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import { mistakes } from '../cmdlet-error.ts';
import { assertNoProblems, carryOut } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { findOf } from '../object-cmdlets.ts';
import { identityParameter, resultSizeParameter } from '../object-parameters.ts';
import { writeObjects } from '../written-objects.ts';
import { groupKind, memberProblems } from './distribution-group-kind.ts';

const declaration = distributionGroupObject;

interface MemberChange {
  readonly name: string;
  readonly synopsis: string;
  readonly description: string;
  readonly confirmImpact: 'Medium' | 'High';
  readonly memberHelp: string;
  readonly example: { readonly title: string; readonly command: string; readonly description: string };
  /** Throws CmdletError. */
  readonly change: (members: readonly string[], given: readonly string[], group: string) => readonly string[];
}

function memberCmdlet(words: MemberChange): Cmdlet<DirectoryServices> {
  const { name, synopsis, description, confirmImpact } = words;
  return defineCmdlet({
    name,
    synopsis,
    description,
    confirmImpact,
    supportsShouldProcess: true,
    parameters: {
      Identity: identityParameter(declaration),
      Member: parameter(listOf(smtpAddressType, false), {
        mandatory: true,
        position: 1,
        help: words.memberHelp,
      }),
    },
    outputType: null,
    examples: [words.example],
    async run(bound, context: CmdletContext<DirectoryServices>) {
      const { directory } = context.services;
      await carryOut(context, {
        declaration,
        plan() {
          const before = findOf(groupKind, directory, bound.Identity);
          const Members = words.change(before.values.Members, bound.Member, before.values.Name);
          if (Members.length > before.values.Members.length) {
            assertNoProblems(memberProblems(before.values, bound.Member, 'Member'), before.values.Name);
          }
          return { proposal: update(declaration, before, { ...before.values, Members }), warnings: [] };
        },
      });
    },
  });
}

export const groupMemberCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  memberCmdlet({
    name: 'Add-DistributionGroupMember',
    synopsis: 'Adds members to a distribution group.',
    description:
      'Members are addresses; the address of another distribution group stands for all of its members. Transport rules see them at once.',
    confirmImpact: 'Medium',
    memberHelp: 'The address to add, or several.',
    example: {
      title: 'One member',
      command: 'Add-DistributionGroupMember Legal -Member ada@contoso.com',
      description: 'Adds the address to the group Legal.',
    },
    change(members, given, group) {
      const keys = new Set(members.map(addressKey));
      const added: string[] = [];
      for (const address of given) {
        const key = addressKey(address);
        if (keys.has(key)) {
          throw mistakes.invalidArgument(
            'Member',
            `The recipient "${address}" is already a member of the group "${group}".`,
            group,
          );
        }
        keys.add(key);
        added.push(address);
      }
      return [...members, ...added];
    },
  }),
  memberCmdlet({
    name: 'Remove-DistributionGroupMember',
    synopsis: 'Removes members from a distribution group.',
    description: 'Transport rules no longer see the addresses as members.',
    confirmImpact: 'High',
    memberHelp: 'The address to remove, or several.',
    example: {
      title: 'Without being asked',
      command: 'Remove-DistributionGroupMember Legal -Member ada@contoso.com -Confirm:$false',
      description: 'Removes the address from the group Legal.',
    },
    change(members, given, group) {
      const gone = new Set(given.map(addressKey));
      const keys = new Set(members.map(addressKey));
      const missing = given.find((address) => !keys.has(addressKey(address)));
      if (missing !== undefined) {
        throw mistakes.invalidArgument(
          'Member',
          `The recipient "${missing}" isn't a member of the group "${group}".`,
          group,
        );
      }
      return members.filter((address) => !gone.has(addressKey(address)));
    },
  }),
  defineCmdlet({
    name: 'Get-DistributionGroupMember',
    synopsis: 'Lists the members of a distribution group.',
    description: 'One object for each address.',
    parameters: { Identity: identityParameter(declaration), ResultSize: resultSizeParameter },
    outputType: 'DistributionGroupMember',
    examples: [
      {
        title: 'Who is in it',
        command: 'Get-DistributionGroupMember Legal',
        description: 'Lists the addresses.',
      },
    ],
    async run(bound, context: CmdletContext<DirectoryServices>) {
      const group = findOf(groupKind, context.services.directory, bound.Identity);
      await writeObjects(
        context,
        group.values.Members,
        bound.ResultSize,
        (address) =>
          new PsObject('DistributionGroupMember', [
            ['Name', address],
            ['PrimarySmtpAddress', address],
            ['RecipientType', 'MailContact'],
          ]),
      );
    },
  }),
];
