// The SMTP client's answers as troubles: phases and kinds of the protocol in the terms of delivery. Pure; judges nothing.
import type { ClientAnswer } from '#smtp/client-answer.ts';
import type { Trouble } from './trouble.ts';

/** What the client saw as what trouble.ts judges; a reply stays a reply, whatever its code. */
export function toTrouble(answer: ClientAnswer, name: string): Trouble {
  const { phase } = answer;
  const where = phase === 'hello' ? 'ehlo' : phase === 'reset' || phase === 'quit' ? 'mail' : phase;
  if (answer.kind === 'reply') return { kind: 'reply', phase: where, reply: answer.reply };
  const { detail } = answer;
  switch (answer.kind) {
    case 'source':
      return { kind: 'content-unreadable', detail };
    case 'timed-out':
      return { kind: 'timeout', phase: where, detail: `${name} fell silent (${where}): ${detail}` };
    case 'protocol':
      return {
        kind: 'protocol',
        phase: where,
        detail: `${name} doesn't speak SMTP as it must (${where}): ${detail}`,
      };
    default:
      return {
        kind: 'dropped',
        phase: where,
        detail: `The connection to ${name} broke off (${where}): ${detail}`,
      };
  }
}
