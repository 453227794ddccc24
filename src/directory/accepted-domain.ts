// Accepted domains: the organization's own (routing.md). They decide AllAcceptedDomains, the scopes of transport rules
// and sender rewriting. One of them is the default; the newest `DefaultSince` says which, so that making another one the
// default changes one object only.
import { booleanType, enumeration } from '#parameters/scalar-types.ts';
import type { AcceptedDomain } from './configuration.ts';
import type { ObjectDeclaration, ValuesOf } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { hiddenProperty, property } from './property-declaration.ts';
import { domainKey, domainNameType, objectNameType } from './property-types.ts';

const properties = {
  DomainName: property(domainNameType, '', {
    takenBy: 'neither',
    help: 'The domain itself, such as contoso.com.',
  }),
  DomainType: property(
    enumeration('AcceptedDomainType', ['Authoritative', 'InternalRelay']),
    'Authoritative',
    {
      help: 'Authoritative: the organization has all mailboxes of the domain. InternalRelay: some are on other servers.',
    },
  ),
  MatchSubDomains: property(booleanType, false, {
    help: 'With $true every name below the domain counts as accepted too.',
  }),
  DefaultSince: hiddenProperty<number>(0, (stored) => typeof stored === 'number'),
} as const;

export type AcceptedDomainProperties = typeof properties;
export type AcceptedDomainValues = ValuesOf<AcceptedDomainProperties>;
export type AcceptedDomainObject = DirectoryObject<AcceptedDomainProperties>;

export const acceptedDomainObject: ObjectDeclaration<AcceptedDomainProperties> = {
  kind: 'AcceptedDomain',
  noun: 'accepted domain',
  objectClass: 'msExchAcceptedDomain',
  container: 'CN=Accepted Domains,CN=Transport Settings',
  nameType: objectNameType,
  properties,
};

/** The default domain; null where there is none. */
export function defaultDomain(domains: readonly AcceptedDomainObject[]): AcceptedDomainObject | null {
  let newest: AcceptedDomainObject | null = null;
  for (const domain of domains) {
    if (domain.values.DefaultSince > (newest?.values.DefaultSince ?? 0)) newest = domain;
  }
  return newest;
}

export function toAcceptedDomains(domains: readonly AcceptedDomainObject[]): readonly AcceptedDomain[] {
  const standard = defaultDomain(domains);
  return domains.map((domain) => ({
    Guid: domain.guid,
    Name: domain.values.Name,
    DomainName: domainKey(domain.values.DomainName),
    DomainType: domain.values.DomainType,
    Default: domain === standard,
    MatchSubDomains: domain.values.MatchSubDomains,
  }));
}
