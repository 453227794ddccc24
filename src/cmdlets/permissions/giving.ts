// Rules of handing out permissions: nobody gives what they don't have themselves, and built-in objects stay.
import type { Directory } from '#directory/directory.ts';
import { managementRoleObject } from '#directory/management-role.ts';
import type { ManagementRoleObject } from '#directory/management-role.ts';
import { accessTokenObject } from '#directory/access-token.ts';
import type { DirectoryObject } from '#directory/object-table.ts';
import type { RoleGroupObject } from '#directory/role-group.ts';
import { submissionUserObject } from '#directory/submission-user.ts';
import { mistakes } from '../cmdlet-error.ts';
import type { Catalogue } from '../registry.ts';
import type { Session } from '../session.ts';
import { findObject } from '../configured-object.ts';
import { roleEntries } from './permission-reader.ts';

/** Throws accessDenied where a role holds something that the session may not use itself. */
export function assertMayGive(
  session: Session,
  roles: readonly ManagementRoleObject[],
  catalogue: Catalogue,
): void {
  for (const role of roles) {
    for (const { cmdlet, parameters } of roleEntries(role, catalogue)) {
      const beyond = session.allows(cmdlet)
        ? parameters.find((name) => !session.allowsParameter(cmdlet, name))
        : null;
      if (beyond === undefined) continue;
      const what = beyond === null ? cmdlet : `${cmdlet} -${beyond}`;
      throw mistakes.accessDenied(
        `You can't give the role '${role.values.Name}', because it holds ${what}, which your own roles don't. ` +
          'Somebody in Organization Management can do it.',
      );
    }
  }
}

export function findRoles(
  directory: Directory,
  identities: readonly string[],
  parameter: string,
): readonly ManagementRoleObject[] {
  return identities.map((identity) => findObject(directory, managementRoleObject, identity, parameter));
}

export function rolesOfGroup(directory: Directory, group: RoleGroupObject): readonly ManagementRoleObject[] {
  return group.values.Roles.flatMap((guid) => directory.get(managementRoleObject, guid) ?? []);
}

/** A submission user or an access token. Throws CmdletError. */
export function findMemberByName(directory: Directory, identity: string, parameter: string): DirectoryObject {
  const user = directory.find(submissionUserObject, identity);
  const token = directory.find(accessTokenObject, identity);
  if (user && token && user.guid !== token.guid) throw mistakes.ambiguousObject(identity, parameter);
  const found = user ?? token;
  if (!found) throw mistakes.objectNotFound(identity, parameter);
  return found;
}
