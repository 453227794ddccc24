// A message enters: one row in `incoming`, and nothing else until somebody settles it.
import type { EnqueueRecord } from '../wire.ts';
import type { WriterState } from './writer-state.ts';

const NOTHING = new Uint8Array(0);

/** `bytes` holds the small contents of the batch that this request came in. Throws if the identity is taken. */
export function enqueue(state: WriterState, record: EnqueueRecord, bytes: Uint8Array | null): void {
  const [id, meta, recipients, events, inHand, spool, offset, length] = record;
  const content = spool === null ? (bytes ?? NOTHING).subarray(offset, offset + length) : null;
  state.statements.insertIncoming.run(id, meta, recipients, events, spool, content);
  state.messages += 1;
  if (inHand) {
    state.inHand.takeFresh(id, { meta, events, recipients, spool });
    return;
  }
  state.freeIncoming = true;
  if (id <= state.incomingCursor) state.incomingCursor = id - 1;
}
