// Everything that is only read: listings of queues and messages, contents of mail in hand, configured objects and their
// changes. Works on the committed state through a connection of its own, so that a long look never holds up a commit.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { arrivalOf } from '#mail/message-id.ts';
import type { MessageId } from '#mail/message.ts';
import type { ChangeQuery, ChangeRecord, QueueSummary, StoredObject } from '../store.ts';

/** A message in a listing; `waiting` is empty for one that nobody has tried yet. */
export interface ListedMessage {
  readonly id: MessageId;
  readonly meta: string;
  readonly suspended: boolean;
  readonly waiting: readonly ListedRecipient[] | null;
}

export interface ListedRecipient {
  readonly recipient: number;
  readonly queue: string;
  readonly due: number;
  readonly attempts: number;
  readonly last_status: string | null;
  readonly delay_reported: number;
  readonly suspended: number;
}

export interface LoadedMessage {
  readonly meta: string;
  readonly spool: string | null;
  readonly content: Uint8Array | null;
}

export interface MessagesQuery {
  readonly queue?: string;
  readonly after?: MessageId;
  readonly limit: number;
}

export interface Reader {
  load(id: MessageId): LoadedMessage | null;
  queues(): readonly QueueSummary[];
  messages(query: MessagesQuery): readonly ListedMessage[];
  message(id: MessageId): ListedMessage | null;
  objects(): readonly StoredObject[];
  changes(query: ChangeQuery): readonly ChangeRecord[];
  /** Some message has its content in this spool file. */
  ownsSpoolFile(id: MessageId, path: string): boolean;
}

/** Rarer queues are listed by their index, others by walking all recipients in order. */
const RARE_QUEUE = 20_000;
const LISTING_LIMIT = 10_000;

export function createReader(database: DatabaseSync): Reader {
  const load = ['incoming', 'message'].map((table) =>
    database.prepare(`SELECT meta, spool, content FROM ${table} WHERE id = ?`),
  );
  const owners = ['incoming', 'message'].map((table) =>
    database.prepare(`SELECT 1 FROM ${table} WHERE id = ? AND spool = ?`),
  );
  const objects = database.prepare('SELECT kind, guid, version, data FROM object ORDER BY kind, guid');
  const listing = createListing(database);
  return {
    load(id) {
      for (const statement of load) {
        const row = statement.get(id);
        if (row !== undefined) return row as unknown as LoadedMessage;
      }
      return null;
    },
    queues: createQueues(database),
    ...listing,
    objects: () =>
      objects
        .all()
        .map((row) => ({ ...(row as unknown as StoredObject), data: JSON.parse(String(row['data'])) })),
    changes: (query) => readChanges(database, query),
    ownsSpoolFile: (id, path) => owners.some((statement) => statement.get(id, path) !== undefined),
  };
}

function createQueues(database: DatabaseSync): () => readonly QueueSummary[] {
  const summary =
    database.prepare(`SELECT queue, suspended, count(*) AS waiting, min(message_id) AS oldest, min(due) AS due
    FROM recipient INDEXED BY recipient_due GROUP BY suspended, queue`);
  const suspendedQueues = database.prepare('SELECT queue FROM suspended_queue');
  const lastStatus = database.prepare(`SELECT last_status FROM recipient
    WHERE suspended = ? AND queue = ? ORDER BY due DESC, message_id DESC LIMIT 1`);
  return () => {
    const suspended = new Set(suspendedQueues.all().map((row) => String(row['queue'])));
    const queues = new Map<string, QueueSummary>();
    for (const row of summary.iterate() as IterableIterator<unknown>) {
      const part = row as { queue: string; suspended: number; waiting: number; oldest: number; due: number };
      const before = queues.get(part.queue);
      const status = before?.lastStatus ?? lastStatus.get(part.suspended, part.queue)?.['last_status'];
      const rests = suspended.has(part.queue);
      queues.set(part.queue, {
        queue: part.queue,
        waiting: (before?.waiting ?? 0) + part.waiting,
        suspended: (before?.suspended ?? 0) + (rests || part.suspended === 1 ? part.waiting : 0),
        queueSuspended: rests,
        oldestArrival: Math.min(before?.oldestArrival ?? Infinity, arrivalOf(part.oldest)),
        nextDue: rests || part.suspended === 1 ? (before?.nextDue ?? null) : part.due,
        lastStatus: typeof status === 'string' ? JSON.parse(status) : (status ?? null),
      });
    }
    for (const queue of suspended) if (!queues.has(queue)) queues.set(queue, emptySuspendedQueue(queue));
    return [...queues.values()].sort((a, b) => (a.queue < b.queue ? -1 : 1));
  };
}

function emptySuspendedQueue(queue: string): QueueSummary {
  return {
    queue,
    waiting: 0,
    suspended: 0,
    queueSuspended: true,
    oldestArrival: null,
    nextDue: null,
    lastStatus: null,
  };
}

function createListing(database: DatabaseSync): Pick<Reader, 'messages' | 'message'> {
  const incoming = database.prepare('SELECT id, meta FROM incoming WHERE id > ? ORDER BY id LIMIT ?');
  const waiting = database.prepare('SELECT id, meta FROM message WHERE id > ? ORDER BY id LIMIT ?');
  const incomingById = database.prepare('SELECT id, meta FROM incoming WHERE id = ?');
  const waitingById = database.prepare('SELECT id, meta FROM message WHERE id = ?');
  const recipients =
    database.prepare(`SELECT recipient, queue, due, attempts, last_status, delay_reported, suspended
    FROM recipient WHERE message_id = ? ORDER BY recipient`);
  const atMost = database.prepare(
    'SELECT count(*) AS n FROM (SELECT 1 FROM recipient WHERE suspended IN (0, 1) AND queue = ? LIMIT ?)',
  );
  const byIndex = database.prepare(`SELECT DISTINCT message_id AS id FROM recipient INDEXED BY recipient_due
    WHERE suspended IN (0, 1) AND queue = ? AND message_id > ? ORDER BY message_id LIMIT ?`);
  const byWalk = database.prepare(`SELECT DISTINCT message_id AS id FROM recipient NOT INDEXED
    WHERE queue = ? AND message_id > ? ORDER BY message_id LIMIT ?`);

  const listWaiting = (row: { id: number; meta: string }): ListedMessage => {
    const rows = recipients.all(row.id) as unknown as ListedRecipient[];
    return { ...row, suspended: rows.some((each) => each.suspended === 1), waiting: rows };
  };
  const listIncoming = (row: { id: number; meta: string }): ListedMessage => ({
    ...row,
    suspended: false,
    waiting: null,
  });
  const find = (statement: StatementSync, id: number) =>
    statement.get(id) as { id: number; meta: string } | undefined;
  return {
    messages({ queue, after = -1, limit }) {
      const most = Math.min(limit, LISTING_LIMIT);
      if (queue !== undefined) {
        const rare = Number(atMost.get(queue, RARE_QUEUE)?.['n']) < RARE_QUEUE;
        const ids = (rare ? byIndex : byWalk).all(queue, after, most) as { id: number }[];
        return ids.flatMap(({ id }) => find(waitingById, id) ?? []).map(listWaiting);
      }
      const rows = [
        ...(incoming.all(after, most) as { id: number; meta: string }[]).map(listIncoming),
        ...(waiting.all(after, most) as { id: number; meta: string }[]).map(listWaiting),
      ];
      return rows.sort((a, b) => a.id - b.id).slice(0, most);
    },
    message(id) {
      const untried = find(incomingById, id);
      if (untried !== undefined) return listIncoming(untried);
      const row = find(waitingById, id);
      return row === undefined ? null : listWaiting(row);
    },
  };
}

function readChanges(database: DatabaseSync, query: ChangeQuery): readonly ChangeRecord[] {
  const { from = 0, to = Number.MAX_SAFE_INTEGER, cmdlets = [], users = [], guid, limit } = query;
  const oneOf = (column: string, values: readonly string[]): string =>
    values.length === 0 ? '' : ` AND lower(${column}) IN (${values.map(() => 'lower(?)').join(', ')})`;
  const rows = database
    .prepare(
      `SELECT * FROM change WHERE time BETWEEN ? AND ?${oneOf('cmdlet', cmdlets)}${oneOf('user', users)}
       ${guid === undefined ? '' : ' AND guid = ?'} ORDER BY id DESC LIMIT ?`,
    )
    .all(
      from,
      to,
      ...cmdlets,
      ...users,
      ...(guid === undefined ? [] : [guid]),
      Math.min(limit, LISTING_LIMIT),
    );
  return rows.map((row) => readChange(row as unknown as ChangeRow));
}

type ChangeRow = Omit<ChangeRecord, 'objectName' | 'parameters' | 'before' | 'after'> & {
  readonly object_name: string;
  readonly parameters: string;
  readonly before: string | null;
  readonly after: string | null;
};

function readChange(row: ChangeRow): ChangeRecord {
  const { time, user, cmdlet, line, kind, guid, version } = row;
  return {
    time,
    user,
    cmdlet,
    parameters: JSON.parse(row.parameters),
    line,
    kind,
    guid,
    objectName: row.object_name,
    version,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
  };
}
