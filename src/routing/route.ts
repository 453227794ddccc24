// A route: where one or more recipients of a message go, how well protected, what is done to the message on the way,
// and why. The contract between routing (which makes it) and delivery (which follows it and knows nothing else).
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import type { DomainPattern } from '#mail/domain-pattern.ts';
import type { SmartHost } from '#mail/smart-host.ts';
import type { TlsLevel } from '#tls/requirement.ts';

/** Which step of the selection decided (spec order). */
export type RouteReason =
  | 'TransportRule'
  | 'CentralizedMailTransport'
  | 'ExactDomain'
  | 'Subdomain'
  | 'AcceptedDomain'
  | 'AnyDomain'
  | 'DefaultRoute';

export type NextHop =
  | { readonly kind: 'mx'; readonly domain: string }
  | { readonly kind: 'smart-hosts'; readonly hosts: readonly SmartHost[] };

export interface Route {
  /** null: the default route by MX, no connector. */
  readonly connector: { readonly guid: string; readonly name: string } | null;
  readonly reason: RouteReason;
  /** What decided, in words: the pattern that matched, the rule's name. */
  readonly because: string;
  readonly nextHop: NextHop;
  readonly tlsLevel: TlsLevel;
  readonly tlsDomain: DomainPattern | null;
  /** RouteMessageOutboundRequireTls of a rule: TLS is a must even where the connector asks for none. */
  readonly ruleRequiresTls: boolean;
  readonly mtaStsMode: 'Opportunistic' | 'None';
  readonly smtpDaneMode: 'Opportunistic' | 'Mandatory' | 'None';
  /** seed: CloudServicesMailEnabled. */
  readonly crossPremisesHeaders: 'Preserve' | 'Remove';
  /** SenderRewritingEnabled (SRS). */
  readonly senderRewriting: boolean;
  /** The connector has a SmartHostCredential; delivery asks the credential store by this GUID. */
  readonly hasCredential: boolean;
  /** The way of a TLS report by MX: RFC 8460 §3, no DANE and no MTA-STS holds up what tells of their failure. */
  readonly tlsReport?: boolean;
}

/** A recipient that has no way: it fails at once. */
export interface Unroutable {
  readonly status: EnhancedStatus;
  readonly diagnostic: string;
}

/**
 * The queue a route's mail waits in, and the key of its limits and its connections: equal keys share next hops and
 * protection. `connector GUID/domain` for MX, `connector GUID` for smart hosts, `/domain` for the default route; `;tls`
 * behind it where a rule requires TLS, so that a next hop without TLS holds up nobody else's mail; `;report` for TLS
 * reports, so that a domain whose policy nobody can meet doesn't hold up the report on it.
 */
export function nextHopKey(route: Route): string {
  const connector = route.connector?.guid ?? '';
  const key = route.nextHop.kind === 'mx' ? `${connector}/${route.nextHop.domain}` : connector;
  const secured = route.ruleRequiresTls ? `${key};tls` : key;
  return route.tlsReport === true ? `${secured};report` : secured;
}

/** What a key was made of; `domain` null: smart hosts. */
export function readNextHopKey(key: string): {
  readonly guid: string;
  readonly domain: string | null;
  readonly tls: boolean;
  readonly report: boolean;
} {
  const [place = '', ...marks] = key.split(';');
  const slash = place.indexOf('/');
  const marked = { tls: marks.includes('tls'), report: marks.includes('report') };
  return slash < 0
    ? { guid: place, domain: null, ...marked }
    : { guid: place.slice(0, slash), domain: place.slice(slash + 1), ...marked };
}
