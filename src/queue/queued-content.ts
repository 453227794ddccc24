// A queued message's content for administrators, as text of one character an octet. Read when asked for, bounded by the
// caller.
import { readFile } from 'node:fs/promises';
import { headerEnd } from '#mail/header-block.ts';
import type { MessageId } from '#mail/message.ts';
import type { Store } from '#store/store.ts';
import { contentBeginning } from './content-beginning.ts';

export interface QueuedContent {
  readonly size: number;
  header(): Promise<string>;
  text(): Promise<string>;
}

const MAX_HEADER = 1_048_576;

export async function readQueuedContent(
  store: Pick<Store, 'load'>,
  id: MessageId,
): Promise<QueuedContent | null> {
  const found = await store.load(id);
  if (!found) return null;
  const { content, message } = found;
  const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  return {
    size: message.size,
    async header() {
      const bytes = await contentBeginning(content, MAX_HEADER);
      return toText(bytes.subarray(0, headerEnd(bytes)));
    },
    text: async () => toText(content.kind === 'memory' ? content.bytes : await readFile(content.path)),
  };
}
