// Revocation lists across threads: one thread hosts the cache, the others ask through a MessagePort. Lists travel as
// shared memory, so that a large one exists once in the process.
import type { MessagePort } from 'node:worker_threads';
import type { CrlAnswer, CrlRequest, CrlSource } from './crl-source.ts';

interface Question {
  readonly id: number;
  readonly request: CrlRequest;
}

interface Reply {
  readonly id: number;
  readonly answer: CrlAnswer;
}

/** In the thread that owns the cache; once for each worker's port. */
export function serveCrls(source: CrlSource, port: MessagePort): void {
  port.on('message', ({ id, request }: Question) => {
    void source.list(request).then((answer) => port.postMessage({ id, answer } satisfies Reply));
  });
}

/** In a worker. The port alone keeps no thread alive. */
export function connectCrls(port: MessagePort): CrlSource {
  const waiting = new Map<number, (answer: CrlAnswer) => void>();
  let nextId = 1;
  port.on('message', ({ id, answer }: Reply) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  port.on('close', () => {
    const answer: CrlAnswer = { ok: false, detail: 'the gateway is stopping', retryAt: 0 };
    for (const resolve of waiting.values()) resolve(answer);
    waiting.clear();
  });
  port.unref();
  return {
    list(request) {
      const id = nextId++;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        port.postMessage({ id, request } satisfies Question);
      });
    },
  };
}
