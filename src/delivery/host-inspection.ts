// Looks at the hosts of a route the way a delivery would, and sends nothing: which hosts, which addresses, what must hold,
// and how far a session gets. For Validate-OutboundConnector and Test-OutboundRoute. Remembers nothing: a host that is
// known to be down is looked at all the same.
import type { Route } from '#routing/route.ts';
import type { Capabilities } from '#smtp/ehlo.ts';
import type { TlsRequirement } from '#tls/requirement.ts';
import { openConnection } from './connection.ts';
import { findHostAddresses } from './host-addresses.ts';
import type { HostSearchParts } from './host-search.ts';
import { createTargets, type TargetHost } from './target-hosts.ts';
import { toTlsRequirement } from './tls-requirement.ts';
import type { TlsSummary } from './tls-summary.ts';
import { judgeTrouble, type Trouble, type Verdict } from './trouble.ts';

export type InspectionStep = 'Resolve' | 'Policy' | 'Connect' | 'EHLO' | 'STARTTLS' | 'Certificate' | 'AUTH';

/** One address that was looked at, or one host that has none. */
export interface HostInspection {
  /** null where the next hop itself leads nowhere. */
  readonly host: TargetHost | null;
  readonly address: string | null;
  readonly requirement: TlsRequirement | null;
  /** null: a message could be sent now. */
  readonly failure: {
    readonly step: InspectionStep;
    readonly trouble: Trouble;
    readonly verdict: Verdict;
  } | null;
  readonly tls: TlsSummary | null;
  readonly capabilities: Capabilities | null;
  /** Milliseconds since 1970, and how many it took. */
  readonly startTime: number;
  readonly duration: number;
}

/** Addresses looked at, at most: a pool can have 254. */
const MAX_INSPECTED = 32;

/** One after another, each as it is done. Never rejects for what a network does. */
export async function* inspectHosts(
  parts: HostSearchParts,
  route: Route,
): AsyncGenerator<HostInspection, void, undefined> {
  const { resolver, random, ipv6First = false } = parts;
  const targets = createTargets({ resolver, random, mxPort: parts.mxPort ?? 25 });
  let inspected = 0;
  let startTime = parts.now();
  for await (const target of targets(route.nextHop, '')) {
    const host = target.kind === 'host' ? target.host : null;
    const found = host === null ? target : await findHostAddresses(host, { resolver, random, ipv6First });
    if (found.kind === 'trouble') yield failed(parts, host, null, startTime, found.trouble);
    if (found.kind === 'addresses' && host !== null) {
      for (const address of found.addresses) {
        yield await inspect(parts, route, host, address);
        inspected += 1;
        if (inspected === MAX_INSPECTED) return;
      }
    }
    startTime = parts.now();
  }
}

async function inspect(
  parts: HostSearchParts,
  route: Route,
  host: TargetHost,
  address: string,
): Promise<HostInspection> {
  const startTime = parts.now();
  if (parts.isOwnListener(address, host.port)) {
    const detail = `${address} port ${host.port} is this gateway itself`;
    return failed(parts, host, address, startTime, { kind: 'own-listener', detail });
  }
  const policies = parts.policies === null ? null : await parts.policies.find(route, host);
  const required = toTlsRequirement(route, host, false, policies);
  if (required.kind === 'trouble') return failed(parts, host, address, startTime, required.trouble);
  const { requirement } = required;
  const opened = await openConnection(parts.connection, { host, address, route, requirement });
  if (opened.kind === 'trouble') {
    const inspection = failed(parts, host, address, startTime, opened.trouble);
    return { ...inspection, requirement, tls: opened.host.tls };
  }
  const { connection } = opened;
  const { capabilities } = connection.client;
  const { tls } = connection.toTriedHost();
  await connection.quit();
  const duration = parts.now() - startTime;
  return { host, address, requirement, failure: null, tls, capabilities, startTime, duration };
}

function failed(
  parts: HostSearchParts,
  host: TargetHost | null,
  address: string | null,
  startTime: number,
  trouble: Trouble,
): HostInspection {
  return {
    host,
    address,
    requirement: null,
    failure: { step: stepOf(trouble), trouble, verdict: judgeTrouble(trouble) },
    tls: null,
    capabilities: null,
    startTime,
    duration: parts.now() - startTime,
  };
}

/** How far it got. */
function stepOf(trouble: Trouble): InspectionStep {
  switch (trouble.kind) {
    case 'dns':
      return 'Resolve';
    case 'policy':
    case 'own-listener':
      return 'Policy';
    case 'tls-not-offered':
    case 'handshake':
      return 'STARTTLS';
    case 'certificate':
      return 'Certificate';
    case 'auth-not-offered':
    case 'no-credential':
      return 'AUTH';
    case 'dropped':
    case 'timeout':
    case 'protocol':
    case 'reply':
      return STEPS[trouble.phase] ?? 'Connect';
    default:
      return 'Connect';
  }
}

const STEPS: Readonly<Record<string, InspectionStep>> = { ehlo: 'EHLO', starttls: 'STARTTLS', auth: 'AUTH' };
