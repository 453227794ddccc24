// A real gateway for a test: the daemon as users start it, on free ports and a data directory of its own, driven
// through its control socket. It dies with the test; kill() is kill -9.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CmdletSource, connectToDaemon } from '#api/control-client.ts';
import { controlSocketPath } from '#api/control-path.ts';
import type { CmdletHost, ErrorRecord } from '#cmdlets/invocation.ts';
import type { PsObject, Value } from '#parameters/value.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What the launcher (`postern`) gives to Node.js. */
const asLaunched = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=5',
  '--import',
  join(root, 'src/every-thread.ts'),
];

export interface GatewayOptions {
  /** Flags beside data, smtp, http and hostname. */
  readonly flags?: readonly string[];
  /** Default: 0, the main thread carries mail. */
  readonly workers?: number;
  /** Default: gateway.test */
  readonly hostname?: string;
  /** Default: 127.0.0.1:0. */
  readonly http?: string;
  /** Default: one that the test gets and that goes with it. */
  readonly data?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A test, or a benchmark: what is started for it ends with it. */
export interface Owner {
  after(end: () => unknown): void;
  readonly signal: AbortSignal;
}

export interface CmdletResult {
  readonly objects: readonly PsObject[];
  readonly warnings: readonly string[];
  readonly errors: readonly ErrorRecord[];
  readonly whatIf: readonly string[];
}

export interface Gateway {
  readonly data: string;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly http: string;
  readonly process: ChildProcess;
  /** Everything it wrote to standard error. */
  readonly log: () => string;
  /** Runs one cmdlet; rejects with its CmdletError. */
  run(cmdlet: string, parameters?: Readonly<Record<string, Value>>): Promise<CmdletResult>;
  /** Runs it again and again until the result satisfies; the test's own time limit ends it. */
  runUntil(
    cmdlet: string,
    parameters: Readonly<Record<string, Value>>,
    satisfied: (result: CmdletResult) => boolean,
  ): Promise<CmdletResult>;
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export async function temporaryDirectory(t: Owner): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function startGateway(t: Owner, options: GatewayOptions = {}): Promise<Gateway> {
  const data = options.data ?? (await temporaryDirectory(t));
  const flags = [
    '--data',
    data,
    '--smtp',
    '127.0.0.1:0',
    '--http',
    options.http ?? '127.0.0.1:0',
    '--hostname',
    options.hostname ?? 'gateway.test',
    '--workers',
    String(options.workers ?? 0),
  ];
  const child = spawn(
    process.execPath,
    [...asLaunched, join(root, 'src/main.ts'), ...flags, ...(options.flags ?? [])],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-200_000);
  });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const ready = await readyLine(child, exited, () => log);
  const [, host = '', port = '', http = ''] = /^ready smtp=([^:]+):(\d+)\S* http=(\S+) /.exec(ready) ?? [];
  const source = await connectToDaemon(controlSocketPath(data), 'test');
  t.after(() => source.close());
  return {
    data,
    smtp: { host, port: Number(port) },
    http,
    process: child,
    log: () => log,
    run: (cmdlet, parameters = {}) => runCmdlet(source, cmdlet, parameters),
    async runUntil(cmdlet, parameters, satisfied) {
      for (;;) {
        const result = await runCmdlet(source, cmdlet, parameters);
        if (satisfied(result)) return result;
        await new Promise((resolve) => setTimeout(resolve, 20));
        t.signal.throwIfAborted();
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}

async function readyLine(child: ChildProcess, exited: Promise<unknown>, log: () => string): Promise<string> {
  let text = '';
  const found = new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const line = /^ready .*$/m.exec(text)?.[0];
      if (line) resolve(line);
    });
  });
  const line = await Promise.race([found, exited.then(() => null)]);
  if (line === null)
    throw new Error(`The gateway ended before it was ready (exit ${child.exitCode}):\n${log()}`);
  return line;
}

async function runCmdlet(
  source: CmdletSource,
  cmdlet: string,
  parameters: Readonly<Record<string, Value>>,
): Promise<CmdletResult> {
  const result = {
    objects: [] as PsObject[],
    warnings: [] as string[],
    errors: [] as ErrorRecord[],
    whatIf: [] as string[],
  };
  const host: CmdletHost = {
    output: async (value) => {
      result.objects.push(value as PsObject);
    },
    warning: (text) => result.warnings.push(text),
    verbose: () => undefined,
    whatIf: (text) => result.whatIf.push(text),
    progress: () => undefined,
    error: (error) => result.errors.push(error),
    confirm: null,
    signal: new AbortController().signal,
  };
  await source.invoke({ cmdlet, parameters, line: cmdlet }, host);
  return result;
}
