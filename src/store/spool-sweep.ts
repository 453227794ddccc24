// Removes spool files that belong to no message: what a crash left between a file and its commit, or between a commit
// and the removal. Looks only at files of earlier runs, so nothing that is being written is ever touched. Runs in the
// background; a file that can't be removed is left for the next start.
import { opendir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageId } from '#mail/message.ts';
import { parseMessageId } from '#mail/message-id.ts';

const NAME = /^(\d{1,15})-([0-9A-Z]{1,16})$/;

/** Resolves with how many files were removed. */
export async function sweepSpool(
  directory: string,
  beforeRun: number,
  owned: (id: MessageId, path: string) => boolean,
): Promise<number> {
  let removed = 0;
  for await (const folder of await opendir(directory)) {
    if (!folder.isDirectory()) continue;
    for await (const entry of await opendir(join(directory, folder.name))) {
      const path = `${folder.name}/${entry.name}`;
      const id = strayCandidate(entry.name, beforeRun);
      if (id === null || owned(id, path)) continue;
      await unlink(join(directory, path)).then(
        () => (removed += 1),
        () => {},
      );
    }
  }
  return removed;
}

function strayCandidate(name: string, beforeRun: number): MessageId | null {
  const [, run, id] = NAME.exec(name) ?? [];
  return id === undefined || Number(run) >= beforeRun ? null : parseMessageId(id);
}
