// The end of an attempt: finished recipients leave and are traced, the others wait, new messages enter, all in one
// commit. A recipient that is already gone (an administrator removed it, or the settlement comes twice) is passed over;
// a settlement of which nothing is left to do changes nothing. Never loses a recipient that it wasn't told about: that
// one goes on waiting.
import type { Message, MessageId } from '#mail/message.ts';
import { arrivalOf } from '#mail/message-id.ts';
import { type TraceFacts, traceFacts, tracedRecipient } from '#tracking/trace-facts.ts';
import {
  type FinishedRecord,
  NO_EVENTS,
  type SettleRecord,
  type WaitingRecord,
  readMessage,
} from '../wire.ts';
import { enqueue } from './enqueue.ts';
import type { FreshMessage } from './in-hand.ts';
import type { WriterState } from './writer-state.ts';

export function settle(state: WriterState, record: SettleRecord, bytes: Uint8Array | null): void {
  const [id, finished, waiting, events, newMessages] = record;
  const fresh = freshMessage(state, id);
  const live =
    fresh === null ? settleWaiting(state, id, finished, waiting) : settleFresh(state, id, fresh, record);
  if (!live) {
    for (const entry of newMessages) if (entry[5] !== null) state.endedFiles.push(entry[5]);
    return;
  }
  const written = fresh !== null && finished.length + waiting.length > 0;
  if (!written && events !== '') state.statements.moreEvents.run(id, events);
  for (const entry of newMessages) enqueue(state, entry, bytes);
}

export function freshMessage(state: WriterState, id: MessageId): FreshMessage | null {
  const mark = state.inHand.get(id);
  if (mark !== undefined && mark.fresh !== null) return mark.fresh;
  return state.statements.incomingById.get(id) ?? null;
}

function joinEvents(first: string, second: string): string {
  if (second === '') return first;
  return first === NO_EVENTS ? second : `${first.slice(0, -1)},${second.slice(1)}`;
}

/** Nearly always nothing is there yet: then no look-up is needed. */
function keepFirstEvents(state: WriterState, id: MessageId, events: string): void {
  const { firstEvents, moreEvents } = state.statements;
  if (firstEvents.run(id, events).changes === 0) moreEvents.run(id, events);
}

function settleFresh(state: WriterState, id: MessageId, fresh: FreshMessage, record: SettleRecord): boolean {
  const [, finished, waiting, events] = record;
  if (finished.length + waiting.length === 0) return true;
  const message = readMessage(fresh.meta);
  const facts = traceFacts(message);
  const done = new Set<number>();
  for (const entry of finished) {
    if (entry[0] >= fresh.recipients || done.has(entry[0])) continue;
    done.add(entry[0]);
    trace(state, id, message, facts, entry);
  }
  if (done.size < fresh.recipients) {
    keepWaiting(state, id, fresh, done, waiting, joinEvents(fresh.events, events));
    return true;
  }
  keepFirstEvents(state, id, joinEvents(fresh.events, events));
  state.statements.deleteIncoming.run(id);
  ended(state, id, fresh.spool);
  return true;
}

/**
 * Turns a message as accepted into one that waits: every recipient that isn't `done` gets a row. Those that `waiting`
 * doesn't name stay in hand if they were, or are due at once.
 */
export function keepWaiting(
  state: WriterState,
  id: MessageId,
  fresh: FreshMessage,
  done: ReadonlySet<number>,
  waiting: readonly WaitingRecord[],
  events: string,
): void {
  const { statements, inHand } = state;
  const message = readMessage(fresh.meta);
  const facts = traceFacts(message);
  statements.moveIncoming.run(id);
  statements.deleteIncoming.run(id);
  keepFirstEvents(state, id, events);
  const told = new Map(waiting.map((entry) => [entry[0], entry]));
  const stillHeld: number[] = [];
  const wasInHand = inHand.get(id) !== undefined;
  for (let recipient = 0; recipient < fresh.recipients; recipient += 1) {
    if (done.has(recipient)) continue;
    const entry = told.get(recipient);
    const held = entry === undefined && wasInHand;
    if (held) stillHeld.push(recipient);
    const [, queue, due, attempts, lastStatus, delayReported] = entry ?? [0, '', arrivalOf(id), 0, null, 0];
    statements.insertRecipient.run(id, recipient, queue, due, attempts, lastStatus, delayReported, 0);
    if (!held) becomesDue(state, due);
    putTrace(state, id, message, facts, recipient, 0, '', null, '');
  }
  inHand.forget(id);
  if (stillHeld.length > 0) inHand.take(id, stillHeld);
}

function settleWaiting(
  state: WriterState,
  id: MessageId,
  finished: readonly FinishedRecord[],
  waiting: readonly WaitingRecord[],
): boolean {
  const { statements, inHand } = state;
  const row = statements.messageById.get(id);
  if (row === undefined) return false;
  if (finished.length + waiting.length === 0) return true;
  let live = false;
  const released = finished.map((entry) => entry[0]);
  if (finished.length > 0) {
    const message = readMessage(row.meta);
    const facts = traceFacts(message);
    for (const entry of finished) {
      if (statements.deleteRecipient.run(id, entry[0]).changes === 0) continue;
      live = true;
      noLongerWaits(state, id, entry[0]);
      trace(state, id, message, facts, entry);
    }
  }
  for (const [recipient, queue, due, attempts, lastStatus, delayReported] of waiting) {
    released.push(recipient);
    const { changes } = statements.updateRecipient.run(
      id,
      recipient,
      queue,
      due,
      attempts,
      lastStatus,
      delayReported,
    );
    if (changes === 0) continue;
    live = true;
    noLongerWaits(state, id, recipient);
    becomesDue(state, due);
  }
  inHand.release(id, released);
  if (live && statements.anyRecipient.get(id) === undefined) {
    statements.deleteMessage.run(id);
    ended(state, id, row.spool);
  }
  return live;
}

function ended(state: WriterState, id: MessageId, spool: string | null): void {
  state.messages -= 1;
  state.inHand.forget(id);
  if (spool !== null) state.endedFiles.push(spool);
}

/** Somebody took it who didn't have it in hand (an administrator): it may have been the next that becomes due. */
function noLongerWaits(state: WriterState, id: MessageId, recipient: number): void {
  if (!state.inHand.holds(id, recipient)) state.nextDueExact = false;
}

/** A recipient waits from now on, until `due`. */
export function becomesDue(state: WriterState, due: number): void {
  if (state.nextDue === null || due >= state.nextDue) return;
  state.nextDue = due;
  // Its queue, or the message, may be suspended.
  state.nextDueExact = false;
}

function trace(
  state: WriterState,
  id: MessageId,
  message: Message,
  facts: TraceFacts,
  entry: FinishedRecord,
): void {
  const [recipient, outcome, connector, detail, toIp] = entry;
  putTrace(state, id, message, facts, recipient, outcome, toIp, connector, detail);
}

function putTrace(
  state: WriterState,
  id: MessageId,
  message: Message,
  facts: TraceFacts,
  recipient: number,
  status: number,
  toIp: string,
  connector: string | null,
  detail: string,
): void {
  const { receivedAt, size, sender, subject, messageIdHeader, fromIp } = facts;
  const address = tracedRecipient(message, recipient);
  state.statements.putTrace.run(
    id,
    recipient,
    receivedAt,
    size,
    status,
    sender,
    address,
    subject,
    messageIdHeader,
    fromIp,
    toIp,
    connector,
    detail,
  );
}
