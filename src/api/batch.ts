// $batch: up to ten commands in one request, one after the other, each with an answer of its own.
import { isObject } from './control-protocol.ts';
import { refusal } from './odata-error.ts';
import type { WireAnswer } from './odata-error.ts';

const MAX_REQUESTS = 10;
const INVOKE = /(?:^|\/)InvokeCommand(?:\?|$)/i;

interface BatchedRequest {
  readonly id: string;
  readonly url: string;
  readonly body: unknown;
  readonly prefer: string | null;
}

/** `run` answers one InvokeCommand. */
export async function runBatch(
  body: unknown,
  run: (request: Omit<BatchedRequest, 'id'>) => Promise<WireAnswer>,
): Promise<WireAnswer> {
  const requests = isObject(body) ? body['requests'] : undefined;
  if (!Array.isArray(requests) || requests.length === 0) {
    return refusal(
      400,
      'The body must be {"requests":[{"id":"1","method":"POST","url":"/InvokeCommand","body":{…}}]}.',
    );
  }
  if (requests.length > MAX_REQUESTS) {
    return refusal(400, `A batch holds at most ${MAX_REQUESTS} requests; this one has ${requests.length}.`);
  }
  const read = requests.map(readRequest);
  const ids = new Set(read.map((request) => (typeof request === 'string' ? request : request.id)));
  if (ids.size < read.length) return refusal(400, 'Each request of a batch must have an id of its own.');
  const responses: unknown[] = [];
  for (const [index, request] of read.entries()) {
    const answer = typeof request === 'string' ? refusal(400, request) : await run(request);
    const id = typeof request === 'string' ? String(index + 1) : request.id;
    const headers = { 'content-type': 'application/json; charset=utf-8', ...answer.headers };
    responses.push({ id, status: answer.status, headers, body: answer.body });
  }
  return { status: 200, body: { responses } };
}

/** The words say what is wrong. */
function readRequest(value: unknown, index: number): BatchedRequest | string {
  const where = `Request ${index + 1} of the batch`;
  if (!isObject(value)) return `${where} is no object.`;
  const { id, url, method, body, headers } = value;
  if (typeof id !== 'string' && typeof id !== 'number') return `${where} has no id.`;
  if (typeof method !== 'string' || method.toUpperCase() !== 'POST')
    return `${where} must have the method POST.`;
  if (typeof url !== 'string' || !INVOKE.test(url)) return `${where} must have the url /InvokeCommand.`;
  const prefer = isObject(headers)
    ? Object.entries(headers).find(([name]) => name.toLowerCase() === 'prefer')?.[1]
    : null;
  return { id: String(id).slice(0, 200), url, body, prefer: typeof prefer === 'string' ? prefer : null };
}
