// Which hosts a route leads to, in the order in which a delivery would try them, with their addresses and what each
// would have to show: for Test-OutboundRoute. Asks the DNS, and publishers of policies; connects to no mail server.
import type { Route } from '#routing/route.ts';
import type { TlsRequirement } from '#tls/requirement.ts';
import { findHostAddresses } from './host-addresses.ts';
import type { HostSearchParts } from './host-search.ts';
import { createTargets, type TargetHost } from './target-hosts.ts';
import { toTlsRequirement } from './tls-requirement.ts';
import { judgeTrouble, type Trouble, type Verdict } from './trouble.ts';

export interface PreviewedHost {
  /** null where the next hop itself leads nowhere. */
  readonly host: TargetHost | null;
  readonly addresses: readonly string[];
  /** null: none could be made, see `problem`. */
  readonly requirement: TlsRequirement | null;
  /** Why the host can't be used as things stand. */
  readonly problem: { readonly trouble: Trouble; readonly verdict: Verdict } | null;
}

/** Hosts told of, at most: a pool can have 254. */
export const MAX_PREVIEWED = 32;

export type PreviewParts = Pick<
  HostSearchParts,
  'resolver' | 'policies' | 'isOwnListener' | 'mxPort' | 'ipv6First'
>;

/**
 * @param requireTls the message travels with REQUIRETLS
 * Smart hosts come as they are configured, though a delivery begins with any of them.
 */
export async function previewHosts(
  parts: PreviewParts,
  route: Route,
  requireTls: boolean,
): Promise<readonly PreviewedHost[]> {
  const { resolver } = parts;
  const targets = createTargets({ resolver, random: first, mxPort: parts.mxPort ?? 25 });
  const hosts: PreviewedHost[] = [];
  for await (const target of targets(route.nextHop, '')) {
    hosts.push(
      target.kind === 'trouble'
        ? troubled(null, [], target.trouble)
        : await previewHost(parts, route, target.host, requireTls),
    );
    if (hosts.length === MAX_PREVIEWED) break;
  }
  return hosts;
}

/** Begins with the first smart host. */
const first = (): number => 0;
/** Leaves addresses as the DNS gave them. */
const unshuffled = (below: number): number => below - 1;

/** What the route itself asks for, before any policy of a host. */
export function requirementOf(route: Route, requireTls: boolean): TlsRequirement | null {
  const nobody: TargetHost = { name: '', address: '', port: 0, smartHost: true, authenticated: false };
  const required = toTlsRequirement(route, nobody, requireTls, null);
  return required.kind === 'requirement' ? required.requirement : null;
}

async function previewHost(
  parts: PreviewParts,
  route: Route,
  host: TargetHost,
  requireTls: boolean,
): Promise<PreviewedHost> {
  const { resolver, ipv6First = false } = parts;
  const [found, policies] = await Promise.all([
    findHostAddresses(host, { resolver, random: unshuffled, ipv6First }),
    parts.policies?.find(route, host) ?? null,
  ]);
  if (found.kind === 'trouble') return troubled(host, [], found.trouble);
  const { addresses } = found;
  const own = addresses.find((address) => parts.isOwnListener(address, host.port));
  if (own !== undefined) {
    const detail = `${own} port ${host.port} is this gateway itself: the message would go in circles`;
    return troubled(host, addresses, { kind: 'own-listener', detail });
  }
  const required = toTlsRequirement(route, host, requireTls, policies);
  if (required.kind === 'trouble') return troubled(host, addresses, required.trouble);
  return { host, addresses, requirement: required.requirement, problem: null };
}

function troubled(host: TargetHost | null, addresses: readonly string[], trouble: Trouble): PreviewedHost {
  return { host, addresses, requirement: null, problem: { trouble, verdict: judgeTrouble(trouble) } };
}
