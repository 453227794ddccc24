// What administrators do to waiting mail: make it due, suspend and resume it.
import type { MessageId } from '#mail/message.ts';
import { queueAfter } from './claim.ts';
import { Unfinished } from './long-operation.ts';
import { becomesDue, freshMessage, keepWaiting } from './settle.ts';
import type { WriterState } from './writer-state.ts';

const ROWS_A_STEP = 1000;
const QUEUES_A_STEP = 500;

export interface MakeDue {
  readonly queue?: string;
  readonly queuePrefix?: string;
  readonly due: number;
}

export interface MakeDueStep {
  readonly changed: number;
  /** The queue that is being changed, or the one behind which to go on. */
  readonly queue: string | null;
  readonly finished: boolean;
}

/** How many recipients got another due time. A time that has passed only hastens; mail that was due before stays so. */
export function makeDue(
  state: WriterState,
  argument: MakeDue,
  from: MakeDueStep | undefined,
): number | Unfinished<MakeDueStep> {
  let changed = from?.changed ?? 0;
  let queue =
    from === undefined
      ? firstOf(state, argument)
      : from.finished
        ? following(state, argument, from.queue)
        : from.queue;
  let budget = ROWS_A_STEP;
  for (let seen = 0; queue !== null && seen < QUEUES_A_STEP; seen += 1) {
    const rows = changeDue(state, queue, argument.due, budget);
    changed += rows;
    budget -= rows;
    if (budget <= 0) return new Unfinished({ changed, queue, finished: false });
    const next = following(state, argument, queue);
    if (next === null) return changed;
    if (seen === QUEUES_A_STEP - 1) return new Unfinished({ changed, queue, finished: true });
    queue = next;
  }
  return changed;
}

function firstOf(state: WriterState, { queue, queuePrefix = '' }: MakeDue): string | null {
  if (queue !== undefined) return queue;
  if (queuePrefix === '') return queueAfter(state, null)?.queue ?? null;
  const exact = state.statements.firstDueOfQueue.get(queuePrefix);
  return exact === undefined ? within(queueAfter(state, queuePrefix)?.queue, queuePrefix) : queuePrefix;
}

function following(
  state: WriterState,
  { queue, queuePrefix = '' }: MakeDue,
  after: string | null,
): string | null {
  return queue === undefined ? within(queueAfter(state, after)?.queue, queuePrefix) : null;
}

function within(queue: string | undefined, prefix: string): string | null {
  return queue?.startsWith(prefix) === true ? queue : null;
}

function changeDue(state: WriterState, queue: string, due: number, budget: number): number {
  const { hasten, postpone } = state.statements;
  const hastened = Number(hasten.run(queue, due, budget).changes);
  const postponed =
    due > state.now() && hastened < budget ? Number(postpone.run(queue, due, budget - hastened).changes) : 0;
  if (hastened > 0) becomesDue(state, due);
  if (hastened + postponed > 0) state.nextDueExact = false;
  return hastened + postponed;
}

export interface Suspend {
  readonly id: MessageId;
  readonly suspended: boolean;
}

/** false: there is no such message. What is in hand is finished first; what then still waits is suspended. */
export function suspend(state: WriterState, { id, suspended }: Suspend): boolean {
  const { statements } = state;
  const fresh = freshMessage(state, id);
  if (fresh !== null) {
    if (!suspended) return true;
    keepWaiting(state, id, fresh, new Set(), [], fresh.events);
  } else if (statements.messageExists.get(id) === undefined) {
    return false;
  }
  state.nextDue = null;
  if (suspended) statements.suspendRecipients.run(id);
  else statements.resumeRecipients.run(id, state.now());
  return true;
}

export interface SuspendQueue {
  readonly queue: string;
  readonly suspended: boolean;
}

/** Mail of a suspended queue isn't claimed, also what arrives in it later; its rows stay as they are. */
export function suspendQueue(state: WriterState, { queue, suspended }: SuspendQueue): void {
  const { insertSuspendedQueue, deleteSuspendedQueue } = state.statements;
  (suspended ? insertSuspendedQueue : deleteSuspendedQueue).run(queue);
  if (suspended) state.suspendedQueues.add(queue);
  else state.suspendedQueues.delete(queue);
  state.nextDue = null;
}
