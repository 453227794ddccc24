// MTA-STS policies through a MessagePort: which question and which answer go over it.
import type { MessagePort } from 'node:worker_threads';
import { askThroughPort, serveAnswers } from './answer-port.ts';
import type { MtaStsAnswer, MtaStsPolicies } from './mta-sts-cache.ts';
import { createMtaSts, NO_POLICY } from './mta-sts.ts';

/** In the thread that owns the policies; once for each worker's port. */
export function serveMtaSts(policies: MtaStsPolicies, port: MessagePort): void {
  serveAnswers<string, MtaStsAnswer>((domain) => policies.policyFor(domain), port);
}

/** In a worker: asks once a minute for each domain at most. `now`: milliseconds since 1970. */
export function connectMtaSts(port: MessagePort, now: () => number): MtaStsPolicies {
  return createMtaSts(askThroughPort<string, MtaStsAnswer>(port, NO_POLICY), now);
}
