// Get-, Add-, Set- and Remove-ManagementRoleEntry. An entry is named `Role\Cmdlet`, as in Exchange.
import { update } from '#directory/directory.ts';
import { managementRoleObject } from '#directory/management-role.ts';
import type { ManagementRoleObject } from '#directory/management-role.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { invalidValue } from '#parameters/parameter-type.ts';
import { listOf, switchType, textLike, textUpTo } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import { carryOut, findObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import { mistakes } from '../cmdlet-error.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { resultSizeParameter } from '../object-parameters.ts';
import { hasWildcard, namePattern } from '../name-pattern.ts';
import { assertMayGive } from '../permissions/giving.ts';
import { roleEntries } from '../permissions/permission-reader.ts';
import { entryFor, missingParameters, printRoleEntry } from '../permissions/role-entry.ts';
import type { RoleEntry } from '../permissions/role-entry.ts';
import { writeObjects } from '../written-objects.ts';

type Context = CmdletContext<DirectoryServices>;
const declaration = managementRoleObject;

interface EntryIdentity {
  readonly role: string;
  readonly cmdlet: string;
}

const entryIdentity = textLike<EntryIdentity>(
  'RoleEntryIdParameter',
  (text) => {
    const cut = text.lastIndexOf('\\');
    const [role, cmdlet] = [text.slice(0, cut), text.slice(cut + 1)];
    if (cut < 1 || cmdlet === '') {
      throw invalidValue(
        `'${text.slice(0, 80)}' names no entry. Give the role, a backslash and the cmdlet: 'Role\\Set-OutboundConnector'.`,
      );
    }
    return { role, cmdlet };
  },
  ({ role, cmdlet }) => `${role}\\${cmdlet}`,
);
const identityOfEntry = parameter(entryIdentity, {
  help: 'The role, a backslash and the cmdlet, as in Help Desk\\Get-Queue.',
  mandatory: true,
  position: 0,
  pipeline: { byPropertyName: true },
});
const names = listOf(textUpTo(200, 1), false);

/** Changes the entries of a custom role; the result may hold nothing that the parent doesn't. */
async function changeEntries(
  context: Context,
  { role, cmdlet }: EntryIdentity,
  change: (entry: RoleEntry | null, parentEntry: RoleEntry) => RoleEntry | null,
): Promise<void> {
  const { directory } = context.services;
  await carryOut(context, {
    declaration,
    plan() {
      const before = findObject(directory, declaration, role);
      const entries = roleEntries(before, context.catalogue);
      const after = change(entryFor(entries, cmdlet), parentEntry(context, before, cmdlet));
      const others = entries.filter((entry) => entry.cmdlet.toLowerCase() !== cmdlet.toLowerCase());
      const all = after ? [...others, after].sort((a, b) => (a.cmdlet < b.cmdlet ? -1 : 1)) : others;
      const values = { ...before.values, Entries: all.map(printRoleEntry) };
      const changed: ManagementRoleObject = { ...before, values };
      if (after) assertMayGive(context.session, [changed], context.catalogue);
      return { proposal: update(declaration, before, values), warnings: [] };
    },
  });
}

function parentEntry(context: Context, role: ManagementRoleObject, cmdlet: string): RoleEntry {
  const { Name, ParentGuid } = role.values;
  if (ParentGuid === '') {
    throw mistakes.invalidOperation(
      `'${Name}' is built in and stays as it is. Make a role of your own: New-ManagementRole -Name … -Parent '${Name}'.`,
      'Identity',
      Name,
    );
  }
  const parent = context.services.directory.get(declaration, ParentGuid);
  const entry = parent && entryFor(roleEntries(parent, context.catalogue), cmdlet);
  if (!entry) {
    throw mistakes.invalidArgument(
      'Identity',
      `The parent role${parent ? ` '${parent.values.Name}'` : ''} doesn't hold ${cmdlet}.`,
      cmdlet,
    );
  }
  return entry;
}

/** The parameters as the parent spells them. Throws where it has one of them not. */
function held(parent: RoleEntry, wanted: readonly string[]): readonly string[] {
  const missing = missingParameters(parent, wanted);
  if (missing.length > 0) {
    const message = `The parent role doesn't hold ${parent.cmdlet} -${missing.join(', -')}, so this one can't.`;
    throw mistakes.invalidArgument('Parameters', message, missing[0] ?? null);
  }
  const keys = new Set(wanted.map((name) => name.toLowerCase()));
  return parent.parameters.filter((name) => keys.has(name.toLowerCase()));
}

const getEntry: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-ManagementRoleEntry',
  synopsis: 'Shows the cmdlets and parameters that roles hold.',
  description:
    "Wildcards are allowed in both parts: 'Help Desk*\\*', or '*\\Set-OutboundConnector' for every role that holds the cmdlet.",
  parameters: {
    Identity: identityOfEntry,
    Parameters: parameter(names, { help: 'Only entries that hold all these parameters.' }),
    ResultSize: resultSizeParameter,
  },
  outputType: 'ManagementRoleEntry',
  examples: [
    {
      title: 'What a role holds',
      command: "Get-ManagementRoleEntry 'Message Tracking\\*'",
      description: 'Lists the cmdlets of the role with their parameters.',
    },
  ],
  async run(bound, context: Context) {
    const { directory } = context.services;
    const { role: rolePattern, cmdlet } = bound.Identity;
    const roles = hasWildcard(rolePattern)
      ? directory.list(declaration).filter(({ values }) => namePattern(rolePattern)(values.Name))
      : [findObject(directory, declaration, rolePattern)];
    const fits = namePattern(cmdlet);
    const found = roles.flatMap((role) =>
      roleEntries(role, context.catalogue)
        .filter(
          (entry) => fits(entry.cmdlet) && missingParameters(entry, bound.Parameters ?? []).length === 0,
        )
        .map((entry) => ({ role, entry })),
    );
    if (found.length === 0 && !hasWildcard(cmdlet))
      throw mistakes.objectNotFound(`${rolePattern}\\${cmdlet}`);
    await writeObjects(context, found, bound.ResultSize, ({ role, entry }) => {
      return new PsObject('ManagementRoleEntry', [
        ['Name', entry.cmdlet],
        ['Role', role.values.Name],
        ['Parameters', entry.parameters],
        ['Identity', `${role.values.Name}\\${entry.cmdlet}`],
      ]);
    });
  },
});

const addEntry: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Add-ManagementRoleEntry',
  synopsis: 'Adds a cmdlet to a role of your own.',
  description:
    'With all parameters that the parent role holds, or with those given. Whoever has the role may use it at once.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityOfEntry,
    Parameters: parameter(names, { help: 'The parameters that may be used. Without it, all.' }),
  },
  outputType: null,
  examples: [
    {
      title: 'One more cmdlet',
      command: "Add-ManagementRoleEntry 'Connector Switch\\Test-OutboundRoute'",
      description: 'Adds the cmdlet with all its parameters.',
    },
  ],
  async run(bound, context: Context) {
    await changeEntries(context, bound.Identity, (entry, parent) => {
      if (entry) {
        throw mistakes.invalidOperation(
          `The role holds ${entry.cmdlet} already. Set-ManagementRoleEntry changes its parameters.`,
          'Identity',
        );
      }
      return { cmdlet: parent.cmdlet, parameters: held(parent, bound.Parameters ?? parent.parameters) };
    });
  },
});

const setEntry: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-ManagementRoleEntry',
  synopsis: 'Says which parameters of a cmdlet a role of your own holds.',
  description: 'Parameters that a role does not hold do not exist for whoever has only this role.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityOfEntry,
    Parameters: parameter(names, { help: 'The parameters.', mandatory: true }),
    AddParameter: parameter(switchType, { help: 'Adds them to those that the role holds.', default: false }),
    RemoveParameter: parameter(switchType, { help: 'Takes them away.', default: false }),
  },
  outputType: null,
  examples: [
    {
      title: 'Two parameters',
      command:
        "Set-ManagementRoleEntry 'Connector Switch\\Set-OutboundConnector' -Parameters Identity,Enabled",
      description: 'The role holds these two and no other parameters of the cmdlet.',
    },
  ],
  async run(bound, context: Context) {
    if (bound.AddParameter && bound.RemoveParameter) {
      throw mistakes.invalidArgument('RemoveParameter', 'Give -AddParameter or -RemoveParameter, not both.');
    }
    await changeEntries(context, bound.Identity, (entry, parent) => {
      if (!entry) throw mistakes.objectNotFound(`${bound.Identity.role}\\${bound.Identity.cmdlet}`);
      const given = held(parent, bound.Parameters);
      if (bound.RemoveParameter) {
        return { ...entry, parameters: missingParameters({ ...entry, parameters: given }, entry.parameters) };
      }
      return {
        ...entry,
        parameters: bound.AddParameter ? held(parent, [...entry.parameters, ...given]) : given,
      };
    });
  },
});

const removeEntry: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Remove-ManagementRoleEntry',
  synopsis: 'Takes a cmdlet out of a role of your own.',
  description: 'Whoever has only this role may not use the cmdlet any more.',
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: { Identity: identityOfEntry },
  outputType: null,
  examples: [
    {
      title: 'Without being asked',
      command: "Remove-ManagementRoleEntry 'Connector Switch\\Test-OutboundRoute' -Confirm:$false",
      description: 'Takes the cmdlet away at once.',
    },
  ],
  async run(bound, context: Context) {
    await changeEntries(context, bound.Identity, (entry) => {
      if (!entry) throw mistakes.objectNotFound(`${bound.Identity.role}\\${bound.Identity.cmdlet}`);
      return null;
    });
  },
});

export const roleEntryCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getEntry,
  addEntry,
  setEntry,
  removeEntry,
];
