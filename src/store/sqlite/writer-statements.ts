// Every statement of the writing connection, prepared once. Named for what they do; the modules beside this one say why.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface WriterStatements extends Readonly<Record<keyof typeof SQL, StatementSync>> {
  readonly readCounter: (name: string) => number;
}

const CLAIMABLE = 'suspended = 0 AND queue = ?1';

const SQL = {
  insertIncoming:
    'INSERT INTO incoming (id, meta, recipients, events, spool, content) VALUES (?, ?, ?, ?, ?, ?)',
  incomingById: 'SELECT meta, events, recipients, spool FROM incoming WHERE id = ?',
  incomingAfter: 'SELECT id, recipients FROM incoming WHERE id > ? ORDER BY id LIMIT ?',
  deleteIncoming: 'DELETE FROM incoming WHERE id = ?',
  moveIncoming: `INSERT INTO message (id, recipients, meta, spool, content)
    SELECT id, recipients, meta, spool, content FROM incoming WHERE id = ?`,
  messageById: 'SELECT meta, spool FROM message WHERE id = ?',
  messageExists: 'SELECT 1 FROM message WHERE id = ?',
  deleteMessage: 'DELETE FROM message WHERE id = ?',

  insertRecipient: `INSERT INTO recipient (message_id, recipient, queue, due, attempts, last_status, delay_reported, suspended)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  updateRecipient: `UPDATE recipient SET queue = ?3, due = ?4, attempts = ?5, last_status = ?6, delay_reported = ?7
    WHERE message_id = ?1 AND recipient = ?2`,
  deleteRecipient: 'DELETE FROM recipient WHERE message_id = ? AND recipient = ?',
  anyRecipient: 'SELECT 1 FROM recipient WHERE message_id = ? LIMIT 1',
  recipientsOf: 'SELECT recipient FROM recipient WHERE message_id = ?',

  firstQueue: 'SELECT min(queue) AS queue FROM recipient WHERE suspended = 0',
  nextQueue: 'SELECT min(queue) AS queue FROM recipient WHERE suspended = 0 AND queue > ?',
  dueOfQueue: `SELECT message_id, recipient, due FROM recipient WHERE ${CLAIMABLE} AND due <= ?2 ORDER BY due, message_id, recipient`,
  countDueOfQueue: `SELECT count(*) AS due FROM (SELECT 1 FROM recipient WHERE ${CLAIMABLE} AND due <= ?2 LIMIT ?3)`,
  firstDueOfQueue: `SELECT message_id, recipient, due FROM recipient WHERE ${CLAIMABLE} ORDER BY due, message_id, recipient`,
  waitingRow: `SELECT message_id, recipient, queue, due, attempts, last_status, delay_reported FROM recipient
    WHERE message_id = ? AND recipient = ?`,
  agedRows: `SELECT message_id, recipient, queue, due, attempts, last_status, delay_reported FROM recipient
    WHERE message_id > ? AND message_id < ? AND suspended = 0 ORDER BY message_id, recipient`,
  hasten: `UPDATE recipient SET due = ?2 WHERE (message_id, recipient) IN
    (SELECT message_id, recipient FROM recipient WHERE ${CLAIMABLE} AND due > ?2 LIMIT ?3)`,
  postpone: `UPDATE recipient SET due = ?2 WHERE (message_id, recipient) IN
    (SELECT message_id, recipient FROM recipient WHERE ${CLAIMABLE} AND due < ?2 LIMIT ?3)`,

  suspendRecipients: 'UPDATE recipient SET suspended = 1 WHERE message_id = ?',
  resumeRecipients: 'UPDATE recipient SET suspended = 0, due = min(due, ?2) WHERE message_id = ?1',
  suspendedQueues: 'SELECT queue FROM suspended_queue',
  insertSuspendedQueue: 'INSERT OR IGNORE INTO suspended_queue (queue) VALUES (?)',
  deleteSuspendedQueue: 'DELETE FROM suspended_queue WHERE queue = ?',

  putTrace: `INSERT INTO trace (message_id, recipient, received_at, size, status, sender, address, subject, message_id_header,
      from_ip, to_ip, connector, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET status = excluded.status, to_ip = excluded.to_ip, connector = excluded.connector,
      detail = excluded.detail`,
  firstEvents: 'INSERT OR IGNORE INTO event (message_id, seq, events) VALUES (?, 0, ?)',
  moreEvents: `INSERT INTO event (message_id, seq, events)
    SELECT ?1, coalesce(max(seq), -1) + 1, ?2 FROM event WHERE message_id = ?1`,
  oldTraces: `SELECT DISTINCT message_id AS id FROM trace WHERE message_id < ?1
    AND NOT EXISTS (SELECT 1 FROM message WHERE id = trace.message_id) ORDER BY message_id LIMIT ?2`,
  pruneTrace: 'DELETE FROM trace WHERE message_id = ?',
  pruneEvents: 'DELETE FROM event WHERE message_id = ?',

  objectVersion: 'SELECT version FROM object WHERE kind = ? AND guid = ?',
  putObject: 'INSERT OR REPLACE INTO object (kind, guid, version, data) VALUES (?, ?, ?, ?)',
  deleteObject: 'DELETE FROM object WHERE kind = ? AND guid = ?',
  insertChange: `INSERT INTO change (time, user, cmdlet, parameters, line, kind, guid, object_name, version, before, after)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,

  counter: 'SELECT value FROM counter WHERE name = ?',
  setCounter: 'UPDATE counter SET value = ?2 WHERE name = ?1',
} as const;

export function prepareWriterStatements(database: DatabaseSync): WriterStatements {
  const prepared = Object.fromEntries(
    Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]),
  ) as Record<keyof typeof SQL, StatementSync>;
  return { ...prepared, readCounter: (name) => Number(prepared.counter.get(name)?.['value'] ?? 0) };
}
