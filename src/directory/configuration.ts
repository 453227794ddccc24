// The whole configuration as plain data, as it travels to the threads that route and deliver: every object that acts on
// mail, read-only, without the administrative tail. A new value is made for every change; nothing in it ever changes.
// A set property that is "not set" is null or an empty list, never undefined, so that it survives any clone.
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
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
  /** Postern: user and password as credential-vault.ts sealed them; useless without the key file. */
  readonly SealedCredential: string | null;
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
  /** RFC 8460. */
  readonly TlsReportingEnabled: boolean;
  /** Whom TLS reports name as their contact and come from; null: the postmaster. */
  readonly TlsReportContact: string | null;
  readonly MaxOutboundConnectionsPerNextHop: number;
  readonly MaxMessagesPerConnection: number;
  /** Messages a second to one next hop; 0: no limit. */
  readonly MessageRatePerNextHop: number;
  readonly MessageTraceRetention: number;
  /** The NAMEs of `X-MS-Exchange-Organization-NAME` that cross premises; compared without regard to case. */
  readonly CrossPremisesHeaderNames: readonly string[];
}

export interface OrganizationConfig {
  readonly Guid: string;
  readonly Name: string;
}

/** Members are lower-case addresses (`local@a-label`), sorted. */
export interface DistributionGroup {
  readonly Guid: string;
  readonly Name: string;
  readonly PrimarySmtpAddress: string;
  readonly Members: readonly string[];
}

/** Who may hand in mail with SMTP AUTH. */
export interface SubmissionUser {
  readonly Guid: string;
  /** The user name of SMTP AUTH; compared without regard to case. */
  readonly Name: string;
  readonly Enabled: boolean;
  /** See password-hash.ts: never the password. */
  readonly PasswordHash: string;
}

export type RuleScope = 'InOrganization' | 'NotInOrganization';

export type RuleMessageType = 'OOF' | 'AutoForward' | 'Encrypted' | 'Calendaring' | 'Signed' | 'ReadReceipt';

/**
 * Conditions, or exceptions, of a transport rule, by Exchange's parameter names. null or an empty list: not set.
 * All that are set must hold for conditions, any one for exceptions; within a list one match is enough.
 * Addresses and domains are in lower case and A-labels; words and header names are as typed, compared without regard to case.
 */
export interface RulePredicates {
  readonly FromScope: RuleScope | null;
  readonly SentToScope: RuleScope | null;
  readonly From: readonly string[];
  readonly SentTo: readonly string[];
  /** GUIDs of distribution groups. */
  readonly FromMemberOf: readonly string[];
  readonly SentToMemberOf: readonly string[];
  /** The domain and every name below it (Exchange). */
  readonly SenderDomainIs: readonly string[];
  readonly RecipientDomainIs: readonly string[];
  readonly FromAddressContainsWords: readonly string[];
  /** Regular expressions in RE2's syntax, checked when the rule was made; matched without regard to case. */
  readonly FromAddressMatchesPatterns: readonly string[];
  readonly RecipientAddressContainsWords: readonly string[];
  readonly RecipientAddressMatchesPatterns: readonly string[];
  /** Name of the field that HeaderContainsWords looks into; both are set or neither is. */
  readonly HeaderContainsMessageHeader: string | null;
  readonly HeaderContainsWords: readonly string[];
  readonly HeaderMatchesMessageHeader: string | null;
  readonly HeaderMatchesPatterns: readonly string[];
  readonly SubjectContainsWords: readonly string[];
  readonly SubjectMatchesPatterns: readonly string[];
  readonly SubjectOrBodyContainsWords: readonly string[];
  readonly MessageTypeMatches: RuleMessageType | null;
  /** Octets: true for what is larger or equal (Exchange). */
  readonly MessageSizeOver: number | null;
  readonly AttachmentSizeOver: number | null;
  /** Without the dot, lower case. */
  readonly AttachmentExtensionMatchesWords: readonly string[];
  /** Address, `first-last` or CIDR, as text in canonical form. */
  readonly SenderIpRanges: readonly string[];
  readonly WithImportance: 'Low' | 'Normal' | 'High' | null;
  /** −1 to 9: true for this spam confidence level and above (Exchange). */
  readonly SCLOver: number | null;
}

export interface RuleActions {
  /** GUID of an outbound connector. */
  readonly RouteMessageOutboundConnector: string | null;
  readonly RouteMessageOutboundRequireTls: boolean;
  readonly RedirectMessageTo: readonly string[];
  readonly BlindCopyTo: readonly string[];
  readonly RejectMessageReasonText: string | null;
  /** Set whenever the rule rejects: 5.7.1 unless given. */
  readonly RejectMessageEnhancedStatusCode: EnhancedStatus | null;
  readonly DeleteMessage: boolean;
  /** Both are set or neither is. */
  readonly SetHeaderName: string | null;
  readonly SetHeaderValue: string | null;
  readonly RemoveHeader: string | null;
  readonly PrependSubject: string | null;
  readonly SetSCL: number | null;
}

export interface TransportRule {
  readonly Guid: string;
  readonly Name: string;
  /** 0 runs first; no two rules have the same. */
  readonly Priority: number;
  readonly State: 'Enabled' | 'Disabled';
  readonly Mode: 'Enforce' | 'Audit' | 'AuditAndNotify';
  readonly StopRuleProcessing: boolean;
  readonly RuleErrorAction: 'Ignore' | 'Defer';
  readonly SenderAddressLocation: 'Header' | 'Envelope' | 'HeaderOrEnvelope';
  /** Milliseconds since 1970; null: at once, and for ever. */
  readonly ActivationDate: number | null;
  readonly ExpiryDate: number | null;
  readonly Conditions: RulePredicates;
  readonly Exceptions: RulePredicates;
  readonly Actions: RuleActions;
}

/** Everything that routing, delivery and ingress act on. Each list is in the order named; GUIDs are unique in all. */
export interface Configuration {
  /** Rises by one with every change; equal revisions are equal configurations. */
  readonly revision: number;
  readonly organizationConfig: OrganizationConfig;
  readonly transportConfig: TransportConfig;
  /** In no order: routing sorts equals by name itself. */
  readonly outboundConnectors: readonly OutboundConnector[];
  readonly inboundConnectors: readonly InboundConnector[];
  /** At most one has Default. */
  readonly acceptedDomains: readonly AcceptedDomain[];
  /** By Priority. */
  readonly transportRules: readonly TransportRule[];
  readonly distributionGroups: readonly DistributionGroup[];
  readonly submissionUsers: readonly SubmissionUser[];
  /** Keys of the SRS hash, newest first (base64): the first signs, all verify. Never empty. */
  readonly srsKeys: readonly string[];
}
