// The server's TLS handshakes. One node:tls server that never listens serves all of them, so that the context is made once
// and can be replaced while connections last; it tells its results by socket, which are recognised by their two ends.
// Owns contexts and handshakes under way; promises one answer for each.
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';

export interface Handshakes {
  readonly available: boolean;
  /** For handshakes from now on; null: none. */
  readonly set: (tls: SecureContextOptions | null) => void;
  /** Serves TLS on the socket; null where the handshake failed. */
  readonly secure: (socket: Socket, done: (socket: TLSSocket | null) => void) => void;
}

const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  // A client's certificate may identify it (routing.md); whether it does is judged later.
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: 60_000,
} as const;

export function createHandshakes(first: SecureContextOptions | null): Handshakes {
  const waiting = new Map<string, (socket: TLSSocket | null) => void>();
  let server: Server | null = null;

  function finish(socket: TLSSocket, secured: TLSSocket | null): void {
    const key = endsOf(socket);
    const done = waiting.get(key);
    waiting.delete(key);
    if (done !== undefined) done(secured);
    else socket.destroy();
  }

  function set(tls: SecureContextOptions | null): void {
    if (tls === null) server = null;
    else if (server !== null) server.setSecureContext({ ...TLS_OPTIONS, ...tls });
    else {
      server = createServer({ ...TLS_OPTIONS, ...tls }, (socket) => finish(socket, socket));
      server.on('tlsClientError', (_error, socket) => finish(socket, null));
    }
  }

  function secure(socket: Socket, done: (socket: TLSSocket | null) => void): void {
    const key = endsOf(socket);
    waiting.set(key, done);
    // The connection may go before the handshake says anything.
    socket.once('close', () => {
      if (waiting.delete(key)) done(null);
    });
    if (server === null) socket.destroy();
    else server.emit('connection', socket);
  }

  set(first);
  return {
    get available() {
      return server !== null;
    },
    set,
    secure,
  };
}

function endsOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0} ${socket.localAddress ?? ''} ${socket.localPort ?? 0}`;
}
