// Configurations, messages and rules for tests of routing: defaults for everything that a test doesn't speak of.
import type { Address } from '#mail/address.ts';
import { parseAddress } from '#mail/address.ts';
import { type DomainPattern, parseDomainPattern } from '#mail/domain-pattern.ts';
import { readHeaderFacts } from '#mail/header-block.ts';
import type { Message, Origin } from '#mail/message.ts';
import type {
  AcceptedDomain,
  Configuration,
  InboundConnector,
  OutboundConnector,
  RuleActions,
  RulePredicates,
  TransportConfig,
  TransportRule,
} from '#directory/configuration.ts';

export function pattern(text: string): DomainPattern {
  const parsed = parseDomainPattern(text);
  if (typeof parsed === 'string') throw new TypeError(parsed);
  return parsed;
}

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === null) throw new TypeError(`${text} is no address`);
  return parsed;
}

/** RecipientDomains as texts; the GUID is the name unless given. */
export function outboundConnector(
  given: Partial<Omit<OutboundConnector, 'RecipientDomains'>> & { RecipientDomains?: readonly string[] },
): OutboundConnector {
  const { RecipientDomains = [], ...rest } = given;
  return {
    Guid: given.Name ?? 'connector',
    Name: 'connector',
    Enabled: true,
    TestMode: false,
    UseMXRecord: true,
    ConnectorType: 'Partner',
    SmartHosts: [],
    TlsSettings: null,
    TlsDomain: null,
    IsTransportRuleScoped: false,
    RouteAllMessagesViaOnPremises: false,
    CloudServicesMailEnabled: false,
    AllAcceptedDomains: false,
    SenderRewritingEnabled: false,
    MtaStsMode: 'Opportunistic',
    SmtpDaneMode: 'Opportunistic',
    HasSmartHostCredential: false,
    SealedCredential: null,
    ...rest,
    RecipientDomains: RecipientDomains.map(pattern),
  };
}

/** SenderDomains as texts. */
export function inboundConnector(
  given: Partial<Omit<InboundConnector, 'SenderDomains'>> & { SenderDomains?: readonly string[] },
): InboundConnector {
  const { SenderDomains = ['*'], ...rest } = given;
  return {
    Guid: given.Name ?? 'inbound',
    Name: 'inbound',
    Enabled: true,
    ConnectorType: 'Partner',
    SenderIPAddresses: [],
    RequireTls: false,
    TlsSenderCertificateName: null,
    RestrictDomainsToIPAddresses: false,
    RestrictDomainsToCertificate: false,
    CloudServicesMailEnabled: false,
    ...rest,
    SenderDomains: SenderDomains.map(pattern),
  };
}

/** `contoso.com`, or `*.contoso.com` for MatchSubDomains. */
export function acceptedDomain(text: string, isDefault = false): AcceptedDomain {
  const parsed = pattern(text);
  if (parsed.kind === 'any') throw new TypeError('An accepted domain has a name.');
  return {
    Guid: text,
    Name: text,
    DomainName: parsed.domain,
    DomainType: 'Authoritative',
    Default: isDefault,
    MatchSubDomains: parsed.kind === 'subtree',
  };
}

export const TRANSPORT_CONFIG: TransportConfig = {
  MessageRetryInterval: 60_000,
  MaxMessageRetryInterval: 3_600_000,
  MessageExpirationTimeout: 86_400_000,
  DelayNotificationTimeout: 14_400_000,
  MaxSendSize: 157_286_400,
  MaxHopCount: 20,
  DefaultRouteEnabled: true,
  RevocationFailureAction: 'Defer',
  TlsReportingEnabled: false,
  TlsReportContact: null,
  MaxOutboundConnectionsPerNextHop: 20,
  MaxMessagesPerConnection: 100,
  MessageRatePerNextHop: 0,
  MessageTraceRetention: 7_776_000_000,
  CrossPremisesHeaderNames: ['AuthAs', 'SCL'],
};

export function configuration(given: Partial<Configuration>): Configuration {
  return {
    revision: 1,
    organizationConfig: { Guid: 'organization', Name: 'Contoso' },
    transportConfig: TRANSPORT_CONFIG,
    outboundConnectors: [],
    inboundConnectors: [],
    acceptedDomains: [],
    transportRules: [],
    distributionGroups: [],
    submissionUsers: [],
    srsKeys: ['c3JzLWtleQ=='],
    ...given,
  };
}

const NO_PREDICATES: RulePredicates = {
  FromScope: null,
  SentToScope: null,
  From: [],
  SentTo: [],
  FromMemberOf: [],
  SentToMemberOf: [],
  SenderDomainIs: [],
  RecipientDomainIs: [],
  FromAddressContainsWords: [],
  FromAddressMatchesPatterns: [],
  RecipientAddressContainsWords: [],
  RecipientAddressMatchesPatterns: [],
  HeaderContainsMessageHeader: null,
  HeaderContainsWords: [],
  HeaderMatchesMessageHeader: null,
  HeaderMatchesPatterns: [],
  SubjectContainsWords: [],
  SubjectMatchesPatterns: [],
  SubjectOrBodyContainsWords: [],
  MessageTypeMatches: null,
  MessageSizeOver: null,
  AttachmentSizeOver: null,
  AttachmentExtensionMatchesWords: [],
  SenderIpRanges: [],
  WithImportance: null,
  SCLOver: null,
};

const NO_ACTIONS: RuleActions = {
  RouteMessageOutboundConnector: null,
  RouteMessageOutboundRequireTls: false,
  RedirectMessageTo: [],
  BlindCopyTo: [],
  RejectMessageReasonText: null,
  RejectMessageEnhancedStatusCode: null,
  DeleteMessage: false,
  SetHeaderName: null,
  SetHeaderValue: null,
  RemoveHeader: null,
  PrependSubject: null,
  SetSCL: null,
};

export type GivenRule = Partial<Omit<TransportRule, 'Conditions' | 'Exceptions' | 'Actions'>> & {
  readonly Conditions?: Partial<RulePredicates>;
  readonly Exceptions?: Partial<RulePredicates>;
  readonly Actions?: Partial<RuleActions>;
};

export function transportRule(given: GivenRule): TransportRule {
  return {
    Guid: given.Name ?? 'rule',
    Name: 'rule',
    Priority: 0,
    State: 'Enabled',
    Mode: 'Enforce',
    StopRuleProcessing: false,
    RuleErrorAction: 'Ignore',
    SenderAddressLocation: 'Header',
    ActivationDate: null,
    ExpiryDate: null,
    ...given,
    Conditions: { ...NO_PREDICATES, ...given.Conditions },
    Exceptions: { ...NO_PREDICATES, ...given.Exceptions },
    Actions: { ...NO_ACTIONS, ...given.Actions },
  };
}

export interface GivenMessage {
  /** `''` is the null sender. */
  readonly from?: string;
  readonly to?: readonly string[];
  readonly origin?: Partial<Origin>;
  readonly content?: string | Uint8Array;
  readonly size?: number;
  readonly forked?: boolean;
}

export function message(given: GivenMessage): Message {
  const { from = 'sender@contoso.com', to = ['recipient@fabrikam.com'] } = given;
  const content = Buffer.from(given.content ?? 'Subject: Test\r\n\r\nText\r\n');
  return {
    id: 1,
    receivedAt: 0,
    envelope: {
      returnPath: from === '' ? null : address(from),
      recipients: to.map((text) => ({ address: address(text), notify: null, orcpt: null })),
      body: '7BIT',
      smtpUtf8: false,
      requireTls: false,
      ret: null,
      envid: null,
    },
    origin: {
      remoteAddress: '192.0.2.10',
      helo: 'client.test',
      tls: null,
      inboundConnector: null,
      fromOnPremises: false,
      authenticatedUser: null,
      ...given.origin,
    },
    facts: readHeaderFacts(content),
    size: given.size ?? content.length,
    ...(given.forked === true ? { forked: true } : {}),
  };
}
