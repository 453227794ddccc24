// Contents of mail in hand, configured objects and their changes, as committed. Works through a connection of its own,
// so that a long look never holds up a commit.
import type { DatabaseSync } from 'node:sqlite';
import type { MessageId } from '#mail/message.ts';
import type { ChangeQuery, ChangeRecord, StoredObject } from '#directory/object-store.ts';
import { prepareQuery } from './query.ts';
import { LISTING_LIMIT } from './queue-listing.ts';

export interface LoadedMessage {
  readonly meta: string;
  readonly spool: string | null;
  readonly content: Uint8Array<ArrayBuffer> | null;
}

export interface Reader {
  load: (id: MessageId) => LoadedMessage | null;
  objects: () => readonly StoredObject[];
  changes: (query: ChangeQuery) => readonly ChangeRecord[];
  /** Some message has its content in this spool file. */
  ownsSpoolFile: (id: MessageId, path: string) => boolean;
}

interface ObjectRow {
  readonly kind: string;
  readonly guid: string;
  readonly version: number;
  readonly data: string;
}

interface ChangeRow {
  readonly time: number;
  readonly user: string;
  readonly cmdlet: string;
  readonly parameters: string;
  readonly line: string;
  readonly kind: string;
  readonly guid: string;
  readonly object_name: string;
  readonly version: number;
  readonly before: string | null;
  readonly after: string | null;
}

const TABLES = ['incoming', 'message'];

export function createReader(database: DatabaseSync): Reader {
  const contents = TABLES.map((table) =>
    prepareQuery<LoadedMessage>(database, `SELECT meta, spool, content FROM ${table} WHERE id = ?`),
  );
  const owners = TABLES.map((table) =>
    prepareQuery<object>(database, `SELECT 1 FROM ${table} WHERE id = ? AND spool = ?`),
  );
  const objects = prepareQuery<ObjectRow>(
    database,
    'SELECT kind, guid, version, data FROM object ORDER BY kind, guid',
  );
  return {
    load(id) {
      for (const query of contents) {
        const row = query.get(id);
        if (row !== undefined) return row;
      }
      return null;
    },
    objects: () =>
      objects.all().map(({ kind, guid, version, data }) => ({ kind, guid, version, data: JSON.parse(data) })),
    changes: (query) => readChanges(database, query),
    ownsSpoolFile: (id, path) => owners.some((query) => query.get(id, path) !== undefined),
  };
}

function readChanges(database: DatabaseSync, query: ChangeQuery): readonly ChangeRecord[] {
  const { from = 0, to = Number.MAX_SAFE_INTEGER, cmdlets = [], users = [], guid, limit } = query;
  const oneOf = (column: string, values: readonly string[]): string =>
    values.length === 0 ? '' : ` AND lower(${column}) IN (${values.map(() => 'lower(?)').join(', ')})`;
  const found = prepareQuery<ChangeRow>(
    database,
    `SELECT * FROM change WHERE time BETWEEN ? AND ?${oneOf('cmdlet', cmdlets)}${oneOf('user', users)}
     ${guid === undefined ? '' : ' AND guid = ?'} ORDER BY id DESC LIMIT ?`,
  );
  const values = [from, to, ...cmdlets, ...users, ...(guid === undefined ? [] : [guid])];
  return found.all(...values, Math.min(limit, LISTING_LIMIT)).map(readChange);
}

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
