// Questions and answers across threads: one thread hosts what is fetched from the network (revocation lists, MTA-STS
// policies), the others ask through a MessagePort. A revocation list's index travels as shared memory, so that a large
// one exists once in the process.
import type { MessagePort } from 'node:worker_threads';

interface Asked<Question> {
  readonly id: number;
  readonly question: Question;
}

interface Answered<Answer> {
  readonly id: number;
  readonly answer: Answer;
}

/** In the thread that owns the answers; once for each worker's port. `answer` never rejects. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what travels through the port
export function serveAnswers<Question, Answer>(
  answer: (question: Question) => Promise<Answer>,
  port: MessagePort,
): void {
  port.on('message', ({ id, question }: Asked<Question>) => {
    void answer(question).then((given) => port.postMessage({ id, answer: given } satisfies Answered<Answer>));
  });
}

/** In a worker. The port alone keeps no thread alive; `gone` is the answer once the port has closed. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what travels through the port
export function askThroughPort<Question, Answer>(
  port: MessagePort,
  gone: Answer,
): (question: Question) => Promise<Answer> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let nextId = 1;
  let closed = false;
  port.on('message', ({ id, answer }: Answered<Answer>) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  port.on('close', () => {
    closed = true;
    for (const resolve of waiting.values()) resolve(gone);
    waiting.clear();
  });
  port.unref();
  return (question) => {
    if (closed) return Promise.resolve(gone);
    const id = nextId++;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      port.postMessage({ id, question } satisfies Asked<Question>);
    });
  };
}
