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

export type WayOrNone = Extract<Decision, { kind: 'route' | 'unroutable' }>;

/** A decision, and what is made of it once for all messages that share it. */
export class Destination {
  readonly decision: WayOrNone;
  /** Equal for destinations that one delivery can serve. */
  readonly groupKey: string;
  #alone: readonly RoutedGroup[] | null = null;
  #withTls: Destination | null = null;
  #ofReport: Destination | null = null;

  constructor(decision: WayOrNone) {
    this.decision = decision;
    if (decision.kind === 'unroutable') this.groupKey = `! ${decision.unroutable.status}`;
    else this.groupKey = decision.route.ruleRequiresTls ? `${decision.key} tls` : decision.key;
  }

  /** The whole answer for a message with one recipient that no rule touches. */
  get alone(): readonly RoutedGroup[] {
    this.#alone ??= [
      {
        recipients: ONLY_FIRST,
        decision: this.decision,
        headerEdits: NOTHING,
        blindCopies: NOTHING,
        ruleMatches: NOTHING,
      },
    ];
    return this.#alone;
  }

  /** The same way with TLS required by a rule. */
  get withTls(): Destination {
    const { decision } = this;
    if (decision.kind === 'unroutable' || decision.route.ruleRequiresTls) return this;
    this.#withTls ??= routed({ ...decision.route, ruleRequiresTls: true });
    return this.#withTls;
  }

  /** The same way for a TLS report: under no published policy, in a queue of its own. Smart hosts publish none. */
  get ofReport(): Destination {
    const { decision } = this;
    if (decision.kind === 'unroutable' || decision.route.nextHop.kind !== 'mx') return this;
    if (decision.route.tlsReport === true) return this;
    this.#ofReport ??= routed({
      ...decision.route,
      mtaStsMode: 'None',
      smtpDaneMode: 'None',
      tlsReport: true,
    });
    return this.#ofReport;
  }
}

export interface Destinations {
  /** Steps 2 to 5 of the selection. `domain` is in A-labels and lower case, or an address literal. */
  ofDomain(domain: string, fromOnPremises: boolean): Destination;
  /** Step 1: a rule named the connector. */
  ofRule(connector: OutboundConnector, rule: string, domain: string): Destination;
}

const UNROUTABLE = new Destination({ kind: 'unroutable', unroutable: NO_CONNECTOR });

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
    return parts.transportConfig.DefaultRouteEnabled ? routed(defaultRoute(domain)) : UNROUTABLE;
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

/**
 * The way over this very connector, whatever routing would select: for validation, where the connector may be disabled,
 * in test mode or none of the domain's. It counts as named, as by a rule.
 */
export function validationRoute(connector: OutboundConnector, domain: string): Route {
  return connectorRoute(connector, 'TransportRule', 'validation', domain);
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
  return new Destination({ kind: 'route', route, key: nextHopKey(route), routes: null });
}
