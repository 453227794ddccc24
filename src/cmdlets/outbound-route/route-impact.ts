// What another configuration would do to mail that was traced: which domains' mail would take another way, and where it
// would be protected less. Judged once for each way that mail went (domain, connector, origin), whatever the number of
// messages. Rules aren't run again, as the messages are gone: mail that went over a connector for rules is taken to be sent
// there again. Pure.
import type { OutboundConnector } from '#directory/configuration.ts';
import { printDomainPattern } from '#mail/domain-pattern.ts';
import { printSmartHost } from '#mail/smart-host.ts';
import type { WayOrNone } from '#routing/destinations.ts';
import { readNextHopKey, type Route } from '#routing/route.ts';
import type { RoutingSnapshot } from '#routing/snapshot.ts';
import type { TrafficGroup, TrafficSample } from '#store/traffic.ts';
import type { TlsLevel } from '#tls/requirement.ts';

export interface RouteChange {
  /** As people say it: `Contoso (relay.contoso.com)`, `MX`, `no route`. */
  readonly from: string;
  readonly to: string;
  /** false: only the protection is another. */
  readonly anotherWay: boolean;
  /** Why the protection is weaker, each a clause; empty: it isn't. */
  readonly weaker: readonly string[];
  /** In order of their share. */
  readonly domains: readonly string[];
  readonly recipients: number;
  readonly messages: number;
}

export interface RouteImpact {
  /** All that was looked at. */
  readonly recipients: number;
  readonly messages: number;
  readonly domains: number;
  readonly complete: boolean;
  /** Of those, what would go another way. */
  readonly movedMessages: number;
  /** The largest first. */
  readonly changes: readonly RouteChange[];
}

interface Change {
  readonly from: string;
  readonly to: string;
  readonly anotherWay: boolean;
  readonly weaker: readonly string[];
  readonly domains: Map<string, number>;
  recipients: number;
  messages: number;
  lastMessage: number;
}

/** @param isFromOnPremises whether mail of a group came in over an OnPremises inbound connector */
export function assessImpact(
  sample: TrafficSample,
  before: RoutingSnapshot,
  after: RoutingSnapshot,
  isFromOnPremises: (group: TrafficGroup) => boolean,
): RouteImpact {
  const byName = new Map(before.configuration.outboundConnectors.map((one) => [one.Name, one]));
  const changes = new Map<string, Change>();
  const changeOf = sample.groups.map((group) =>
    changeFor(changes, group, before, after, byName, isFromOnPremises(group)),
  );
  let [messages, moved, last, lastMoved] = [0, 0, -1, -1];
  for (const [index, message] of sample.messages.entries()) {
    const position = sample.groupOf[index] ?? 0;
    if (message !== last) messages += 1;
    last = message;
    const change = changeOf[position];
    if (change === undefined || change === null) continue;
    change.recipients += 1;
    const domain = sample.groups[position]?.domain ?? '';
    change.domains.set(domain, (change.domains.get(domain) ?? 0) + 1);
    if (change.lastMessage !== message) change.messages += 1;
    change.lastMessage = message;
    if (!change.anotherWay || lastMoved === message) continue;
    moved += 1;
    lastMoved = message;
  }
  return {
    recipients: sample.messages.length,
    messages,
    domains: new Set(sample.groups.map(({ domain }) => domain)).size,
    complete: sample.complete,
    movedMessages: moved,
    changes: [...changes.values()].map(finished).sort((a, b) => b.recipients - a.recipients),
  };
}

function finished({ from, to, anotherWay, weaker, domains, recipients, messages }: Change): RouteChange {
  const sorted = [...domains].sort((a, b) => b[1] - a[1]).map(([domain]) => domain);
  return { from, to, anotherWay, weaker, domains: sorted, recipients, messages };
}

/** The change that a group is part of; null: nothing is different for it. */
function changeFor(
  changes: Map<string, Change>,
  group: TrafficGroup,
  before: RoutingSnapshot,
  after: RoutingSnapshot,
  byName: ReadonlyMap<string, OutboundConnector>,
  fromOnPremises: boolean,
): Change | null {
  const traced =
    group.queue === null
      ? byName.get(group.connector ?? '')
      : before.connectorByGuid(readNextHopKey(group.queue).guid);
  const ruled = traced?.IsTransportRuleScoped === true ? traced.Guid : null;
  const old = wayOf(before, group.domain, fromOnPremises, ruled);
  const next = wayOf(after, group.domain, fromOnPremises, ruled);
  const anotherWay = !isSameWay(old, next);
  const weaker = weakerBecause(old, next);
  if (!anotherWay && weaker.length === 0) return null;
  const [from, to] = [describeWay(old), describeWay(next)];
  const key = JSON.stringify([from, to, weaker]);
  let change = changes.get(key);
  if (change === undefined) {
    change = {
      from,
      to,
      anotherWay,
      weaker,
      domains: new Map(),
      recipients: 0,
      messages: 0,
      lastMessage: -1,
    };
    changes.set(key, change);
  }
  return change;
}

/** @param ruled GUID of the connector that a rule had chosen; null: none had */
function wayOf(
  snapshot: RoutingSnapshot,
  domain: string,
  fromOnPremises: boolean,
  ruled: string | null,
): WayOrNone {
  const connector = ruled === null ? null : snapshot.connectorByGuid(ruled);
  if (connector?.Enabled === true && connector.IsTransportRuleScoped && !connector.TestMode)
    return snapshot.destinations.ofRule(connector, 'a transport rule', domain).decision;
  return snapshot.destinations.ofDomain(domain, fromOnPremises).decision;
}

function isSameWay(a: WayOrNone, b: WayOrNone): boolean {
  if (a.kind !== 'route' || b.kind !== 'route') return a.kind === b.kind;
  if (a.route.connector?.guid !== b.route.connector?.guid) return false;
  return JSON.stringify(a.route.nextHop) === JSON.stringify(b.route.nextHop);
}

const SHOWN_HOSTS = 3;

function describeWay(way: WayOrNone): string {
  if (way.kind !== 'route') return 'no route';
  const { connector, nextHop } = way.route;
  if (connector === null) return 'MX';
  if (nextHop.kind === 'mx') return `'${connector.name}' (MX)`;
  const hosts = nextHop.hosts.slice(0, SHOWN_HOSTS).map(printSmartHost).join(', ');
  return `'${connector.name}' (${hosts}${nextHop.hosts.length > SHOWN_HOSTS ? ', …' : ''})`;
}

const LEVELS: readonly TlsLevel[] = [
  'Opportunistic',
  'EncryptionOnly',
  'CertificateValidation',
  'DomainValidation',
];
const DANE_MODES: readonly Route['smtpDaneMode'][] = ['None', 'Opportunistic', 'Mandatory'];

function weakerBecause(a: WayOrNone, b: WayOrNone): readonly string[] {
  if (a.kind !== 'route' || b.kind !== 'route') return [];
  const [old, next] = [a.route, b.route];
  const [oldLevel, nextLevel] = [LEVELS.indexOf(old.tlsLevel), LEVELS.indexOf(next.tlsLevel)];
  const weaker: string[] = [];
  if (nextLevel < oldLevel) weaker.push(`TlsSettings ${shownLevel(old)} -> ${shownLevel(next)}`);
  if (old.tlsLevel === 'DomainValidation' && next.tlsLevel === 'DomainValidation' && isWider(old, next))
    weaker.push(`TlsDomain ${shownDomain(old)} -> ${shownDomain(next)}`);
  if (old.nextHop.kind !== 'mx') return weaker;
  if (next.nextHop.kind === 'mx') {
    if (DANE_MODES.indexOf(next.smtpDaneMode) < DANE_MODES.indexOf(old.smtpDaneMode))
      weaker.push(`SmtpDaneMode ${old.smtpDaneMode} -> ${next.smtpDaneMode}`);
    if (old.mtaStsMode === 'Opportunistic' && next.mtaStsMode === 'None')
      weaker.push('MtaStsMode Opportunistic -> None');
  } else if (nextLevel === 0 && (old.smtpDaneMode !== 'None' || old.mtaStsMode !== 'None')) {
    weaker.push("the domain's DANE and MTA-STS policies don't bind smart hosts, and TlsSettings is not set");
  }
  return weaker;
}

function shownLevel({ tlsLevel }: Route): string {
  return tlsLevel === 'Opportunistic' ? '$null' : tlsLevel;
}

function shownDomain({ tlsDomain, nextHop }: Route): string {
  if (tlsDomain !== null) return printDomainPattern(tlsDomain);
  return nextHop.kind === 'mx' ? nextHop.domain : '$null';
}

/** More names would be good enough: everything below a domain in place of one name, or of a domain further down. */
function isWider(old: Route, next: Route): boolean {
  const [was, is] = [shownDomain(old), shownDomain(next)];
  if (!is.startsWith('*.') || was === is) return false;
  const base = is.slice(2);
  const inner = was.startsWith('*.') ? was.slice(2) : was;
  return inner === base || inner.endsWith(`.${base}`);
}
