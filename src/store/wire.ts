// What the store's clients and its threads say to each other: requests in batches, answers in batches, and records in
// flat tuples, because every message crosses a thread boundary twice. Texts are made by the client, so that the writer
// thread only binds them. Data only.
import type { MessagePort } from 'node:worker_threads';
import type { Message, MessageId } from '#mail/message.ts';
import type { StoreErrorCode } from './store-error.ts';

/** Where spool files live, and which run of the daemon names them: see spool.ts. */
export interface SpoolPlace {
  readonly directory: string;
  readonly run: number;
}

/** What a thread needs to have a Store of its own. Transfer both ports with it. */
export interface StorePorts {
  readonly writer: MessagePort;
  readonly reader: MessagePort;
  readonly spool: SpoolPlace;
}

export type StoreRequest = readonly [id: number, operation: string, argument: unknown];

export interface RequestBatch {
  readonly requests: readonly StoreRequest[];
  /** The small contents of the batch, one after the other. */
  readonly bytes: Uint8Array | null;
}

export interface AnswerBatch {
  /** Requests that succeeded and have nothing to say. */
  readonly done: number[];
  readonly values: (readonly [id: number, value: unknown])[];
  readonly errors: (readonly [id: number, code: StoreErrorCode, message: string])[];
}

/** `offset` and `length` find a small content in the batch's bytes; a large one has `spool`, its file below the spool directory. */
export type EnqueueRecord = readonly [
  id: MessageId,
  meta: string,
  recipients: number,
  events: string,
  inHand: boolean,
  spool: string | null,
  offset: number,
  length: number,
];

export type FinishedRecord = readonly [
  recipient: number,
  outcome: number,
  connector: string | null,
  detail: string,
  toIp: string,
];

export type WaitingRecord = readonly [
  recipient: number,
  queue: string,
  due: number,
  attempts: number,
  lastStatus: string | null,
  delayReported: number,
];

export type SettleRecord = readonly [
  id: MessageId,
  finished: readonly FinishedRecord[],
  waiting: readonly WaitingRecord[],
  /** JSON array; empty text for none. */
  events: string,
  newMessages: readonly EnqueueRecord[],
];

/** A claimed recipient, before it is grouped into claims. */
export type ClaimedRecord = readonly [
  id: MessageId,
  recipient: number,
  queue: string,
  due: number,
  attempts: number,
  lastStatus: string | null,
  delayReported: number,
];

/** Numbers of TraceRow's statuses in the trace table. */
export const TRACE_STATUSES = ['Pending', 'Delivered', 'Failed', 'Expanded', 'Removed'] as const;

export const NO_EVENTS = '[]';

/** Message as text; the one place that decides how it is kept. */
export function printMessage(message: Message): string {
  return JSON.stringify(message);
}

/** Reads what printMessage printed. Our own text from our own file: only its being JSON is checked. */
export function readMessage(text: string): Message {
  const message: Message = JSON.parse(text);
  return message;
}
