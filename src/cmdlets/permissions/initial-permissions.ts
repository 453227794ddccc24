// Makes the built-in roles and role groups where they are missing: at the first start, and after an upgrade that brings
// new ones. Who is in a built-in role group is the administrators' business and stays as it is.
import { initialValues } from '#directory/declared-object.ts';
import { create } from '#directory/directory.ts';
import type { Author, Directory, Proposal } from '#directory/directory.ts';
import { managementRoleObject } from '#directory/management-role.ts';
import { roleGroupObject } from '#directory/role-group.ts';
import { builtInRoleGroups, builtInRoles } from './built-in-roles.ts';

const AUTHOR: Author = { user: 'SYSTEM', cmdlet: 'Install-Postern', parameters: {}, line: '' };

export async function createInitialPermissions(directory: Directory): Promise<void> {
  await directory.commit(AUTHOR, () => {
    const roleGuids = new Map<string, string>();
    const proposals: Proposal[] = [];
    for (const { name, description } of builtInRoles) {
      const existing = directory.named(managementRoleObject, name);
      const guid = existing?.guid ?? directory.newGuid();
      roleGuids.set(name, guid);
      if (existing) continue;
      const values = { ...initialValues(managementRoleObject, name), Description: description };
      proposals.push(create(managementRoleObject, guid, values));
    }
    for (const { name, description, roles } of builtInRoleGroups) {
      if (directory.named(roleGroupObject, name)) continue;
      const Roles = roles.map((role) => roleGuids.get(role) ?? '');
      const values = { ...initialValues(roleGroupObject, name), Description: description, Roles };
      proposals.push(create(roleGroupObject, directory.newGuid(), values));
    }
    return proposals;
  });
}
