// The client's side of one connection: greeting, EHLO, STARTTLS, AUTH, transactions, QUIT. Owns what is waited for and for
// how long; promises that everything a network or a server does comes back as a value, that replies are bounded, and that
// what was said before STARTTLS counts for nothing after it. Never opens a socket, never judges a reply.
import type { Duplex } from 'node:stream';
import type { SmtpReply } from '#mail/smtp-reply.ts';
import { CLIENT_SECONDS, type ClientAnswer, type ClientPhase, type ClientTrouble } from './client-answer.ts';
import { commandLine } from './client-commands.ts';
import { runTransaction, type Transaction, type TransactionResult } from './client-transaction.ts';
import { NO_CAPABILITIES, parseCapabilities, type Capabilities } from './ehlo.ts';
import { ReplyReader } from './reply-reader.ts';
import { printPlain, type Credentials } from './sasl.ts';
import type { Watch, Watched } from './watch.ts';

export interface SmtpClientOptions {
  /** Our own name, for EHLO. */
  readonly hostname: string;
  readonly watch: Watch;
  /** Other time limits than RFC 5321's, in seconds. */
  readonly seconds?: Partial<Record<ClientPhase, number>>;
  /** The connection has ended; called once. */
  readonly onClosed?: () => void;
}

/** Called with the replies that came, and what kept the others from coming. */
export type ExchangeDone = (replies: readonly SmtpReply[], trouble: ClientTrouble | null) => void;

export class SmtpClient implements Watched {
  deadline = Number.POSITIVE_INFINITY;
  readonly #options: SmtpClientOptions;
  readonly #seconds: Readonly<Record<ClientPhase, number>>;
  readonly #reader = new ReplyReader();
  #socket: Duplex;
  #capabilities: Capabilities = NO_CAPABILITIES;
  #awaited = 0;
  #replies: SmtpReply[] = [];
  #done: ExchangeDone | null = null;
  #phase: ClientPhase = 'greeting';
  #phaseOf: ((index: number) => ClientPhase) | null = null;
  #closing = false;
  #closed = false;
  #needsReset = false;
  #lastWords: SmtpReply | null = null;
  #afterChunk: (() => void) | null = null;
  #error = '';
  readonly #onData = (chunk: Buffer): void => this.#receive(chunk);
  readonly #onError = (error: Error): void => {
    this.#error = error.message;
  };
  readonly #onClose = (): void => this.#whenClosed();

  constructor(socket: Duplex, options: SmtpClientOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#seconds =
      options.seconds === undefined ? CLIENT_SECONDS : { ...CLIENT_SECONDS, ...options.seconds };
    options.watch.add(this);
    this.#listen(socket);
  }

  /** What the last EHLO offered. */
  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  /** Another transaction can be begun. */
  get usable(): boolean {
    return !this.#closing && !this.#closed && this.#done === null && this.#capabilities !== NO_CAPABILITIES;
  }

  get closed(): boolean {
    return this.#closed;
  }

  #listen(socket: Duplex): void {
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
    socket.on('end', this.#onClose);
    socket.on('close', this.#onClose);
  }

  // —— the session ——

  /** The server's first words. */
  greeting(): Promise<ClientAnswer> {
    return this.#ask('', 'greeting');
  }

  /** EHLO, or HELO where EHLO isn't known (RFC 5321 §3.2); a 2xx answer sets the capabilities. */
  async hello(): Promise<ClientAnswer> {
    const ehlo = await this.#ask(commandLine(`EHLO ${this.#options.hostname}`, false), 'hello');
    if (ehlo.kind !== 'reply') return ehlo;
    if (isPositive(ehlo.reply)) {
      this.#capabilities = parseCapabilities(ehlo.reply, true);
      return ehlo;
    }
    if (ehlo.reply.code < 500 || this.#closing) return ehlo;
    const helo = await this.#ask(commandLine(`HELO ${this.#options.hostname}`, false), 'hello');
    if (helo.kind === 'reply' && isPositive(helo.reply))
      this.#capabilities = parseCapabilities(helo.reply, false);
    return helo;
  }

  /**
   * STARTTLS. After 220 the client has let go of its socket: make the handshake on it and give the secure socket to
   * upgrade(). What came behind the 220 in clear text is an injection (RFC 3207, CVE-2011-0411): protocol trouble.
   */
  startTls(): Promise<ClientAnswer> {
    return new Promise((resolve) => {
      this.exchange('STARTTLS\r\n', 1, 'starttls', ([reply], trouble) => {
        if (reply === undefined || !isPositive(reply))
          return resolve(this.#answer(reply, trouble, 'starttls'));
        this.#letGo();
        this.#afterChunk = () => {
          const clean = this.#reader.empty && this.#lastWords === null;
          if (clean) return resolve({ kind: 'reply', phase: 'starttls', reply });
          this.destroy();
          resolve({
            kind: 'protocol',
            phase: 'starttls',
            detail: 'the server sent more in clear text behind its answer to STARTTLS',
          });
        };
      });
    });
  }

  #letGo(): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onClose);
    this.#socket.off('close', this.#onClose);
    this.#socket.pause();
  }

  /** Goes on over the secure socket; EHLO must be said again (RFC 3207 §4.2). */
  upgrade(socket: Duplex): void {
    this.#socket = socket;
    this.#capabilities = NO_CAPABILITIES;
    this.#listen(socket);
  }

  /** AUTH PLAIN where offered, else LOGIN. The caller sees to it that the connection is secure. */
  async authenticate(credentials: Credentials): Promise<ClientAnswer> {
    const { auth } = this.#capabilities;
    if (auth.includes('PLAIN') || !auth.includes('LOGIN')) {
      return this.#ask(`AUTH PLAIN ${printPlain(credentials)}\r\n`, 'auth');
    }
    let answer = await this.#ask('AUTH LOGIN\r\n', 'auth');
    for (const secret of [credentials.user, credentials.password]) {
      if (answer.kind !== 'reply' || answer.reply.code !== 334) return answer;
      answer = await this.#ask(`${Buffer.from(secret).toString('base64')}\r\n`, 'auth');
    }
    return answer;
  }

  /** One message to some recipients: one answer for each of them. Rejects only where an address can't be printed. */
  async send(transaction: Transaction): Promise<TransactionResult> {
    const reset = this.#needsReset;
    this.#needsReset = true;
    const result = await runTransaction(this, transaction, reset);
    this.#needsReset = !result.complete;
    return result;
  }

  /** QUIT, and the end of the connection, whatever the server says to it. */
  async quit(): Promise<void> {
    if (!this.#closed && this.#done === null) await this.#ask('QUIT\r\n', 'quit');
    this.#closing = true;
    this.#socket.end();
    this.destroy();
  }

  destroy(): void {
    this.#closing = true;
    this.#socket.destroy();
    this.#whenClosed();
  }

  // —— for transactions ——

  get socket(): Duplex {
    return this.#socket;
  }

  /**
   * Sends `text` (nothing: only waits) and waits for so many replies. One exchange at a time. `phaseOf` names the phase
   * of each reply where they differ.
   */
  exchange(
    text: string,
    count: number,
    phase: ClientPhase,
    done: ExchangeDone,
    phaseOf?: (index: number) => ClientPhase,
  ): void {
    this.#phase = phase;
    this.#phaseOf = phaseOf ?? null;
    if (this.#done !== null) throw new Error('An exchange is under way on this connection.');
    if (this.#closed || this.#closing) return done([], this.#trouble('dropped', 'the connection has ended'));
    this.#awaited = count;
    this.#replies = [];
    this.#done = done;
    this.waitFor(phase);
    // Commands beyond ASCII are sent in SMTPUTF8 transactions only; commandLine sees to that.
    if (text !== '') this.#socket.write(text);
  }

  /** While a reply is being answered: runs it when all that came in with that reply has been read. */
  afterChunk(then: () => void): void {
    this.#afterChunk = then;
  }

  /** The time limit of this phase begins now. */
  waitFor(phase: ClientPhase): void {
    this.#phase = phase;
    this.deadline = this.#options.watch.now + this.#seconds[phase] + 1;
  }

  /** Ends an exchange, and with it the connection, for a reason of our own. */
  giveUp(kind: ClientTrouble['kind'], detail: string): void {
    this.#settle(this.#trouble(kind, detail));
    this.destroy();
  }

  #ask(text: string, phase: ClientPhase): Promise<ClientAnswer> {
    return new Promise((resolve) => {
      this.exchange(text, 1, phase, ([reply], trouble) => resolve(this.#answer(reply, trouble, phase)));
    });
  }

  #answer(reply: SmtpReply | undefined, trouble: ClientTrouble | null, phase: ClientPhase): ClientAnswer {
    if (reply !== undefined) return { kind: 'reply', phase, reply };
    return trouble ?? this.#trouble('dropped', 'the connection has ended');
  }

  #trouble(kind: ClientTrouble['kind'], detail: string): ClientTrouble {
    const phase = this.#phaseOf === null ? this.#phase : this.#phaseOf(this.#replies.length);
    return { kind, phase, detail };
  }

  // —— what comes in ——

  #receive(chunk: Buffer): void {
    const wrong = this.#reader.push(chunk, (reply) => this.#onReply(reply));
    if (wrong !== null) this.giveUp('protocol', wrong);
    const after = this.#afterChunk;
    this.#afterChunk = null;
    after?.();
  }

  #onReply(reply: SmtpReply): void {
    if (reply.code === 421) this.#closing = true;
    if (this.#done === null) {
      // Nothing was asked: a server that says why it closes, or one that has lost count. Neither is of further use.
      this.#lastWords = reply;
      this.#closing = true;
      return;
    }
    this.#replies.push(reply);
    if (this.#replies.length >= this.#awaited) return this.#settle(null);
    if (this.#phaseOf !== null) this.waitFor(this.#phaseOf(this.#replies.length));
  }

  #settle(trouble: ClientTrouble | null): void {
    const done = this.#done;
    this.#done = null;
    this.#phaseOf = null;
    this.deadline = Number.POSITIVE_INFINITY;
    done?.(this.#replies, trouble);
    // What had been asked before a 421 is answered now; nothing more will be.
    if (this.#closing && this.#done === null) this.destroy();
  }

  expire(): void {
    this.giveUp('timed-out', `no answer within ${this.#seconds[this.#phase]} seconds`);
  }

  #whenClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing = true;
    this.#options.watch.delete(this);
    this.#settle(
      this.#trouble('dropped', this.#error === '' ? 'the server closed the connection' : this.#error),
    );
    this.#socket.destroy();
    this.#options.onClosed?.();
  }
}

function isPositive(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}
