// The outbound connector: every property in the order that Get-OutboundConnector shows them, declared once
// (connectors.md). The parameters of New- and Set-OutboundConnector, what Get- returns, the form in the store and the
// connector that routing and delivery see all come from here; the rules between properties are in
// outbound-connector-rules.ts.
import { parseDomainPattern } from '#mail/domain-pattern.ts';
import type { DomainPattern } from '#mail/domain-pattern.ts';
import { parseSmartHost } from '#mail/smart-host.ts';
import { dateTimeType } from '#parameters/date-time-type.ts';
import { booleanType, enumeration, guidType, textUpTo } from '#parameters/scalar-types.ts';
import type { OutboundConnector } from './configuration.ts';
import type { ChangesOf, ObjectDeclaration, ValuesOf } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import {
  hiddenProperty,
  isTextOrNull,
  listProperty,
  nullableProperty,
  property,
} from './property-declaration.ts';
import {
  addressKey,
  certificateDomainType,
  connectorNameType,
  domainPatternKey,
  domainPatternType,
  smartHostKey,
  smartHostType,
  smtpAddressType,
} from './property-types.ts';

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

const properties = {
  Enabled: property(booleanType, true, {
    help: 'Whether the connector takes part in routing. A disabled connector is never selected; mail that waits for it is routed again.',
  }),
  UseMXRecord: property(booleanType, true, {
    help: "With $true the connector delivers to the mail exchangers (MX) of each recipient's domain. With $false it delivers to SmartHosts, which the same command has to give.\n\nGoing back to $true empties SmartHosts.",
  }),
  Comment: property(textUpTo(4096), '', {
    help: 'A note for administrators. It has no effect on mail.',
  }),
  ConnectorType: property(enumeration('TenantConnectorType', ['OnPremises', 'Partner']), 'Partner', {
    help: "OnPremises: the next hops are the organization's own servers. Partner: they belong to somebody else.\n\nAllAcceptedDomains, RouteAllMessagesViaOnPremises and SenderRewritingEnabled need OnPremises.",
  }),
  ConnectorSource: property(
    enumeration('TenantConnectorSource', ['Default', 'Migrated', 'HybridWizard', 'AdminUI']),
    'Default',
    {
      help: 'Who made the connector: an administrator by cmdlet (Default), a migration (Migrated), a hybrid set-up script (HybridWizard) or the web admin (AdminUI). It has no effect on mail.',
    },
  ),
  RecipientDomains: listProperty(domainPatternType, domainPatternKey, {
    help: 'The domains whose recipients the connector serves: a domain (contoso.com), a domain with everything below it (*.contoso.com, which matches contoso.com too), or * for all.\n\nThe most specific entry of all connectors wins. A list replaces what is there; @{Add="a.com"; Remove="b.com"} changes it.',
  }),
  SmartHosts: listProperty(smartHostType, smartHostKey, {
    help: 'The hosts to deliver to when UseMXRecord is $false: host names, IPv4 or IPv6 addresses, or CIDR ranges from /24 (IPv6: /120) on, which are pools of hosts. A port other than 25 is added with a colon (relay.contoso.com:2525, [2001:db8::1]:2525).\n\nA host name is looked up as MX first, else as an address.',
  }),
  TlsDomain: nullableProperty(certificateDomainType, {
    help: "The name that the next hop's certificate must be good for when TlsSettings is DomainValidation: a domain, or *.domain for the domain and everything below it. $null takes it away.",
  }),
  TlsSettings: nullableProperty(
    enumeration('TlsAuthLevel', ['EncryptionOnly', 'CertificateValidation', 'DomainValidation']),
    {
      help: 'The least protection a connection must have before any mail is sent over it. EncryptionOnly: TLS, whatever the certificate. CertificateValidation: the chain also verifies to a trusted root and nothing in it is revoked. DomainValidation: the certificate also names TlsDomain (or, in MX mode without TlsDomain, the domain of the recipient).\n\n$null: TLS is used where the next hop offers it.',
    },
  ),
  IsTransportRuleScoped: property(booleanType, false, {
    help: 'With $true the connector is used only by transport rules that name it (RouteMessageOutboundConnector), never because of its domains.',
  }),
  RouteAllMessagesViaOnPremises: property(booleanType, false, {
    help: "Centralized mail transport: with $true all mail that the connector matches goes through the organization's own servers first, before any more specific connector. The same command has to give -ConnectorType OnPremises.\n\nMail that came from on-premises is left out, or it would loop.",
  }),
  CloudServicesMailEnabled: property(booleanType, false, {
    help: 'With $true certain X-MS-Exchange-Organization headers travel as X-MS-Exchange-CrossPremises headers, so that a hybrid partner can take them up again. With $false all cross-premises headers are removed on the way out.',
  }),
  AllAcceptedDomains: property(booleanType, false, {
    help: 'With $true the connector also serves recipients in any accepted domain of the organization. Only for ConnectorType OnPremises.',
  }),
  SenderRewritingEnabled: property(booleanType, false, {
    help: 'With $true the envelope sender of mail from outside the accepted domains is rewritten (SRS), so that the next hop sees a sender it can check, and bounces find their way back. Only for ConnectorType OnPremises.',
  }),
  MtaStsMode: property(enumeration('MtaStsMode', ['Opportunistic', 'None']), 'Opportunistic', {
    help: "Whether a recipient domain's MTA-STS policy is looked up and obeyed in MX mode. It raises what TlsSettings asks for, and never lowers it.",
  }),
  SmtpDaneMode: property(
    enumeration('SmtpDaneMode', ['Opportunistic', 'Mandatory', 'None']),
    'Opportunistic',
    {
      help: 'DANE in MX mode. Opportunistic: where a host has usable TLSA records they must match. Mandatory: hosts without such records are not used. None: not looked up.',
    },
  ),
  TestMode: property(booleanType, false, {
    help: 'With $true the connector is used by Validate-OutboundConnector only, never by real mail.',
  }),
  LinkForModifiedConnector: property(guidType, ZERO_GUID, {
    takenBy: 'New',
    help: 'The GUID of the connector that this one is a test copy of. It has no effect on mail.',
  }),
  ValidationRecipients: listProperty(smtpAddressType, addressKey, {
    typeName: 'String[]',
    takenBy: 'Set',
    help: 'The addresses that Validate-OutboundConnector sends its test mail to when it is given none.',
  }),
  IsValidated: property(booleanType, false, {
    takenBy: 'Set',
    help: 'Whether the connector was validated as it is now. A change of anything that routes or protects mail turns it to $false, unless the same command gives it.',
  }),
  LastValidationTimestamp: nullableProperty(dateTimeType, {
    takenBy: 'Set',
    help: 'When the connector was validated: text in UTC ("2016-05-06 14:30:00z") or a date, such as (Get-Date "5/6/2016 9:30 AM").ToUniversalTime(). It is shown in UTC.',
  }),
  /** Postern: what SmartHostCredential gave, sealed for this connector's GUID. */
  SealedCredential: hiddenProperty<string | null>(null, isTextOrNull),
} as const;

export type OutboundConnectorProperties = typeof properties;
export type OutboundConnectorValues = ValuesOf<OutboundConnectorProperties>;
export type OutboundConnectorChanges = ChangesOf<OutboundConnectorProperties>;
export type OutboundConnectorObject = DirectoryObject<OutboundConnectorProperties>;

export const outboundConnectorObject: ObjectDeclaration<OutboundConnectorProperties> = {
  kind: 'OutboundConnector',
  noun: 'outbound connector',
  objectClass: 'msExchSMTPOutboundConnector',
  container: 'CN=Transport Settings',
  nameType: connectorNameType,
  properties,
  computed: { HasSmartHostCredential: (values) => values['SealedCredential'] !== null },
};

/** What routing and delivery see: patterns and hosts parsed once, no administrative tail. */
export function toOutboundConnector({ guid, values }: OutboundConnectorObject): OutboundConnector {
  return {
    Guid: guid,
    Name: values.Name,
    Enabled: values.Enabled,
    TestMode: values.TestMode,
    UseMXRecord: values.UseMXRecord,
    ConnectorType: values.ConnectorType,
    RecipientDomains: patterns(values.RecipientDomains),
    SmartHosts: values.SmartHosts.map(parseSmartHost).filter((host) => typeof host !== 'string'),
    TlsSettings: values.TlsSettings,
    TlsDomain: values.TlsDomain === null ? null : (patterns([values.TlsDomain])[0] ?? null),
    IsTransportRuleScoped: values.IsTransportRuleScoped,
    RouteAllMessagesViaOnPremises: values.RouteAllMessagesViaOnPremises,
    CloudServicesMailEnabled: values.CloudServicesMailEnabled,
    AllAcceptedDomains: values.AllAcceptedDomains,
    SenderRewritingEnabled: values.SenderRewritingEnabled,
    MtaStsMode: values.MtaStsMode,
    SmtpDaneMode: values.SmtpDaneMode,
    HasSmartHostCredential: values.SealedCredential !== null,
    SealedCredential: values.SealedCredential,
  };
}

/** Parses what the property's type has let in; an entry that no longer parses matches nothing. */
export function patterns(texts: readonly string[]): readonly DomainPattern[] {
  return texts.map(parseDomainPattern).filter((pattern) => typeof pattern !== 'string');
}
