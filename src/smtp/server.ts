// The SMTP server: listening, the number of connections, TLS contexts, stopping. Owns the connections; knows no policy and
// no storage (see session-handler.ts for the seam). Promises that stop() ends within its grace, after the transactions
// that were under way.
import { createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net';
import { printSmtpReply, type SmtpReply } from '#mail/smtp-reply.ts';
import { createHandshakes, type ServerTls } from './handshakes.ts';
import { refusals } from './refusals.ts';
import { ServerConnection, type ConnectionHost } from './server-connection.ts';
import type { SessionFacts } from './server-session.ts';
import type { SessionHandler, SmtpPeer, SmtpSession, SmtpTls } from './session-handler.ts';
import { Watch, type Every } from './watch.ts';

export interface SmtpServerOptions {
  /** Our own name, in the greeting and the answers. */
  readonly hostname: string;
  /** What stands behind 220; default: `<hostname> ESMTP`. */
  readonly banner?: string;
  /** Octets of content at most; read for each connection, so a getter may change it. */
  readonly maxSize: number;
  /** RFC 5321 §4.5.3.1.8: at least 100. Default 1,000. */
  readonly maxRecipients?: number;
  /** Default 1,000. */
  readonly maxConnections?: number;
  /** Default 100. */
  readonly maxConnectionsPerAddress?: number;
  /** RFC 5321 §4.5.3.2.7: at least five minutes. Default 300. */
  readonly idleSeconds?: number;
  /** Certificate, key and trust store; null: STARTTLS isn't offered. */
  readonly tls: ServerTls | null;
  /** Who may name the client behind it with XCLIENT; default: nobody. */
  readonly mayUseXclient?: (address: string) => boolean;
  /** Whose connections begin with a PROXY header, all of them; default: nobody's. */
  readonly isProxy?: (address: string) => boolean;
  /** One handler for each session; `session` stays current. */
  readonly createHandler: (session: SmtpSession) => SessionHandler;
  /** What was thrown behind the seam; the client got 451. */
  readonly onError: (error: unknown, session: SmtpSession) => void;
  /** Drives the time limits; default: a timer a second. */
  readonly every?: Every;
}

export interface SmtpServer {
  /** May be called for several places. Resolves with where it listens; rejects with the system's error (`EADDRINUSE`, `EACCES` …). */
  listen(where: ListenOptions): Promise<AddressInfo>;
  /** Serves a connection that was accepted elsewhere. */
  accept(socket: Socket): void;
  /** A new certificate for handshakes from now on; null: STARTTLS isn't offered any more. */
  setTls(tls: ServerTls | null): void;
  readonly connections: number;
  /** Takes no more connections, ends idle ones with 421 and others after their transaction; all by force after the grace. */
  stop(graceMilliseconds: number): Promise<void>;
}

export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  const maxConnections = options.maxConnections ?? 1000;
  const maxPerAddress = options.maxConnectionsPerAddress ?? 100;
  const servers: Server[] = [];
  /** Each with the address that it counts for, whatever the session takes for its peer later. */
  const connections = new Map<ServerConnection, string>();
  const perAddress = new Map<string, number>();
  const handshakes = createHandshakes(options.tls);
  let stopping: (() => void) | null = null;

  const host: ConnectionHost = {
    hostname: options.hostname,
    banner: options.banner ?? `${options.hostname} ESMTP`,
    get maxSize() {
      return options.maxSize;
    },
    maxRecipients: options.maxRecipients ?? 1000,
    idleSeconds: options.idleSeconds ?? 300,
    watch: new Watch(options.every),
    get tlsAvailable() {
      return handshakes.available;
    },
    mayUseXclient: options.mayUseXclient ?? never,
    isProxy: options.isProxy ?? never,
    createHandler: options.createHandler,
    secure: handshakes.secure,
    onError: options.onError,
    attribute(connection, address) {
      const before = connections.get(connection) ?? '';
      if (before === address) return null;
      const already = perAddress.get(address) ?? 0;
      if (already >= maxPerAddress) return refusals.tooManyConnectionsFromYou;
      if (before !== '') discount(before);
      connections.set(connection, address);
      perAddress.set(address, already + 1);
      return null;
    },
    forget: (connection) => {
      const address = connections.get(connection) ?? '';
      if (address !== '') discount(address);
      connections.delete(connection);
      if (connections.size === 0) stopping?.();
    },
  };

  function discount(address: string): void {
    const left = (perAddress.get(address) ?? 1) - 1;
    if (left > 0) perAddress.set(address, left);
    else perAddress.delete(address);
  }

  function accept(socket: Socket): void {
    const peer = remoteOf(socket);
    // A proxy's connections count for its clients, once they are known.
    const isFront = host.isProxy(peer.address) || host.mayUseXclient(peer.address);
    const counted = isFront ? '' : peer.address;
    const already = counted === '' ? 0 : (perAddress.get(counted) ?? 0);
    if (stopping !== null) return turnAway(socket, refusals.shuttingDown);
    if (connections.size >= maxConnections) return turnAway(socket, refusals.tooManyConnections);
    if (already >= maxPerAddress) return turnAway(socket, refusals.tooManyConnectionsFromYou);
    const facts = new AcceptedFacts(socket, peer);
    try {
      connections.set(new ServerConnection(socket, facts, host), counted);
    } catch (error) {
      options.onError(error, facts);
      return turnAway(socket, refusals.shuttingDown);
    }
    if (counted !== '') perAddress.set(counted, already + 1);
  }

  /** A client may close its half after the last command and still wants the replies. */
  async function listenOn(where: ListenOptions): Promise<AddressInfo> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, accept);
    const address = await listen(server, where);
    servers.push(server);
    return address;
  }

  async function stop(graceMilliseconds: number): Promise<void> {
    const allEnded = new Promise<void>((resolve) => {
      stopping = resolve;
    });
    for (const server of servers) server.close();
    for (const connection of connections.keys()) connection.stop();
    if (connections.size === 0) return;
    const timer = setTimeout(() => {
      for (const connection of connections.keys()) connection.destroy();
    }, graceMilliseconds);
    await allEnded;
    clearTimeout(timer);
  }

  return {
    listen: listenOn,
    accept,
    setTls: handshakes.set,
    get connections() {
      return connections.size;
    },
    stop,
  };
}

const never = (): boolean => false;

function listen(server: Server, where: ListenOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string')
        reject(new TypeError('SMTP is served on TCP ports only.'));
      else resolve(address);
    });
  });
}

function turnAway(socket: Socket, refusal: SmtpReply): void {
  socket.on('error', () => {});
  socket.end(printSmtpReply(refusal));
  socket.resume();
  setTimeout(() => socket.destroy(), 5000).unref();
}

function remoteOf(socket: Socket): SmtpPeer {
  return { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
}

/** What is known of a session at first. Our own end is asked for (a call to the system) when somebody wants to know. */
class AcceptedFacts implements SessionFacts {
  peer: SmtpPeer;
  helo = '';
  esmtp = false;
  tls: SmtpTls | null = null;
  user: string | null = null;
  readonly #socket: Socket;
  #local: SmtpPeer | null = null;

  constructor(socket: Socket, peer: SmtpPeer) {
    this.#socket = socket;
    this.peer = peer;
  }

  get local(): SmtpPeer {
    return (this.#local ??= localOf(this.#socket));
  }

  set local(end: SmtpPeer) {
    this.#local = end;
  }
}

function localOf(socket: Socket): SmtpPeer {
  return { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
}

/** `::ffff:192.0.2.1`, as a socket for both families shows IPv4, is IPv4; zones are left out. */
function plainAddress(address: string): string {
  const text = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  const zone = text.indexOf('%');
  return zone < 0 ? text : text.slice(0, zone);
}
