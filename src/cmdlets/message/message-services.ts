// What the message cmdlets need of the gateway beside the queue itself.
import type { MessageId } from '#mail/message.ts';
import type { QueuedContent } from '#queue/queued-content.ts';
import type { QueueServices } from '../queue/queue-services.ts';

export interface MessageServices extends QueueServices {
  /** MessageExpirationTimeout in milliseconds. */
  readonly expirationTimeout: () => number;
  readonly readContent: (id: MessageId) => Promise<QueuedContent | null>;
}
