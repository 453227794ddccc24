// The host's files, for the commands that read and write them; where there are none, an error that says so.
import { ScriptError } from '#shell/values/script-error.ts';
import type { Frame } from './frame.ts';
import type { FileAccess } from './shell-host.ts';

/** Throws ScriptError in scripts that came over the network. */
export function filesOf(frame: Frame): FileAccess {
  const { files } = frame.session.host;
  if (files) return files;
  throw new ScriptError(
    'Reading and writing files is off in scripts that arrive over the network. Run the script with ./postern on the machine itself.',
    {
      category: 'PermissionDenied',
      errorId: 'FileAccessNotAllowed',
      exception: 'System.UnauthorizedAccessException',
    },
  );
}
