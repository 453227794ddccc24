// A message made from another by a rule: the same content for other recipients. It enters the queue with the settlement
// of the one it came from; a large content's file is shared by the store.
import { printAddress, type Address } from '#mail/address.ts';
import type { MessageId } from '#mail/message.ts';
import type { NewMessage } from '#store/store.ts';
import type { Attempt } from './attempt.ts';

/** Not in hand: the queue manager takes it up. Its sender is told of failures only where the first one's was (NOTIFY). */
export function forkMessage(
  attempt: Attempt,
  to: readonly Address[],
  id: MessageId,
  now: number,
  why: string,
): NewMessage {
  const { message, content } = attempt;
  return {
    message: {
      ...message,
      id,
      receivedAt: now,
      forked: true,
      envelope: {
        ...message.envelope,
        recipients: to.map((address) => ({ address, notify: null, orcpt: null })),
      },
    },
    content,
    inHand: false,
    events: [
      {
        time: now,
        kind: 'Receive',
        recipients: null,
        detail: `${why}.`,
        data: { from: message.id, to: to.map(printAddress) },
      },
    ],
  };
}
