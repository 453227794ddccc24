// Looks at the hosts of a route the way a delivery would, and sends nothing: which hosts, which addresses, what must hold,
// and how far a session gets. For Validate-OutboundConnector and Test-OutboundRoute. Remembers nothing: a host that is
// known to be down is looked at all the same.
import type { Route } from '#routing/route.ts';
import type { Capabilities } from '#smtp/ehlo.ts';
import type { TlsRequirement } from '#tls/requirement.ts';
import { type ConnectionStep, openConnection } from './connection.ts';
import { findHostAddresses } from './host-addresses.ts';
import type { HostSearchParts } from './host-search.ts';
import { createTargets, type TargetHost } from './target-hosts.ts';
import { toTlsRequirement } from './tls-requirement.ts';
import type { TlsSummary } from './tls-summary.ts';
import { judgeTrouble, type Trouble, type Verdict } from './trouble.ts';

export type InspectionStep = 'Resolve' | 'Policy' | ConnectionStep;

/** Times in milliseconds, `startTime` since 1970. */
export interface PassedStep {
  readonly step: InspectionStep;
  readonly startTime: number;
  readonly duration: number;
}

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
  /** What was done before, or all of it, in order. Resolve is told with the host's first address only. */
  readonly passed: readonly PassedStep[];
  readonly tls: TlsSummary | null;
  /** Why there is no TLS though the server offers it (opportunistic only). */
  readonly clearTextBecause: string | null;
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
  let clock = new StepClock(parts.now);
  for await (const target of targets(route.nextHop, '')) {
    const host = target.kind === 'host' ? target.host : null;
    const found = host === null ? target : await findHostAddresses(host, { resolver, random, ipv6First });
    if (found.kind === 'trouble') yield failed(clock, host, null, found.trouble);
    if (found.kind === 'addresses' && host !== null) {
      clock.pass('Resolve');
      for (const address of found.addresses) {
        yield await inspect(parts, clock, route, host, address);
        inspected += 1;
        if (inspected === MAX_INSPECTED) return;
        clock = new StepClock(parts.now);
      }
    }
    clock = new StepClock(parts.now);
  }
}

/** Takes the time of the steps of one inspection. */
class StepClock {
  readonly startTime: number;
  readonly passed: PassedStep[] = [];
  readonly #now: () => number;
  #since: number;

  constructor(now: () => number) {
    this.#now = now;
    this.startTime = now();
    this.#since = this.startTime;
  }

  /** A second connection (in clear text) goes through its first steps again: they count once. */
  pass(step: InspectionStep): void {
    const now = this.#now();
    if (this.passed.every((one) => one.step !== step))
      this.passed.push({ step, startTime: this.#since, duration: now - this.#since });
    this.#since = now;
  }

  get duration(): number {
    return this.#now() - this.startTime;
  }
}

async function inspect(
  parts: HostSearchParts,
  clock: StepClock,
  route: Route,
  host: TargetHost,
  address: string,
): Promise<HostInspection> {
  if (parts.isOwnListener(address, host.port)) {
    const detail = `${address} port ${host.port} is this gateway itself`;
    return failed(clock, host, address, { kind: 'own-listener', detail });
  }
  const policies = parts.policies === null ? null : await parts.policies.find(route, host);
  const required = toTlsRequirement(route, host, false, policies);
  if (required.kind === 'trouble') return failed(clock, host, address, required.trouble);
  const { requirement } = required;
  const passed = (step: ConnectionStep): void => clock.pass(step);
  const opened = await openConnection(parts.connection, { host, address, route, requirement, passed });
  if (opened.kind === 'trouble') {
    const inspection = failed(clock, host, address, opened.trouble);
    const { tls, clearTextBecause } = opened.host;
    return { ...inspection, requirement, tls, clearTextBecause };
  }
  const { connection } = opened;
  const { capabilities } = connection.client;
  const { tls, clearTextBecause } = connection.toTriedHost();
  const { startTime, duration } = clock;
  await connection.quit();
  return {
    host,
    address,
    requirement,
    failure: null,
    passed: clock.passed,
    tls,
    clearTextBecause,
    capabilities,
    startTime,
    duration,
  };
}

function failed(
  clock: StepClock,
  host: TargetHost | null,
  address: string | null,
  trouble: Trouble,
): HostInspection {
  return {
    host,
    address,
    requirement: null,
    failure: { step: stepOf(trouble), trouble, verdict: judgeTrouble(trouble) },
    passed: clock.passed,
    tls: null,
    clearTextBecause: null,
    capabilities: null,
    startTime: clock.startTime,
    duration: clock.duration,
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
