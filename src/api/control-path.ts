// Where the control socket of a data directory is. Apart from control-socket.ts, as every console needs it and no console
// needs the daemon's end.
import { join, relative } from 'node:path';

export class ControlSocketError extends Error {
  override readonly name = 'ControlSocketError';
}

/** sun_path holds 108 octets on Linux, 104 elsewhere, with the final NUL. */
const MAX_PATH = 103;

/** `<data>/control.sock`, relative where that is what fits into a socket's address. Throws ControlSocketError. */
export function controlSocketPath(dataDirectory: string): string {
  const path = join(dataDirectory, 'control.sock');
  if (Buffer.byteLength(path) <= MAX_PATH) return path;
  const near = relative(process.cwd(), path);
  if (Buffer.byteLength(near) <= MAX_PATH) return near;
  throw new ControlSocketError(
    `The path ${path} is too long for a socket (${MAX_PATH} octets at most). Choose a shorter data directory.`,
  );
}
