// From a next hop to the hosts that take its mail, in the order in which they are tried: RFC 5321 §5.1 for domains,
// delivery.md for smart hosts. Owns turns among smart hosts and the MX look-up. Everything is looked up only when its turn
// comes, so that a host that isn't needed costs nothing; addresses are found later still (host-addresses.ts).
import { findMailExchangers, type MailExchangers } from '#dns/mail-exchangers.ts';
import type { Resolver } from '#dns/lookup.ts';
import type { SmartHost } from '#mail/smart-host.ts';
import type { NextHop } from '#routing/route.ts';
import { poolAddresses } from './address-pool.ts';
import type { Trouble } from './trouble.ts';

export interface TargetHost {
  /** Its name, or its address where it is known by nothing else. */
  readonly name: string;
  /** Where to connect; null: the addresses of the name are to be looked up. */
  readonly address: string | null;
  readonly port: number;
  /** It stands in for a smart host, not for a recipient's domain. */
  readonly smartHost: boolean;
  /** The MX answer that named it was validated (RFC 7672 §2.2.1); false for smart hosts. */
  readonly authenticated: boolean;
}

/** A host to try, or why there is none in this place. */
export type Target =
  | { readonly kind: 'host'; readonly host: TargetHost }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

export interface TargetHostOptions {
  readonly resolver: Resolver;
  readonly random: (below: number) => number;
  /** Where mail exchangers listen; 25 but in tests (`--mx-port`). */
  readonly mxPort: number;
}

/** The hosts of a next hop in turn; `key` tells next hops apart and keeps the turns of their smart hosts. */
export type FindTargets = (nextHop: NextHop, key: string) => AsyncGenerator<Target, void, undefined>;

const MAX_TURNS = 10_000;

export function createTargets({ resolver, random, mxPort }: TargetHostOptions): FindTargets {
  const turns = new Map<string, number>();

  /** delivery.md: the first is picked at random, later attempts go round in turn. */
  function takeTurn(key: string, count: number): number {
    const turn = turns.get(key);
    const index = (turn ?? random(count)) % count;
    turns.delete(key);
    turns.set(key, index + 1);
    const oldest = turns.size > MAX_TURNS ? turns.keys().next().value : undefined;
    if (oldest !== undefined) turns.delete(oldest);
    return index;
  }

  return async function* (nextHop, key) {
    if (nextHop.kind === 'mx') {
      yield* exchangersOf(resolver, nextHop.domain, random, mxPort);
      return;
    }
    const { hosts } = nextHop;
    const first = hosts.length > 1 ? takeTurn(key, hosts.length) : 0;
    for (const entry of hosts.slice(first)) yield* expandSmartHost(entry, resolver, random);
    for (const entry of hosts.slice(0, first)) yield* expandSmartHost(entry, resolver, random);
  };
}

async function* exchangersOf(
  resolver: Resolver,
  domain: string,
  random: (below: number) => number,
  port: number,
): AsyncGenerator<Target, void, undefined> {
  const literal = readLiteral(domain);
  if (literal !== null) {
    // RFC 5321 §5.1: an address literal is its own host.
    yield toTarget({ name: literal, address: literal, port, smartHost: false, authenticated: false });
    return;
  }
  const found = await findMailExchangers(resolver, domain, random);
  if (found.kind !== 'hosts') {
    const { kind } = found;
    const detail = kind === 'failed' ? found.detail : describeMissing(kind, domain);
    yield { kind: 'trouble', trouble: { kind: 'dns', of: 'domain', outcome: kind, detail } };
    return;
  }
  const { authenticated } = found;
  for (const name of found.hosts) {
    yield toTarget({ name, address: null, port, smartHost: false, authenticated });
  }
}

function toTarget(host: TargetHost): Target {
  return { kind: 'host', host };
}

function describeMissing(kind: Exclude<MailExchangers['kind'], 'hosts' | 'failed'>, domain: string): string {
  switch (kind) {
    case 'null-mx':
      return `The domain ${domain} accepts no mail (null MX)`;
    case 'no-domain':
      return `The domain ${domain} does not exist`;
    default:
      return `The domain ${domain} has neither a mail exchanger nor an address`;
  }
}

async function* expandSmartHost(
  entry: SmartHost,
  resolver: Resolver,
  random: (below: number) => number,
): AsyncGenerator<Target, void, undefined> {
  const { port } = entry;
  const at = (name: string, address: string | null): Target =>
    toTarget({ name, address, port, smartHost: true, authenticated: false });
  switch (entry.kind) {
    case 'address':
      yield at(entry.address, entry.address);
      return;
    case 'pool':
      for (const address of poolAddresses(entry.address, entry.prefix)) yield at(address, address);
      return;
    default: {
      // seed: the name of a smart host is an MX or an address record; the MX is looked up first (delivery.md).
      const found = await findMailExchangers(resolver, entry.name, random);
      if (found.kind === 'hosts') {
        for (const name of found.hosts) yield at(name, null);
        // RFC 7505 speaks of mail for the domain's own users; of a smart host only the address counts.
      } else if (found.kind === 'null-mx') {
        yield at(entry.name, null);
      } else {
        const { kind: outcome } = found;
        const detail =
          outcome === 'failed' ? found.detail : `The smart host ${entry.name} was not found in the DNS`;
        yield { kind: 'trouble', trouble: { kind: 'dns', of: 'smart-host', outcome, detail } };
      }
    }
  }
}

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]` without what is around it; null for names. */
function readLiteral(domain: string): string | null {
  return /^\[(?:IPv6:)?([0-9a-f.:]+)\]$/i.exec(domain)?.[1] ?? null;
}
