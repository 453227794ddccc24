// Statements that return rows, with the shape of a row written beside the SQL that makes it.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

export interface Query<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** Ends with the loop that reads it, also by `break`. */
  iterate(...values: SQLInputValue[]): IterableIterator<Row>;
}

export function prepareQuery<Row>(database: DatabaseSync, sql: string): Query<Row> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the columns are what the SQL selects
  return database.prepare(sql) as unknown as Query<Row>;
}
