// Delivery as a story: a connection that is at hand, else one host after another, until every recipient has its answer.
// Owns the order of things and nothing else: which hosts (target-hosts), how protected (tls-requirement), how connected
// (connection), what is said (transaction), what a failure means (trouble). Never throws for what a network does.
import type { Resolver } from '#dns/lookup.ts';
import type { Address } from '#mail/address.ts';
import type { Route } from '#routing/route.ts';
import { connectionKey } from './connection-key.ts';
import { createConnectionPool } from './connection-pool.ts';
import { type Connection, type ConnectionParts, openConnection } from './connection.ts';
import type { Deliverer, DeliveryRequest } from './deliverer.ts';
import { Delivery } from './delivery.ts';
import { createDownHosts } from './down-hosts.ts';
import { findHostAddresses } from './host-addresses.ts';
import {
  type EditHeader,
  type OutgoingContent,
  prepareLargeContent,
  prepareSmallContent,
} from './outgoing-content.ts';
import { createTargets, type TargetHost } from './target-hosts.ts';
import { NO_POLICIES, type TlsPolicies, toTlsRequirement } from './tls-requirement.ts';
import { transact } from './transaction.ts';

export interface DeliveryLimits {
  /** MaxMessagesPerConnection of the transport configuration. */
  readonly messagesPerConnection: number;
}

export interface DelivererParts {
  readonly resolver: Resolver;
  readonly now: () => number;
  /** A whole number from 0 up to, not including, `below`. */
  readonly random: (below: number) => number;
  readonly connection: ConnectionParts;
  /** DANE and MTA-STS; null: neither is looked at. */
  readonly policies: TlsPolicies | null;
  /** Does one of Postern's own listeners take connections to this address and port? */
  readonly isOwnListener: (address: string, port: number) => boolean;
  /** What is done to the header on the way; null: nothing, and that is the common case. */
  readonly editHeader: (request: DeliveryRequest) => EditHeader | null;
  /** SRS: the envelope sender as it goes out over a route with senderRewriting. */
  readonly rewriteSender: (sender: Address, route: Route) => Address;
  /** As they are at the moment. */
  readonly limits: () => DeliveryLimits;
  /** Where mail exchangers listen; default 25. */
  readonly mxPort?: number;
  readonly ipv6First?: boolean;
  /** Milliseconds that an unused connection is kept; default 5,000. */
  readonly idleTime?: number;
  /** Milliseconds that a host which didn't answer is passed over; default 300,000. */
  readonly downTime?: number;
  /** Milliseconds after which no further host is begun with; default 120,000. */
  readonly searchTime?: number;
}

/** RFC 5321 §4.5.3.1.8: what every server must take in one transaction. */
const MAX_RECIPIENTS = 100;
/** How many hosts that are known to be down are tried when no other is left. */
const MAX_PROBES = 3;

interface PassedOver {
  readonly since: number;
  readonly host: TargetHost;
  readonly address: string;
  readonly resolution: Resolution;
}

/** What the addresses of a host are worth to DANE. */
interface Resolution {
  readonly authenticated: boolean;
  readonly canonicalName: string;
}

/** One delivery with what it sends; made once, whatever the number of hosts. */
interface Load {
  readonly delivery: Delivery;
  readonly key: string;
  readonly content: OutgoingContent;
  readonly returnPath: Address | null;
}

export function createDeliverer(parts: DelivererParts): Deliverer {
  const { resolver, now, random, ipv6First = false, searchTime = 120_000 } = parts;
  const targets = createTargets({ resolver, random, mxPort: parts.mxPort ?? 25 });
  const downHosts = createDownHosts({ now, restTime: parts.downTime ?? 300_000 });
  const pool = createConnectionPool<Connection>({
    now,
    maxMessages: () => parts.limits().messagesPerConnection,
    ...(parts.idleTime === undefined ? {} : { idleTime: parts.idleTime }),
  });

  async function deliver(request: DeliveryRequest) {
    const delivery = new Delivery(request, now);
    const { message, route, content } = request;
    const edit = parts.editHeader(request);
    const sender = message.envelope.returnPath;
    let load: Load;
    try {
      load = {
        delivery,
        key: connectionKey(route, message.envelope.requireTls),
        content:
          content.kind === 'memory'
            ? prepareSmallContent(content, edit)
            : await prepareLargeContent(content, edit),
        returnPath: sender !== null && route.senderRewriting ? parts.rewriteSender(sender, route) : sender,
      };
    } catch (error) {
      delivery.trouble(
        { kind: 'content-unreadable', detail: `The message could not be read: ${wordsOf(error)}` },
        null,
      );
      return delivery.result();
    }
    await useIdleConnections(load);
    if (!delivery.done) await searchHosts(load);
    return delivery.result();
  }

  /** A connection that the server has ended meanwhile is no trouble: the next one is taken. */
  async function useIdleConnections(load: Load): Promise<void> {
    for (let idle = pool.take(load.key); idle !== undefined; idle = pool.take(load.key)) {
      if (await useConnection(load, idle)) return;
    }
  }

  async function searchHosts(load: Load): Promise<void> {
    const { delivery, key } = load;
    const { nextHop } = delivery.request.route;
    const passedOver: PassedOver[] = [];
    const search = { deadline: now() + searchTime, tried: 0 };
    for await (const target of targets(nextHop, key)) {
      if (target.kind === 'trouble') delivery.trouble(target.trouble, null);
      else await tryHost(load, target.host, passedOver, search);
      if (delivery.done || now() > search.deadline) break;
    }
    if (search.tried === 0) await probe(load, passedOver, search);
    if (!delivery.done) delivery.giveUp();
  }

  /** Every host is known to be down: those that have been so for the longest may be up again. */
  async function probe(load: Load, passedOver: PassedOver[], search: Search): Promise<void> {
    passedOver.sort((a, b) => a.since - b.since);
    for (const { host, address, resolution } of passedOver.slice(0, MAX_PROBES)) {
      if (load.delivery.done || now() > search.deadline) return;
      await tryAddress(load, host, address, resolution, search);
    }
  }

  async function tryHost(
    load: Load,
    host: TargetHost,
    passedOver: PassedOver[],
    search: Search,
  ): Promise<void> {
    const { delivery } = load;
    const found = await findHostAddresses(host, { resolver, random, ipv6First });
    if (found.kind === 'trouble') {
      delivery.trouble(found.trouble, null);
      return;
    }
    for (const address of found.addresses) {
      if (delivery.done || now() > search.deadline) return;
      if (parts.isOwnListener(address, host.port)) {
        search.tried += 1;
        delivery.trouble({ kind: 'own-listener', detail: describeLoop(host, address) }, null);
        // RFC 5321 §5.1: where we are an exchanger ourselves, those of the same or a lower rank would send it back.
        if (!host.smartHost) delivery.giveUp();
        return;
      }
      const since = downHosts.downSince(`${address} ${host.port}`);
      if (since === null) await tryAddress(load, host, address, found, search);
      else passedOver.push({ since, host, address, resolution: found });
    }
  }

  async function tryAddress(
    load: Load,
    host: TargetHost,
    address: string,
    resolution: Resolution,
    search: Search,
  ): Promise<void> {
    search.tried += 1;
    const { delivery } = load;
    const { route, message } = delivery.request;
    const policies = await policiesFor(route, host, resolution);
    const required = toTlsRequirement(route, host, message.envelope.requireTls, policies);
    if (required.kind === 'trouble') {
      delivery.trouble(required.trouble, null);
      return;
    }
    const opened = await openConnection(parts.connection, {
      host,
      address,
      route,
      requirement: required.requirement,
    });
    const downKey = `${address} ${host.port}`;
    if (opened.kind === 'trouble') {
      const verdict = delivery.trouble(opened.trouble, opened.host);
      if (verdict.hostIsDown) downHosts.mark(downKey);
      return;
    }
    downHosts.clear(downKey);
    delivery.reached = true;
    await useConnection(load, opened.connection);
  }

  async function policiesFor(route: Route, host: TargetHost, resolution: Resolution) {
    if (parts.policies === null || route.nextHop.kind !== 'mx') return NO_POLICIES;
    return parts.policies.find(route, route.nextHop.domain, host, resolution);
  }

  /**
   * Sends the message in as many transactions as its recipients need; puts the connection back if it is still good.
   * false: it had been ended before anything was said.
   */
  async function useConnection(load: Load, connection: Connection): Promise<boolean> {
    const { delivery, content, returnPath } = load;
    let left = delivery.pending;
    while (left.length > 0 && connection.usable) {
      const recipients = left.length > MAX_RECIPIENTS ? left.slice(0, MAX_RECIPIENTS) : left;
      left = left.length > MAX_RECIPIENTS ? left.slice(MAX_RECIPIENTS) : [];
      const host = connection.toTriedHost();
      const outcome = await transact(connection, delivery.request.message, returnPath, recipients, content);
      if (outcome.kind === 'stale') return false;
      if (outcome.kind === 'unsuitable') {
        delivery.trouble(outcome.trouble, host);
        break;
      }
      delivery.transacted(recipients, outcome.answers, host, connection);
    }
    pool.put(load.key, connection);
    return true;
  }

  return { deliver, close: () => pool.close() };
}

interface Search {
  readonly deadline: number;
  /** Hosts that were not just passed over. */
  tried: number;
}

function describeLoop(host: TargetHost, address: string): string {
  const name = host.name === address ? '' : `${host.name} is `;
  return `${name}${address} port ${host.port} is this gateway itself: the message would go in circles`;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
