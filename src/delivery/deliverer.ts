// The contract of delivery: one route and some recipients in, one status per recipient out. Never throws for anything
// that a network or a remote server does; never sees the queue or the configuration.
import type { Content, Message } from '#mail/message.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { Route } from '#routing/route.ts';
import type { HeaderEdit } from '#routing/routed-group.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';

export interface DeliveryRequest {
  readonly message: Message;
  readonly content: Content;
  readonly route: Route;
  /** Positions in the envelope's recipients; at least one. */
  readonly recipients: readonly number[];
  /** What transport rules do to the header, applied in order to the header as it is stored; usually empty. */
  readonly headerEdits: readonly HeaderEdit[];
}

export interface RecipientResult {
  readonly recipient: number;
  readonly status: DeliveryStatus;
}

export interface DeliveryResult {
  readonly results: readonly RecipientResult[];
  /** One `Attempt` event per host that was tried, with the evidence. */
  readonly events: readonly TraceEvent[];
  /**
   * `unreachable`: no host of the next hop could be reached or met the requirement, whatever the message; its queue
   * then rests as a whole. `reached`: a session was had.
   */
  readonly nextHop: 'reached' | 'unreachable';
}

export interface Deliverer {
  deliver(request: DeliveryRequest): Promise<DeliveryResult>;
  /** Ends idle connections; resolves when those in use have ended too. */
  close(): Promise<void>;
}
