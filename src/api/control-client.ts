// The console's end of the control socket: the daemon's cmdlets as though they were here. `invoke` has the daemon's own
// shape, so whatever runs cmdlets in the daemon runs them from the console too. Small on purpose: it is loaded for
// every one-shot command.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { CmdletError, mistakes } from '#cmdlets/cmdlet-error.ts';
import type { CmdletHost, ErrorRecord, Invocation } from '#cmdlets/invocation.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { fromWire, toWire, WireValueError } from '#parameters/wire-value.ts';
import { createLineReader, isObject, MAX_ANSWER_LINE, PROTOCOL, textMember } from './control-protocol.ts';
import type { Hello } from './control-protocol.ts';

/** Where cmdlets run: a daemon on this machine, or one far away (remote-client.ts). */
export interface CmdletSource {
  readonly hello: Hello;
  list(): Promise<readonly CmdletMetadata[]>;
  /** null: no such cmdlet. */
  describe(name: string): Promise<CmdletMetadata | null>;
  /** Names of objects that start so. */
  complete(kind: string, prefix: string): Promise<readonly string[]>;
  /** Rejects with CmdletError; with DaemonGoneError when the connection breaks. */
  invoke(invocation: Invocation, host: CmdletHost): Promise<void>;
  close(): void;
}

/** No daemon runs there, or it speaks another protocol. */
export class NoDaemonError extends Error {
  override readonly name = 'NoDaemonError';
}

/** The daemon went away in the middle of something. */
export class DaemonGoneError extends Error {
  override readonly name = 'DaemonGoneError';
}

/** Throws NoDaemonError with what to do about it. */
export async function connectToDaemon(path: string, user: string): Promise<CmdletSource> {
  const socket = await open(path);
  const client = new ControlClient(socket);
  try {
    await client.greet(user);
  } catch (error) {
    client.close();
    throw new NoDaemonError(
      `The daemon at ${path} does not answer as this version of Postern expects: ${String(error)}`,
    );
  }
  return client;
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      reject(new NoDaemonError(whyNot(path, error.code))),
    );
  });
}

function whyNot(path: string, code: string | undefined): string {
  if (code === 'EACCES' || code === 'EPERM') {
    return `The gateway's control socket ${path} belongs to another user. Run this as the user that runs the gateway.`;
  }
  return (
    `No gateway answers at ${path}. Start one with "postern serve", or say where it is: ` +
    '--data DIR for another data directory, --url and --token for another machine.'
  );
}

type Answer = Readonly<Record<string, unknown>>;

class ControlClient implements CmdletSource {
  readonly #socket: Socket;
  readonly #listeners = new Map<number, (answer: Answer | Error) => void>();
  #lastId = 0;
  #hello: Hello | null = null;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const onAnswer = (answer: Answer): void => this.#listeners.get(Number(answer['id']))?.(answer);
    socket.on(
      'data',
      createLineReader(MAX_ANSWER_LINE, onAnswer, () => socket.destroy()),
    );
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      const gone = new DaemonGoneError('The gateway has closed the connection.');
      for (const listener of Array.from(this.#listeners.values())) listener(gone);
    });
  }

  async greet(user: string): Promise<void> {
    this.#hello = await this.#ask<Hello>({ op: 'hello', protocol: PROTOCOL, user });
    if (this.#hello.protocol !== PROTOCOL) throw new Error(`it speaks protocol ${this.#hello.protocol}`);
  }

  get hello(): Hello {
    if (!this.#hello) throw new Error('greet() comes first');
    return this.#hello;
  }
  list(): Promise<readonly CmdletMetadata[]> {
    return this.#ask({ op: 'list' });
  }
  describe(name: string): Promise<CmdletMetadata | null> {
    return this.#ask({ op: 'describe', name });
  }
  complete(kind: string, prefix: string): Promise<readonly string[]> {
    return this.#ask({ op: 'complete', kind, prefix });
  }
  close(): void {
    this.#socket.end();
    this.#socket.unref();
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** The daemon is trusted to answer in the declared shape; its version was checked by greet(). */
  #ask<T>(request: Readonly<Record<string, unknown>>): Promise<T> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new DaemonGoneError('The gateway has closed the connection.'));
      this.#listeners.set(id, (answer) => {
        this.#listeners.delete(id);
        if (answer instanceof Error) reject(answer);
        else if ('failed' in answer) reject(toCmdletError(readRecord(answer['failed'])));
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
        else resolve(answer['result'] as T);
      });
      this.#send({ id, ...request });
    });
  }

  async invoke(invocation: Invocation, host: CmdletHost): Promise<void> {
    if (host.signal.aborted) throw mistakes.stopped();
    const id = ++this.#lastId;
    const inbox = createInbox();
    if (this.#closed) inbox.put(new DaemonGoneError('The gateway has closed the connection.'));
    this.#listeners.set(id, inbox.put);
    const cancel = (): void => {
      this.#send({ id, cancel: true });
      inbox.put(mistakes.stopped());
    };
    host.signal.addEventListener('abort', cancel, { once: true });
    const { cmdlet, line } = invocation;
    try {
      const parameters = Object.fromEntries(
        Object.entries(invocation.parameters).map(([name, value]) => [name, readableByDaemon(name, value)]),
      );
      this.#send({ id, op: 'invoke', cmdlet, parameters, line, prompts: host.confirm !== null });
      while (true) {
        const answer = await inbox.take();
        if (answer instanceof Error) throw answer;
        if (await this.#handle(id, answer, host)) return;
      }
    } finally {
      host.signal.removeEventListener('abort', cancel);
      this.#listeners.delete(id);
      // A host that threw (Select-Object -First) wants no more: the daemon is told.
      if (!inbox.ended && !this.#closed) this.#send({ id, cancel: true });
    }
  }

  /** true: the invocation has ended. */
  async #handle(id: number, answer: Answer, host: CmdletHost): Promise<boolean> {
    if (Array.isArray(answer['out'])) {
      for (const value of answer['out']) await host.output(fromWire(value));
      this.#send({ id, ack: answer['out'].length });
      return false;
    }
    if (typeof answer['warning'] === 'string') host.warning(answer['warning']);
    if (typeof answer['verbose'] === 'string') host.verbose(answer['verbose']);
    if (typeof answer['whatIf'] === 'string') host.whatIf(answer['whatIf']);
    if (Array.isArray(answer['progress'])) {
      const [activity, status, percent]: readonly unknown[] = answer['progress'];
      host.progress(String(activity), String(status), typeof percent === 'number' ? percent : null);
    }
    if ('error' in answer) host.error(readRecord(answer['error']));
    const { confirm } = answer;
    if (isObject(confirm) && host.confirm) {
      const given = await host.confirm(
        textMember(confirm, 'target') ?? '',
        textMember(confirm, 'action') ?? '',
      );
      this.#send({ id, prompt: confirm['prompt'], answer: given });
    }
    if ('failed' in answer) throw toCmdletError(readRecord(answer['failed']));
    return answer['done'] === true;
  }
}

function readableByDaemon(name: string, value: Invocation['parameters'][string]): unknown {
  try {
    return toWire(value);
  } catch (error) {
    if (!(error instanceof WireValueError)) throw error;
    throw mistakes.cannotTransform(name, error.message);
  }
}

function readRecord(value: unknown): ErrorRecord {
  const record = isObject(value) ? value : {};
  const text = (name: string): string => textMember(record, name, MAX_ANSWER_LINE) ?? '';
  return {
    message: text('message'),
    category: text('category'),
    errorId: text('errorId'),
    exception: text('exception'),
    parameter: textMember(record, 'parameter'),
    target: textMember(record, 'target'),
  };
}

/** The error as the daemon threw it; the HTTP status doesn't cross. */
export function toCmdletError(record: ErrorRecord): CmdletError {
  return new CmdletError({ ...record, status: 400 }, record);
}

interface Inbox {
  readonly put: (answer: Answer | Error) => void;
  take(): Promise<Answer | Error>;
  /** The last word was said. */
  readonly ended: boolean;
}

/** Holds at most OUTPUT_WINDOW objects: the daemon sends no more before they are acknowledged. */
function createInbox(): Inbox {
  const answers: (Answer | Error)[] = [];
  let waiting: ((answer: Answer | Error) => void) | null = null;
  let ended = false;
  return {
    put(answer) {
      if (answer instanceof Error || 'done' in answer || 'failed' in answer) ended = true;
      if (waiting) waiting(answer);
      else answers.push(answer);
      waiting = null;
    },
    take() {
      const next = answers.shift();
      if (next) return Promise.resolve(next);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    get ended() {
      return ended;
    },
  };
}
