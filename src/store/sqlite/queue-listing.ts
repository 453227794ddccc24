// Queues and waiting messages as administrators see them: by index and in order of identity, page by page.
import type { DatabaseSync } from 'node:sqlite';
import { arrivalOf } from '#mail/message-id.ts';
import type { MessageId } from '#mail/message.ts';
import type { QueueSummary } from '../store.ts';
import { prepareQuery } from './query.ts';

/** A message in a listing; `waiting` is null for one that nobody has settled yet. */
export interface ListedMessage {
  readonly id: MessageId;
  readonly meta: string;
  readonly suspended: boolean;
  readonly waiting: readonly ListedRecipient[] | null;
}

export interface ListedRecipient {
  readonly recipient: number;
  readonly queue: string;
  readonly due: number;
  readonly attempts: number;
  readonly last_status: string | null;
  readonly delay_reported: number;
  readonly suspended: number;
}

export interface MessagesQuery {
  readonly queue?: string;
  readonly after?: MessageId;
  readonly limit: number;
}

export interface QueueListing {
  queues: () => readonly QueueSummary[];
  messages: (query: MessagesQuery) => readonly ListedMessage[];
  message: (id: MessageId) => ListedMessage | null;
}

interface QueuePart {
  readonly queue: string;
  readonly suspended: number;
  readonly waiting: number;
  readonly oldest: MessageId;
  readonly due: number;
}

interface UntriedPart {
  readonly waiting: number;
  readonly oldest: MessageId | null;
}

interface MessageRow {
  readonly id: MessageId;
  readonly meta: string;
}

/** Rarer queues are listed by their index, others by walking all recipients in order. */
const RARE_QUEUE = 20_000;
export const LISTING_LIMIT = 10_000;

export function createQueueListing(database: DatabaseSync): QueueListing {
  return { queues: createQueues(database), ...createMessages(database) };
}

function createQueues(database: DatabaseSync): () => readonly QueueSummary[] {
  const parts = prepareQuery<QueuePart>(
    database,
    `SELECT queue, suspended, count(*) AS waiting, min(message_id) AS oldest, min(due) AS due
     FROM recipient INDEXED BY recipient_due GROUP BY suspended, queue`,
  );
  const suspendedQueues = prepareQuery<{ queue: string }>(database, 'SELECT queue FROM suspended_queue');
  const lastStatus = prepareQuery<{ last_status: string | null }>(
    database,
    `SELECT last_status FROM recipient WHERE suspended = ? AND queue = ? ORDER BY due DESC, message_id DESC LIMIT 1`,
  );
  const untried = prepareQuery<UntriedPart>(
    database,
    'SELECT coalesce(sum(recipients), 0) AS waiting, min(id) AS oldest FROM incoming',
  );
  return () => {
    const suspended = new Set(suspendedQueues.all().map(({ queue }) => queue));
    const queues = new Map<string, QueueSummary>();
    const { waiting = 0, oldest = null } = untried.get() ?? {};
    if (oldest !== null) queues.set('', untriedQueue(waiting, oldest));
    for (const queue of suspended) queues.set(queue, emptySuspendedQueue(queue));
    for (const part of parts.iterate()) {
      const status = lastStatus.get(part.suspended, part.queue)?.last_status ?? null;
      queues.set(part.queue, addPart(queues.get(part.queue), part, suspended.has(part.queue), status));
    }
    return [...queues.values()].sort((a, b) => (a.queue < b.queue ? -1 : 1));
  };
}

/** A queue has at most two parts: what waits and what is suspended. */
function addPart(
  before: QueueSummary | undefined,
  part: QueuePart,
  queueSuspended: boolean,
  status: string | null,
): QueueSummary {
  const rests = queueSuspended || part.suspended === 1;
  return {
    queue: part.queue,
    waiting: (before?.waiting ?? 0) + part.waiting,
    suspended: (before?.suspended ?? 0) + (rests ? part.waiting : 0),
    queueSuspended,
    oldestArrival: Math.min(before?.oldestArrival ?? Infinity, arrivalOf(part.oldest)),
    nextDue: rests ? (before?.nextDue ?? null) : part.due,
    lastStatus: before?.lastStatus ?? (status === null ? null : JSON.parse(status)),
  };
}

/** Mail that no attempt has ended for yet: in hand, or about to be. */
function untriedQueue(waiting: number, oldest: MessageId): QueueSummary {
  return {
    queue: '',
    waiting,
    suspended: 0,
    queueSuspended: false,
    oldestArrival: arrivalOf(oldest),
    nextDue: null,
    lastStatus: null,
  };
}

function emptySuspendedQueue(queue: string): QueueSummary {
  return {
    queue,
    waiting: 0,
    suspended: 0,
    queueSuspended: true,
    oldestArrival: null,
    nextDue: null,
    lastStatus: null,
  };
}

function createMessages(database: DatabaseSync): Pick<QueueListing, 'messages' | 'message'> {
  const query = <Row>(sql: string) => prepareQuery<Row>(database, sql);
  const incoming = query<MessageRow>('SELECT id, meta FROM incoming WHERE id > ? ORDER BY id LIMIT ?');
  const waiting = query<MessageRow>('SELECT id, meta FROM message WHERE id > ? ORDER BY id LIMIT ?');
  const incomingById = query<MessageRow>('SELECT id, meta FROM incoming WHERE id = ?');
  const waitingById = query<MessageRow>('SELECT id, meta FROM message WHERE id = ?');
  const recipients = query<ListedRecipient>(
    `SELECT recipient, queue, due, attempts, last_status, delay_reported, suspended
     FROM recipient WHERE message_id = ? ORDER BY recipient`,
  );
  const atMost = query<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT 1 FROM recipient WHERE suspended IN (0, 1) AND queue = ? LIMIT ?)`,
  );
  const byIndex = query<{ id: MessageId }>(
    `SELECT DISTINCT message_id AS id FROM recipient INDEXED BY recipient_due
     WHERE suspended IN (0, 1) AND queue = ? AND message_id > ? ORDER BY message_id LIMIT ?`,
  );
  const byWalk = query<{ id: MessageId }>(
    `SELECT DISTINCT message_id AS id FROM recipient NOT INDEXED
     WHERE queue = ? AND message_id > ? ORDER BY message_id LIMIT ?`,
  );

  const listIncoming = ({ id, meta }: MessageRow): ListedMessage => ({
    id,
    meta,
    suspended: false,
    waiting: null,
  });
  const listWaiting = ({ id, meta }: MessageRow): ListedMessage => {
    const rows = recipients.all(id);
    return { id, meta, suspended: rows.some((each) => each.suspended === 1), waiting: rows };
  };
  const ofQueue = (queue: string, after: MessageId, limit: number): readonly ListedMessage[] => {
    const rare = (atMost.get(queue, RARE_QUEUE)?.n ?? 0) < RARE_QUEUE;
    const ids = (rare ? byIndex : byWalk).all(queue, after, limit);
    return ids.flatMap(({ id }) => waitingById.get(id) ?? []).map(listWaiting);
  };
  return {
    messages({ queue, after = -1, limit }) {
      const most = Math.min(limit, LISTING_LIMIT);
      if (queue !== undefined && queue !== '') return ofQueue(queue, after, most);
      const rows = [
        ...incoming.all(after, most).map(listIncoming),
        ...(queue === '' ? ofQueue('', after, most) : waiting.all(after, most).map(listWaiting)),
      ];
      return rows.sort((a, b) => a.id - b.id).slice(0, most);
    },
    message(id) {
      const untried = incomingById.get(id);
      if (untried !== undefined) return listIncoming(untried);
      const row = waitingById.get(id);
      return row === undefined ? null : listWaiting(row);
    },
  };
}
