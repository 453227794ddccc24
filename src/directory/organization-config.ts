// The organization: one object, whose name is the tenant of the wire API and the root of distinguished names.
import { textUpTo } from '#parameters/scalar-types.ts';
import type { OrganizationConfig } from './configuration.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { property } from './property-declaration.ts';
import { objectNameType } from './property-types.ts';

const properties = {
  DisplayName: property(textUpTo(256), '', {
    takenBy: 'Set',
    help: 'The name of the organization as people read it, in the web admin and in reports.',
  }),
} as const;

export type OrganizationConfigProperties = typeof properties;
export type OrganizationConfigObject = DirectoryObject<OrganizationConfigProperties>;

export const organizationConfigObject: ObjectDeclaration<OrganizationConfigProperties> = {
  kind: 'OrganizationConfig',
  noun: 'organization',
  objectClass: 'msExchConfigurationUnitContainer',
  container: 'CN=Organizations',
  nameType: objectNameType,
  properties,
};

export function toOrganizationConfig({ guid, values }: OrganizationConfigObject): OrganizationConfig {
  return { Guid: guid, Name: values.Name };
}
