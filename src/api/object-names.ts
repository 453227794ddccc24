// Names of configured objects for completion, by the kind that a parameter's type says.
import type { ObjectDeclaration } from '#directory/declared-object.ts';
import type { Directory } from '#directory/directory.ts';
import type { Completer } from './control-socket.ts';

const MAX_NAMES = 200;
/** Who can be in a role group. */
const MEMBERS: readonly string[] = ['SubmissionUser', 'AccessToken'];

export function createCompleter(directory: Directory, declarations: readonly ObjectDeclaration[]): Completer {
  return (kind, prefix) => {
    const kinds = kind === 'RoleGroupMember' ? MEMBERS : [kind];
    const wanted = prefix.toLowerCase();
    return declarations
      .filter((declaration) => kinds.includes(declaration.kind))
      .flatMap((declaration) => directory.list(declaration))
      .map(({ values }) => values.Name)
      .filter((name) => name.toLowerCase().startsWith(wanted))
      .slice(0, MAX_NAMES);
  };
}
