// Adds up the trace for reports: one pass from the newest recipient backwards, in steps of bounded size, so that other
// reads come in between. Counts; judges nothing. What nobody has tried yet has no row, and isn't counted.
import type { DatabaseSync } from 'node:sqlite';
import { firstIdAt } from '#mail/message-id.ts';
import type { MessageId } from '#mail/message.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import { traceDetail } from '#tracking/trace-facts.ts';
import type {
  ConnectorTraffic,
  ConnectorTrafficQuery,
  ConnectorTrafficReport,
  ProtectionCounts,
  TrafficGroup,
  TrafficQuery,
  TrafficSample,
} from '../traffic.ts';
import { TRACE_STATUSES } from '../wire.ts';
import { prepareQuery } from './query.ts';

const STEP_ROWS = 10_000;
const MAX_REASONS = 500;
const SHOWN_REASONS = 5;
const REASON_CHARACTERS = 200;

interface Row {
  readonly message_id: number;
  readonly recipient: number;
  readonly received_at: number;
  readonly size: number;
  readonly status: number;
  readonly address: string;
  readonly from_ip: string;
  readonly connector: string | null;
  readonly detail: string;
  readonly queue: string | null;
  readonly last_status: string | null;
}

export interface TrafficReader {
  /** Both yield between steps. */
  sample: (query: TrafficQuery) => Generator<void, TrafficSample, void>;
  connectors: (query: ConnectorTrafficQuery) => Generator<void, ConnectorTrafficReport, void>;
}

export function createTrafficReader(database: DatabaseSync): TrafficReader {
  const page = prepareQuery<Row>(
    database,
    `SELECT trace.message_id, trace.recipient, received_at, size, status, address, from_ip, connector, detail,
        waiting.queue, waiting.last_status
      FROM trace LEFT JOIN recipient AS waiting ON trace.status = 0 AND waiting.message_id = trace.message_id
        AND waiting.recipient = trace.recipient
      WHERE trace.message_id >= ? AND (trace.message_id, trace.recipient) < (?, ?)
      ORDER BY trace.message_id DESC, trace.recipient DESC LIMIT ?`,
  );
  const eventsOf = prepareQuery<{ events: string }>(
    database,
    'SELECT events FROM event WHERE message_id = ? ORDER BY seq',
  );

  /** Hands over every row of the time up to the limit; returns whether that was all. */
  function* rows(query: TrafficQuery, take: (row: Row) => void): Generator<void, boolean, void> {
    const low = firstIdAt(query.from);
    let [message, recipient] = [firstIdAt(query.to + 1), 0];
    for (let left = query.limit; left > 0; left -= STEP_ROWS) {
      const wanted = Math.min(left, STEP_ROWS);
      const found = page.all(low, message, recipient, wanted);
      for (const row of found) take(row);
      const last = found.at(-1);
      if (last === undefined || found.length < wanted) return true;
      [message, recipient] = [last.message_id, last.recipient];
      yield;
    }
    return page.all(low, message, recipient, 1).length === 0;
  }

  function events(id: MessageId): readonly TraceEvent[] {
    return eventsOf.all(id).flatMap(({ events: text }): TraceEvent[] => JSON.parse(text));
  }

  return {
    *sample(query) {
      const sampler = new Sampler();
      const complete = yield* rows(query, (row) => sampler.take(row));
      return sampler.result(complete);
    },
    *connectors(query) {
      const tallies = new Map<string | null, Tally>();
      const names = new Map(query.connectors);
      const complete = yield* rows(query, (row) => {
        const connector = row.connector ?? nameOfQueue(row.queue, names);
        let tally = tallies.get(connector);
        if (tally === undefined) {
          tally = new Tally(connector);
          tallies.set(connector, tally);
        }
        tally.take(row, query.evidence);
      });
      const connectors: ConnectorTraffic[] = [];
      for (const tally of tallies.values()) {
        yield* tally.readEvidence(events);
        connectors.push(tally.result());
      }
      return { connectors, complete };
    },
  };
}

/** Of a connector that is gone, the GUID is all that is known. */
function nameOfQueue(queue: string | null, names: ReadonlyMap<string, string>): string | null {
  const guid = queue?.split(/[/;]/, 1)[0] ?? '';
  return guid === '' ? null : (names.get(guid) ?? guid);
}

class Sampler {
  readonly #groups = new Map<string, { readonly index: number; readonly group: TrafficGroup }>();
  readonly #messages: number[] = [];
  readonly #groupOf: number[] = [];

  take({ message_id, connector, queue, address, from_ip }: Row): void {
    const domain = address.slice(address.lastIndexOf('@') + 1);
    const key = `${domain} ${connector ?? ''}\n${queue ?? ''}\n${from_ip}`;
    let known = this.#groups.get(key);
    if (known === undefined) {
      const group = { connector, queue, domain, fromIp: from_ip, newest: message_id };
      known = { index: this.#groups.size, group };
      this.#groups.set(key, known);
    }
    this.#messages.push(message_id);
    this.#groupOf.push(known.index);
  }

  result(complete: boolean): TrafficSample {
    return {
      groups: [...this.#groups.values()].map(({ group }) => group),
      messages: Float64Array.from(this.#messages),
      groupOf: Uint32Array.from(this.#groupOf),
      complete,
    };
  }
}

/** Statuses that say: the protection could not be had (Exchange's codes, see delivery/trouble.ts). */
const PROTECTION_STATUSES = new Set(['4.7.320', '4.7.323', '4.7.324', '4.7.5']);

/** 4.4.317 is said of sessions that can't be had for other reasons, too. */
function lacksProtection(status: unknown, diagnostic: unknown): boolean {
  if (status === '4.4.317') return typeof diagnostic === 'string' && /TLS/.test(diagnostic);
  return typeof status === 'string' && PROTECTION_STATUSES.has(status);
}

class Tally {
  readonly #connector: string | null;
  readonly #ends = [0, 0, 0, 0, 0];
  readonly #reasons = new Map<string, number>();
  readonly #sampled = new Map<MessageId, Set<number>>();
  readonly #delivered = {
    ClearText: 0,
    Opportunistic: 0,
    EncryptionOnly: 0,
    CertificateValidation: 0,
    DomainValidation: 0,
  };
  #refused = 0;
  #messages = 0;
  #octets = 0;
  #lastUse = 0;
  #lastMessage = -1;

  constructor(connector: string | null) {
    this.#connector = connector;
  }

  /** Rows of one message come together. */
  take(row: Row, evidence: number): void {
    if (row.message_id !== this.#lastMessage) {
      this.#lastMessage = row.message_id;
      this.#messages += 1;
      this.#octets += row.size;
      this.#lastUse = Math.max(this.#lastUse, row.received_at);
      if (this.#sampled.size < evidence) this.#sampled.set(row.message_id, new Set());
    }
    this.#sampled.get(row.message_id)?.add(row.recipient);
    this.#ends[row.status] = (this.#ends[row.status] ?? 0) + 1;
    const reason = reasonOf(row);
    if (reason === null) return;
    if (this.#reasons.has(reason) || this.#reasons.size < MAX_REASONS)
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  *readEvidence(eventsOf: (id: MessageId) => readonly TraceEvent[]): Generator<void, void, void> {
    let read = 0;
    for (const [id, recipients] of this.#sampled) {
      for (const event of eventsOf(id)) {
        const concerns = event.recipients?.some((one) => recipients.has(one)) ?? false;
        if (event.kind === 'Attempt' && concerns) this.#attempt(event.data);
      }
      read += 1;
      if (read % 200 === 0) yield;
    }
  }

  #attempt(data: TraceEvent['data']): void {
    const { outcome, status, diagnostic, tls } = data;
    if (outcome === 'delivered' || outcome === 'mixed') this.#delivered[levelOf(tls)] += 1;
    else if (lacksProtection(status, diagnostic)) this.#refused += 1;
  }

  result(): ConnectorTraffic {
    const count = (status: (typeof TRACE_STATUSES)[number]): number =>
      this.#ends[TRACE_STATUSES.indexOf(status)] ?? 0;
    const protection: ProtectionCounts = {
      messages: this.#sampled.size,
      delivered: this.#delivered,
      refused: this.#refused,
    };
    return {
      connector: this.#connector,
      messages: this.#messages,
      octets: this.#octets,
      delivered: count('Delivered'),
      failed: count('Failed'),
      pending: count('Pending'),
      lastUse: this.#lastUse,
      reasons: [...this.#reasons]
        .map(([text, times]) => ({ text, count: times }))
        .sort((a, b) => b.count - a.count)
        .slice(0, SHOWN_REASONS),
      protection,
    };
  }
}

function levelOf(tls: unknown): keyof ProtectionCounts['delivered'] {
  if (typeof tls !== 'object' || tls === null || !('level' in tls)) return 'ClearText';
  switch (tls.level) {
    case 'EncryptionOnly':
    case 'CertificateValidation':
    case 'DomainValidation':
      return tls.level;
    default:
      return 'Opportunistic';
  }
}

/** Why a recipient failed or waits, without its address: so that the same reason counts as one. */
function reasonOf({ status, detail, last_status }: Row): string | null {
  const name = TRACE_STATUSES[status];
  const last: DeliveryStatus | null = last_status === null ? null : JSON.parse(last_status);
  const text = name === 'Failed' ? detail : name === 'Pending' && last !== null ? traceDetail(last) : '';
  if (text === '') return null;
  return text.replace(/<?[^\s<>:;,]+@[^\s<>:;,]+>?/g, '…').slice(0, REASON_CHARACTERS);
}
