// Who may hand mail in, and what its coming in that way means: decided from the inbound connectors, the peer's address, its
// verified certificate and the sender it names. Pure; arranged once for each configuration so that ten thousand ranges
// cost a search. Owns the order among connectors that all match; says nothing on the wire but what refusals.ts has.
import { matchesDomainPattern } from '#mail/domain-pattern.ts';
import type { DomainPattern } from '#mail/domain-pattern.ts';
import type { SmtpReply } from '#mail/smtp-reply.ts';
import type { InboundConnector } from '#directory/configuration.ts';
import { compareNames } from '#directory/object-name.ts';
import {
  createRangeIndex,
  numericAddress,
  parseAddressRange,
  type RangeIndex,
  rangeWidth,
} from '#routing/address-ranges.ts';
import { changePatternIndex, emptyPatternIndex, findAll, type PatternIndex } from '#routing/pattern-index.ts';
import { createRecentMap } from '#routing/recent-map.ts';
import { refusals } from './refusals.ts';

export interface InboundPeer {
  /** The peer's address as text; a zone and IPv4 in IPv6's form are understood. */
  readonly remoteAddress: string;
  readonly tls: boolean;
  /** DNS names (lower case, A-labels, `*.` allowed) of a client certificate whose chain verified; else empty. */
  readonly certificateNames: readonly string[];
}

/** To whom mail may go: to everybody, to the organization's accepted domains, to nobody (550 5.7.64). */
export type RelayScope = 'Anywhere' | 'AcceptedDomains' | 'Nowhere';

export type InboundDecision =
  | {
      readonly ok: true;
      /** The connector that let it in; null for SMTP AUTH, and where none matches. */
      readonly connector: InboundConnector | null;
      readonly fromOnPremises: boolean;
      readonly relay: RelayScope;
      /** convertInbound's `trusted`: Exchange's own headers are believed. */
      readonly trustsHeaders: boolean;
    }
  /** What MAIL FROM is answered. */
  | { readonly ok: false; readonly reply: SmtpReply };

/** One session's evidence, looked up once. */
export interface InboundSession {
  /** For one MAIL FROM. `senderDomain` in A-labels and lower case; null for the null sender. */
  decide(senderDomain: string | null, authenticatedUser: string | null): InboundDecision;
}

export interface InboundTrust {
  /** After STARTTLS the evidence is another: ask again then. */
  session(peer: InboundPeer): InboundSession;
}

interface Evidence {
  /** How many addresses the narrowest range that holds the peer has; null: none does. */
  width: number | null;
  certificate: boolean;
}

interface Candidate {
  readonly connector: InboundConnector;
  /** By address or certificate; the name of a sender proves nothing. */
  readonly proven: boolean;
  /** Of the pattern in SenderDomains that matched. */
  readonly specificity: number;
  readonly evidence: Evidence;
}

/** Of each, so many at least and twice as many at most. */
const PEERS_REMEMBERED = 500;
const SENDERS_REMEMBERED = 50;

const NO_EVIDENCE: Evidence = Object.freeze({ width: null, certificate: false });
const NOBODY: InboundDecision = Object.freeze({
  ok: true,
  connector: null,
  fromOnPremises: false,
  relay: 'Nowhere',
  trustsHeaders: false,
});
/** routing.md: SMTP AUTH says that its user may relay. */
const AUTHENTICATED: InboundDecision = Object.freeze({ ...NOBODY, relay: 'Anywhere' });
const EVERY_DOMAIN: readonly DomainPattern[] = [{ kind: 'any' }];

export function createInboundTrust(connectors: readonly InboundConnector[]): InboundTrust {
  const enabled = connectors.filter((connector) => connector.Enabled);
  const byAddress = indexAddresses(enabled);
  const certified = enabled.filter((connector) => connector.TlsSenderCertificateName !== null);
  const byCertificate = indexPatterns(certified, (connector) =>
    connector.TlsSenderCertificateName === null ? [] : [connector.TlsSenderCertificateName],
  );
  const byDomain = indexPatterns(enabled.filter(actsByDomainAlone), senderDomainsOf);

  function gather(peer: InboundPeer): ReadonlyMap<InboundConnector, Evidence> {
    const found = new Map<InboundConnector, Evidence>();
    const evidenceOf = (connector: InboundConnector): Evidence => {
      const evidence = found.get(connector) ?? { width: null, certificate: false };
      found.set(connector, evidence);
      return evidence;
    };
    const address = numericAddress(peer.remoteAddress);
    if (address !== null) {
      byAddress.visit(address, (connector, range) => {
        const evidence = evidenceOf(connector);
        evidence.width = Math.min(evidence.width ?? Number.POSITIVE_INFINITY, rangeWidth(range));
      });
    }
    for (const name of peer.tls ? peer.certificateNames : []) {
      const matching = name.startsWith('*.')
        ? certified.filter((connector) => coversWildcard(connector.TlsSenderCertificateName, name.slice(2)))
        : findAll(byCertificate, name).map(({ owner }) => owner);
      for (const connector of matching) evidenceOf(connector).certificate = true;
    }
    return found;
  }

  function decideAbout(
    evidence: ReadonlyMap<InboundConnector, Evidence>,
    senderDomain: string | null,
    tls: boolean,
  ): InboundDecision {
    const candidates = [...evidence].flatMap(([connector, seen]) =>
      candidateOf(connector, seen, senderDomain),
    );
    const named = senderDomain === null ? byDomain.any : findAll(byDomain, senderDomain);
    for (const { owner, pattern } of named) {
      const seen = evidence.get(owner) ?? NO_EVIDENCE;
      candidates.push({
        connector: owner,
        proven: false,
        specificity: specificityOf(pattern),
        evidence: seen,
      });
    }
    return judge(candidates, tls);
  }

  function sessionOf(peer: InboundPeer): InboundSession {
    const evidence = gather(peer);
    const decisions = createRecentMap<InboundDecision>(SENDERS_REMEMBERED);
    return {
      decide(senderDomain, authenticatedUser) {
        if (authenticatedUser !== null) return AUTHENTICATED;
        const known = decisions.get(senderDomain ?? '');
        if (known !== undefined) return known;
        const decision = decideAbout(evidence, senderDomain, peer.tls);
        decisions.set(senderDomain ?? '', decision);
        return decision;
      },
    };
  }

  /** The same address without a certificate is the same evidence: most senders come again and again. */
  const recent = createRecentMap<InboundSession>(PEERS_REMEMBERED);
  return {
    session(peer) {
      if (peer.certificateNames.length > 0) return sessionOf(peer);
      const key = peer.tls ? `${peer.remoteAddress} TLS` : peer.remoteAddress;
      const known = recent.get(key);
      if (known !== undefined) return known;
      const session = sessionOf(peer);
      recent.set(key, session);
      return session;
    },
  };
}

function indexAddresses(connectors: readonly InboundConnector[]): RangeIndex<InboundConnector> {
  return createRangeIndex(
    connectors.flatMap((connector) =>
      connector.SenderIPAddresses.map(parseAddressRange)
        .filter((range) => range !== null)
        .map((range) => ({ range, value: connector })),
    ),
  );
}

function indexPatterns(
  connectors: readonly InboundConnector[],
  patternsOf: (connector: InboundConnector) => readonly DomainPattern[],
): PatternIndex<InboundConnector> {
  const added = [...connectors]
    .sort(compareConnectors)
    .flatMap((owner) => patternsOf(owner).map((pattern) => ({ owner, pattern })));
  return changePatternIndex(emptyPatternIndex(compareConnectors), { removed: [], added });
}

function compareConnectors(a: InboundConnector, b: InboundConnector): number {
  return compareNames(a.Name, b.Name);
}

function senderDomainsOf(connector: InboundConnector): readonly DomainPattern[] {
  return connector.SenderDomains.length === 0 ? EVERY_DOMAIN : connector.SenderDomains;
}

/** Exchange: connectors that restrict their domains, and partners' that know a sender by its domain only. */
function actsByDomainAlone(connector: InboundConnector): boolean {
  if (connector.RestrictDomainsToIPAddresses || connector.RestrictDomainsToCertificate) return true;
  const identifies = connector.SenderIPAddresses.length > 0 || connector.TlsSenderCertificateName !== null;
  return connector.ConnectorType === 'Partner' && !identifies;
}

/** A wildcard certificate stands for one label below its name (RFC 6125 §6.4.3). */
function coversWildcard(pattern: DomainPattern | null, base: string): boolean {
  if (pattern === null) return false;
  if (pattern.kind !== 'exact') return matchesDomainPattern(pattern, base);
  return pattern.domain.slice(pattern.domain.indexOf('.') + 1) === base;
}

/** Exact before subtree, longer before shorter, `*` last. */
function specificityOf(pattern: DomainPattern): number {
  if (pattern.kind === 'any') return 0;
  return pattern.domain.length + (pattern.kind === 'exact' ? 1000 : 0);
}

/** The connector, if the peer is one of its senders. The null sender names no domain: the evidence alone decides. */
function candidateOf(
  connector: InboundConnector,
  evidence: Evidence,
  senderDomain: string | null,
): Candidate[] {
  if (restrictionBroken(connector, evidence)) return [];
  const matching = senderDomainsOf(connector).filter(
    (pattern) => senderDomain === null || matchesDomainPattern(pattern, senderDomain),
  );
  if (matching.length === 0) return [];
  const specificity = senderDomain === null ? 0 : Math.max(...matching.map(specificityOf));
  return [{ connector, proven: true, specificity, evidence }];
}

function restrictionBroken(connector: InboundConnector, evidence: Evidence): boolean {
  return (
    (connector.RestrictDomainsToIPAddresses && evidence.width === null) ||
    (connector.RestrictDomainsToCertificate && !evidence.certificate)
  );
}

function judge(candidates: readonly Candidate[], tls: boolean): InboundDecision {
  const holding = candidates.filter(({ connector, evidence }) => !restrictionBroken(connector, evidence));
  const best = holding.length === 0 ? null : holding.reduce((a, b) => (compareCandidates(b, a) < 0 ? b : a));
  for (const broken of candidates) {
    if (!restrictionBroken(broken.connector, broken.evidence) || !outweighs(broken, best)) continue;
    const byAddress = broken.connector.RestrictDomainsToIPAddresses && broken.evidence.width === null;
    return {
      ok: false,
      reply: byAddress ? refusals.domainNeedsAddress : refusals.domainNeedsCertificate,
    };
  }
  if (best === null) return NOBODY;
  const { connector, proven } = best;
  if (connector.RequireTls && !tls) return { ok: false, reply: refusals.tlsRequired };
  const fromOnPremises = connector.ConnectorType === 'OnPremises';
  return {
    ok: true,
    connector,
    fromOnPremises,
    // Postern: a partner known by address or certificate may relay; one that only names its domain may write to us.
    relay: proven ? 'Anywhere' : 'AcceptedDomains',
    trustsHeaders: fromOnPremises && connector.CloudServicesMailEnabled,
  };
}

/**
 * Which connector a message is taken to come over, of several that match. Exchange: the organization's own before partners',
 * certificate before address. Postern: what is proven, then the more specific domain, the narrower range, the stricter.
 */
function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    Number(isOwn(b)) - Number(isOwn(a)) ||
    Number(b.proven) - Number(a.proven) ||
    b.specificity - a.specificity ||
    Number(b.evidence.certificate) - Number(a.evidence.certificate) ||
    compareWidths(a.evidence.width, b.evidence.width) ||
    Number(b.connector.RequireTls) - Number(a.connector.RequireTls) ||
    compareConnectors(a.connector, b.connector)
  );
}

function isOwn({ connector, proven }: Candidate): boolean {
  return proven && connector.ConnectorType === 'OnPremises';
}

function compareWidths(a: number | null, b: number | null): number {
  const [first, second] = [a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY];
  return first === second ? 0 : first - second;
}

/** Whether a restriction that the sender breaks refuses the message though another connector would take it. */
function outweighs(broken: Candidate, best: Candidate | null): boolean {
  if (best === null) return true;
  // Exchange: what the organization's own servers hand in isn't held to what partners have agreed on.
  if (isOwn(best) && broken.connector.ConnectorType === 'Partner') return false;
  return best.proven ? broken.specificity > best.specificity : broken.specificity >= best.specificity;
}
