// Revocation lists through a MessagePort: which question and which answer go over it.
import type { MessagePort } from 'node:worker_threads';
import { askThroughPort, serveAnswers } from './answer-port.ts';
import { NO_LISTS, type CrlAnswer, type CrlRequest, type CrlSource } from './crl-source.ts';

/** In the thread that owns the cache; once for each worker's port. */
export function serveCrls(source: CrlSource, port: MessagePort): void {
  serveAnswers<CrlRequest, CrlAnswer>((request) => source.list(request), port);
}

/** In a worker. */
export function connectCrls(port: MessagePort): CrlSource {
  return { list: askThroughPort<CrlRequest, CrlAnswer>(port, NO_LISTS) };
}
