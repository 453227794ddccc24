// The kinds of objects that say who may do what, for loadDirectory next to mailObjectKinds.
import { accessTokenObject } from './access-token.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import { managementRoleObject } from './management-role.ts';
import { roleGroupObject } from './role-group.ts';

export const permissionObjectKinds: readonly ObjectDeclaration[] = [
  managementRoleObject,
  roleGroupObject,
  accessTokenObject,
];
