// MTA-STS as the threads that deliver see it: the owner's answers, remembered for a minute so that a burst of mail to
// one domain asks once. Never rejects.
import { LeastRecentlyUsed } from './least-recently-used.ts';
import type { MtaStsAnswer, MtaStsPolicies } from './mta-sts-cache.ts';

const REMEMBERED = 60_000;

/** One per thread. `ask`: the owner's policyFor(), or askThroughPort() to it. `now`: milliseconds since 1970. */
export function createMtaSts(
  ask: (domain: string) => Promise<MtaStsAnswer>,
  now: () => number,
): MtaStsPolicies {
  const answers = new LeastRecentlyUsed<
    string,
    { readonly until: number; readonly answer: Promise<MtaStsAnswer> }
  >(5_000);
  return {
    policyFor(domain) {
      const known = answers.get(domain);
      if (known !== undefined && now() < known.until) return known.answer;
      const answer = ask(domain);
      answers.set(domain, { until: now() + REMEMBERED, answer });
      return answer;
    },
  };
}

/** The answer where the thread that owns the policies is gone. */
export const NO_POLICY: MtaStsAnswer = { policy: null, fault: null };
