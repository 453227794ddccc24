// The host's files, for the commands that read and write them; where there are none, an error that says so.
import { ScriptError } from '#shell/values/script-error.ts';
import type { Frame } from './frame.ts';
import type { FileAccess } from './shell-host.ts';

/** Its functions throw ScriptError. Throws ScriptError in scripts that came over the network. */
export function filesOf(frame: Frame): FileAccess {
  const { files } = frame.session.host;
  if (files) return explaining(files);
  throw new ScriptError(
    'Reading and writing files is off in scripts that arrive over the network. Run the script with ./postern on the machine itself.',
    {
      category: 'PermissionDenied',
      errorId: 'FileAccessNotAllowed',
      exception: 'System.UnauthorizedAccessException',
    },
  );
}

function explaining(files: FileAccess): FileAccess {
  return {
    readText: (path) => files.readText(path).catch((error: unknown) => explain(error, path)),
    writeText: (path, text, append) =>
      files.writeText(path, text, append).catch((error: unknown) => explain(error, path)),
    exists: (path) => files.exists(path),
    resolve: (path) => files.resolve(path),
  };
}

const PROBLEMS: ReadonlyMap<string, readonly [message: string, category: string, exception: string]> =
  new Map([
    ['EACCES', ['Access to the path is denied', 'PermissionDenied', 'System.UnauthorizedAccessException']],
    ['EPERM', ['Access to the path is denied', 'PermissionDenied', 'System.UnauthorizedAccessException']],
    ['EROFS', ['The file system is read-only', 'PermissionDenied', 'System.UnauthorizedAccessException']],
    [
      'ENOENT',
      ['Could not find a part of the path', 'ObjectNotFound', 'System.IO.DirectoryNotFoundException'],
    ],
    [
      'ENOTDIR',
      ['Could not find a part of the path', 'ObjectNotFound', 'System.IO.DirectoryNotFoundException'],
    ],
    ['EISDIR', ['The path is a directory', 'InvalidArgument', 'System.IO.IOException']],
    ['ENOSPC', ['There is not enough space on the disk', 'ResourceUnavailable', 'System.IO.IOException']],
  ]);

/** What the operating system said, as an error of the script. */
function explain(error: unknown, path: string): never {
  if (!(error instanceof Error)) throw error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const [message, category, exception] = PROBLEMS.get(code) ?? [
    error.message,
    'ReadError',
    'System.IO.IOException',
  ];
  throw new ScriptError(`${message}: '${path}'.`, {
    category,
    errorId: 'FileAccessFailed',
    exception,
    target: path,
  });
}
