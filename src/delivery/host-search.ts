// The search for a host that takes a message: hosts in turn, addresses in turn, those known to be down passed over, our
// own listeners never. Owns that order and its limits in time; yields each connection that is ready for MAIL, and tells
// the delivery every trouble on the way. Sends no message itself.
import type { Resolver } from '#dns/lookup.ts';
import type { TlsSession } from '#tls/tls-tally.ts';
import { type Connection, type ConnectionParts, openConnection } from './connection.ts';
import type { Delivery, TriedHost } from './delivery.ts';
import { createDownHosts } from './down-hosts.ts';
import { findHostAddresses } from './host-addresses.ts';
import { describePolicies, type PolicyEvidence } from './policy-evidence.ts';
import { createTargets, type TargetHost } from './target-hosts.ts';
import type { TlsPolicies } from './tls-policies.ts';
import { toTlsRequirement } from './tls-requirement.ts';
import { type SessionEnd, toTlsSession } from './tls-sessions.ts';

export interface HostSearchParts {
  readonly resolver: Resolver;
  readonly now: () => number;
  /** A whole number from 0 up to, not including, `below`. */
  readonly random: (below: number) => number;
  readonly connection: ConnectionParts;
  /** DANE and MTA-STS; null: neither is looked at. */
  readonly policies: TlsPolicies | null;
  /** Does one of Postern's own listeners take connections to this address and port? */
  readonly isOwnListener: (address: string, port: number) => boolean;
  /** Where mail exchangers listen (`--mx-port`); default 25. */
  readonly mxPort?: number;
  readonly ipv6First?: boolean;
  /** Told of each session with a mail exchanger, for TLS reports; absent: nobody counts. */
  readonly recordTls?: (session: TlsSession) => void;
  /** Milliseconds that a host which didn't answer is passed over; default 300,000. */
  readonly downTime?: number;
  /** Milliseconds after which no further address is begun with; default 120,000. */
  readonly searchTime?: number;
}

export interface HostSearch {
  /** Goes on as long as the delivery has undecided recipients and there are hosts. `key` keeps the smart hosts' turns. */
  connections(delivery: Delivery, key: string): AsyncGenerator<Connection, void, undefined>;
}

/** How many hosts that are known to be down are tried when no other is left. */
const MAX_PROBES = 3;

/** One address of one host. */
interface Place {
  readonly host: TargetHost;
  readonly address: string;
}

interface PassedOver extends Place {
  readonly since: number;
}

export function createHostSearch(parts: HostSearchParts): HostSearch {
  const { resolver, now, random, ipv6First = false, searchTime = 120_000 } = parts;
  const targets = createTargets({ resolver, random, mxPort: parts.mxPort ?? 25 });
  const downHosts = createDownHosts({ now, restTime: parts.downTime ?? 300_000 });

  async function* connections(delivery: Delivery, key: string): AsyncGenerator<Connection, void, undefined> {
    const deadline = now() + searchTime;
    const passedOver: PassedOver[] = [];
    let tried = false;
    for await (const place of places(delivery, key)) {
      const since = downHosts.downSince(downKey(place));
      if (since !== null) {
        passedOver.push({ ...place, since });
        continue;
      }
      tried = true;
      const connection = await open(delivery, place);
      if (connection !== null) yield connection;
      if (delivery.done || now() > deadline) return;
    }
    if (!tried) yield* probe(delivery, passedOver, deadline);
  }

  /** Every host is known to be down: those that have been so for the longest may be up again. */
  async function* probe(
    delivery: Delivery,
    passedOver: PassedOver[],
    deadline: number,
  ): AsyncGenerator<Connection, void, undefined> {
    passedOver.sort((a, b) => a.since - b.since);
    for (const place of passedOver.slice(0, MAX_PROBES)) {
      if (delivery.done || now() > deadline) return;
      const connection = await open(delivery, place);
      if (connection !== null) yield connection;
    }
  }

  /** Every address of every host, looked up only when its turn comes. */
  async function* places(delivery: Delivery, key: string): AsyncGenerator<Place, void, undefined> {
    for await (const target of targets(delivery.request.route.nextHop, key)) {
      if (target.kind === 'trouble') {
        delivery.trouble(target.trouble, null);
        continue;
      }
      const { host } = target;
      const found = await findHostAddresses(host, { resolver, random, ipv6First });
      if (found.kind === 'trouble') {
        delivery.trouble(found.trouble, null);
        continue;
      }
      for (const address of found.addresses) {
        if (!parts.isOwnListener(address, host.port)) {
          yield { host, address };
          continue;
        }
        delivery.trouble({ kind: 'own-listener', detail: describeLoop(host, address) }, null);
        // RFC 5321 §5.1: where we are an exchanger ourselves, those of the same or a lower rank would send it back.
        if (!host.smartHost) return;
        break;
      }
    }
  }

  async function open(delivery: Delivery, place: Place): Promise<Connection | null> {
    const { host, address } = place;
    const { route, message } = delivery.request;
    const policies = parts.policies === null ? null : await parts.policies.find(route, host);
    const required = toTlsRequirement(route, host, message.envelope.requireTls, policies);
    const evidence = describePolicies(policies);
    const tell = (end: Omit<SessionEnd, 'address'>) => {
      // What goes under no policy tells nothing of one.
      if (parts.recordTls === undefined || route.tlsReport === true) return;
      const session = toTlsSession(route, host, policies, { address, ...end });
      if (session !== null) parts.recordTls(session);
    };
    if (required.kind === 'trouble') {
      delivery.trouble(required.trouble, notConnected(place, evidence));
      tell({ localAddress: null, tls: null, clearTextBecause: null, trouble: required.trouble });
      return null;
    }
    const { requirement } = required;
    const target = { host, address, route, requirement, policies: evidence };
    const opened = await openConnection(parts.connection, target);
    if (opened.kind === 'trouble') {
      tell({ localAddress: opened.localAddress, ...opened.host, trouble: opened.trouble });
      const verdict = delivery.trouble(opened.trouble, opened.host);
      if (verdict.hostIsDown) downHosts.mark(downKey(place));
      return null;
    }
    downHosts.clear(downKey(place));
    delivery.reached = true;
    tell({ localAddress: null, ...opened.connection.toTriedHost(), trouble: null });
    return opened.connection;
  }

  return { connections };
}

/** A policy kept it from being connected to. */
function notConnected({ host, address }: Place, policies: PolicyEvidence | null): TriedHost {
  const remoteAddress = address.includes(':') ? `[${address}]:${host.port}` : `${address}:${host.port}`;
  const remoteMta = host.name === address ? null : host.name;
  return { remoteMta, remoteAddress, tls: null, clearTextBecause: null, earlierMessages: 0, policies };
}

function downKey({ host, address }: Place): string {
  return `${address} ${host.port}`;
}

function describeLoop(host: TargetHost, address: string): string {
  const name = host.name === address ? '' : `${host.name} is `;
  return `${name}${address} port ${host.port} is this gateway itself: the message would go in circles`;
}
