// What was answered 250 against what arrived, over many kills: who is lost, who came more than once and whether SMTP can be
// blamed for it. It can where the message came a moment before a kill, and again in a later life of the gateway: the next
// hop had said 250, and our note of that was not on the disk. Nothing else makes a duplicate. Pure.

/** Milliseconds since 1970. */
export interface Kill {
  /** Before the signal was sent. */
  readonly sent: number;
  /** After the process had ended. */
  readonly ended: number;
}

export interface Ledger {
  readonly lost: number;
  /** Deliveries beyond each message's first. */
  readonly duplicates: number;
  /** How long before the kill each duplicate's earlier delivery was, in ascending order. */
  readonly ages: readonly number[];
  /** Twice in one life of the gateway: no kill explains that. */
  readonly withoutKill: number;
  /** The most duplicates that one kill brought about. */
  readonly mostOfOneKill: number;
}

/** `kills` and the arrivals of each message in order of time. */
export function balance(
  accepted: ReadonlySet<number>,
  arrivals: ReadonlyMap<number, readonly number[]>,
  kills: readonly Kill[],
): Ledger {
  let lost = 0;
  for (const message of accepted) if (!arrivals.has(message)) lost += 1;
  const ages: number[] = [];
  const ofKill = new Map<Kill, number>();
  let withoutKill = 0;
  let duplicates = 0;
  for (const times of arrivals.values()) {
    for (const [index, again] of times.entries()) {
      const before = times[index - 1];
      if (before === undefined) continue;
      duplicates += 1;
      const kill = kills.find(({ ended }) => ended >= before);
      if (kill === undefined || again < kill.sent) {
        withoutKill += 1;
        continue;
      }
      ages.push(Math.max(0, kill.sent - before));
      ofKill.set(kill, (ofKill.get(kill) ?? 0) + 1);
    }
  }
  ages.sort((a, b) => a - b);
  return { lost, duplicates, ages, withoutKill, mostOfOneKill: Math.max(0, ...ofKill.values()) };
}
