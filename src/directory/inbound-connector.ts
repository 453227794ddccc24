// The inbound connector: who may hand mail to Postern without signing in (routing.md). Properties declared once, as for
// the outbound connector; what must hold between them is in inbound-connector-rules.ts.
import { booleanType, enumeration, textUpTo } from '#parameters/scalar-types.ts';
import type { InboundConnector } from './configuration.ts';
import type { ChangesOf, ObjectDeclaration, ValuesOf } from './declared-object.ts';
import { ipRangeKey, ipRangeType } from './ip-range.ts';
import type { DirectoryObject } from './object-table.ts';
import { patterns } from './outbound-connector.ts';
import { listProperty, nullableProperty, property } from './property-declaration.ts';
import {
  certificateDomainType,
  connectorNameType,
  domainPatternKey,
  senderDomainType,
} from './property-types.ts';

const properties = {
  Enabled: property(booleanType, true, {
    help: 'Whether the connector lets anybody in. As every change of an inbound connector, it holds for open sessions too, from their next message on.',
  }),
  ConnectorType: property(enumeration('TenantConnectorType', ['OnPremises', 'Partner']), 'Partner', {
    help: "OnPremises: the peers are the organization's own servers, and their mail counts as coming from inside. Partner: they belong to somebody else.",
  }),
  ConnectorSource: property(
    enumeration('TenantConnectorSource', ['Default', 'Migrated', 'HybridWizard', 'AdminUI']),
    'Default',
    { help: 'Who made the connector: see New-OutboundConnector. It has no effect on mail.' },
  ),
  Comment: property(textUpTo(4096), '', { help: 'A note for administrators. It has no effect on mail.' }),
  SenderDomains: listProperty(senderDomainType, domainPatternKey, {
    help: 'The domains of the envelope senders that the connector is for: contoso.com, *.contoso.com (contoso.com too) or * for all. The form smtp:contoso.com;1, as Exchange prints it, is read as the domain.',
  }),
  SenderIPAddresses: listProperty(ipRangeType, ipRangeKey, {
    help: 'The addresses that peers connect from: an address (192.0.2.1), a range (192.0.2.1-192.0.2.20) or CIDR (192.0.2.0/24), IPv4 or IPv6.',
  }),
  RequireTls: property(booleanType, false, {
    help: 'With $true a peer gets no further than STARTTLS in clear text.',
  }),
  TlsSenderCertificateName: nullableProperty(certificateDomainType, {
    help: "The name that the peer's certificate must be good for: contoso.com, or *.contoso.com. The certificate counts only if its chain verifies. $null takes it away.",
  }),
  RestrictDomainsToIPAddresses: property(booleanType, false, {
    help: 'With $true mail from SenderDomains is refused when it comes from any other address than SenderIPAddresses.',
  }),
  RestrictDomainsToCertificate: property(booleanType, false, {
    help: 'With $true mail from SenderDomains is refused when the peer shows no certificate with TlsSenderCertificateName.',
  }),
  CloudServicesMailEnabled: property(booleanType, false, {
    help: 'With $true cross-premises headers of the peer become X-MS-Exchange-Organization headers. Only for ConnectorType OnPremises: whoever may do this is trusted like the organization itself.',
  }),
} as const;

export type InboundConnectorProperties = typeof properties;
export type InboundConnectorValues = ValuesOf<InboundConnectorProperties>;
export type InboundConnectorChanges = ChangesOf<InboundConnectorProperties>;
export type InboundConnectorObject = DirectoryObject<InboundConnectorProperties>;

export const inboundConnectorObject: ObjectDeclaration<InboundConnectorProperties> = {
  kind: 'InboundConnector',
  noun: 'inbound connector',
  objectClass: 'msExchSMTPInboundConnector',
  container: 'CN=Transport Settings',
  nameType: connectorNameType,
  properties,
};

export function toInboundConnector({ guid, values }: InboundConnectorObject): InboundConnector {
  return {
    Guid: guid,
    Name: values.Name,
    Enabled: values.Enabled,
    ConnectorType: values.ConnectorType,
    SenderDomains: patterns(values.SenderDomains),
    SenderIPAddresses: values.SenderIPAddresses.map(ipRangeKey),
    RequireTls: values.RequireTls,
    TlsSenderCertificateName:
      patterns(values.TlsSenderCertificateName === null ? [] : [values.TlsSenderCertificateName])[0] ?? null,
    RestrictDomainsToIPAddresses: values.RestrictDomainsToIPAddresses,
    RestrictDomainsToCertificate: values.RestrictDomainsToCertificate,
    CloudServicesMailEnabled: values.CloudServicesMailEnabled,
  };
}
