// A directory as it would be after some changes, for looking only: what -WhatIf and Test-OutboundRoute -Proposed ask.
import type { ObjectDeclaration, Properties } from './declared-object.ts';
import type { ChangedObject, DirectoryReader } from './directory.ts';
import { ObjectTable } from './object-table.ts';
import type { AnyTable, DirectoryObject } from './object-table.ts';

/** Kinds that don't change are read from `directory` itself. Identities are names and GUIDs here. */
export function withChanges(directory: DirectoryReader, objects: readonly ChangedObject[]): DirectoryReader {
  const tables = new Map<string, AnyTable>();
  const tableOf = (declaration: ObjectDeclaration): AnyTable => {
    const known = tables.get(declaration.kind);
    if (known) return known;
    const table = new ObjectTable(declaration, () => '');
    for (const object of directory.list(declaration)) table.put(object);
    for (const { kind, guid, after } of objects) {
      if (kind !== declaration.kind) continue;
      if (after) table.put(after);
      else table.delete(guid);
    }
    tables.set(declaration.kind, table);
    return table;
  };
  const changes = new Set(objects.map(({ kind }) => kind));
  const read = <P extends Properties, R>(
    declaration: ObjectDeclaration<P>,
    changed: (table: ObjectTable<P>) => R,
    same: () => R,
  ): R => (changes.has(declaration.kind) ? changed(tableOf(declaration)) : same());
  return {
    list: <P extends Properties>(declaration: ObjectDeclaration<P>): readonly DirectoryObject<P>[] =>
      read(
        declaration,
        (table) => table.list(),
        () => directory.list(declaration),
      ),
    find: <P extends Properties>(
      declaration: ObjectDeclaration<P>,
      identity: string,
    ): DirectoryObject<P> | null =>
      read(
        declaration,
        (table) => table.find(identity),
        () => directory.find(declaration, identity),
      ),
    get: <P extends Properties>(declaration: ObjectDeclaration<P>, guid: string): DirectoryObject<P> | null =>
      read(
        declaration,
        (table) => table.get(guid),
        () => directory.get(declaration, guid),
      ),
    named: <P extends Properties>(
      declaration: ObjectDeclaration<P>,
      name: string,
    ): DirectoryObject<P> | null =>
      read(
        declaration,
        (table) => table.named(name),
        () => directory.named(declaration, name),
      ),
  };
}
