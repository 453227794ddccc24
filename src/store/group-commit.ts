// Group commit: whatever waits when the last commit ends goes into the next one together, and is answered together.
// Groups begin a little apart, unless enough waits, so that one stable write is shared by many messages under load and a
// lone client waits for nobody. Never more than a bounded group. Long operations take one step a group.
import type { AnswerBatch, RequestBatch } from './wire.ts';
import { StoreError } from './store-error.ts';
import { isUnfinished, type Writer, type WriterRequest } from './sqlite/writer.ts';

const REQUESTS_A_GROUP = 1000;
const BYTES_A_GROUP = 8 * 1024 * 1024;
/** Between the beginnings of two groups: every commit writes some pages anew, whatever the number of its requests. */
const SPACING_MILLISECONDS = 4;
/** A group of no more is no load: a message, and what became of the one before. */
const REQUESTS_OF_ONE_CLIENT = 2;
/** So many requests are worth a commit at once. */
const REQUESTS_AT_ONCE = 16;

/** Where a client's answers go. */
export type AnswerSink = (answers: AnswerBatch) => void;

interface Waiting extends WriterRequest {
  readonly id: number;
  readonly sink: AnswerSink;
}

export interface GroupCommit {
  add(batch: RequestBatch, sink: AnswerSink): void;
  /** Commits and answers all that waits. */
  drain(): void;
}

/** The writer thread's time. */
export interface CommitTurns {
  /** Monotonic milliseconds. */
  now(): number;
  /** Runs its argument when what has arrived meanwhile has been added (setImmediate). */
  soon(run: () => void): void;
  later(run: () => void, milliseconds: number): void;
}

export function createGroupCommit(writer: Writer, turns: CommitTurns, committed: () => void): GroupCommit {
  let waiting: Waiting[] = [];
  let scheduled: 'no' | 'soon' | 'later' = 'no';
  let begun = Number.NEGATIVE_INFINITY;
  let lastSize = 0;

  const commitGroup = (): void => {
    const group = takeGroup();
    const results = writer.commit(group);
    const answers = new Map<AnswerSink, AnswerBatch>();
    for (const [position, request] of group.entries()) {
      const result = results[position];
      if (isUnfinished(result)) {
        request.from = result.from;
        waiting.push(request);
      } else {
        answer(answers, request, result);
      }
    }
    for (const [sink, batch] of answers) sink(batch);
    committed();
  };

  const takeGroup = (): Waiting[] => {
    let count = 0;
    let bytes = 0;
    let batch: Uint8Array | null = null;
    for (const request of waiting) {
      if (count === REQUESTS_A_GROUP || bytes >= BYTES_A_GROUP) break;
      count += 1;
      if (request.bytes !== batch) bytes += request.bytes?.length ?? 0;
      batch = request.bytes;
    }
    const group = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return group;
  };

  const run = (): void => {
    scheduled = 'no';
    if (waiting.length === 0) return;
    begun = turns.now();
    lastSize = waiting.length;
    commitGroup();
    wake();
  };

  const runLater = (): void => {
    if (scheduled === 'later') run();
  };

  const wake = (): void => {
    if (scheduled === 'soon' || waiting.length === 0) return;
    const early = begun + SPACING_MILLISECONDS - turns.now();
    if (early <= 0 || lastSize <= REQUESTS_OF_ONE_CLIENT || waiting.length >= REQUESTS_AT_ONCE) {
      scheduled = 'soon';
      turns.soon(run);
    } else if (scheduled === 'no') {
      scheduled = 'later';
      turns.later(runLater, Math.ceil(early));
    }
  };

  return {
    add({ requests, bytes }, sink) {
      for (const [id, operation, argument] of requests) {
        waiting.push({ id, operation, argument, bytes, from: undefined, sink });
      }
      wake();
    },
    drain() {
      while (waiting.length > 0) commitGroup();
    },
  };
}

function answer(answers: Map<AnswerSink, AnswerBatch>, request: Waiting, result: unknown): void {
  let batch = answers.get(request.sink);
  if (batch === undefined) {
    batch = { done: [], values: [], errors: [] };
    answers.set(request.sink, batch);
  }
  if (result instanceof StoreError) batch.errors.push([request.id, result.code, result.message]);
  else if (result === undefined) batch.done.push(request.id);
  else batch.values.push([request.id, result]);
}
