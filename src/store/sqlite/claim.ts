// Who is next: claims of due mail, the queues that have some, and when the next becomes due. Reads by index only, and
// passes over what is in hand; writes nothing, since being in hand is remembered by the writer alone.
import type { ClaimRequest } from '../store.ts';
import type { ClaimedRecord } from '../wire.ts';
import type { MessageId } from '#mail/message.ts';
import { arrivalOf } from '#mail/message-id.ts';
import type { WriterState } from './writer-state.ts';
import type { QueueHead } from './writer-statements.ts';

const DUE_CAP = 1000;

export interface QueueDue {
  readonly queue: string;
  readonly due: number;
}

/** Recipients in the order of the queues asked for; those of untried messages last, as queue `''`. */
export function claim(state: WriterState, request: ClaimRequest): readonly ClaimedRecord[] {
  const claimed: ClaimedRecord[] = [];
  for (const { queue, limit } of request.queues) claimQueue(state, queue, limit, request.now, claimed);
  if (request.incoming > 0) claimIncoming(state, request.incoming, claimed);
  return claimed;
}

function claimQueue(
  state: WriterState,
  queue: string,
  limit: number,
  now: number,
  claimed: ClaimedRecord[],
): void {
  if (limit <= 0 || state.suspendedQueues.has(queue)) return;
  const { statements, inHand } = state;
  const taken = new Map<number, number[]>();
  let count = 0;
  for (const { message_id: id, recipient } of statements.dueOfQueue.iterate(queue, now)) {
    if (inHand.holds(id, recipient)) continue;
    const recipients = taken.get(id);
    if (recipients === undefined) taken.set(id, [recipient]);
    else recipients.push(recipient);
    count += 1;
    if (count === limit) break;
  }
  for (const [id, recipients] of taken) {
    inHand.take(id, recipients);
    for (const recipient of recipients) {
      const row = statements.waitingRow.get(id, recipient);
      if (row === undefined) continue;
      claimed.push([id, recipient, row.queue, row.due, row.attempts, row.last_status, row.delay_reported]);
    }
  }
  if (count > 0) state.nextDueExact = false;
}

export interface AgeRange {
  readonly before: MessageId;
  readonly after: MessageId;
  readonly limit: number;
}

/**
 * Waiting recipients of messages in the range, due or not. `limit` counts parts of messages that share a queue; the last
 * message is taken whole, so that the caller can go on behind it.
 */
export function claimOlder(state: WriterState, { before, after, limit }: AgeRange): readonly ClaimedRecord[] {
  const { statements, inHand } = state;
  const claimed: ClaimedRecord[] = [];
  const parts = new Set<string>();
  let current = -1;
  for (const row of statements.agedRows.iterate(after, before)) {
    const { message_id: id, recipient, queue, due, attempts, last_status, delay_reported } = row;
    if (state.suspendedQueues.has(queue) || inHand.holds(id, recipient)) continue;
    if (id !== current && parts.size >= limit) break;
    current = id;
    parts.add(`${id} ${queue}`);
    claimed.push([id, recipient, queue, due, attempts, last_status, delay_reported]);
  }
  for (const [id, recipient] of claimed) inHand.take(id, [recipient]);
  if (claimed.length > 0) state.nextDueExact = false;
  return claimed;
}

function claimIncoming(state: WriterState, limit: number, claimed: ClaimedRecord[]): void {
  let left = limit;
  for (const [id, recipients] of freeIncoming(state)) {
    state.inHand.takeFresh(id, null);
    state.incomingCursor = id;
    for (let recipient = 0; recipient < recipients; recipient += 1) {
      claimed.push([id, recipient, '', arrivalOf(id), 0, null, 0]);
    }
    left -= 1;
    if (left === 0) break;
  }
}

/** Untried messages that nobody has in hand, oldest first. The cursor moves past those that somebody has. */
function* freeIncoming(
  state: WriterState,
): Generator<readonly [id: number, recipients: number], void, undefined> {
  while (state.freeIncoming) {
    const rows = state.statements.incomingAfter.all(state.incomingCursor, 256);
    for (const { id, recipients } of rows) {
      if (state.inHand.get(id) === undefined) yield [id, recipients];
      state.incomingCursor = id;
    }
    if (rows.length < 256) state.freeIncoming = false;
  }
}

function firstFreeIncoming(state: WriterState): number | null {
  for (const [id] of freeIncoming(state)) return id;
  return null;
}

/** The queue that follows in order, '' included, with its first recipient; undefined behind the last. */
export function queueAfter(state: WriterState, queue: string | null): QueueHead | undefined {
  const { firstQueue, nextQueue } = state.statements;
  return queue === null ? firstQueue.get() : nextQueue.get(queue);
}

/** How many recipients of the queue are due and free, counted to 1,000. */
export function countDue(state: WriterState, queue: string, now: number): number {
  const { statements, inHand } = state;
  if (state.suspendedQueues.has(queue)) return 0;
  const claimed = inHand.claimedRecipients;
  const counted = statements.countDueOfQueue.get(queue, now, DUE_CAP + claimed)?.due ?? 0;
  if (claimed === 0 || counted === 0 || counted - claimed >= DUE_CAP) return Math.min(counted, DUE_CAP);
  let free = 0;
  for (const { message_id: id, recipient } of statements.dueOfQueue.iterate(queue, now)) {
    if (!inHand.holds(id, recipient)) free += 1;
    if (free === DUE_CAP) break;
  }
  return free;
}

/** When the queue's first free recipient becomes due; null if it has none that can be claimed. */
export function firstDue(state: WriterState, head: QueueHead): number | null {
  const { queue } = head;
  if (state.suspendedQueues.has(queue)) return null;
  if (!state.inHand.holds(head.message_id, head.recipient)) return head.due;
  for (const { message_id: id, recipient, due } of state.statements.firstDueOfQueue.iterate(queue)) {
    if (!state.inHand.holds(id, recipient)) return due;
  }
  return null;
}

/** When the first untried message that nobody has in hand arrived; null if there is none. */
export function firstIncoming(state: WriterState): number | null {
  const id = firstFreeIncoming(state);
  return id === null ? null : arrivalOf(id);
}
