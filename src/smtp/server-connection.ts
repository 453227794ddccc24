// One connection of the server: octets in, replies out. Owns the socket, the cutting of input into command lines and
// content, the corking of replies (what was pipelined is answered in one write), back pressure and time limits.
// Promises that input waits while a decision is pending, and that nothing sent in clear text survives STARTTLS.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { printSmtpReply, type SmtpReply } from '#mail/smtp-reply.ts';
import { CommandLines } from './command-lines.ts';
import { ContentTransfer } from './content-transfer.ts';
import { describeTls } from './peer-tls.ts';
import { readProxyHeader } from './proxy-header.ts';
import { refusals, replies } from './refusals.ts';
import { ServerSession, type SessionFacts, type SessionLimits, type SessionPort } from './server-session.ts';
import type { ContentSink, SessionHandler, SmtpSession } from './session-handler.ts';
import type { Watch, Watched } from './watch.ts';

/** What the server gives to each of its connections. */
export interface ConnectionHost extends SessionLimits {
  readonly watch: Watch;
  readonly idleSeconds: number;
  readonly tlsAvailable: boolean;
  createHandler(session: SmtpSession): SessionHandler;
  /** Serves TLS on the socket; null where the handshake failed. */
  secure(socket: Socket, done: (socket: TLSSocket | null) => void): void;
  onError(error: unknown, session: SmtpSession): void;
  forget(connection: ServerConnection): void;
  /** Whether connections from this address begin with a PROXY header. */
  isProxy(address: string): boolean;
  /** The connection counts for this address from now on; a refusal: there are too many of it. */
  attribute(connection: ServerConnection, address: string): SmtpReply | null;
}

const HANDSHAKE_SECONDS = 60;
/** A proxy sends its header at once. */
const PROXY_SECONDS = 10;
/** How long a client may take to hang up after the last reply. */
const LINGER_SECONDS = 10;
/** Replies that the client hasn't fetched, in octets, before its commands wait. */
const MAX_UNREAD_REPLIES = 65_536;

export class ServerConnection implements SessionPort, Watched {
  deadline: number;
  readonly #host: ConnectionHost;
  readonly #session: ServerSession;
  readonly #lines = new CommandLines();
  readonly #transfer: ContentTransfer;
  #socket: Socket;
  #out = '';
  /** Input that came while it was held back. */
  #pending: Buffer | null = null;
  /** What came of a PROXY header that isn't whole yet; null: none is awaited. */
  #proxied: Buffer | null = null;
  #greeted = false;
  #spokeFirst = false;
  #held = false;
  #inContent = false;
  /** More input stands behind the command that is being worked on. */
  #moreInput = false;
  #dropInput = false;
  #securing = false;
  /** The client has said its last; it may still listen. */
  #inputEnded = false;
  #ended = false;
  #closed = false;
  #stopping = false;
  readonly #onData = (chunk: Buffer): void => this.#receive(chunk);
  readonly #onEnd = (): void => {
    this.#inputEnded = true;
    if (!this.#held) this.end();
  };
  readonly #onClose = (): void => this.#whenClosed();

  constructor(socket: Socket, facts: SessionFacts, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.deadline = host.watch.now + host.idleSeconds;
    this.#session = new ServerSession(this, facts, host, host.createHandler(facts));
    this.#transfer = new ContentTransfer(host, (error) => host.onError(error, facts));
    this.#listen(socket);
    host.watch.add(this);
    if (host.isProxy(facts.peer.address)) {
      this.#proxied = Buffer.alloc(0);
      this.deadline = host.watch.now + PROXY_SECONDS;
    } else this.#begin();
  }

  #begin(): void {
    this.#session.begin();
    // Two turns of the event loop: what the client sent before our greeting has been read by then (RFC 5321 §4.3.1).
    setImmediate(() => setImmediate(() => this.#greet()));
  }

  /** Who doesn't begin with a whole header, and soon, isn't the proxy that it should be, and gets no word. */
  #takeProxyHeader(received: Buffer): void {
    const header = readProxyHeader(received);
    if (header.kind === 'malformed') return this.destroy();
    if (header.kind === 'incomplete') {
      this.#proxied = received;
      return;
    }
    this.#proxied = null;
    this.deadline = this.#host.watch.now + this.#host.idleSeconds;
    if (header.ends !== null) {
      const { facts } = this.#session;
      facts.peer = header.ends.peer;
      facts.local = header.ends.local;
      if (!this.attribute(facts.peer.address)) return;
    }
    this.#begin();
    if (header.rest.length > 0) this.#receive(header.rest);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get tlsAvailable(): boolean {
    return this.#host.tlsAvailable;
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    // The end of the connection is what matters, and 'close' tells it.
    socket.on('error', () => {});
  }

  #greet(): void {
    if (this.#closed || this.#ended) return;
    this.#guarded(() => this.#session.greet());
    this.#settle();
  }

  // —— input ——

  #receive(chunk: Buffer): void {
    if (this.#ended) return;
    if (this.#proxied !== null) return this.#takeProxyHeader(Buffer.concat([this.#proxied, chunk]));
    if (!this.#greeted) {
      this.#spokeFirst = true;
      return;
    }
    if (!this.#held) this.deadline = this.#host.watch.now + this.#host.idleSeconds;
    if (!this.#held) return this.#process(chunk);
    this.#pending = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#socket.pause();
  }

  #process(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#held && !this.#ended) {
      at = this.#inContent ? this.#takeContent(chunk, at) : this.#takeLine(chunk, at);
      if (this.#dropInput) {
        this.#dropInput = false;
        at = chunk.length;
      }
    }
    if (this.#held && at < chunk.length) {
      this.#pending = at === 0 ? chunk : chunk.subarray(at);
      this.#socket.pause();
    }
    this.#settle();
  }

  #takeContent(chunk: Buffer, at: number): number {
    const waiting = this.#transfer.feed(chunk, at);
    const next = this.#transfer.next;
    if (waiting instanceof Promise) {
      const { done } = this.#transfer;
      this.hold(waiting, () => {
        if (done) this.#finishContent();
      });
    } else if (this.#transfer.done) this.#finishContent();
    else if (this.#transfer.runaway) {
      this.reply(refusals.tooMuchContent);
      this.end();
    }
    return next;
  }

  #finishContent(): void {
    this.#inContent = false;
    this.#guarded(() => {
      const reply = this.#transfer.finish();
      if (reply instanceof Promise) this.hold(reply, (later) => this.#session.contentAnswered(later));
      else this.#session.contentAnswered(reply);
    });
  }

  #takeLine(chunk: Buffer, at: number): number {
    const line = this.#lines.take(chunk, at, this.#session.maxLine);
    const next = this.#lines.next;
    this.#moreInput = next < chunk.length;
    if (typeof line === 'string') this.#guarded(() => this.#session.command(line));
    else if (line !== null) this.#session.protocolError(line);
    else if (this.#lines.endless) {
      this.reply(refusals.tooManyErrors);
      this.end();
    }
    return next;
  }

  /** A bug or a failure behind the seam costs this command, not the session. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#host.onError(error, this.#session.facts);
    if (!this.#closed) this.#session.handlerFailed();
  }

  // —— what the session asks for ——

  reply(reply: SmtpReply): void {
    if (this.#ended) return;
    const early = !this.#greeted && this.#spokeFirst;
    this.#greeted = true;
    this.#out += printSmtpReply(early ? refusals.spokeFirst : reply);
    if (early) this.end();
  }

  attribute(address: string): boolean {
    const refusal = this.#host.attribute(this, address);
    if (refusal === null) return true;
    this.reply(refusal);
    this.end();
    return false;
  }

  hold<T>(promise: Promise<T>, then: (value: T) => void): void {
    this.#held = true;
    this.deadline = Number.POSITIVE_INFINITY;
    promise.then(
      (value) => this.#release(() => then(value)),
      (error: unknown) => this.#release(() => this.#failed(error)),
    );
  }

  #release(then: () => void): void {
    this.#held = false;
    this.#guarded(then);
    this.#resume();
  }

  #resume(): void {
    if (this.#closed || this.#held) return;
    if (!this.#ended) this.deadline = this.#host.watch.now + this.#host.idleSeconds;
    const pending = this.#pending;
    this.#pending = null;
    if (pending !== null) this.#process(pending);
    else this.#settle();
    if (this.#held) return;
    if (this.#inputEnded) this.end();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  receiveContent(sink: ContentSink): void {
    this.#transfer.begin(sink);
    this.#inContent = true;
  }

  end(): void {
    if (this.#ended) return;
    this.#flush();
    this.#ended = true;
    this.deadline = this.#host.watch.now + LINGER_SECONDS;
    this.#socket.end();
    this.#socket.resume();
  }

  hangUp(): void {
    if (this.#ended) return;
    this.#flush();
    const { tls } = this.#session.facts;
    if (tls !== null || this.#moreInput || this.#socket.writableLength > 0) return this.end();
    this.destroy();
  }

  /** Sends what was gathered, and ends a session that is asked to stop between transactions. */
  #settle(): void {
    if (this.#stopping && !this.#ended && !this.#held && !this.#inContent && this.#session.idle) {
      this.reply(refusals.shuttingDown);
      return this.end();
    }
    this.#flush();
  }

  #flush(): void {
    const out = this.#out;
    if (out === '' || this.#ended || this.#closed) return;
    this.#out = '';
    if (this.#socket.write(out, 'latin1') || this.#socket.writableLength < MAX_UNREAD_REPLIES || this.#held)
      return;
    this.#held = true;
    this.#socket.pause();
    this.#socket.once('drain', () => {
      this.#held = false;
      this.#resume();
    });
  }

  // —— TLS ——

  startTls(): void {
    // RFC 3207 §4 and CVE-2011-0411: what came with STARTTLS was said by anyone who could touch the wire.
    if (this.#moreInput) {
      this.#dropInput = true;
      return this.#session.protocolError(refusals.pipelinedStartTls);
    }
    this.reply(replies.startTls);
    this.#flush();
    const plain = this.#socket;
    plain.off('data', this.#onData);
    plain.off('end', this.#onEnd);
    plain.off('close', this.#onClose);
    // Half a connection makes no handshake.
    plain.allowHalfOpen = false;
    this.#held = true;
    this.#securing = true;
    this.#lines.reset();
    this.deadline = this.#host.watch.now + HANDSHAKE_SECONDS;
    this.#host.secure(plain, (secured) => this.#secured(secured));
  }

  #secured(socket: TLSSocket | null): void {
    if (this.#closed) return void socket?.destroy();
    if (socket === null) {
      this.#socket.destroy();
      return this.#whenClosed();
    }
    this.#socket = socket;
    socket.allowHalfOpen = true;
    this.#held = false;
    this.#securing = false;
    this.#listen(socket);
    this.#session.secured(describeTls(socket));
    this.#resume();
  }

  // —— the end ——

  /** The client was silent for too long. */
  expire(): void {
    if (this.#ended || this.#securing || this.#proxied !== null || this.#socket.writableNeedDrain)
      return this.destroy();
    this.reply(refusals.idle);
    this.end();
  }

  /** Lets a transaction that is under way finish, then closes with 421. */
  stop(): void {
    this.#stopping = true;
    this.#settle();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#whenClosed();
  }

  #whenClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ended = true;
    this.#pending = null;
    this.#lines.reset();
    this.#host.watch.delete(this);
    this.#host.forget(this);
    this.#guarded(() => this.#transfer.abort());
    this.#guarded(() => this.#session.closed());
  }
}
