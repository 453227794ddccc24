// The tables of the embedded store, how its file is opened, and how older files are brought up to date.
// incoming: messages as accepted, which most leave again within the second: rows are never changed, so a message that
//   is delivered at once costs one insert and one delete in a table that stays small.
// message + recipient: what waits after an attempt. trace + event: what became of everything.
// Never opens a file that a newer Postern wrote.
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store-error.ts';
import { prepareQuery } from './query.ts';

const VERSION = 1;
const PAGE_BYTES = 8192;
const MEBIBYTE = 1024 * 1024;

// `content` stands last, so that reading the rest of a row never touches its pages.
const TABLES = `
CREATE TABLE incoming (
  id INTEGER PRIMARY KEY, recipients INTEGER NOT NULL, meta TEXT NOT NULL, events TEXT NOT NULL,
  spool TEXT, content BLOB
);
CREATE TABLE message (
  id INTEGER PRIMARY KEY, recipients INTEGER NOT NULL, meta TEXT NOT NULL, spool TEXT, content BLOB
);
CREATE TABLE recipient (
  message_id INTEGER NOT NULL, recipient INTEGER NOT NULL, queue TEXT NOT NULL, due INTEGER NOT NULL,
  attempts INTEGER NOT NULL, delay_reported INTEGER NOT NULL, suspended INTEGER NOT NULL, last_status TEXT,
  PRIMARY KEY (message_id, recipient)
) WITHOUT ROWID;
CREATE INDEX recipient_due ON recipient (suspended, queue, due);
CREATE TABLE suspended_queue (queue TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE trace (
  message_id INTEGER NOT NULL, recipient INTEGER NOT NULL, received_at INTEGER NOT NULL, size INTEGER NOT NULL,
  status INTEGER NOT NULL, sender TEXT NOT NULL, address TEXT NOT NULL, subject TEXT NOT NULL,
  message_id_header TEXT NOT NULL, from_ip TEXT NOT NULL, to_ip TEXT NOT NULL, connector TEXT, detail TEXT NOT NULL,
  PRIMARY KEY (message_id, recipient)
) WITHOUT ROWID;
CREATE TABLE event (
  message_id INTEGER NOT NULL, seq INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (message_id, seq)
) WITHOUT ROWID;
CREATE TABLE object (
  kind TEXT NOT NULL, guid TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (kind, guid)
) WITHOUT ROWID;
CREATE TABLE change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, user TEXT NOT NULL, cmdlet TEXT NOT NULL,
  parameters TEXT NOT NULL, line TEXT NOT NULL, kind TEXT NOT NULL, guid TEXT NOT NULL, object_name TEXT NOT NULL,
  version INTEGER NOT NULL, before TEXT, after TEXT
);
CREATE INDEX change_guid ON change (guid);
CREATE INDEX change_time ON change (time);
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('messages', 0), ('run', 0), ('probe', 0);
`;

function userVersion(database: DatabaseSync): number {
  return prepareQuery<{ user_version: number }>(database, 'PRAGMA user_version').get()?.user_version ?? 0;
}

function bringUpToDate(database: DatabaseSync, file: string): void {
  const version = userVersion(database);
  if (version > VERSION) {
    throw new StoreError(
      `${file} was written by a newer Postern (format ${version}; this one knows up to ${VERSION}). ` +
        'Run the newer Postern, or give another data directory',
      'refused',
    );
  }
  if (version === VERSION) return;
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${VERSION}; COMMIT`);
}

/** Opens (or makes) the file for the one connection that writes. Throws StoreError('refused') for a newer format. */
export function openForWriting(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    database.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${(32 * MEBIBYTE) / 1024};
      PRAGMA wal_autocheckpoint = ${(16 * MEBIBYTE) / PAGE_BYTES};
      PRAGMA journal_size_limit = ${128 * MEBIBYTE};
      PRAGMA temp_store = MEMORY;
      PRAGMA trusted_schema = OFF;
    `);
    bringUpToDate(database, file);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Opens the file for reading only; the writing connection must have opened it before. */
export function openForReading(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  database.exec(
    `PRAGMA cache_size = -${(16 * MEBIBYTE) / 1024}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;`,
  );
  return database;
}
