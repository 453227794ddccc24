// The server's TLS handshakes. One node:tls server that never listens serves all of them, so that the context is made once
// and can be replaced while connections last; it tells its results by socket, which are recognised by their two ends.
// Owns contexts and handshakes under way; promises one answer for each.
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';

export interface Handshakes {
  readonly available: boolean;
  /** For handshakes from now on; null: none. */
  readonly set: (tls: ServerTls | null) => void;
  /** Serves TLS on the socket; null where the handshake failed. */
  readonly secure: (socket: Socket, done: (socket: TLSSocket | null) => void) => void;
}

/** Asked once, before the first handshake: the trusted roots take time and memory that nobody may need. */
export type ServerTls = () => SecureContextOptions;

const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  // A client's certificate may identify it (routing.md); whether it does is judged later.
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: 60_000,
} as const;

export function createHandshakes(first: ServerTls | null): Handshakes {
  const waiting = new Map<string, (socket: TLSSocket | null) => void>();
  let tls = first;
  let server: Server | null = null;

  function finish(socket: TLSSocket, secured: TLSSocket | null): void {
    const key = endsOf(socket);
    const done = waiting.get(key);
    waiting.delete(key);
    if (done !== undefined) done(secured);
    else socket.destroy();
  }

  function serverOf(contextOptions: ServerTls): Server {
    if (server !== null) return server;
    server = createServer({ ...TLS_OPTIONS, ...contextOptions() }, (socket) => finish(socket, socket));
    server.on('tlsClientError', (_error, socket) => finish(socket, null));
    return server;
  }

  function secure(socket: Socket, done: (socket: TLSSocket | null) => void): void {
    const key = endsOf(socket);
    waiting.set(key, done);
    // The connection may go before the handshake says anything.
    socket.once('close', () => {
      if (waiting.delete(key)) done(null);
    });
    if (tls === null) socket.destroy();
    else serverOf(tls).emit('connection', socket);
  }

  return {
    get available() {
      return tls !== null;
    },
    set(next) {
      tls = next;
      server = null;
    },
    secure,
  };
}

function endsOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0} ${socket.localAddress ?? ''} ${socket.localPort ?? 0}`;
}
