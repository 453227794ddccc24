// What the writer remembers between groups: marks of what is in hand, counters, and cursors that spare it scanning.
// All of it can be had again from the database; after a group that failed it is brought back to what is committed.
import type { DatabaseSync } from 'node:sqlite';
import { InHand } from './in-hand.ts';
import { type WriterStatements, prepareWriterStatements } from './writer-statements.ts';

export interface WriterState {
  readonly database: DatabaseSync;
  readonly statements: WriterStatements;
  readonly inHand: InHand;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Messages kept, incoming and waiting; written with each group that changes it. */
  messages: number;
  /** There may be incoming messages that nobody has in hand, and all of them have an identity above the cursor. */
  freeIncoming: boolean;
  incomingCursor: number;
  /** No waiting recipient that could be claimed becomes due before; null: not known. Exact: then one does. */
  nextDue: number | null;
  nextDueExact: boolean;
  readonly suspendedQueues: Set<string>;
  /** Spool files whose message ended in this group: removed when it is committed. */
  readonly endedFiles: string[];
  readonly lastCommit: { milliseconds: number; succeeded: boolean };
}

export interface Savepoint {
  readonly marks: number;
  readonly messages: number;
  readonly endedFiles: number;
}

export function createWriterState(database: DatabaseSync, now: () => number): WriterState {
  const statements = prepareWriterStatements(database);
  const state: WriterState = {
    database,
    statements,
    inHand: new InHand(),
    now,
    messages: statements.counter.get('messages')?.value ?? 0,
    freeIncoming: true,
    incomingCursor: -1,
    nextDue: null,
    nextDueExact: false,
    suspendedQueues: new Set(),
    endedFiles: [],
    lastCommit: { milliseconds: 0, succeeded: true },
  };
  readSuspendedQueues(state);
  return state;
}

export function readSuspendedQueues(state: WriterState): void {
  state.suspendedQueues.clear();
  for (const { queue } of state.statements.suspendedQueues.all()) state.suspendedQueues.add(queue);
}

export function savepointOf(state: WriterState): Savepoint {
  return { marks: state.inHand.savepoint(), messages: state.messages, endedFiles: state.endedFiles.length };
}

/** The database was rolled back to where it was at this savepoint. */
export function rollbackState(state: WriterState, savepoint: Savepoint): void {
  state.inHand.rollbackTo(savepoint.marks);
  state.messages = savepoint.messages;
  state.endedFiles.length = savepoint.endedFiles;
  state.freeIncoming = true;
  state.incomingCursor = -1;
  state.nextDue = null;
  readSuspendedQueues(state);
}
