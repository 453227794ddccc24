// The JSON body of a request, with limits on size and time.
import type { IncomingMessage } from 'node:http';
import { refusal } from './odata-error.ts';
import type { WireAnswer } from './odata-error.ts';

export const MAX_BODY = 4 * 1024 * 1024;
const BODY_MILLISECONDS = 20_000;

export type Body =
  | { readonly ok: true; readonly json: unknown }
  | { readonly ok: false; readonly answer: WireAnswer };

export async function readJsonBody(request: IncomingMessage): Promise<Body> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > MAX_BODY) return { ok: false, answer: tooLarge() };
  const timer = setTimeout(() => request.destroy(new Error('the body takes too long')), BODY_MILLISECONDS);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY) return { ok: false, answer: tooLarge() };
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  try {
    return { ok: true, json: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { ok: false, answer: refusal(400, 'The body is not valid JSON.') };
  }
}

function tooLarge(): WireAnswer {
  return refusal(413, `The body is larger than ${MAX_BODY} octets.`, { connection: 'close' });
}
