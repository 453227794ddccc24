// New-, Get-, Set- and Remove-SubmissionUser: who may hand mail in with SMTP AUTH (routing.md).
import {
  applyChanges,
  initialValues,
  propertyParameters,
  requestedChanges,
} from '#directory/declared-object.ts';
import { create, update } from '#directory/directory.ts';
import { hashPassword } from '#directory/password-hash.ts';
import { submissionUserObject } from '#directory/submission-user.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { secretTextType } from '#parameters/scalar-types.ts';
import { mistakes } from '../cmdlet-error.ts';
import { assertNoProblems, carryOut, findObject, showObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { getCmdlet, nameProblems, removeCmdlet } from '../object-cmdlets.ts';
import { identityParameter, newNameParameter, renameParameter } from '../object-parameters.ts';

const declaration = submissionUserObject;
const SHORTEST = 8;
const LONGEST = 256;

/** Throws CmdletError; never repeats the password. */
async function hashedPassword(
  password: string,
  now: number,
): Promise<{ PasswordHash: string; PasswordChanged: number }> {
  if (password.length < SHORTEST || password.length > LONGEST) {
    throw mistakes.invalidArgument(
      'Password',
      `A password has ${SHORTEST} to ${LONGEST} characters. Choose another one.`,
    );
  }
  return { PasswordHash: await hashPassword(password), PasswordChanged: now };
}

const newSubmissionUser: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-SubmissionUser',
  synopsis: 'Makes a user who may send mail through the gateway.',
  description:
    'The user signs in with SMTP AUTH (PLAIN or LOGIN), over TLS or from the same machine, and may send mail to anybody. Only a hash of the password is kept.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    Password: parameter(secretTextType, {
      mandatory: true,
      secret: true,
      help: 'The password, 8 to 256 characters: a secure string (Read-Host -AsSecureString) or text.',
    }),
    ...propertyParameters(declaration, 'New'),
  },
  outputType: 'SubmissionUser',
  examples: [
    {
      title: 'A scanner',
      command: 'New-SubmissionUser -Name scanner -Password (Read-Host -AsSecureString)',
      description: 'Asks for the password and makes the user.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory, now } = context.services;
    const guid = directory.newGuid();
    const password = await hashedPassword(bound.Password, now());
    const made = await carryOut(context, {
      declaration,
      plan() {
        assertNoProblems(nameProblems(directory, declaration, bound.Name, guid), bound.Name);
        const start = initialValues(declaration, bound.Name);
        const { after, warnings } = applyChanges(declaration, start, requestedChanges(declaration, bound));
        return { proposal: create(declaration, guid, { ...after, ...password }), warnings };
      },
    });
    if (made) await context.output(showObject(directory, declaration, made));
  },
});

const setSubmissionUser: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-SubmissionUser',
  synopsis: 'Changes a submission user.',
  description:
    'Only what the command names is changed. A new password holds for the next time that the user signs in.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    Password: parameter(secretTextType, { secret: true, help: 'A new password, 8 to 256 characters.' }),
    ...propertyParameters(declaration, 'Set'),
    Name: renameParameter(declaration),
  },
  outputType: null,
  examples: [
    {
      title: 'Lock a user out',
      command: 'Set-SubmissionUser scanner -Enabled $false',
      description: 'The user can no longer sign in.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory, now } = context.services;
    const password = bound.Password === undefined ? {} : await hashedPassword(bound.Password, now());
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(directory, declaration, bound.Identity);
        const asked = requestedChanges(declaration, bound);
        assertNoProblems(nameProblems(directory, declaration, asked.Name, before.guid), before.values.Name);
        const { after, warnings } = applyChanges(declaration, before.values, asked);
        return { proposal: update(declaration, before, { ...after, ...password }), warnings };
      },
    });
  },
});

export const submissionUserCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getCmdlet(
    { declaration },
    {
      synopsis: 'Shows submission users.',
      description: 'Without -Identity all users are returned. Passwords are never shown.',
      examples: [{ title: 'All of them', command: 'Get-SubmissionUser', description: 'Lists the users.' }],
    },
  ),
  newSubmissionUser,
  setSubmissionUser,
  removeCmdlet(
    { declaration },
    {
      synopsis: 'Removes a submission user.',
      description: 'The user can no longer sign in. Sessions that are open go on until they end.',
      examples: [
        {
          title: 'Without being asked',
          command: 'Remove-SubmissionUser scanner -Confirm:$false',
          description: 'Removes the user at once.',
        },
      ],
    },
  ),
];

export const submissionUserViews: readonly TypeView[] = [
  { typeName: 'SubmissionUser', table: ['Name', 'Enabled', 'PasswordLastSet', 'Comment'] },
];
