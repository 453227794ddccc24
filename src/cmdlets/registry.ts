// All cmdlets of a process by name, without regard to case, and what of them a session may see: a cmdlet or parameter
// outside a session's roles isn't in any answer from here.
import type { CmdletMetadata, TypeView } from '#parameters/metadata.ts';
import type { Cmdlet } from './cmdlet.ts';
import type { Session } from './session.ts';

/** The registry as far as metadata goes. */
export interface Catalogue {
  readonly views: readonly TypeView[];
  /** Metadata with the parameters that the session may use; null: no such cmdlet, or not for this session. */
  describe(name: string, session: Session): CmdletMetadata | null;
  /** In alphabetical order of name. */
  list(session: Session): readonly CmdletMetadata[];
  /** Whatever the session: for roles and documentation. */
  readonly everything: readonly CmdletMetadata[];
}

export interface Registry<Services> extends Catalogue {
  /** Whatever the session: for OpenAPI and documentation. */
  readonly cmdlets: readonly Cmdlet<Services>[];
  /** null: no such cmdlet, or not for this session. */
  find(name: string, session: Session): Cmdlet<Services> | null;
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
    everything: sorted.map(({ metadata }) => metadata),
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
