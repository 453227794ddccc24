// Looks over all queues for due mail and for the next that becomes due, some hundred queues a step.
import { type QueueDue, countDue, firstDue, firstIncoming, queueAfter } from './claim.ts';
import { Unfinished } from './long-operation.ts';
import type { WriterState } from './writer-state.ts';

const QUEUES_A_STEP = 500;

export interface DueBy {
  readonly now: number;
  /** Queues that nobody would claim from now: what is due there isn't counted. */
  readonly except: readonly string[];
}

export interface DueSweep {
  readonly after: string | null;
  readonly found: readonly QueueDue[];
}

/** Queues with mail due by then that can be claimed; none for untried mail, which belongs to no queue yet. */
export function dueQueues(
  state: WriterState,
  { now, except }: DueBy,
  from: DueSweep | undefined,
): readonly QueueDue[] | Unfinished<DueSweep> {
  if (state.nextDue !== null && state.nextDue > now) return from?.found ?? [];
  const found = [...(from?.found ?? [])];
  const passedOver = new Set(except);
  let after = from?.after ?? null;
  let earliest = Number.MAX_SAFE_INTEGER;
  for (let seen = 0; seen < QUEUES_A_STEP; seen += 1) {
    const head = queueAfter(state, after);
    if (head === undefined) {
      if (from === undefined && earliest > now) {
        state.nextDue = earliest;
        state.nextDueExact = false;
      }
      return found;
    }
    earliest = Math.min(earliest, head.due);
    const counts = head.due <= now && !passedOver.has(head.queue);
    const due = counts ? countDue(state, head.queue, now) : 0;
    if (due > 0) found.push({ queue: head.queue, due });
    after = head.queue;
  }
  return new Unfinished({ after, found });
}

export interface NextDueSweep {
  readonly after: string | null;
  readonly earliest: number;
}

/** Milliseconds since 1970; null when nothing waits that could be claimed. */
export function nextDue(
  state: WriterState,
  _argument: undefined,
  from: NextDueSweep | undefined,
): number | null | Unfinished<NextDueSweep> {
  const incoming = firstIncoming(state);
  if (incoming !== null) return incoming;
  if (state.nextDue !== null && state.nextDueExact) return toAnswer(state.nextDue);
  let earliest = from?.earliest ?? Number.MAX_SAFE_INTEGER;
  let after = from?.after ?? null;
  for (let seen = 0; seen < QUEUES_A_STEP; seen += 1) {
    const head = queueAfter(state, after);
    if (head === undefined) {
      if (from === undefined) {
        state.nextDue = earliest;
        state.nextDueExact = true;
      }
      return toAnswer(earliest);
    }
    earliest = Math.min(earliest, firstDue(state, head) ?? earliest);
    after = head.queue;
  }
  return new Unfinished({ after, earliest });
}

function toAnswer(earliest: number): number | null {
  return earliest === Number.MAX_SAFE_INTEGER ? null : earliest;
}
