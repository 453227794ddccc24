// Delivery as a story: a connection that is at hand, else one host after another, until every recipient has its answer.
// Owns the order of things and nothing else: which hosts (target-hosts, host-search), how protected (tls-requirement),
// how connected (connection), what is said (transaction), what a failure means (trouble). Never throws for what a
// network or a remote server does.
import type { Address } from '#mail/address.ts';
import type { Route } from '#routing/route.ts';
import type { ClientAnswer } from '#smtp/client-answer.ts';
import { connectionKey } from './connection-key.ts';
import { createConnectionPool } from './connection-pool.ts';
import type { Connection } from './connection.ts';
import type { Deliverer, DeliveryRequest, DeliveryResult } from './deliverer.ts';
import { Delivery } from './delivery.ts';
import { createHostSearch, type HostSearchParts } from './host-search.ts';
import {
  type EditHeader,
  type OutgoingContent,
  prepareLargeContent,
  prepareSmallContent,
} from './outgoing-content.ts';
import { transact } from './transaction.ts';

export interface DelivererParts extends HostSearchParts {
  /** What is done to the header on the way; null: nothing, and that is the common case. */
  readonly editHeader: (request: DeliveryRequest) => EditHeader | null;
  /** SRS: the envelope sender as it goes out over a route with senderRewriting; the same object: unchanged. */
  readonly rewriteSender: (sender: Address, route: Route) => Address | null;
  /** MaxMessagesPerConnection of the transport configuration, as it is at the moment. */
  readonly messagesPerConnection: () => number;
  /** Milliseconds that an unused connection is kept; default 5,000. */
  readonly idleTime?: number;
}

/** RFC 5321 §4.5.3.1.8: what every server must take in one transaction. */
const MAX_RECIPIENTS = 100;

/** What is sent; made once, whatever the number of hosts. */
interface Load {
  readonly delivery: Delivery;
  /** Connections that it may travel over. */
  readonly key: string;
  readonly content: OutgoingContent;
  readonly returnPath: Address | null;
}

/** One per thread. */
export function createDeliverer(parts: DelivererParts): Deliverer {
  const { now, idleTime = 5_000 } = parts;
  const search = createHostSearch(parts);
  const pool = createConnectionPool<Connection>({ now, idleTime, maxMessages: parts.messagesPerConnection });

  let underWay = 0;
  let whenQuiet: (() => void) | null = null;

  async function deliver(request: DeliveryRequest): Promise<DeliveryResult> {
    underWay += 1;
    try {
      return await attempt(request);
    } finally {
      underWay -= 1;
      if (underWay === 0) whenQuiet?.();
    }
  }

  async function attempt(request: DeliveryRequest): Promise<DeliveryResult> {
    const delivery = new Delivery(request, now);
    let load: Load;
    try {
      const prepared = prepare(delivery, request);
      load = prepared instanceof Promise ? await prepared : prepared;
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      delivery.trouble({ kind: 'content-unreadable', detail: `The message can't be read: ${words}` }, null);
      return delivery.result();
    }
    await useIdleConnection(load);
    if (!delivery.done) await useOneHostAfterAnother(load);
    return delivery.result();
  }

  function prepare(delivery: Delivery, request: DeliveryRequest): Load | Promise<Load> {
    const { message, route, content } = request;
    const sender = message.envelope.returnPath;
    const returnPath = sender !== null && route.senderRewriting ? parts.rewriteSender(sender, route) : sender;
    const key = connectionKey(route, message.envelope.requireTls);
    const edit = parts.editHeader(request);
    return content.kind === 'memory'
      ? { delivery, key, returnPath, content: prepareSmallContent(content, edit) }
      : prepareLargeContent(content, edit).then((prepared) => ({
          delivery,
          key,
          returnPath,
          content: prepared,
        }));
  }

  /** A connection that the server has ended meanwhile is no trouble: the next one is taken. */
  async function useIdleConnection(load: Load): Promise<void> {
    for (let idle = pool.take(load.key); idle !== undefined; idle = pool.take(load.key)) {
      if (await useConnection(load, idle, true)) return;
    }
  }

  async function useOneHostAfterAnother(load: Load): Promise<void> {
    const { delivery, key } = load;
    for await (const connection of search.connections(delivery, key)) {
      await useConnection(load, connection, false);
      if (delivery.done) return;
    }
    delivery.giveUp();
  }

  /**
   * Sends the message in as many transactions as its recipients need; puts the connection back if it is still good.
   * false: it had been idle, and the server had ended it before anything was said.
   */
  async function useConnection(load: Load, connection: Connection, wasIdle: boolean): Promise<boolean> {
    const { delivery, content, returnPath } = load;
    let left = delivery.pending;
    let mayBeStale = wasIdle;
    while (left.length > 0 && connection.usable) {
      const recipients = left.length > MAX_RECIPIENTS ? left.slice(0, MAX_RECIPIENTS) : left;
      left = left.length > MAX_RECIPIENTS ? left.slice(MAX_RECIPIENTS) : [];
      const host = connection.toTriedHost();
      const outcome = await transact(connection, delivery.request.message, returnPath, recipients, content);
      if (outcome.kind === 'unsuitable') {
        delivery.trouble(outcome.trouble, host);
        break;
      }
      if (mayBeStale && isStale(outcome.answers[0])) return false;
      mayBeStale = false;
      delivery.transacted(recipients, outcome.answers, host, connection);
    }
    pool.put(load.key, connection);
    return true;
  }

  /** From now on no connection is kept; those under way end with their message. */
  async function close(): Promise<void> {
    await pool.close();
    if (underWay > 0) await new Promise<void>((resolve) => (whenQuiet = resolve));
    await pool.close();
  }

  return { deliver, close };
}

/** The end came in place of the very first answer, or as its farewell (421): MAIL was never taken. */
function isStale(first: ClientAnswer | undefined): boolean {
  if (first === undefined || (first.phase !== 'mail' && first.phase !== 'reset')) return false;
  return first.kind === 'dropped' || (first.kind === 'reply' && first.reply.code === 421);
}
