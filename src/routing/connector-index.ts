// The outbound connectors, arranged for selection: which one takes a domain is a look-up per label of its name, however
// many connectors there are. Owns which connectors are candidates at all, and for which step. Never changes: an edit makes
// a new index in microseconds, so that thousands of single changes while mail flows cost no more than the changes.
import type { DomainPattern } from '#mail/domain-pattern.ts';
import type { OutboundConnector } from '#directory/configuration.ts';
import { compareNames } from '#directory/object-name.ts';
import type { ChangedObjects } from './changed-objects.ts';
import {
  changePatternIndex,
  emptyPatternIndex,
  findNamed,
  type PatternIndex,
  type PatternMatch,
} from './pattern-index.ts';
import type { RouteReason } from './route.ts';

const EVERYONE: DomainPattern = Object.freeze({ kind: 'any' });

interface Step {
  readonly patterns: PatternIndex<OutboundConnector>;
  /** AllAcceptedDomains, the first by name first. */
  readonly accepted: readonly OutboundConnector[];
}

export interface ConnectorIndex {
  /** RouteAllMessagesViaOnPremises: they come before all others. */
  readonly centralized: Step;
  readonly direct: Step;
}

/** How a connector matches a recipient's domain. `pattern` is null where AllAcceptedDomains did it. */
export interface ConnectorMatch {
  readonly connector: OutboundConnector;
  readonly reason: Exclude<RouteReason, 'TransportRule' | 'DefaultRoute'>;
  readonly pattern: DomainPattern | null;
}

export function compareConnectors(a: OutboundConnector, b: OutboundConnector): number {
  return compareNames(a.Name, b.Name);
}

const EMPTY_STEP: Step = { patterns: emptyPatternIndex(compareConnectors), accepted: [] };

export function emptyConnectorIndex(): ConnectorIndex {
  return { centralized: EMPTY_STEP, direct: EMPTY_STEP };
}

/** seed: TestMode; Exchange: rule-scoped connectors are never selected any other way than by a rule. */
export function isCandidate(connector: OutboundConnector): boolean {
  return connector.Enabled && !connector.TestMode && !connector.IsTransportRuleScoped;
}

/** routing.md, selection 2: a centralized connector without RecipientDomains matches everyone. */
export function patternsOf(connector: OutboundConnector): readonly DomainPattern[] {
  if (connector.RouteAllMessagesViaOnPremises && connector.RecipientDomains.length === 0) return [EVERYONE];
  return connector.RecipientDomains;
}

export function changeConnectorIndex(
  index: ConnectorIndex,
  changes: ChangedObjects<OutboundConnector>,
): ConnectorIndex {
  const removed = changes.removed.filter(isCandidate);
  const added = changes.added.filter(isCandidate).sort(compareConnectors);
  if (removed.length + added.length === 0) return index;
  const ofStep = (centralized: boolean) => (connector: OutboundConnector) =>
    connector.RouteAllMessagesViaOnPremises === centralized;
  return {
    centralized: changeStep(index.centralized, removed.filter(ofStep(true)), added.filter(ofStep(true))),
    direct: changeStep(index.direct, removed.filter(ofStep(false)), added.filter(ofStep(false))),
  };
}

function changeStep(
  step: Step,
  removed: readonly OutboundConnector[],
  added: readonly OutboundConnector[],
): Step {
  if (removed.length + added.length === 0) return step;
  return {
    patterns: changePatternIndex(step.patterns, {
      removed: removed.flatMap(matchesOf),
      added: added.flatMap(matchesOf),
    }),
    accepted: changeAccepted(step.accepted, removed, added),
  };
}

function matchesOf(connector: OutboundConnector): readonly PatternMatch<OutboundConnector>[] {
  return patternsOf(connector).map((pattern) => ({ owner: connector, pattern }));
}

function changeAccepted(
  list: readonly OutboundConnector[],
  removed: readonly OutboundConnector[],
  added: readonly OutboundConnector[],
): readonly OutboundConnector[] {
  const gone = new Set(removed.filter((connector) => connector.AllAcceptedDomains));
  const come = added.filter((connector) => connector.AllAcceptedDomains);
  if (gone.size + come.length === 0) return list;
  return [...list.filter((connector) => !gone.has(connector)), ...come].sort(compareConnectors);
}

/**
 * The connector that takes a recipient of this domain; null: none does. `isAccepted`: the domain is an accepted domain.
 * The message's origin decides whether centralized transport may act: what came from on-premises would loop (Exchange).
 */
export function selectConnector(
  index: ConnectorIndex,
  domain: string,
  isAccepted: boolean,
  fromOnPremises: boolean,
): ConnectorMatch | null {
  if (!fromOnPremises) {
    const match = mostSpecific(index.centralized, domain, isAccepted);
    if (match !== null) return { ...match, reason: 'CentralizedMailTransport' };
  }
  return mostSpecific(index.direct, domain, isAccepted);
}

/** Exchange: exact domain, longest `*.domain`, accepted domain, `*`; among equals the name that sorts first. */
function mostSpecific(step: Step, domain: string, isAccepted: boolean): ConnectorMatch | null {
  const named = findNamed(step.patterns, domain);
  if (named !== null) {
    const reason = named.pattern.kind === 'exact' ? 'ExactDomain' : 'Subdomain';
    return { connector: named.owner, reason, pattern: named.pattern };
  }
  const accepted = isAccepted ? step.accepted[0] : undefined;
  if (accepted !== undefined) return { connector: accepted, reason: 'AcceptedDomain', pattern: null };
  const any = step.patterns.any[0];
  return any === undefined ? null : { connector: any.owner, reason: 'AnyDomain', pattern: any.pattern };
}
