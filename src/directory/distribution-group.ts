// Distribution groups: lists of addresses that transport rules ask for by FromMemberOf and SentToMemberOf (routing.md).
// Mail to a group's own address is not expanded: that is the work of the servers that own the mailboxes.
import { textUpTo } from '#parameters/scalar-types.ts';
import type { DistributionGroup } from './configuration.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { listProperty, property } from './property-declaration.ts';
import { addressKey, objectNameType, smtpAddressType } from './property-types.ts';

const properties = {
  PrimarySmtpAddress: property(smtpAddressType, '', {
    takenBy: 'Set',
    help: "The group's own address, by which it can be named too.",
  }),
  Notes: property(textUpTo(4096), '', { help: 'A note for administrators.' }),
  Members: listProperty(smtpAddressType, addressKey, {
    takenBy: 'New',
    help: 'The addresses of the members; the address of another group stands for its members. Add-DistributionGroupMember and Remove-DistributionGroupMember change them later.',
  }),
} as const;

export type DistributionGroupProperties = typeof properties;
export type DistributionGroupObject = DirectoryObject<DistributionGroupProperties>;

export const distributionGroupObject: ObjectDeclaration<DistributionGroupProperties> = {
  kind: 'DistributionGroup',
  noun: 'distribution group',
  objectClass: 'group',
  container: 'CN=Distribution Groups',
  nameType: objectNameType,
  properties,
};

export function toDistributionGroup({ guid, values }: DistributionGroupObject): DistributionGroup {
  return {
    Guid: guid,
    Name: values.Name,
    PrimarySmtpAddress: addressKey(values.PrimarySmtpAddress),
    Members: values.Members.map(addressKey).sort(),
  };
}
