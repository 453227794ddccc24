// What the threads count while they work, to be added up on the main thread and shown as metrics. Counting is a Map
// look-up; every name is declared here once, with the label that parts it and the words that explain it.

export const COUNTERS = {
  postern_connections_accepted_total: { label: null, help: 'Connections that brought mail.' },
  postern_messages_accepted_total: { label: null, help: 'Messages answered with 250.' },
  postern_bytes_accepted_total: { label: null, help: 'Octets of the messages answered with 250.' },
  postern_refusals_total: {
    label: 'status',
    help: 'Commands and messages refused, by enhanced status code.',
  },
  postern_recipients_delivered_total: { label: 'connector', help: 'Recipients delivered, by connector.' },
  postern_recipients_deferred_total: {
    label: 'connector',
    help: 'Attempts that put a recipient off, by connector.',
  },
  postern_recipients_failed_total: {
    label: 'connector',
    help: 'Recipients returned to their senders, by connector.',
  },
  postern_attempts_total: { label: 'outcome', help: 'Hosts tried, by how it ended.' },
  postern_tls_total: {
    label: 'outcome',
    help: 'Sessions with next hops, by what protected them or why nothing did.',
  },
  postern_reports_total: { label: 'kind', help: 'Reports to senders that entered the queue.' },
} as const;

export type CounterName = keyof typeof COUNTERS;

/** Name, value of the label (`''` where it has none), how much more. */
export type CounterDelta = readonly [CounterName, string, number];

export interface Counters {
  add(name: CounterName, label?: string, amount?: number): void;
  /** What was counted since the last call. */
  drain(): readonly CounterDelta[];
}

/** Labels come from configuration and status codes; still, nobody may fill the memory with them. */
const MAX_LABELS = 20_000;

export function createCounters(): Counters {
  let counted = new Map<string, [CounterName, string, number]>();
  return {
    add(name, label = '', amount = 1) {
      const key = label === '' ? name : `${name} ${label}`;
      const found = counted.get(key);
      if (found) found[2] += amount;
      else if (counted.size < MAX_LABELS) counted.set(key, [name, label, amount]);
    },
    drain() {
      const drained = [...counted.values()];
      counted = new Map();
      return drained;
    },
  };
}
