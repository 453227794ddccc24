// The two ways in which keeping something fails. Either way nothing of the request was kept: the caller still owns the
// mail and answers its peer with a temporary failure. Never used for mail that merely isn't there (that is null or false).
/** conflict: something else stands there already; closed: nobody can say whether it was kept; refused: the store can't open. */
export type StoreErrorCode = 'failed' | 'full' | 'conflict' | 'closed' | 'refused';

export class StoreError extends Error {
  override readonly name: string = 'StoreError';
  readonly code: StoreErrorCode;
  constructor(message: string, code: StoreErrorCode = 'failed') {
    super(message);
    this.code = code;
  }
}

/** The disk (or the quota) has no room. It passes by itself when there is room again. */
export class StoreFullError extends StoreError {
  override readonly name: string = 'StoreFullError';
  constructor(message: string) {
    super(message, 'full');
  }
}

/** Makes the error again on the other side of a thread boundary. */
export function toStoreError(code: StoreErrorCode, message: string): StoreError {
  return code === 'full' ? new StoreFullError(message) : new StoreError(message, code);
}

const SQLITE_FULL = 13;
const SQLITE_CONSTRAINT = 19;
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Reads what SQLite or the file system threw. */
export function fromFailure(error: unknown, what: string): StoreError {
  if (error instanceof StoreError) return error;
  const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  const full = sqliteCode(error) === SQLITE_FULL || NO_ROOM.has(fileSystemCode(error));
  return full
    ? new StoreFullError(`${text}. Free some disk space; Postern goes on by itself`)
    : new StoreError(text, sqliteCode(error) === SQLITE_CONSTRAINT ? 'conflict' : 'failed');
}

const CURES: ReadonlyMap<number, string> = new Map([
  [8, 'Give a data directory that Postern may write to'],
  [11, 'Put back a copy of the data directory; what is there is damaged'],
  [14, 'Postern must be able to read and to write the file and its directory'],
  [26, 'Put back the database, or give another data directory'],
]);

/** Why the store's own file can't be opened, and what the operator can do about it. */
export function openFailure(error: unknown, file: string): StoreError {
  const failure = fromFailure(error, `${file} can't be opened`);
  const cure = CURES.get(sqliteCode(error));
  return cure === undefined ? failure : new StoreError(`${failure.message}. ${cure}`, failure.code);
}

/** SQLite's primary result code of what node:sqlite threw; 0 for anything else. */
export function sqliteCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}

function fileSystemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const DISK_TROUBLE = new Set([
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  SQLITE_FULL,
  14, // SQLITE_CANTOPEN
  26, // SQLITE_NOTADB
]);

/** The failure is the disk's, not the request's: other requests would meet it too. */
export function isDiskTrouble(error: unknown): boolean {
  return DISK_TROUBLE.has(sqliteCode(error));
}
