// What the message cmdlets need of the gateway beside the queue itself.
import type { MessageId } from '#mail/message.ts';
import type { QueueServices } from '../queue/queue-services.ts';

/** A queued message's content; text is ISO 8859-1, one character an octet. */
export interface ReadableContent {
  readonly size: number;
  header(): Promise<string>;
  text(): Promise<string>;
}

export interface MessageServices extends QueueServices {
  /** MessageExpirationTimeout in milliseconds. */
  readonly expirationTimeout: () => number;
  readonly readContent: (id: MessageId) => Promise<ReadableContent | null>;
}
