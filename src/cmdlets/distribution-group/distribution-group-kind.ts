// What the cmdlets of distribution groups share: how a group is found, by its address too, and its rules.
import { acceptedDomainObject, defaultDomain } from '#directory/accepted-domain.ts';
import { distributionGroupObject } from '#directory/distribution-group.ts';
import type { DistributionGroupObject, DistributionGroupProperties } from '#directory/distribution-group.ts';
import type { Directory } from '#directory/directory.ts';
import { addressKey } from '#directory/property-types.ts';
import type { Problem } from '#directory/rule-outcome.ts';
import { mistakes } from '../cmdlet-error.ts';
import type { ObjectKindCmdlets } from '../object-cmdlets.ts';

export const groupKind: ObjectKindCmdlets<DistributionGroupProperties> = {
  declaration: distributionGroupObject,
  findAlso: (directory, identity) => groupWithAddress(directory, identity),
};

export function groupWithAddress(directory: Directory, address: string): DistributionGroupObject | null {
  const key = addressKey(address);
  const groups = directory.list(distributionGroupObject);
  return groups.find(({ values }) => addressKey(values.PrimarySmtpAddress) === key) ?? null;
}

/** Exchange: a group may hold other groups, but not itself. `addresses` are what a command would add. */
export function memberProblems(
  group: { readonly Name: string; readonly PrimarySmtpAddress: string },
  addresses: readonly string[],
  parameter: string,
): readonly Problem[] {
  const own = addressKey(group.PrimarySmtpAddress);
  if (!addresses.some((address) => addressKey(address) === own)) return [];
  const message = `${group.PrimarySmtpAddress} is the address of the distribution group "${group.Name}" itself. Leave it out.`;
  return [{ parameter, message }];
}

export function addressProblems(directory: Directory, address: string, guid: string): readonly Problem[] {
  const other = groupWithAddress(directory, address);
  if (!other || other.guid === guid) return [];
  const message = `${address} is the address of the distribution group "${other.values.Name}" already. Choose another one.`;
  return [{ parameter: 'PrimarySmtpAddress', message }];
}

/** The address of a group that was made without one: its name at the default domain. Throws CmdletError. */
export function derivedAddress(directory: Directory, name: string): string {
  const domain = defaultDomain(directory.list(acceptedDomainObject));
  const alias = name.replace(/[^A-Za-z0-9._-]/g, '').replace(/^\.+|\.+$|\.(?=\.)/g, '');
  if (domain && alias !== '') return `${alias}@${domain.values.DomainName}`;
  throw mistakes.invalidArgument(
    'PrimarySmtpAddress',
    'No address can be made from the name, because there is no accepted domain or nothing of the name can stand in an address. Add -PrimarySmtpAddress.',
    name,
  );
}
