// What the directory's roles and role groups come to: the entries of a role, and what a user or token may do. Sessions
// are made here; what they allow follows every change of a role at once, in sessions that are open too.
import { accessTokenObject } from '#directory/access-token.ts';
import type { DirectoryObject } from '#directory/object-table.ts';
import { managementRoleObject } from '#directory/management-role.ts';
import type { ManagementRoleObject } from '#directory/management-role.ts';
import type { Directory } from '#directory/directory.ts';
import { roleGroupObject } from '#directory/role-group.ts';
import type { RoleGroupObject } from '#directory/role-group.ts';
import { submissionUserObject } from '#directory/submission-user.ts';
import type { Catalogue } from '../registry.ts';
import type { Session } from '../session.ts';
import { builtInEntries, everybodysCmdlets } from './built-in-roles.ts';
import { parseRoleEntry } from './role-entry.ts';
import type { RoleEntry } from './role-entry.ts';

type Permissions = ReadonlyMap<string, ReadonlySet<string>>;

/** Built in: by the cmdlets there are; custom: its own entries. */
export function roleEntries(role: ManagementRoleObject, catalogue: Catalogue): readonly RoleEntry[] {
  const builtIn =
    role.values.ParentGuid === '' ? builtInEntries(role.values.Name, catalogue.everything) : null;
  return builtIn ?? role.values.Entries.map(parseRoleEntry);
}

/** Who can be in a role group, by GUID; null: gone. */
export function findMember(directory: Directory, guid: string): DirectoryObject | null {
  return (directory.get(submissionUserObject, guid) ??
    directory.get(accessTokenObject, guid)) as DirectoryObject | null;
}

export function roleGroupsOf(directory: Directory, member: string): readonly RoleGroupObject[] {
  return directory.list(roleGroupObject).filter(({ values }) => values.Members.includes(member));
}

export interface PermissionReader {
  /** The session of a user or an access token. What it allows is looked up at each use. */
  sessionOf(member: DirectoryObject): Session;
}

export function createPermissionReader(directory: Directory, catalogue: Catalogue): PermissionReader {
  const known = new Map<string, Permissions>();
  directory.onChange(({ objects }) => {
    if (objects.some(({ kind }) => kind === roleGroupObject.kind || kind === managementRoleObject.kind))
      known.clear();
  });
  const permissionsOf = (guid: string): Permissions => {
    let permissions = known.get(guid);
    if (!permissions) known.set(guid, (permissions = collectPermissions(directory, catalogue, guid)));
    return permissions;
  };
  return {
    sessionOf: ({ guid, values }) => ({
      user: values.Name,
      roleGroups: () => roleGroupsOf(directory, guid).map((group) => group.guid),
      allows: (cmdlet) => permissionsOf(guid).has(cmdlet.toLowerCase()),
      allowsParameter: (cmdlet, parameter) =>
        permissionsOf(guid).get(cmdlet.toLowerCase())?.has(parameter.toLowerCase()) ?? false,
    }),
  };
}

/** The union of all roles of all groups: cmdlet → parameters, in lower case. */
function collectPermissions(directory: Directory, catalogue: Catalogue, member: string): Permissions {
  const permissions = new Map<string, Set<string>>();
  const add = ({ cmdlet, parameters }: RoleEntry): void => {
    const key = cmdlet.toLowerCase();
    let held = permissions.get(key);
    if (!held) permissions.set(key, (held = new Set()));
    for (const name of parameters) held.add(name.toLowerCase());
  };
  for (const { name, parameters } of catalogue.everything) {
    if (everybodysCmdlets.includes(name)) add({ cmdlet: name, parameters: parameters.map((p) => p.name) });
  }
  for (const group of roleGroupsOf(directory, member)) {
    for (const guid of group.values.Roles) {
      const role = directory.get(managementRoleObject, guid);
      if (role) for (const entry of roleEntries(role, catalogue)) add(entry);
    }
  }
  return permissions;
}
