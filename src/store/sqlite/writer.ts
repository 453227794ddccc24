// The one place that writes: applies a group of requests in one transaction and commits it with one stable write.
// A request that fails doesn't fail its neighbours; a disk that fails does, and then nothing of the group is kept.
// Synchronous throughout; knows nothing of threads and ports.
import type { DatabaseSync } from 'node:sqlite';
import { fromFailure, isDiskTrouble, StoreError } from '../store-error.ts';
import { claim, claimOlder } from './claim.ts';
import { dueQueues, nextDue } from './due-sweep.ts';
import { enqueue } from './enqueue.ts';
import { Unfinished } from './long-operation.ts';
import { change } from './objects.ts';
import { pruneTrace } from './prune.ts';
import { settle } from './settle.ts';
import { makeDue, suspend, suspendQueue } from './waiting-mail.ts';
import { createWriterState, rollbackState, savepointOf, type WriterState } from './writer-state.ts';

/** A request in the writer's hands. `from` is where a long operation goes on. */
export interface WriterRequest {
  readonly operation: string;
  readonly argument: unknown;
  readonly bytes: Uint8Array | null;
  from: unknown;
}

/** A StoreError: failed. An Unfinished: give it to the next group. Anything else: the result. */
export type WriterResult = unknown;

/** Each knows the shape of its own argument, and of the position from which it goes on. */
type Operation = (state: WriterState, argument: any, bytes: Uint8Array | null, from: any) => unknown;

/** When the disk fails, requests that make room or only read get another try without those that need room. */
const NEEDS = ['nothing', 'little', 'room'] as const;
type Need = (typeof NEEDS)[number];

const step = (run: (state: WriterState, argument: any, from: any) => unknown): Operation => {
  return (state, argument, _bytes, from) => run(state, argument, from);
};

const OPERATIONS = new Map<string, { readonly run: Operation; readonly need: Need }>([
  ['enqueue', { run: enqueue, need: 'room' }],
  ['settle', { run: settle, need: 'little' }],
  ['claim', { run: claim, need: 'nothing' }],
  ['claimOlder', { run: claimOlder, need: 'nothing' }],
  ['dueQueues', { run: step(dueQueues), need: 'nothing' }],
  ['nextDue', { run: step(nextDue), need: 'nothing' }],
  ['makeDue', { run: step(makeDue), need: 'little' }],
  ['suspend', { run: suspend, need: 'little' }],
  ['suspendQueue', { run: suspendQueue, need: 'little' }],
  ['pruneTrace', { run: step(pruneTrace), need: 'little' }],
  ['change', { run: change, need: 'room' }],
  ['marks', { run: marks, need: 'nothing' }],
  ['counts', { run: counts, need: 'nothing' }],
  ['probe', { run: probe, need: 'little' }],
]);

/** Which recipients of these messages are in hand: per message null for all of them, else their positions. */
function marks(
  state: WriterState,
  ids: readonly number[],
): readonly (readonly [number, readonly number[] | null])[] {
  return ids.flatMap((id) => {
    const mark = state.inHand.get(id);
    return mark === undefined ? [] : [[id, mark.recipients === null ? null : [...mark.recipients]] as const];
  });
}

export interface WriterCounts {
  readonly messages: number;
  readonly lastCommitMilliseconds: number;
  /** The last group that changed anything was committed. */
  readonly succeeded: boolean;
}

function counts(state: WriterState): WriterCounts {
  const { milliseconds, succeeded } = state.lastCommit;
  return { messages: state.messages, lastCommitMilliseconds: milliseconds, succeeded };
}

function probe(state: WriterState): void {
  state.statements.setCounter.run('probe', state.now());
}

export interface WriterOptions {
  readonly now: () => number;
  /** Tests make the disk full or slow here. */
  readonly beforeGroup?: (database: DatabaseSync) => void;
  readonly beforeCommit?: () => void;
}

export interface Writer {
  /** One result per request, in order. Never throws. */
  commit(group: readonly WriterRequest[]): WriterResult[];
  /** Spool files whose messages ended with what was committed so far; hands them over. */
  takeEndedFiles(): readonly string[];
  close(): void;
}

export function createWriter(database: DatabaseSync, options: WriterOptions): Writer {
  const state = createWriterState(database, options.now);
  const { lastCommit } = state;
  let ended: string[] = [];
  let lastChanges = 0;

  const apply = (request: WriterRequest): unknown => {
    const operation = OPERATIONS.get(request.operation);
    if (operation === undefined) throw new StoreError(`The store has no operation '${request.operation}'`);
    return operation.run(state, request.argument, request.bytes, request.from);
  };

  /** Each request by itself within the open transaction; only a failing disk throws. */
  const applyApart = (request: WriterRequest): unknown => {
    const savepoint = savepointOf(state);
    database.exec('SAVEPOINT request');
    try {
      const result = apply(request);
      database.exec('RELEASE request');
      return result;
    } catch (error) {
      if (isDiskTrouble(error) || !database.isTransaction) throw error;
      database.exec('ROLLBACK TO request; RELEASE request');
      rollbackState(state, savepoint);
      return fromFailure(error, 'The store refused the request');
    }
  };

  /** A group that only read says nothing about the disk. */
  const noteCommit = (milliseconds: number): void => {
    const changes = state.statements.totalChanges.get()?.changes ?? 0;
    if (changes === lastChanges) return;
    lastChanges = changes;
    lastCommit.milliseconds = milliseconds;
    lastCommit.succeeded = true;
  };

  const transact = (
    group: readonly WriterRequest[],
    each: (request: WriterRequest) => unknown,
  ): WriterResult[] => {
    const savepoint = savepointOf(state);
    try {
      database.exec('BEGIN IMMEDIATE');
      const results = group.map(each);
      if (state.messages !== savepoint.messages) state.statements.setCounter.run('messages', state.messages);
      options.beforeCommit?.();
      const start = performance.now();
      database.exec('COMMIT');
      noteCommit(performance.now() - start);
      state.inHand.committed();
      ended.push(...state.endedFiles.splice(0));
      return results;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      rollbackState(state, savepoint);
      throw error;
    }
  };

  /** Requests that need less of the disk first, so that mail goes out while none can come in. */
  const salvage = (group: readonly WriterRequest[], error: unknown): WriterResult[] => {
    lastCommit.succeeded = false;
    const results: WriterResult[] = group.map(() => fromFailure(error, 'The store could not write'));
    const parts = NEEDS.map((need) => [...group.entries()].filter(([, request]) => needOf(request) === need));
    if (parts.filter((part) => part.length > 0).length < 2) return results;
    for (const part of parts.filter((each) => each.length > 0)) {
      let outcomes: readonly WriterResult[];
      try {
        outcomes = transact(
          part.map(([, request]) => request),
          applyApart,
        );
      } catch (again) {
        lastCommit.succeeded = false;
        outcomes = part.map(() => fromFailure(again, 'The store could not write'));
      }
      for (const [index, [position]] of part.entries()) results[position] = outcomes[index];
    }
    return results;
  };

  return {
    commit(group) {
      try {
        options.beforeGroup?.(database);
        return transact(group, apply);
      } catch (error) {
        if (isDiskTrouble(error)) return salvage(group, error);
      }
      try {
        return transact(group, applyApart);
      } catch (error) {
        return salvage(group, error);
      }
    },
    takeEndedFiles() {
      const files = ended;
      if (files.length > 0) ended = [];
      return files;
    },
    close() {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}

function needOf(request: WriterRequest): Need {
  return OPERATIONS.get(request.operation)?.need ?? 'nothing';
}

export function isUnfinished(result: WriterResult): result is Unfinished<unknown> {
  return result instanceof Unfinished;
}
