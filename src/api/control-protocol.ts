// What daemon and console say to each other over the control socket: one JSON object a line, in both directions, values
// as parameters/wire-value.ts has them. Every request has an `id` of the console's choosing; every answer repeats it.
//
// console → daemon                                         daemon → console
//   {id, op:"hello", protocol:1, user}                       {id, result:{protocol, version, organization, views}}
//   {id, op:"list"} · {id, op:"describe", name}              {id, result: CmdletMetadata[]} · {id, result: CmdletMetadata|null}
//   {id, op:"complete", kind, prefix}                        {id, result: string[]}
//   {id, op:"invoke", cmdlet, parameters, line, prompts}     {id, out:[value, …]}, {id, warning|verbose|whatIf: text},
//                                                            {id, progress:[activity, status, percent]}, {id, error: ErrorRecord},
//                                                            {id, confirm:{prompt, target, action}}
//                                                            at the end {id, done:true} or {id, failed: ErrorRecord}
//   {id, ack: n}     n more objects were taken               at most OUTPUT_WINDOW objects are on their way unacknowledged
//   {id, answer: ConfirmAnswer, prompt}                      {id, failed: ErrorRecord} for a request that can't be served
//   {id, cancel: true}
// Several invocations run at once; lines of one id keep their order.
import type { TypeView } from '#parameters/metadata.ts';

export const PROTOCOL = 1;
/** From the console: a script's list of values, not a message's content. */
export const MAX_REQUEST_LINE = 4 * 1024 * 1024;
/** From the daemon, which is trusted; still no line may eat the console. */
export const MAX_ANSWER_LINE = 256 * 1024 * 1024;
export const OUTPUT_WINDOW = 1024;
/** Objects in one line. */
export const OUTPUT_BATCH = 64;
export const MAX_INVOCATIONS = 64;

export interface Hello {
  readonly protocol: number;
  readonly version: string;
  readonly organization: string;
  readonly views: readonly TypeView[];
}

/** Splits a stream into lines of JSON; `onProblem` is called once, for a line that is too long or no JSON object. */
export function createLineReader(
  maxOctets: number,
  onObject: (object: Readonly<Record<string, unknown>>) => void,
  onProblem: (why: string) => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  let broken = false;
  const fail = (why: string): void => {
    broken = true;
    parts = [];
    onProblem(why);
  };
  const take = (line: Buffer): void => {
    const object = parseObject(line.toString('utf8'));
    if (object) onObject(object);
    else fail('a line is not a JSON object');
  };
  return (chunk) => {
    let start = 0;
    while (true) {
      if (broken) return;
      const end = chunk.indexOf(0x0a, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      length += piece.length;
      if (length > maxOctets) return fail(`a line is longer than ${maxOctets} octets`);
      if (end === -1) {
        if (piece.length > 0) parts.push(piece);
        return;
      }
      const line = parts.length === 0 ? piece : Buffer.concat([...parts, piece]);
      parts = [];
      length = 0;
      start = end + 1;
      if (line.length > 0) take(line);
    }
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is a text of limited length; null otherwise. */
export function textMember(
  object: Readonly<Record<string, unknown>>,
  name: string,
  maximum = 1024,
): string | null {
  const value = Object.hasOwn(object, name) ? object[name] : null;
  return typeof value === 'string' && value.length <= maximum ? value : null;
}
