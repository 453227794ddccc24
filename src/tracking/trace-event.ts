// The events of a message's life, written as they happen and read by the message trace.
// Data only: small, serialisable, one object a step.

export type TraceEventKind =
  | 'Receive'
  | 'Rule'
  | 'Route'
  | 'Attempt'
  | 'Deliver'
  | 'Defer'
  | 'Fail'
  | 'Expand'
  | 'Remove'
  | 'Suspend'
  | 'Resume'
  | 'Dsn'
  /** It went on, but an administrator should know. */
  | 'Warning';

export interface TraceEvent {
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
  readonly kind: TraceEventKind;
  /** Positions in the envelope's recipients that this is about; null: the whole message. */
  readonly recipients: readonly number[] | null;
  /** One sentence for people. */
  readonly detail: string;
  /** Facts for programs: connector, reason, host, address, tls evidence, reply … */
  readonly data: Readonly<Record<string, unknown>>;
}
