// Management roles: sets of cmdlets with the parameters that may be used. What a built-in role holds follows from the
// cmdlets that there are; a custom role has entries of its own, each `Cmdlet Parameter,Parameter`.
import { textUpTo } from '#parameters/scalar-types.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { hiddenProperty, isTextList, property } from './property-declaration.ts';
import { objectNameType } from './property-types.ts';

const properties = {
  Description: property(textUpTo(1024), '', { help: 'What the role is for.' }),
  /** GUID of the role that it was made from; empty: built in. */
  ParentGuid: hiddenProperty<string>('', (stored) => typeof stored === 'string'),
  Entries: hiddenProperty<readonly string[]>([], isTextList),
} as const;

export type ManagementRoleProperties = typeof properties;
export type ManagementRoleObject = DirectoryObject<ManagementRoleProperties>;

export const managementRoleObject: ObjectDeclaration<ManagementRoleProperties> = {
  kind: 'ManagementRole',
  noun: 'management role',
  objectClass: 'msExchRole',
  container: 'CN=Roles,CN=RBAC',
  nameType: objectNameType,
  properties,
};
