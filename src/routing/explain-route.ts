// Why a recipient's mail goes where it goes: the decision of routeMessage, and for every connector why it was chosen or
// why not. For Test-OutboundRoute and the web admin. Takes the decision from the very function that delivery uses, so it
// can't say anything else; the words about the others follow from the same rules. Looks at every connector: not for mail.
import { matchesDomainPattern } from '#mail/domain-pattern.ts';
import type { OutboundConnector } from '#directory/configuration.ts';
import { findAcceptedDomain } from './accepted-domains.ts';
import { compareConnectors, type ConnectorMatch, patternsOf } from './connector-index.ts';
import { describeMatch } from './destinations.ts';
import type { Route, RouteReason } from './route.ts';
import type { Decision, RoutedGroup } from './routed-group.ts';
import { routeMessage, type RoutingInput } from './select-route.ts';
import type { RoutingSnapshot } from './snapshot.ts';

export interface ConsideredConnector {
  readonly guid: string;
  readonly name: string;
  readonly chosen: boolean;
  /** One sentence: why it was chosen, or why not. */
  readonly why: string;
}

export interface ExplainedRecipient {
  /** Position in the envelope's recipients. */
  readonly recipient: number;
  readonly decision: Decision;
  /** The route of this recipient; null where the decision is none. */
  readonly route: Route | null;
  readonly group: RoutedGroup;
  /** Every outbound connector: the chosen one first, then by name. */
  readonly connectors: readonly ConsideredConnector[];
}

export async function explainRoute(
  input: RoutingInput,
  snapshot: RoutingSnapshot,
): Promise<readonly ExplainedRecipient[]> {
  const groups = await routeMessage(input, snapshot);
  const sorted = [...snapshot.configuration.outboundConnectors].sort(compareConnectors);
  return groups
    .flatMap((group) =>
      group.recipients.map((recipient, index) => {
        const { decision } = group;
        const route = decision.kind === 'route' ? (decision.routes?.[index] ?? decision.route) : null;
        const connectors = considerConnectors(input, snapshot, sorted, recipient, route);
        return { recipient, decision, route, group, connectors };
      }),
    )
    .sort((a, b) => a.recipient - b.recipient);
}

function considerConnectors(
  { message }: RoutingInput,
  snapshot: RoutingSnapshot,
  all: readonly OutboundConnector[],
  recipient: number,
  route: Route | null,
): readonly ConsideredConnector[] {
  const domain = message.envelope.recipients[recipient]?.address.domain ?? '';
  const accepted = findAcceptedDomain(snapshot.accepted, domain) !== null;
  const { fromOnPremises } = message.origin;
  const winner = all.find((connector) => connector.Guid === route?.connector?.guid);
  const winning = winner === undefined ? null : matchOf(winner, domain, accepted);
  const considered = all.map((connector) => {
    const chosen = connector === winner;
    const why =
      chosen && route !== null
        ? whyChosen(route)
        : whyNot(connector, { domain, accepted, fromOnPremises, route, winning });
    return { guid: connector.Guid, name: connector.Name, chosen, why };
  });
  return [...considered.filter(({ chosen }) => chosen), ...considered.filter(({ chosen }) => !chosen)];
}

/** How a connector would match the domain if nothing else counted; the most specific of its patterns. */
export function matchOf(
  connector: OutboundConnector,
  domain: string,
  accepted: boolean,
): ConnectorMatch | null {
  let best: ConnectorMatch | null = null;
  for (const pattern of patternsOf(connector)) {
    if (!matchesDomainPattern(pattern, domain)) continue;
    const reason = REASON_OF[pattern.kind];
    best = moreSpecific(best, { connector, reason, pattern });
  }
  if (accepted && connector.AllAcceptedDomains) {
    best = moreSpecific(best, { connector, reason: 'AcceptedDomain', pattern: null });
  }
  return best;
}

const REASON_OF = { exact: 'ExactDomain', subtree: 'Subdomain', any: 'AnyDomain' } as const;

function moreSpecific(a: ConnectorMatch | null, b: ConnectorMatch): ConnectorMatch {
  return a === null || compareSpecificity(b, a) < 0 ? b : a;
}

const STEPS = ['ExactDomain', 'Subdomain', 'AcceptedDomain', 'AnyDomain'];

/** Below 0: `a` comes before `b` in step 3 of the selection; 0: only their names decide. */
export function compareSpecificity(a: ConnectorMatch, b: ConnectorMatch): number {
  const steps = STEPS.indexOf(a.reason) - STEPS.indexOf(b.reason);
  return steps === 0 ? patternLength(b) - patternLength(a) : steps;
}

function patternLength({ pattern }: ConnectorMatch): number {
  return pattern === null || pattern.kind === 'any' ? 0 : pattern.domain.length;
}

function whyChosen({ reason, because }: Route): string {
  return WHY_CHOSEN[reason].replace('…', () => because);
}

const WHY_CHOSEN: Readonly<Record<RouteReason, string>> = {
  TransportRule: 'The transport rule "…" names it.',
  CentralizedMailTransport:
    'Centralized mail transport (RouteAllMessagesViaOnPremises) comes before all others; it matches by ….',
  ExactDomain: "Its RecipientDomains name …, the recipient's very domain.",
  Subdomain: 'Its RecipientDomains hold …, the most specific pattern that matches.',
  AcceptedDomain:
    "The recipient's domain is an accepted domain (AllAcceptedDomains), and no pattern is more specific.",
  AnyDomain: 'Its RecipientDomains hold *, and nothing more specific matches.',
  DefaultRoute: 'No connector matches.',
};

interface Circumstances {
  readonly domain: string;
  readonly accepted: boolean;
  readonly fromOnPremises: boolean;
  readonly route: Route | null;
  readonly winning: ConnectorMatch | null;
}

function whyNot(connector: OutboundConnector, circumstances: Circumstances): string {
  const { domain, accepted, fromOnPremises, route, winning } = circumstances;
  if (!connector.Enabled) return 'It is disabled.';
  if (connector.TestMode) return 'It is in test mode: only validation uses it.';
  if (connector.IsTransportRuleScoped) {
    return route?.reason === 'TransportRule'
      ? 'It is scoped to transport rules, and the rule that decided names another.'
      : 'It is scoped to transport rules, and no rule that matched names it.';
  }
  const match = matchOf(connector, domain, accepted);
  if (match === null) return whyNoMatch(connector, domain, accepted);
  if (connector.RouteAllMessagesViaOnPremises && fromOnPremises) {
    return 'It is for centralized mail transport, and the message came from on-premises: it would loop.';
  }
  if (route === null) return 'The message ends before a connector is chosen.';
  if (route.reason === 'TransportRule')
    return `The transport rule "${route.because}" names another connector.`;
  if (route.reason === 'CentralizedMailTransport' && !connector.RouteAllMessagesViaOnPremises) {
    return `It matches by ${describeMatch(match)}, but centralized mail transport comes first.`;
  }
  const by = describeMatch(match);
  if (winning !== null && compareSpecificity(winning, match) < 0) {
    return `It matches by ${by}, which is less specific than ${describeMatch(winning)}.`;
  }
  return `It matches by ${by} as well, but its name sorts behind "${winning?.connector.Name ?? ''}".`;
}

function whyNoMatch(connector: OutboundConnector, domain: string, accepted: boolean): string {
  if (connector.AllAcceptedDomains && !accepted && connector.RecipientDomains.length === 0) {
    return `${domain} is not an accepted domain.`;
  }
  if (connector.RecipientDomains.length === 0) return 'It has no RecipientDomains.';
  return `None of its RecipientDomains matches ${domain}.`;
}
