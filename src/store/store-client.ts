// A thread's Store: turns calls into requests to the store's writer and reader threads, and writes large contents to
// spool files first. One per thread; cheap. What it says it kept is on stable storage.
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content, MessageId } from '#mail/message.ts';
import { toClaims, toEnqueueRecord, toQueuedMessage, toSettleRecord } from './records.ts';
import { type BatchBytes, createRequestPort, type RequestPort } from './request-port.ts';
import {
  createSpoolFile,
  removeSpoolFile,
  SMALL_CONTENT_LIMIT,
  shareSpoolFile,
  type SpoolFile,
  spoolPath,
} from './spool.ts';
import type { ListedMessage } from './sqlite/queue-listing.ts';
import type { LoadedMessage } from './sqlite/reader.ts';
import type { WriterCounts } from './sqlite/writer.ts';
import type { NewMessage, QueuedMessage, Settlement, Store, StoreHealth } from './store.ts';
import { fromFailure, StoreError } from './store-error.ts';
import {
  type ClaimedRecord,
  type EnqueueRecord,
  readMessage,
  type SpoolPlace,
  type StorePorts,
} from './wire.ts';

export interface StoreClient extends Store {
  /** For contents above SMALL_CONTENT_LIMIT: stream into it, finish() it, then enqueue a message of this identity with it. */
  createSpoolFile(id: MessageId): Promise<SpoolFile>;
}

/** The Store of the thread that holds these ports. */
export function createStoreClient(ports: StorePorts): StoreClient {
  const writer = createRequestPort(ports.writer);
  const reader = createRequestPort(ports.reader);
  const place = ports.spool;
  const write = <Value>(operation: string, argument?: unknown): Promise<Value> =>
    writer.ask(operation, () => argument);
  const read = <Value>(operation: string, argument?: unknown): Promise<Value> =>
    reader.ask(operation, () => argument);

  return {
    enqueue: (entry) => enqueue(writer, place, entry),
    settle: (settlement) => settle(writer, place, settlement),
    async claim(request) {
      return toClaims(await write<readonly ClaimedRecord[]>('claim', request));
    },
    async claimOlder(range) {
      return toClaims(await write<readonly ClaimedRecord[]>('claimOlder', range));
    },
    dueQueues: (now, except = []) => write('dueQueues', { now, except }),
    nextDue: () => write('nextDue'),
    async load(id) {
      const loaded = await read<LoadedMessage | null>('load', id);
      return loaded === null ? null : toMessageAndContent(place, loaded);
    },
    makeDue: (which, due) => write('makeDue', { ...which, due }),

    queues: () => read('queues'),
    async messages(which) {
      return markInHand(writer, await read<readonly ListedMessage[]>('messages', which));
    },
    async message(id) {
      const found = await read<ListedMessage | null>('message', id);
      return found === null ? null : ((await markInHand(writer, [found]))[0] ?? null);
    },
    suspend: (id, suspended) => write('suspend', { id, suspended }),
    suspendQueue: (queue, suspended) => write('suspendQueue', { queue, suspended }),

    trace: (query) => read('trace', query),
    traceEvents: (id) => read('traceEvents', id),
    trafficSample: (query) => read('trafficSample', query),
    connectorTraffic: (query) => read('connectorTraffic', query),
    pruneTrace: (before) => write('pruneTrace', before),

    objects: () => read('objects'),
    change: (record) => write('change', record),
    changes: (query) => read('changes', query),

    health: () => health(writer, place),
    createSpoolFile: (id) => createSpoolFile(place, id),
    async close() {
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}

/** What became of a message may wait for company on its way to the disk: until then the message is kept as it was. */
function settle(writer: RequestPort, place: SpoolPlace, settlement: Settlement): Promise<void> {
  const { newMessages } = settlement;
  const ask = (spools: readonly (string | null)[]): Promise<void> =>
    writer.ask(
      'settle',
      (bytes) => toSettleRecord(settlement, toEnqueueRecords(newMessages, spools, bytes)),
      'patient',
    );
  if (newMessages.length === 0) return ask([]);
  return Promise.all(newMessages.map((entry) => toSpool(place, entry))).then(ask);
}

function enqueue(writer: RequestPort, place: SpoolPlace, entry: NewMessage): Promise<void> {
  const { content } = entry;
  if (content.kind === 'memory' && content.bytes.length <= SMALL_CONTENT_LIMIT) {
    return writer.ask('enqueue', (bytes) => toEnqueueRecord(entry, null, bytes));
  }
  return enqueueLarge(writer, place, entry);
}

/** The file of a message that wasn't kept is removed, unless it may belong to a message that was. */
async function enqueueLarge(writer: RequestPort, place: SpoolPlace, entry: NewMessage): Promise<void> {
  const spool = await toSpool(place, entry);
  try {
    await writer.ask('enqueue', (bytes) => toEnqueueRecord(entry, spool, bytes));
  } catch (error) {
    const owned = error instanceof StoreError && (error.code === 'closed' || error.code === 'conflict');
    if (spool !== null && !owned) await removeSpoolFile(place, spool);
    throw error;
  }
}

function toEnqueueRecords(
  entries: readonly NewMessage[],
  spools: readonly (string | null)[],
  bytes: BatchBytes,
): readonly EnqueueRecord[] {
  return entries.map((entry, position) => toEnqueueRecord(entry, spools[position] ?? null, bytes));
}

/** The content's file, made if the content is large and in memory, shared if it is another message's; null if it is small. */
async function toSpool(place: SpoolPlace, { message, content }: NewMessage): Promise<string | null> {
  if (content.kind === 'memory' && content.bytes.length <= SMALL_CONTENT_LIMIT) return null;
  try {
    return await shareSpoolFile(place, message.id, await fileOf(place, message.id, content));
  } catch (error) {
    throw fromFailure(error, 'A spool file could not be kept');
  }
}

async function fileOf(place: SpoolPlace, id: MessageId, content: Content): Promise<string> {
  if (content.kind === 'file') return content.path;
  // What an earlier try may have left.
  await removeSpoolFile(place, spoolPath(place.run, id));
  const file = await createSpoolFile(place, id);
  await file.write(Buffer.from(content.bytes));
  return (await file.finish()).path;
}

function toMessageAndContent(
  place: SpoolPlace,
  { meta, spool, content }: LoadedMessage,
): NonNullable<Awaited<ReturnType<Store['load']>>> {
  const message = readMessage(meta);
  if (spool === null) return { message, content: { kind: 'memory', bytes: content ?? new Uint8Array(0) } };
  return { message, content: { kind: 'file', path: join(place.directory, spool), size: message.size } };
}

/** Only the writer knows what is in hand. */
async function markInHand(
  writer: RequestPort,
  listed: readonly ListedMessage[],
): Promise<readonly QueuedMessage[]> {
  if (listed.length === 0) return [];
  const ids = listed.map(({ id }) => id);
  const marks = await writer.ask<readonly (readonly [MessageId, unknown])[]>('marks', () => ids);
  const inHand = new Set(marks.map(([id]) => id));
  return listed.map((each) => toQueuedMessage(each, inHand.has(each.id)));
}

/** After a commit that failed, a small write tries whether the disk works again. */
async function health(writer: RequestPort, place: SpoolPlace): Promise<StoreHealth> {
  const [counts, disk] = await Promise.all([
    writer.ask<WriterCounts>('counts', () => undefined),
    statfs(place.directory),
  ]);
  const writable =
    counts.succeeded ||
    (await writer
      .ask('probe', () => undefined)
      .then(
        () => true,
        () => false,
      ));
  return {
    writable,
    freeDiskBytes: disk.bavail * disk.bsize,
    queuedMessages: counts.messages,
    lastCommitMilliseconds: counts.lastCommitMilliseconds,
  };
}
