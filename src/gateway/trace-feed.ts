// What happens to messages, told to the main thread while an administrator watches (/adminapi/events), and only then: a
// thread that nobody watches pays one comparison a message. Told after it is on stable storage; never more than a set
// number at a time, so that a flood of mail is no flood of events: what was left out is counted.
import type { NewMessage, Settlement } from '#store/store.ts';
import { printMessageId } from '#mail/message-id.ts';
import type { MessageId } from '#mail/message.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import type { StoreClient } from '#store/store-client.ts';

/** One step of one message, as a subscriber reads it. */
export interface TracedStep {
  readonly messageId: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: TraceEvent['kind'];
  readonly detail: string;
  /** Where the message came in: who wrote to whom. */
  readonly sender?: string;
  readonly recipients?: readonly string[];
  readonly recipientCount?: number;
}

export interface TraceFeed {
  watch(on: boolean): void;
  /** The same store, overheard. */
  overhear(store: StoreClient): StoreClient;
}

const INTERVAL = 250;
const MAX_STEPS = 200;
const NAMED_RECIPIENTS = 5;

/** `tell` gets steps in order, and how many more there were. */
export function createTraceFeed(tell: (steps: readonly TracedStep[], left: number) => void): TraceFeed {
  let watched = false;
  let steps: TracedStep[] = [];
  let left = 0;
  const flush = (): void => {
    tell(steps, left);
    steps = [];
    left = 0;
  };
  const add = (step: TracedStep): void => {
    if (steps.length >= MAX_STEPS) {
      left += 1;
      return;
    }
    if (steps.length === 0) setTimeout(flush, INTERVAL).unref();
    steps.push(step);
  };
  const received = (entry: NewMessage): void => {
    for (const event of entry.events) add(toStep(entry.message.id, event, entry));
  };
  const settled = ({ messageId, events, newMessages }: Settlement): void => {
    for (const event of events) add(toStep(messageId, event, null));
    for (const entry of newMessages) received(entry);
  };
  return {
    watch(on) {
      watched = on;
    },
    overhear: (store) => ({
      ...store,
      enqueue(entry) {
        const kept = store.enqueue(entry);
        return watched ? kept.then(() => received(entry)) : kept;
      },
      settle(settlement) {
        const kept = store.settle(settlement);
        return watched ? kept.then(() => settled(settlement)) : kept;
      },
    }),
  };
}

function toStep(id: MessageId, { time, kind, detail }: TraceEvent, entry: NewMessage | null): TracedStep {
  const step = { messageId: printMessageId(id), time: new Date(time).toISOString(), event: kind, detail };
  if (entry === null || kind !== 'Receive') return step;
  const { returnPath, recipients } = entry.message.envelope;
  return {
    ...step,
    sender: returnPath === null ? '<>' : `${returnPath.localPart}@${returnPath.domain}`,
    recipients: recipients
      .slice(0, NAMED_RECIPIENTS)
      .map(({ address }) => `${address.localPart}@${address.domain}`),
    recipientCount: recipients.length,
  };
}
