// Configured objects and the record of their changes, always written together.
import type { ChangeRecord } from '#directory/object-store.ts';
import { StoreError } from '../store-error.ts';
import type { WriterState } from './writer-state.ts';

/** Throws StoreError('conflict') if the object that is kept isn't older than the one given. */
export function change(state: WriterState, record: ChangeRecord): void {
  const { statements } = state;
  const { kind, guid, version, before, after } = record;
  const kept = statements.objectVersion.get(kind, guid)?.version;
  if (after === null) {
    statements.deleteObject.run(kind, guid);
  } else if (kept !== undefined && kept >= version) {
    throw new StoreError(
      `The ${kind} '${record.objectName}' was changed meanwhile (version ${kept} is kept, ${version} was given). Read it again and repeat the change`,
      'conflict',
    );
  } else {
    statements.putObject.run(kind, guid, version, JSON.stringify(after));
  }
  statements.insertChange.run(
    record.time,
    record.user,
    record.cmdlet,
    JSON.stringify(record.parameters),
    record.line,
    kind,
    guid,
    record.objectName,
    version,
    before === null ? null : JSON.stringify(before),
    after === null ? null : JSON.stringify(after),
  );
}
