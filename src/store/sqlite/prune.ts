// Takes old traces away, a few hundred messages a step.
import { firstIdAt } from '#mail/message-id.ts';
import { Unfinished } from './long-operation.ts';
import type { WriterState } from './writer-state.ts';

const MESSAGES_A_STEP = 500;

/** Removes what arrived before (milliseconds since 1970) and isn't waiting any more; how many messages that was. */
export function pruneTrace(state: WriterState, before: number, pruned = 0): number | Unfinished<number> {
  const { statements } = state;
  const old = statements.oldTraces.all(firstIdAt(before), MESSAGES_A_STEP);
  for (const { id } of old) {
    statements.pruneTrace.run(id);
    statements.pruneEvents.run(id);
  }
  return old.length < MESSAGES_A_STEP ? pruned + old.length : new Unfinished(pruned + old.length);
}
