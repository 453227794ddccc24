// The daemon's end of the control socket: listens in the data directory for consoles (protocol: control-protocol.ts).
// Whoever can open the socket owns the data directory and is Organization Management (operations.md): the socket has
// mode 0600, and a directory made for it 0700. A socket left over by a daemon that died is replaced; one that answers never.
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Invoke } from '#cmdlets/invoke.ts';
import type { Catalogue } from '#cmdlets/registry.ts';
import type { Session } from '#cmdlets/session.ts';
import { serveConsole } from './control-connection.ts';
import { ControlSocketError } from './control-path.ts';

export interface ControlSocketParts {
  /** As controlSocketPath gives it. */
  readonly path: string;
  readonly version: string;
  readonly organization: () => string;
  readonly catalogue: Catalogue;
  readonly invoke: Invoke;
  readonly complete: Completer;
  /** The session of a console that says it is run by this user. */
  readonly session: (user: string) => Session;
  readonly log: (message: string, error: unknown) => void;
}

/** Names of objects of a kind (`OutboundConnector`) that start so, without regard to case; at most some hundreds. */
export type Completer = (
  kind: string,
  prefix: string,
  session: Session,
) => readonly string[] | Promise<readonly string[]>;

export interface ControlSocket {
  readonly path: string;
  /** Takes no new consoles; running cmdlets are cancelled. */
  stop(): Promise<void>;
}

const MAX_CONSOLES = 200;

/** Throws ControlSocketError when another daemon answers there or the socket can't be made. */
export async function startControlSocket(parts: ControlSocketParts): Promise<ControlSocket> {
  const { path, log } = parts;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const consoles = new Set<Socket>();
  const server = createServer((socket) => {
    consoles.add(socket);
    socket.on('close', () => consoles.delete(socket));
    serveConsole(socket, parts);
  });
  server.maxConnections = MAX_CONSOLES;
  try {
    await listen(server, path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ControlSocketError(`The control socket ${path} can't be made: ${why}`, { cause: error });
  }
  await chmod(path, 0o600);
  server.on('error', (error) => log('the control socket failed', error));
  return {
    path,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of consoles) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  try {
    await listenOnce(server, path);
  } catch (error) {
    if (!isCode(error, 'EADDRINUSE')) throw error;
    if (!(await lstat(path)).isSocket())
      throw new Error('there is a file that is no socket. Remove it, and start again', { cause: error });
    if (await answers(path)) throw new Error('another daemon answers there', { cause: error });
    await unlink(path);
    await listenOnce(server, path);
  }
}

function listenOnce(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The socket appears with its final mode, not a moment later.
    const mask = process.umask(0o177);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
    process.umask(mask);
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => resolve(!isCode(error, 'ECONNREFUSED') && !isCode(error, 'ENOENT')));
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
