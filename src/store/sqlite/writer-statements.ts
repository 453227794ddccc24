// Every statement of the writing connection, prepared once. Named for what they do; the modules beside this one say why.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MessageId } from '#mail/message.ts';
import type { FreshMessage } from './in-hand.ts';
import { prepareQuery } from './query.ts';

export interface IncomingRow {
  readonly id: MessageId;
  readonly recipients: number;
}

export interface MessageRow {
  readonly meta: string;
  readonly spool: string | null;
}

export interface DueRow {
  readonly message_id: MessageId;
  readonly recipient: number;
  readonly due: number;
}

/** A queue and the recipient of it that is due first. */
export interface QueueHead extends DueRow {
  readonly queue: string;
}

export interface WaitingRow extends QueueHead {
  readonly attempts: number;
  readonly last_status: string | null;
  readonly delay_reported: number;
}

const CLAIMABLE = 'suspended = 0 AND queue = ?1';

const CHANGES = {
  insertIncoming:
    'INSERT INTO incoming (id, meta, recipients, events, spool, content) VALUES (?, ?, ?, ?, ?, ?)',
  deleteIncoming: 'DELETE FROM incoming WHERE id = ?',
  moveIncoming: `INSERT INTO message (id, recipients, meta, spool, content)
    SELECT id, recipients, meta, spool, content FROM incoming WHERE id = ?`,
  deleteMessage: 'DELETE FROM message WHERE id = ?',
  insertRecipient: `INSERT INTO recipient (message_id, recipient, queue, due, attempts, last_status, delay_reported, suspended)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  updateRecipient: `UPDATE recipient SET queue = ?3, due = ?4, attempts = ?5, last_status = ?6, delay_reported = ?7
    WHERE message_id = ?1 AND recipient = ?2`,
  deleteRecipient: 'DELETE FROM recipient WHERE message_id = ? AND recipient = ?',
  hasten: `UPDATE recipient SET due = ?2 WHERE (message_id, recipient) IN
    (SELECT message_id, recipient FROM recipient WHERE ${CLAIMABLE} AND due > ?2 LIMIT ?3)`,
  postpone: `UPDATE recipient SET due = ?2 WHERE (message_id, recipient) IN
    (SELECT message_id, recipient FROM recipient WHERE ${CLAIMABLE} AND due < ?2 LIMIT ?3)`,
  suspendRecipients: 'UPDATE recipient SET suspended = 1 WHERE message_id = ?',
  resumeRecipients: 'UPDATE recipient SET suspended = 0, due = min(due, ?2) WHERE message_id = ?1',
  insertSuspendedQueue: 'INSERT OR IGNORE INTO suspended_queue (queue) VALUES (?)',
  deleteSuspendedQueue: 'DELETE FROM suspended_queue WHERE queue = ?',
  putTrace: `INSERT INTO trace (message_id, recipient, received_at, size, status, sender, address, subject, message_id_header,
      from_ip, to_ip, connector, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET status = excluded.status, to_ip = excluded.to_ip, connector = excluded.connector,
      detail = excluded.detail`,
  firstEvents: 'INSERT OR IGNORE INTO event (message_id, seq, events) VALUES (?, 0, ?)',
  moreEvents: `INSERT INTO event (message_id, seq, events)
    SELECT ?1, coalesce(max(seq), -1) + 1, ?2 FROM event WHERE message_id = ?1`,
  pruneTrace: 'DELETE FROM trace WHERE message_id = ?',
  pruneEvents: 'DELETE FROM event WHERE message_id = ?',
  putObject: 'INSERT OR REPLACE INTO object (kind, guid, version, data) VALUES (?, ?, ?, ?)',
  deleteObject: 'DELETE FROM object WHERE kind = ? AND guid = ?',
  insertChange: `INSERT INTO change (time, user, cmdlet, parameters, line, kind, guid, object_name, version, before, after)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  setCounter: 'UPDATE counter SET value = ?2 WHERE name = ?1',
} as const;

function prepareQueries(database: DatabaseSync) {
  const query = <Row>(sql: string) => prepareQuery<Row>(database, sql);
  return {
    incomingById: query<FreshMessage>('SELECT meta, events, recipients, spool FROM incoming WHERE id = ?'),
    incomingAfter: query<IncomingRow>('SELECT id, recipients FROM incoming WHERE id > ? ORDER BY id LIMIT ?'),
    messageById: query<MessageRow>('SELECT meta, spool FROM message WHERE id = ?'),
    messageExists: query<object>('SELECT 1 FROM message WHERE id = ?'),
    anyRecipient: query<object>('SELECT 1 FROM recipient WHERE message_id = ? LIMIT 1'),
    firstQueue: query<QueueHead>(
      `SELECT queue, due, message_id, recipient FROM recipient WHERE suspended = 0 ORDER BY queue, due LIMIT 1`,
    ),
    nextQueue: query<QueueHead>(
      `SELECT queue, due, message_id, recipient FROM recipient WHERE suspended = 0 AND queue > ? ORDER BY queue, due LIMIT 1`,
    ),
    dueOfQueue: query<DueRow>(
      `SELECT message_id, recipient, due FROM recipient WHERE ${CLAIMABLE} AND due <= ?2 ORDER BY due, message_id, recipient`,
    ),
    countDueOfQueue: query<{ readonly due: number }>(
      `SELECT count(*) AS due FROM (SELECT 1 FROM recipient WHERE ${CLAIMABLE} AND due <= ?2 LIMIT ?3)`,
    ),
    firstDueOfQueue: query<DueRow>(
      `SELECT message_id, recipient, due FROM recipient WHERE ${CLAIMABLE} ORDER BY due, message_id, recipient`,
    ),
    waitingRow:
      query<WaitingRow>(`SELECT message_id, recipient, queue, due, attempts, last_status, delay_reported FROM recipient
    WHERE message_id = ? AND recipient = ?`),
    agedRows:
      query<WaitingRow>(`SELECT message_id, recipient, queue, due, attempts, last_status, delay_reported FROM recipient
    WHERE message_id > ? AND message_id < ? AND +suspended = 0 ORDER BY message_id, recipient`),
    suspendedQueues: query<{ readonly queue: string }>('SELECT queue FROM suspended_queue'),
    oldTraces: query<{
      readonly id: MessageId;
    }>(`SELECT DISTINCT message_id AS id FROM trace WHERE message_id < ?1
    AND NOT EXISTS (SELECT 1 FROM message WHERE id = trace.message_id) ORDER BY message_id LIMIT ?2`),
    objectVersion: query<{ readonly version: number }>(
      'SELECT version FROM object WHERE kind = ? AND guid = ?',
    ),
    totalChanges: query<{ readonly changes: number }>('SELECT total_changes() AS changes'),
    counter: query<{ readonly value: number }>('SELECT value FROM counter WHERE name = ?'),
  };
}

export type WriterStatements = Readonly<Record<keyof typeof CHANGES, StatementSync>> &
  ReturnType<typeof prepareQueries>;

export function prepareWriterStatements(database: DatabaseSync): WriterStatements {
  const changes = Object.entries(CHANGES).map(([name, sql]) => [name, database.prepare(sql)]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made from the very keys
  const byName = Object.fromEntries(changes) as Record<keyof typeof CHANGES, StatementSync>;
  return { ...byName, ...prepareQueries(database) };
}
