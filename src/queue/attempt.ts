// One attempt to get a message onward: the message, its content, the recipients in hand, and how much of it is still
// open. An attempt has as many parts as its recipients have ways; each part is settled when it ends.
import type { Content, Message } from '#mail/message.ts';
import type { Route } from '#routing/route.ts';
import type { RoutedGroup } from '#routing/routed-group.ts';
import type { WaitingRecipient } from '#store/store.ts';

export interface Attempt {
  readonly message: Message;
  readonly content: Content;
  /** As they were before the attempt. */
  readonly inHand: readonly WaitingRecipient[];
  /** The claim that it came from; null: accepted a moment ago. */
  readonly claim: { readonly queue: string; readonly recipients: number } | null;
  /** When it began: milliseconds since 1970. */
  readonly begunAt: number;
  /** Parts that are not settled yet. */
  open: number;
}

/** Recipients of one attempt that go one way. */
export interface AttemptPart {
  readonly attempt: Attempt;
  readonly group: RoutedGroup;
  readonly route: Route;
  /** nextHopKey(route). */
  readonly key: string;
}

/** What a recipient is before anybody tried to deliver to it. */
export function untried(recipient: number, receivedAt: number): WaitingRecipient {
  return { recipient, queue: '', due: receivedAt, attempts: 0, lastStatus: null, delayReported: false };
}

/** No way was found for it before, at most a rule made it wait: what rules add (copies, trace) is added now, and only now. */
export function isFirst(attempt: Attempt): boolean {
  return attempt.inHand.every((one) => one.queue === '');
}
