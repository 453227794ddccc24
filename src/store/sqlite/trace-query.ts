// The message trace: who sent what to whom and what became of it, newest first. Read in windows of bounded size, each a
// step of its own, so that a search over months leaves room for other reads in between. A message that nobody has
// settled yet has no row in the trace: it is shown as Pending from where it waits.
import type { DatabaseSync } from 'node:sqlite';
import { firstIdAt } from '#mail/message-id.ts';
import type { MessageId } from '#mail/message.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import { traceAddress, traceDetail, traceFacts, tracedRecipient } from '#tracking/trace-facts.ts';
import type { TraceQuery, TraceRow } from '../store.ts';
import { TRACE_STATUSES, readMessage } from '../wire.ts';
import { prepareQuery } from './query.ts';
import { type TraceFilter, toTraceFilter } from './trace-filter.ts';

const WINDOW_ROWS = 10_000;
const LARGEST_PAGE = 10_000;

interface TraceRecord {
  readonly message_id: number;
  readonly recipient: number;
  readonly received_at: number;
  readonly size: number;
  readonly status: number;
  readonly sender: string;
  readonly address: string;
  readonly subject: string;
  readonly message_id_header: string;
  readonly from_ip: string;
  readonly to_ip: string;
  readonly connector: string | null;
  readonly detail: string;
  readonly last_status: string | null;
}

interface UntriedRow {
  readonly id: MessageId;
  readonly meta: string;
}

export interface TraceReader {
  /** Yields between steps; returns the rows. */
  trace: (query: TraceQuery) => Generator<void, readonly TraceRow[], void>;
  events: (id: MessageId) => readonly TraceEvent[];
}

export function createTraceReader(database: DatabaseSync): TraceReader {
  const windowStart = ['trace', 'incoming'].map((table) => {
    const id = table === 'trace' ? 'message_id' : 'id';
    return prepareQuery<{ id: number }>(
      database,
      `SELECT ${id} AS id FROM ${table} WHERE ${id} BETWEEN ?1 AND ?2 ORDER BY ${id} DESC LIMIT 1 OFFSET ?3`,
    );
  });
  const untried = prepareQuery<UntriedRow>(
    database,
    'SELECT id, meta FROM incoming WHERE id BETWEEN ? AND ? ORDER BY id DESC',
  );
  const kept = prepareQuery<{ events: string }>(
    database,
    'SELECT events FROM event WHERE message_id = ? ORDER BY seq',
  );
  const keptUntried = prepareQuery<{ events: string }>(database, 'SELECT events FROM incoming WHERE id = ?');

  /** The least identity of a window that ends at `high` and holds a bounded number of rows of either table. */
  const windowFrom = (low: number, high: number): number => {
    const starts = windowStart.map((statement) => statement.get(low, high, WINDOW_ROWS)?.id ?? low);
    return Math.max(low, ...starts);
  };

  return {
    *trace(query) {
      const filter = toTraceFilter(query);
      const settled = prepareQuery<TraceRecord>(database, settledRows(filter));
      const limit = Math.min(query.limit, LARGEST_PAGE);
      const { after } = query;
      const low = query.messageId ?? firstIdAt(query.from);
      const newest = query.messageId ?? firstIdAt(query.to + 1) - 1;
      let high = after === undefined ? newest : Math.min(newest, after.messageId);
      const rows: TraceRow[] = [];
      while (high >= low && rows.length < limit) {
        const start = windowFrom(low, high);
        const last = [after?.messageId ?? -1, after?.recipient ?? -1, limit];
        const found = [
          ...settled.all(start, high, ...filter.values, ...last).map(toTraceRow),
          ...untriedRows(untried.all(start, high), filter, after),
        ];
        rows.push(...found.sort(newestFirst).slice(0, limit - rows.length));
        high = start - 1;
        yield;
      }
      return rows;
    },
    events(id) {
      const texts = [...kept.all(id), ...keptUntried.all(id)];
      const events = texts.flatMap(({ events: text }): TraceEvent[] => JSON.parse(text));
      return events.sort((a, b) => a.time - b.time);
    },
  };
}

function newestFirst(a: TraceRow, b: TraceRow): number {
  return b.messageId - a.messageId || a.recipient - b.recipient;
}

/** Of messages that wait, the last attempt's words are shown. */
function settledRows(filter: TraceFilter): string {
  return `SELECT trace.*, waiting.last_status FROM trace
    LEFT JOIN recipient AS waiting ON trace.status = 0 AND waiting.message_id = trace.message_id
      AND waiting.recipient = trace.recipient
    WHERE trace.message_id BETWEEN ? AND ?${filter.sql}
      AND NOT (trace.message_id = ? AND trace.recipient <= ?)
    ORDER BY trace.message_id DESC, trace.recipient LIMIT ?`;
}

function toTraceRow(row: TraceRecord): TraceRow {
  const last: DeliveryStatus | null = row.last_status === null ? null : JSON.parse(row.last_status);
  return {
    messageId: row.message_id,
    recipient: row.recipient,
    receivedAt: row.received_at,
    sender: row.sender,
    recipientAddress: row.address,
    subject: row.subject,
    messageIdHeader: row.message_id_header,
    size: row.size,
    fromIp: row.from_ip,
    toIp: last === null ? row.to_ip : traceAddress(last.remoteAddress),
    status: TRACE_STATUSES[row.status] ?? 'Pending',
    connector: row.connector,
    detail: last === null ? row.detail : traceDetail(last),
  };
}

function untriedRows(
  found: readonly UntriedRow[],
  filter: TraceFilter,
  after: TraceQuery['after'],
): TraceRow[] {
  return found.flatMap(({ id, meta }) => {
    const message = readMessage(meta);
    const facts = traceFacts(message);
    return message.envelope.recipients.flatMap((_recipient, position) => {
      if (after !== undefined && id === after.messageId && position <= after.recipient) return [];
      const row: TraceRow = {
        messageId: id,
        recipient: position,
        ...facts,
        recipientAddress: tracedRecipient(message, position),
        toIp: '',
        status: 'Pending',
        connector: null,
        detail: '',
      };
      return filter.matches(row) ? [row] : [];
    });
  });
}
