// A mail server for tests of delivery: takes mail on a loopback port, remembers every transaction, and misbehaves where
// a test wants it to: any reply, silence, a closed connection or a delay at any step, STARTTLS that fails, and more.
// It is no model of a good server: it checks next to nothing.
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';

export type FakeStep =
  | 'greeting'
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'content'
  | 'RSET'
  | 'NOOP'
  | 'QUIT';

/**
 * Reply lines (`550 5.1.1 no`, several joined by \r\n), or what is done instead of a reply: `drop` ends the connection,
 * `reset` breaks it off, `silence` never says a word again.
 */
export type FakeReply = string;

export interface FakeSession {
  /** Counts from 1. */
  readonly connection: number;
  readonly tls: boolean;
  /** How many messages this connection has taken. */
  readonly messages: number;
}

/** A fixed reply, or a function of the command's text and the session; null: the usual reply. A promise holds it back. */
export type FakeBehaviour =
  | FakeReply
  | ((text: string, session: FakeSession) => FakeReply | null | Promise<FakeReply | null>);

export interface FakeTransaction {
  readonly connection: number;
  readonly tls: boolean;
  /** The SNI name; null in clear text or where none was sent. */
  readonly serverName: string | null;
  /** Common name of the certificate that the client showed (`requestCert`); null: none. */
  readonly clientCertificate: string | null;
  /** `<anna@contoso.test> BODY=8BITMIME` */
  readonly mail: string;
  /** Those that were accepted, with parameters. */
  readonly recipients: readonly string[];
  /** Dot-unstuffed, as latin1 text, so that a character is an octet. */
  readonly content: string;
}

export interface FakeMxOptions {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  /** EHLO keywords; STARTTLS is added where `tls` is given. Default: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, ENHANCEDSTATUSCODES. */
  readonly capabilities?: readonly string[];
  readonly tls?: FakeTls;
  readonly behaviour?: Partial<Record<FakeStep, FakeBehaviour>>;
  /** After its 220 to STARTTLS the server talks nonsense, says nothing, or hangs up on the client's hello. */
  readonly brokenHandshake?: 'nonsense' | 'silence' | 'cut';
}

/** `staple`: an OCSP answer, DER, for clients that ask for one. */
export type FakeTls = Pick<
  TlsOptions,
  'key' | 'cert' | 'ca' | 'ciphers' | 'minVersion' | 'maxVersion' | 'requestCert'
> & {
  readonly staple?: Uint8Array;
};

export interface FakeMx {
  readonly address: string;
  readonly port: number;
  readonly transactions: FakeTransaction[];
  /** Command lines of all connections, as `1 EHLO relay.test`. */
  readonly commands: string[];
  /** Connections so far, and those open now. */
  readonly connections: number;
  readonly open: number;
  /** May be changed as the test goes. */
  readonly behaviour: Partial<Record<FakeStep, FakeBehaviour>>;
  /** What later handshakes show; may be changed as the test goes. */
  tls: FakeTls | undefined;
  /** Resolves when the condition holds; it is looked at when a connection comes or ends, and when a command comes or is answered. */
  until(condition: () => boolean): Promise<void>;
  /** Ends all open connections at once, without a word. */
  dropAll(): void;
  close(): Promise<void>;
}

const CAPABILITIES = ['PIPELINING', 'SIZE 52428800', '8BITMIME', 'SMTPUTF8', 'DSN', 'ENHANCEDSTATUSCODES'];

interface Shared {
  readonly options: FakeMxOptions;
  tls: FakeTls | undefined;
  readonly behaviour: Partial<Record<FakeStep, FakeBehaviour>>;
  readonly transactions: FakeTransaction[];
  readonly commands: string[];
  changed(): void;
}

export async function startFakeMx(options: FakeMxOptions = {}): Promise<FakeMx> {
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let connections = 0;
  const shared: Shared = {
    options,
    tls: options.tls,
    behaviour: { ...options.behaviour },
    transactions: [],
    commands: [],
    changed: () => {
      for (const look of waiting) look();
    },
  };
  const server: Server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      shared.changed();
    });
    void new Connection(shared, socket, connections).run();
    shared.changed();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.address ?? '127.0.0.1', resolve);
  });
  const bound = server.address();
  return {
    address: options.address ?? '127.0.0.1',
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    transactions: shared.transactions,
    commands: shared.commands,
    behaviour: shared.behaviour,
    get tls() {
      return shared.tls;
    },
    set tls(tls) {
      shared.tls = tls;
    },
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    until: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    dropAll() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

class Connection {
  readonly #shared: Shared;
  readonly #number: number;
  #socket: Socket | TLSSocket;
  #input: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #ended = false;
  #serverName: string | null = null;
  #messages = 0;
  #mail = '';
  #recipients: string[] = [];

  constructor(shared: Shared, socket: Socket, number: number) {
    this.#shared = shared;
    this.#socket = socket;
    this.#number = number;
    this.#listen();
  }

  async run(): Promise<void> {
    const host = this.#shared.options.hostname ?? 'mx.test';
    if (!(await this.#answer('greeting', '', `220 ${host} ESMTP`))) return;
    for (;;) {
      const line = await this.#readLine();
      if (line === null) return;
      this.#shared.commands.push(`${this.#number} ${line}`);
      this.#shared.changed();
      const goOn = await this.#obey(line, host);
      this.#shared.changed();
      if (!goOn) return;
    }
  }

  async #obey(line: string, host: string): Promise<boolean> {
    const verb = line.split(/[ :]/, 1)[0]?.toUpperCase() ?? '';
    switch (verb) {
      case 'EHLO':
        return this.#answer('EHLO', line, this.#ehloReply(host));
      case 'HELO':
        return this.#answer('HELO', line, `250 ${host}`);
      case 'STARTTLS':
        return this.#startTls(line);
      case 'AUTH':
        return this.#answer('AUTH', line, '235 2.7.0 welcome');
      case 'MAIL':
        this.#mail = line.slice('MAIL FROM:'.length);
        this.#recipients = [];
        return this.#answer('MAIL', line, '250 2.1.0 sender ok');
      case 'RCPT': {
        const { goOn, reply } = await this.#say('RCPT', line, '250 2.1.5 recipient ok');
        if (reply.startsWith('2')) this.#recipients.push(line.slice('RCPT TO:'.length));
        return goOn;
      }
      case 'DATA':
        return this.#takeContent(line);
      case 'RSET':
        return this.#answer('RSET', line, '250 2.0.0 reset');
      case 'NOOP':
        return this.#answer('NOOP', line, '250 2.0.0 ok');
      case 'QUIT':
        await this.#answer('QUIT', line, '221 2.0.0 bye');
        this.#socket.end();
        return false;
      default:
        this.#socket.write('500 5.5.2 what?\r\n');
        return true;
    }
  }

  #ehloReply(host: string): string {
    const { capabilities = CAPABILITIES, brokenHandshake } = this.#shared.options;
    const { tls } = this.#shared;
    const offersTls =
      (tls !== undefined || brokenHandshake !== undefined) && !(this.#socket instanceof TLSSocket);
    const lines = [host, ...capabilities, ...(offersTls ? ['STARTTLS'] : [])];
    return lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n');
  }

  async #takeContent(line: string): Promise<boolean> {
    const usual = this.#recipients.length > 0 ? '354 go ahead' : '554 5.5.1 no valid recipients';
    const { goOn, reply } = await this.#say('DATA', line, usual);
    if (!goOn || !reply.startsWith('3')) return goOn;
    const content = await this.#readContent();
    if (content === null) return false;
    const accepted = await this.#say('content', '', `250 2.0.0 queued as ${this.#number}-${this.#messages}`);
    if (accepted.reply.startsWith('2')) {
      this.#messages += 1;
      this.#shared.transactions.push({
        connection: this.#number,
        tls: this.#socket instanceof TLSSocket,
        serverName: this.#serverName,
        clientCertificate: this.#clientCertificate(),
        mail: this.#mail,
        recipients: this.#recipients,
        content,
      });
    }
    return accepted.goOn;
  }

  async #startTls(line: string): Promise<boolean> {
    const { brokenHandshake } = this.#shared.options;
    const { tls } = this.#shared;
    const { goOn, reply } = await this.#say('STARTTLS', line, '220 2.0.0 go ahead');
    if (!goOn || !reply.startsWith('2')) return goOn;
    if (brokenHandshake === 'silence') return false;
    if (brokenHandshake === 'nonsense' || tls === undefined) {
      this.#socket.end('what is a handshake?\r\n');
      return false;
    }
    const plain = this.#socket;
    plain.removeAllListeners('data');
    if (brokenHandshake === 'cut') {
      plain.once('data', () => plain.destroy());
      return false;
    }
    const { staple, ...options } = tls;
    const secure = new TLSSocket(plain, {
      isServer: true,
      requestCert: tls.requestCert ?? false,
      rejectUnauthorized: false,
      secureContext: createSecureContext(options),
      ...(staple === undefined ? {} : { server: stapler(options, staple) }),
      SNICallback: (name, done) => {
        this.#serverName = name;
        done(null);
      },
    });
    secure.on('error', () => {});
    this.#socket = secure;
    this.#listen();
    return true;
  }

  #clientCertificate(): string | null {
    if (!(this.#socket instanceof TLSSocket)) return null;
    const certificate = this.#socket.getPeerX509Certificate();
    return /^CN=(.*)$/m.exec(certificate?.subject ?? '')?.[1] ?? null;
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    this.#socket.on('end', end);
    this.#socket.on('close', end);
  }

  async #answer(step: FakeStep, text: string, usual: string): Promise<boolean> {
    return (await this.#say(step, text, usual)).goOn;
  }

  /** Replies; `goOn` is false where the connection is over, or nothing more is ever said. */
  async #say(step: FakeStep, text: string, usual: string): Promise<{ goOn: boolean; reply: string }> {
    const behaviour = this.#shared.behaviour[step];
    const session: FakeSession = {
      connection: this.#number,
      tls: this.#socket instanceof TLSSocket,
      messages: this.#messages,
    };
    const chosen = typeof behaviour === 'function' ? await behaviour(text, session) : behaviour;
    const reply = chosen ?? usual;
    switch (reply) {
      case 'drop':
        this.#socket.end();
        return { goOn: false, reply };
      case 'reset':
        if (this.#socket instanceof TLSSocket) this.#socket.destroy();
        else this.#socket.resetAndDestroy();
        return { goOn: false, reply };
      case 'silence':
        return { goOn: false, reply };
      default:
        this.#socket.write(`${reply}\r\n`);
        return { goOn: true, reply };
    }
  }

  async #readLine(): Promise<string | null> {
    for (;;) {
      const end = this.#input.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#input.toString('utf8', 0, end);
        this.#input = this.#input.subarray(end + 2);
        return line;
      }
      if (this.#ended) return null;
      await this.#more();
    }
  }

  async #readContent(): Promise<string | null> {
    const chunks: Buffer[] = [];
    // The terminator may arrive in pieces: the last four octets taken are looked at together with what comes next.
    let tail: Buffer = Buffer.from('\r\n');
    for (;;) {
      const joined = Buffer.concat([tail, this.#input]);
      const end = joined.indexOf('\r\n.\r\n');
      if (end >= 0) {
        const used = end + 5 - tail.length;
        chunks.push(this.#input.subarray(0, used));
        this.#input = this.#input.subarray(used);
        const whole = Buffer.concat(chunks).toString('latin1');
        return whole.slice(0, -3).replace(/^\./gm, '');
      }
      chunks.push(this.#input);
      tail = joined.subarray(-4);
      this.#input = Buffer.alloc(0);
      if (this.#ended) return null;
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#input.length > 0 || this.#ended) resolve();
    });
  }
}

/** node:tls asks a server, never a socket, for the OCSP answer; this one never listens. */
function stapler(options: TlsOptions, staple: Uint8Array): ReturnType<typeof createTlsServer> {
  const server = createTlsServer(options);
  server.on('OCSPRequest', (_leaf: Buffer, _issuer: Buffer, done: (error: null, answer: Buffer) => void) =>
    done(null, Buffer.from(staple)),
  );
  return server;
}
