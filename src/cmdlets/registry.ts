// All cmdlets of a process by name, without regard to case, and what of them a session may see: a cmdlet or parameter
// outside a session's roles isn't in any answer from here.
import type { CmdletMetadata, TypeView } from '#parameters/metadata.ts';
import type { Cmdlet } from './cmdlet.ts';
import type { Session } from './session.ts';

export interface Registry<Services> {
  /** Whatever the session: for declarations, documentation and roles. */
  readonly cmdlets: readonly Cmdlet<Services>[];
  readonly views: readonly TypeView[];
  /** null: no such cmdlet, or not for this session. */
  find(name: string, session: Session): Cmdlet<Services> | null;
  /** Metadata with the parameters that the session may use; null as in `find`. */
  describe(name: string, session: Session): CmdletMetadata | null;
  /** In alphabetical order of name. */
  list(session: Session): readonly CmdletMetadata[];
}

/** Throws on a name declared twice: that is a bug. */
export function createRegistry<Services>(
  cmdlets: readonly Cmdlet<Services>[],
  views: readonly TypeView[] = [],
): Registry<Services> {
  const byName = new Map<string, Cmdlet<Services>>();
  for (const cmdlet of cmdlets) {
    const key = cmdlet.name.toLowerCase();
    if (byName.has(key)) throw new Error(`${cmdlet.name} is declared twice`);
    byName.set(key, cmdlet);
  }
  const sorted = [...cmdlets].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const find = (name: string, session: Session): Cmdlet<Services> | null => {
    const cmdlet = byName.get(name.toLowerCase());
    return cmdlet && session.allows(cmdlet.name) ? cmdlet : null;
  };
  return {
    cmdlets: sorted,
    views,
    find,
    describe(name, session) {
      const cmdlet = find(name, session);
      return cmdlet && visibleMetadata(cmdlet.metadata, session);
    },
    list: (session) =>
      sorted
        .filter((cmdlet) => session.allows(cmdlet.name))
        .map((cmdlet) => visibleMetadata(cmdlet.metadata, session)),
  };
}

function visibleMetadata(metadata: CmdletMetadata, session: Session): CmdletMetadata {
  const parameters = metadata.parameters.filter(({ name }) => session.allowsParameter(metadata.name, name));
  return parameters.length === metadata.parameters.length ? metadata : { ...metadata, parameters };
}
