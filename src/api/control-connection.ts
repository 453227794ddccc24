// One console on the control socket: reads its requests, runs its invocations side by side, and never has more output
// on its way than the console has asked for. When the console goes, its invocations are cancelled.
import type { Socket } from 'node:net';
import { CmdletError, mistakes } from '#cmdlets/cmdlet-error.ts';
import type { CmdletHost, ConfirmAnswer } from '#cmdlets/invocation.ts';
import type { Session } from '#cmdlets/session.ts';
import type { Value } from '#parameters/value.ts';
import { fromWire, toWire, WireValueError } from '#parameters/wire-value.ts';
import {
  createLineReader,
  isObject,
  MAX_INVOCATIONS,
  MAX_REQUEST_LINE,
  OUTPUT_BATCH,
  OUTPUT_WINDOW,
  PROTOCOL,
  textMember,
} from './control-protocol.ts';
import type { Hello } from './control-protocol.ts';
import type { ControlSocketParts } from './control-socket.ts';

type Request = Readonly<Record<string, unknown>>;
type Send = (message: Readonly<Record<string, unknown>>) => void;

const MAX_LINE_TYPED = 1024 * 1024;
const CONFIRM_ANSWERS: readonly string[] = ['Yes', 'YesToAll', 'No', 'NoToAll'] satisfies ConfirmAnswer[];

export function serveConsole(socket: Socket, parts: ControlSocketParts): void {
  const running = new Map<number, RunningInvocation>();
  let session = parts.session('console');
  const send: Send = (message) => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  const serve = async (id: number, request: Request): Promise<void> => {
    if (request['op'] === 'hello') session = parts.session(userOf(request));
    if (request['op'] !== 'invoke') return send({ id, result: await answer(request, session, parts) });
    if (running.has(id)) throw mistakes.invalidOperation(`Request ${id} is still running.`);
    if (running.size >= MAX_INVOCATIONS) {
      throw mistakes.invalidOperation(`More than ${MAX_INVOCATIONS} cmdlets at once on one connection.`);
    }
    const invocation = new RunningInvocation(id, request, send);
    running.set(id, invocation);
    try {
      await invocation.run(session, parts);
    } finally {
      running.delete(id);
    }
  };
  const onRequest = (request: Request): void => {
    const { id } = request;
    if (typeof id !== 'number' || !Number.isSafeInteger(id)) return void socket.destroy();
    if (!Object.hasOwn(request, 'op')) return running.get(id)?.hear(request);
    serve(id, request).catch((error: unknown) => send({ id, failed: toRecord(error, parts) }));
  };
  const onProblem = (why: string): void => {
    parts.log(`a console was cut off: ${why}`, null);
    socket.destroy();
  };
  socket.on('data', createLineReader(MAX_REQUEST_LINE, onRequest, onProblem));
  // A console that vanishes is no trouble of the daemon's.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const invocation of running.values()) invocation.cancel();
  });
}

/** Control characters have no place in the history. */
function userOf(request: Request): string {
  const user = (textMember(request, 'user', 256) ?? '').replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, 64);
  return user === '' ? 'console' : user;
}

async function answer(request: Request, session: Session, parts: ControlSocketParts): Promise<unknown> {
  switch (request['op']) {
    case 'hello':
      return {
        protocol: PROTOCOL,
        version: parts.version,
        organization: parts.organization(),
        views: parts.catalogue.views,
      } satisfies Hello;
    case 'list':
      return parts.catalogue.list(session);
    case 'describe':
      return parts.catalogue.describe(textMember(request, 'name') ?? '', session);
    case 'complete': {
      const kind = textMember(request, 'kind') ?? '';
      // Names of objects are shown to those who may list them.
      if (!session.allows(`Get-${kind}`)) return [];
      return parts.complete(kind, textMember(request, 'prefix') ?? '', session);
    }
    default:
      throw mistakes.invalidOperation(
        'The console asked for something that this version of Postern does not know.',
      );
  }
}

function toRecord(error: unknown, parts: ControlSocketParts): unknown {
  if (error instanceof CmdletError) return error.toRecord();
  if (error instanceof WireValueError) return mistakes.invalidArgument(null, error.message).toRecord();
  parts.log('a cmdlet failed by a fault of Postern', error);
  return mistakes.internal('the log of the gateway has the details').toRecord();
}

/** One cmdlet at work for a console. */
class RunningInvocation {
  readonly #id: number;
  readonly #request: Request;
  readonly #send: Send;
  readonly #abort = new AbortController();
  readonly #prompts = new Map<number, (answer: ConfirmAnswer) => void>();
  #lastPrompt = 0;
  #batch: unknown[] = [];
  #flushing: NodeJS.Immediate | null = null;
  #credit = OUTPUT_WINDOW;
  #waiting: (() => void)[] = [];

  constructor(id: number, request: Request, send: Send) {
    this.#id = id;
    this.#request = request;
    this.#send = send;
  }

  async run(session: Session, parts: ControlSocketParts): Promise<void> {
    const given = isObject(this.#request['parameters']) ? this.#request['parameters'] : {};
    const parameters = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, fromWire(value)]),
    );
    const cmdlet = textMember(this.#request, 'cmdlet') ?? '';
    const line = textMember(this.#request, 'line', MAX_LINE_TYPED) ?? '';
    try {
      await parts.invoke({ cmdlet, parameters, line }, session, this.#host());
    } finally {
      this.#flush();
      this.#abort.abort();
    }
    this.#send({ id: this.#id, done: true });
  }

  #host(): CmdletHost {
    const tell = (message: Readonly<Record<string, unknown>>): void => {
      this.#flush();
      this.#send({ id: this.#id, ...message });
    };
    return {
      output: (value) => this.#output(value),
      warning: (warning) => tell({ warning }),
      verbose: (verbose) => tell({ verbose }),
      whatIf: (whatIf) => tell({ whatIf }),
      progress: (activity, status, percent) => tell({ progress: [activity, status, percent] }),
      error: (error) => tell({ error }),
      confirm:
        this.#request['prompts'] !== true
          ? null
          : (target, action) =>
              new Promise((resolve, reject) => {
                const prompt = ++this.#lastPrompt;
                this.#prompts.set(prompt, resolve);
                this.signal.addEventListener('abort', () => reject(mistakes.stopped()), { once: true });
                tell({ confirm: { prompt, target, action } });
              }),
      signal: this.signal,
    };
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Resolves at once while the console has room; else when it has taken enough. */
  #output(value: Value): Promise<void> {
    this.#batch.push(toWire(value));
    this.#credit -= 1;
    if (this.#batch.length >= OUTPUT_BATCH) this.#flush();
    else this.#flushing ??= setImmediate(() => this.#flush());
    if (this.#credit > 0 || this.signal.aborted) return Promise.resolve();
    this.#flush();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #flush(): void {
    if (this.#flushing) clearImmediate(this.#flushing);
    this.#flushing = null;
    if (this.#batch.length === 0) return;
    this.#send({ id: this.#id, out: this.#batch });
    this.#batch = [];
  }

  /** An acknowledgement, an answer to a prompt, or the wish to stop. */
  hear(request: Request): void {
    const { ack, prompt, answer: given, cancel } = request;
    if (typeof ack === 'number' && ack > 0) {
      this.#credit = Math.min(OUTPUT_WINDOW, this.#credit + ack);
      this.#release();
    }
    if (typeof prompt === 'number' && isConfirmAnswer(given)) {
      this.#prompts.get(prompt)?.(given);
      this.#prompts.delete(prompt);
    }
    if (cancel === true) this.cancel();
  }

  cancel(): void {
    this.#abort.abort();
    this.#release();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function isConfirmAnswer(value: unknown): value is ConfirmAnswer {
  return typeof value === 'string' && CONFIRM_ANSWERS.includes(value);
}
