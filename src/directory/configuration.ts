// The whole configuration as plain data, as it travels to the threads that route and deliver: every object that acts on
// mail, read-only, without the administrative tail. A new value is made for every change; nothing in it ever changes.
import type { DomainPattern } from '#mail/domain-pattern.ts';
import type { SmartHost } from '#mail/smart-host.ts';

/** Exchange's spelling for the properties; connectors.md says what each means. */
export interface OutboundConnector {
  readonly Guid: string;
  readonly Name: string;
  readonly Enabled: boolean;
  readonly TestMode: boolean;
  readonly UseMXRecord: boolean;
  readonly ConnectorType: 'OnPremises' | 'Partner';
  readonly RecipientDomains: readonly DomainPattern[];
  readonly SmartHosts: readonly SmartHost[];
  readonly TlsSettings: 'EncryptionOnly' | 'CertificateValidation' | 'DomainValidation' | null;
  readonly TlsDomain: DomainPattern | null;
  readonly IsTransportRuleScoped: boolean;
  readonly RouteAllMessagesViaOnPremises: boolean;
  readonly CloudServicesMailEnabled: boolean;
  readonly AllAcceptedDomains: boolean;
  readonly SenderRewritingEnabled: boolean;
  readonly MtaStsMode: 'Opportunistic' | 'None';
  readonly SmtpDaneMode: 'Opportunistic' | 'Mandatory' | 'None';
  readonly HasSmartHostCredential: boolean;
}

export interface InboundConnector {
  readonly Guid: string;
  readonly Name: string;
  readonly Enabled: boolean;
  readonly ConnectorType: 'OnPremises' | 'Partner';
  readonly SenderDomains: readonly DomainPattern[];
  /** Address, `first-last` or CIDR, as text in canonical form. */
  readonly SenderIPAddresses: readonly string[];
  readonly RequireTls: boolean;
  readonly TlsSenderCertificateName: DomainPattern | null;
  readonly RestrictDomainsToIPAddresses: boolean;
  readonly RestrictDomainsToCertificate: boolean;
  readonly CloudServicesMailEnabled: boolean;
}

export interface AcceptedDomain {
  readonly Guid: string;
  readonly Name: string;
  /** A-labels, lower case. */
  readonly DomainName: string;
  readonly DomainType: 'Authoritative' | 'InternalRelay';
  readonly Default: boolean;
  readonly MatchSubDomains: boolean;
}

/** Times in milliseconds, sizes in octets. Names as Exchange's transport service has them. */
export interface TransportConfig {
  readonly MessageRetryInterval: number;
  readonly MaxMessageRetryInterval: number;
  readonly MessageExpirationTimeout: number;
  readonly DelayNotificationTimeout: number;
  readonly MaxSendSize: number;
  readonly MaxHopCount: number;
  readonly DefaultRouteEnabled: boolean;
  readonly RevocationFailureAction: 'Defer' | 'Allow';
  readonly MaxOutboundConnectionsPerNextHop: number;
  readonly MaxMessagesPerConnection: number;
  /** Messages a second to one next hop; 0: no limit. */
  readonly MessageRatePerNextHop: number;
  readonly MessageTraceRetention: number;
}
