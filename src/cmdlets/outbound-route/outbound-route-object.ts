// What Test-OutboundRoute returns for one recipient: the decision, its reasons, the hosts, and what would happen. Words and
// properties only; everything is decided by routing and delivery.
import { type Address, printAddress } from '#mail/address.ts';
import { printDomainPattern } from '#mail/domain-pattern.ts';
import { MAX_PREVIEWED, type PreviewedHost, requirementOf } from '#delivery/host-preview.ts';
import { worthierVerdict } from '#delivery/trouble.ts';
import { PsObject, type Value } from '#parameters/value.ts';
import type { ExplainedRecipient } from '#routing/explain-route.ts';
import type { RuleMatch } from '#routing/routed-group.ts';
import type { TlsAuthority, TlsRequirement } from '#tls/requirement.ts';

export interface RouteFindings {
  readonly address: Address;
  readonly explained: ExplainedRecipient;
  /** Empty where there is no route. */
  readonly hosts: readonly PreviewedHost[];
  /** Why it wouldn't come in at all; null: it would, or nobody asked. */
  readonly refusal: string | null;
}

/** Shown of the connectors that weren't chosen. */
export const MAX_OTHERS = 1000;

export function outboundRouteObject(findings: RouteFindings): PsObject {
  const { address, explained, hosts } = findings;
  const { decision, route, group, connectors } = explained;
  const own = route === null ? null : requirementOf(route, false);
  const required = hosts.find(({ requirement }) => requirement !== null)?.requirement ?? own;
  const others = connectors.filter(({ chosen }) => !chosen).slice(0, MAX_OTHERS);
  return new PsObject('OutboundRoute', [
    ['Recipient', printAddress(address)],
    ['ConnectorName', route === null ? null : (route.connector?.name ?? 'MX')],
    ['Reason', route?.reason ?? REASONS[decision.kind]],
    ['Because', becauseOf(explained)],
    ['RulesMatched', group.ruleMatches.map(ruleObject)],
    ['NextHops', hosts.map(hostObject)],
    ['TlsLevel', required?.level ?? null],
    ['TlsRaisedBy', required === null ? null : raisedBy(required)],
    ['TlsDomain', required?.level === 'DomainValidation' ? required.names.map(printDomainPattern) : []],
    ['BlindCopies', group.blindCopies.map(printAddress)],
    ['WhatWouldHappen', whatWouldHappen(findings)],
    [
      'OtherConnectors',
      others.map(
        ({ name, why }) =>
          new PsObject('ConsideredConnector', [
            // The shell shows an object within a list by its Identity.
            ['Identity', `${name}: ${why}`],
            ['Name', name],
            ['Why', why],
          ]),
      ),
    ],
  ]);
}

const REASONS: Readonly<Record<ExplainedRecipient['decision']['kind'], string>> = {
  route: 'Route',
  unroutable: 'Unroutable',
  deferred: 'Deferred',
  rejected: 'Rejected',
  deleted: 'Deleted',
  redirected: 'Redirected',
};

function becauseOf({ decision, route, connectors }: ExplainedRecipient): string {
  if (route !== null) return connectors.find(({ chosen }) => chosen)?.why ?? sentence(route.because);
  switch (decision.kind) {
    case 'unroutable':
      return decision.unroutable.diagnostic;
    case 'deferred':
      return decision.diagnostic;
    case 'route':
      return '';
    default:
      return `The transport rule "${decision.rule}".`;
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function ruleObject({ name, mode, actions, error }: RuleMatch): Value {
  return new PsObject('MatchedRule', [
    ['Name', name],
    ['Mode', mode],
    ['Actions', actions],
    ['Error', error],
  ]);
}

function hostObject({ host, addresses, requirement, problem }: PreviewedHost): Value {
  const status = problem === null ? '' : `: ${problem.verdict.status}`;
  const where = addresses.length === 0 || addresses[0] === host?.name ? '' : ` (${addresses.join(', ')})`;
  return new PsObject('NextHop', [
    ['Identity', `${host === null ? 'none' : `${host.name}:${host.port}`}${where}${status}`],
    ['Host', host?.name ?? null],
    ['Port', host?.port ?? null],
    ['Addresses', addresses],
    ['TlsLevel', requirement?.level ?? null],
    ['TlsRaisedBy', requirement === null ? null : raisedBy(requirement)],
    ['Problem', problem === null ? null : `${problem.verdict.status} ${problem.verdict.diagnostic}`],
  ]);
}

const AUTHORITIES: Readonly<Record<TlsAuthority, string | null>> = {
  Default: null,
  Connector: 'Connector',
  TransportRule: 'TransportRule',
  RequireTls: 'REQUIRETLS',
  MtaSts: 'MTA-STS',
  Dane: 'DANE',
};

/** DANE and MTA-STS add what a certificate must show even where a connector had asked for as much. */
function raisedBy({ authority, tlsa, mtaStsName }: TlsRequirement): string | null {
  const names = [
    AUTHORITIES[authority],
    tlsa === null ? null : 'DANE',
    mtaStsName === null ? null : 'MTA-STS',
  ];
  const found = [...new Set(names.filter((name) => name !== null))];
  return found.length === 0 ? null : found.join(', ');
}

function whatWouldHappen({ explained, hosts, refusal }: RouteFindings): string {
  if (refusal !== null) return `It would not be let in: ${refusal}`;
  const { decision, route } = explained;
  switch (decision.kind) {
    case 'unroutable':
      return `Fails at once with ${decision.unroutable.status}, and the sender gets a report: ${decision.unroutable.diagnostic}.`;
    case 'rejected':
      return `Fails at once with ${decision.status}, and the sender gets a report: the rule '${decision.rule}' rejects it: ${decision.text}`;
    case 'deferred':
      return `Waits and is routed again (${decision.status}): ${decision.diagnostic}`;
    case 'deleted':
      return `Ends without a report: the rule '${decision.rule}' deletes it.`;
    case 'redirected':
      return `Goes to ${decision.to.map(printAddress).join(', ')} in its place: the rule '${decision.rule}' redirects it.`;
    default:
      return route === null ? '' : `${whatHostsAllow(hosts)}${copies(explained)}`;
  }
}

function copies({ group }: ExplainedRecipient): string {
  return group.blindCopies.length === 0
    ? ''
    : ` A blind copy goes to ${group.blindCopies.map(printAddress).join(', ')}.`;
}

function whatHostsAllow(hosts: readonly PreviewedHost[]): string {
  const usable = hosts.filter(({ problem }) => problem === null);
  const [first] = usable;
  if (first?.host) return toHosts(first.host.name, first.host.smartHost, usable.length, first.requirement);
  // As delivery does when every host has been tried.
  const verdict = hosts
    .map(({ problem }) => problem?.verdict)
    .filter((one) => one !== undefined)
    .reduce((a, b) => (a.end === 'final' ? a : b.end === 'final' ? b : worthierVerdict(a, b)));
  return verdict.action === 'failed'
    ? `Fails with ${verdict.status}, and the sender gets a report: ${verdict.diagnostic}.`
    : `Waits and is tried again (${verdict.status}): ${verdict.diagnostic}.`;
}

function toHosts(
  name: string,
  smartHost: boolean,
  count: number,
  requirement: TlsRequirement | null,
): string {
  const shown = count >= MAX_PREVIEWED ? `${MAX_PREVIEWED} or more` : String(count);
  const where =
    count === 1
      ? `to ${name}`
      : smartHost
        ? `to one of ${shown} smart hosts, beginning with any of them`
        : `to ${name}, or else to the ${count - 1 === 1 ? 'next host' : 'next hosts'} in order`;
  return `Would be sent ${where}, ${PROTECTIONS[requirement?.level ?? 'Opportunistic']}.`;
}

const PROTECTIONS: Readonly<Record<TlsRequirement['level'], string>> = {
  Opportunistic: 'over TLS where the host offers it',
  EncryptionOnly: 'over TLS only',
  CertificateValidation: 'over TLS with a valid certificate only',
  DomainValidation: 'over TLS with a valid certificate for the domain only',
};
