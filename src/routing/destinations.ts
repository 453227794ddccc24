// Where mail for a domain goes, as Route objects that are made once and shared by every message that goes there. Owns
// printing a connector into a Route, and the memory of recent ones; selection itself is connector-index.ts.
import { printDomainPattern } from '#mail/domain-pattern.ts';
import type { OutboundConnector, TransportConfig } from '#directory/configuration.ts';
import { type AcceptedDomains, findAcceptedDomain } from './accepted-domains.ts';
import { type ConnectorIndex, type ConnectorMatch, selectConnector } from './connector-index.ts';
import { createRecentMap } from './recent-map.ts';
import { type NextHop, nextHopKey, type Route, type RouteReason, type Unroutable } from './route.ts';
import type { Decision, RoutedGroup } from './routed-group.ts';

/** Domains remembered for each origin; twice as many at most. */
const REMEMBERED = 8192;
const ONLY_FIRST: readonly number[] = Object.freeze([0]);
const NOTHING: readonly never[] = Object.freeze([]);

/** The words of Exchange's report for mail that no connector takes. */
const NO_CONNECTOR: Unroutable = Object.freeze({
  status: '5.4.4',
  diagnostic: 'A matching connector cannot be found to route the external recipient',
});

export interface Destination {
  readonly decision: Extract<Decision, { kind: 'route' | 'unroutable' }>;
  /** Equal for destinations that one delivery can serve. */
  readonly groupKey: string;
  /** The whole answer for a message with one recipient that no rule touches. */
  readonly alone: readonly RoutedGroup[];
  /** The same way with TLS required by a rule. */
  readonly withTls: () => Destination;
}

export interface Destinations {
  /** Steps 2 to 5 of the selection. `domain` is in A-labels and lower case, or an address literal. */
  ofDomain(domain: string, fromOnPremises: boolean): Destination;
  /** Step 1: a rule named the connector. */
  ofRule(connector: OutboundConnector, rule: string, domain: string): Destination;
}

export interface DestinationParts {
  readonly connectors: ConnectorIndex;
  readonly accepted: AcceptedDomains;
  readonly transportConfig: Pick<TransportConfig, 'DefaultRouteEnabled'>;
}

export function createDestinations(parts: DestinationParts): Destinations {
  const fromElsewhere = createRecentMap<Destination>(REMEMBERED);
  const fromPremises = createRecentMap<Destination>(REMEMBERED);
  const byRule = createRecentMap<Destination>(REMEMBERED);

  function decide(domain: string, fromOnPremises: boolean): Destination {
    const accepted = findAcceptedDomain(parts.accepted, domain);
    const match = selectConnector(parts.connectors, domain, accepted !== null, fromOnPremises);
    if (match !== null) {
      return routed(connectorRoute(match.connector, match.reason, describeMatch(match), domain));
    }
    return parts.transportConfig.DefaultRouteEnabled
      ? routed(defaultRoute(domain))
      : unroutable(NO_CONNECTOR);
  }

  return {
    ofDomain(domain, fromOnPremises) {
      const known = fromOnPremises ? fromPremises : fromElsewhere;
      const recent = known.get(domain);
      if (recent !== undefined) return recent;
      const name = copyOf(domain);
      const made = decide(name, fromOnPremises);
      known.set(name, made);
      return made;
    },
    ofRule(connector, rule, domain) {
      const key = `${connector.Guid} ${domain} ${rule}`;
      const recent = byRule.get(key);
      if (recent !== undefined) return recent;
      const made = routed(connectorRoute(connector, 'TransportRule', rule, copyOf(domain)));
      byRule.set(key, made);
      return made;
    },
  };
}

/** A string of its own: a part of a received line would keep the whole line in memory. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** The pattern that matched, in words. */
export function describeMatch(match: ConnectorMatch): string {
  if (match.pattern === null) return 'AllAcceptedDomains';
  if (match.connector.RecipientDomains.length === 0) return 'every recipient';
  return printDomainPattern(match.pattern);
}

function connectorRoute(
  connector: OutboundConnector,
  reason: RouteReason,
  because: string,
  domain: string,
): Route {
  const nextHop: NextHop = connector.UseMXRecord
    ? { kind: 'mx', domain }
    : { kind: 'smart-hosts', hosts: connector.SmartHosts };
  return {
    connector: { guid: connector.Guid, name: connector.Name },
    reason,
    because,
    nextHop,
    tlsLevel: connector.TlsSettings ?? 'Opportunistic',
    tlsDomain: connector.TlsSettings === 'DomainValidation' ? connector.TlsDomain : null,
    ruleRequiresTls: false,
    mtaStsMode: connector.MtaStsMode,
    smtpDaneMode: connector.SmtpDaneMode,
    crossPremisesHeaders: connector.CloudServicesMailEnabled ? 'Preserve' : 'Remove',
    senderRewriting: connector.SenderRewritingEnabled,
    hasCredential: connector.HasSmartHostCredential,
  };
}

function defaultRoute(domain: string): Route {
  return {
    connector: null,
    reason: 'DefaultRoute',
    because: 'no connector matches',
    nextHop: { kind: 'mx', domain },
    tlsLevel: 'Opportunistic',
    tlsDomain: null,
    ruleRequiresTls: false,
    mtaStsMode: 'Opportunistic',
    smtpDaneMode: 'Opportunistic',
    crossPremisesHeaders: 'Remove',
    senderRewriting: false,
    hasCredential: false,
  };
}

function routed(route: Route): Destination {
  const key = nextHopKey(route);
  let secured: Destination | null = null;
  const destination: Destination = create(
    { kind: 'route', route, key, routes: null },
    route.ruleRequiresTls ? `${key} tls` : key,
    () => {
      secured ??= route.ruleRequiresTls ? destination : routed({ ...route, ruleRequiresTls: true });
      return secured;
    },
  );
  return destination;
}

function unroutable(reason: Unroutable): Destination {
  const destination: Destination = create(
    { kind: 'unroutable', unroutable: reason },
    `! ${reason.status}`,
    () => destination,
  );
  return destination;
}

function create(
  decision: Destination['decision'],
  groupKey: string,
  withTls: () => Destination,
): Destination {
  const group: RoutedGroup = {
    recipients: ONLY_FIRST,
    decision,
    headerEdits: NOTHING,
    blindCopies: NOTHING,
    ruleMatches: NOTHING,
  };
  return { decision, groupKey, alone: Object.freeze([group]), withTls };
}
