// The addresses of one host, in the order in which they are connected to: IPv4 before IPv6 (or the other way round),
// shuffled within a family, five at most. Owns what missing addresses mean. Never connects.
import type { Resolver } from '#dns/lookup.ts';
import { isHostAddress } from '#mail/smart-host.ts';
import type { TargetHost } from './target-hosts.ts';
import type { Trouble } from './trouble.ts';

export type HostAddresses =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

export interface HostAddressOptions {
  readonly resolver: Resolver;
  readonly random: (below: number) => number;
  readonly ipv6First: boolean;
}

/** As Postfix's smtp_mx_address_limit: a host with many addresses doesn't hold up those behind it. */
const MAX_ADDRESSES = 5;

export async function findHostAddresses(
  host: TargetHost,
  { resolver, random, ipv6First }: HostAddressOptions,
): Promise<HostAddresses> {
  if (host.address !== null) return { kind: 'addresses', addresses: [host.address] };
  const [four, six] = await Promise.all([
    resolver.resolve(host.name, 'A'),
    resolver.resolve(host.name, 'AAAA'),
  ]);
  // Postern: a domain may say that its mail goes to 0.0.0.0, which is us, on a connection that we would trust.
  const v4 = four.kind === 'found' ? shuffle(four.records.filter(isHostAddress), random) : [];
  const v6 = six.kind === 'found' ? shuffle(six.records.filter(isHostAddress), random) : [];
  const addresses = interleave(ipv6First ? [v6, v4] : [v4, v6]);
  if (addresses.length > 0) return { kind: 'addresses', addresses };
  const of = host.smartHost ? 'smart-host' : 'exchanger';
  const failed = four.kind === 'failed' ? four : six.kind === 'failed' ? six : null;
  return failed === null
    ? {
        kind: 'trouble',
        trouble: { kind: 'dns', of, outcome: 'no-host', detail: `The host ${host.name} has no address` },
      }
    : { kind: 'trouble', trouble: { kind: 'dns', of, outcome: 'failed', detail: failed.detail } };
}

/** Mostly the first family, but one place is kept for the other, should the first not be routed at all. */
function interleave([first = [], second = []]: readonly (readonly string[])[]): readonly string[] {
  const kept = first.slice(0, second.length > 0 ? MAX_ADDRESSES - 1 : MAX_ADDRESSES);
  return [...kept, ...second].slice(0, MAX_ADDRESSES);
}

function shuffle(values: readonly string[], random: (below: number) => number): readonly string[] {
  if (values.length < 2) return values;
  const shuffled = [...values];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = random(index + 1);
    const value = shuffled[index];
    const swapped = shuffled[other];
    if (value === undefined || swapped === undefined) continue;
    shuffled[index] = swapped;
    shuffled[other] = value;
  }
  return shuffled;
}
