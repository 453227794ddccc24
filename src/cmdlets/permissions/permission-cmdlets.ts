// The cmdlets that say who may do what, in one list, and how their objects are shown in a table.
import type { TypeView } from '#parameters/metadata.ts';
import { accessTokenCmdlets } from '../access-token/access-token-cmdlets.ts';
import type { Cmdlet } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { managementRoleCmdlets } from '../management-role/management-role-cmdlets.ts';
import { roleAssignmentCmdlets } from '../management-role/role-assignment-cmdlets.ts';
import { roleEntryCmdlets } from '../management-role/role-entry-cmdlets.ts';
import { roleGroupCmdlets } from '../role-group/role-group-cmdlets.ts';
import { roleGroupMemberCmdlets } from '../role-group/role-group-member-cmdlets.ts';

export const permissionCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  ...roleGroupCmdlets,
  ...roleGroupMemberCmdlets,
  ...managementRoleCmdlets,
  ...roleEntryCmdlets,
  ...roleAssignmentCmdlets,
  ...accessTokenCmdlets,
];

export const permissionViews: readonly TypeView[] = [
  { typeName: 'RoleGroup', table: ['Name', 'Roles', 'Members'] },
  { typeName: 'RoleGroupMember', table: ['Name', 'RecipientType'] },
  { typeName: 'ManagementRole', table: ['Name', 'Parent', 'Description'] },
  { typeName: 'ManagementRoleEntry', table: ['Name', 'Role', 'Parameters'] },
  { typeName: 'ManagementRoleAssignment', table: ['Name', 'Role', 'RoleAssigneeName'] },
  { typeName: 'AccessToken', table: ['Name', 'RoleGroups', 'ExpiresUTC', 'IsExpired'] },
  { typeName: 'HelpInfo', table: ['Name', 'Synopsis'] },
  { typeName: 'CmdletInfo', table: ['CommandType', 'Name', 'Synopsis'] },
];
