// Role groups: which roles their members have. Roles and members are kept by GUID, so that a role or user of the same
// name that is made later gets nothing. Members are submission users and access tokens.
import { textUpTo } from '#parameters/scalar-types.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { hiddenProperty, isTextList, property } from './property-declaration.ts';
import { objectNameType } from './property-types.ts';

const properties = {
  Description: property(textUpTo(1024), '', { help: 'What the role group is for.' }),
  Roles: hiddenProperty<readonly string[]>([], isTextList),
  Members: hiddenProperty<readonly string[]>([], isTextList),
} as const;

export type RoleGroupProperties = typeof properties;
export type RoleGroupObject = DirectoryObject<RoleGroupProperties>;

export const roleGroupObject: ObjectDeclaration<RoleGroupProperties> = {
  kind: 'RoleGroup',
  noun: 'role group',
  objectClass: 'group',
  container: 'CN=Role Groups',
  nameType: objectNameType,
  properties,
};
