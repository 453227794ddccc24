// `./postern` for everything but `serve`: one cmdlet, a script, or a shell. Reads the command line, connects to the gateway
// when the first cmdlet needs it, and gives the exit code that operations.md promises. Loads no more than the request needs.
import { readFileSync } from 'node:fs';
import './quick-imports.ts';
import type { CmdletSource } from '#api/control-client.ts';
import type { CmdletMetadata, TypeView } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import {
  CONSOLE_HELP,
  type ConsoleOptions,
  type RunnableRequest,
  readConsoleArguments,
  UsageError,
} from '#shell/console/console-arguments.ts';
import type { CommandSource } from '#shell/runtime/shell-host.ts';
import type { Emit } from '#shell/runtime/signals.ts';
import type { LineReader } from '#shell/console/line-reader.ts';
import type { TerminalReader } from '#shell/console/terminal-reader.ts';
import type { Shell } from '#shell/shell.ts';

const EXIT_USAGE = 2;
const EXIT_NO_DAEMON = 3;

/** Cmdlets from the daemon, which is looked for when the first one is needed. */
class LazySource implements CommandSource {
  readonly #connect: () => Promise<CmdletSource>;
  #connected: Promise<CmdletSource> | null = null;
  #views: readonly TypeView[] = [];
  readonly #described = new Map<string, CmdletMetadata | null>();

  constructor(connect: () => Promise<CmdletSource>) {
    this.#connect = connect;
  }
  get views(): readonly TypeView[] {
    return this.#views;
  }
  async #source(): Promise<CmdletSource> {
    this.#connected ??= this.#connect();
    const source = await this.#connected;
    this.#views = source.hello.views;
    return source;
  }
  async list(): Promise<readonly CmdletMetadata[]> {
    return (await this.#source()).list();
  }
  async describe(name: string): Promise<CmdletMetadata | null> {
    const key = name.toLowerCase();
    const known = this.#described.get(key);
    if (known !== undefined) return known;
    const metadata = await (await this.#source()).describe(name);
    this.#described.set(key, metadata);
    return metadata;
  }
  async complete(kind: string, prefix: string): Promise<readonly string[]> {
    return (await this.#source()).complete(kind, prefix);
  }
  async invoke(...args: Parameters<CommandSource['invoke']>): Promise<void> {
    return (await this.#source()).invoke(...args);
  }
  async close(): Promise<void> {
    const source = await this.#connected?.catch(() => null);
    source?.close();
  }
}

async function connect({ data, url, token, ca }: ConsoleOptions): Promise<CmdletSource> {
  const address = url ?? process.env['POSTERN_URL'] ?? '';
  if (address !== '' && data === null) {
    const { connectToGateway } = await import('#api/remote-client.ts');
    await trustRoots(ca ?? process.env['POSTERN_CA'] ?? '');
    return connectToGateway(address, token ?? process.env['POSTERN_TOKEN'] ?? '');
  }
  const [{ connectToDaemon }, { controlSocketPath }, path, { userInfo }] = await Promise.all([
    import('#api/control-client.ts'),
    import('#api/control-path.ts'),
    import('node:path'),
    import('node:os'),
  ]);
  const directory = data ?? process.env['POSTERN_DATA'] ?? '';
  return connectToDaemon(
    controlSocketPath(path.resolve(directory === '' ? 'var' : directory)),
    userInfo().username,
  );
}

/** Beside node's own roots those of the system, and those in the PEM file where one is named. */
async function trustRoots(file: string): Promise<void> {
  const [{ getCACertificates, setDefaultCACertificates }, { readFile }] = await Promise.all([
    import('node:tls'),
    import('node:fs/promises'),
  ]);
  const own =
    file === '' ? [] : [await readFile(file, 'utf8').catch((error: Error) => cannotRead(file, error))];
  setDefaultCACertificates([...getCACertificates('default'), ...getCACertificates('system'), ...own]);
}

function cannotRead(file: string, { message }: Error): never {
  throw new UsageError(`--ca: ${file} can't be read: ${message}.`);
}

async function readInput(): Promise<string> {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > 64 * 1024 * 1024)
      throw new UsageError('The script on standard input is larger than 64 MB.');
  }
  return text;
}

async function createConsoleShell(
  request: RunnableRequest,
  source: LazySource,
  reader: LineReader | null,
): Promise<Shell> {
  const [
    { createShell },
    { createBuiltinTable },
    { createConsoleHost },
    { createRegexEngine },
    { LOCAL_LIMITS },
  ] = await Promise.all([
    import('#shell/shell.ts'),
    import('#shell/commands/builtin-table.ts'),
    import('#shell/console/console-host.ts'),
    import('#shell/values/regex.ts'),
    import('#shell/runtime/shell-host.ts'),
  ]);
  const streams = { input: process.stdin, output: process.stdout, errors: process.stderr };
  return createShell({
    host: createConsoleHost(streams, reader, { quietOutput: request.options.output === 'json' }),
    source,
    builtins: createBuiltinTable(),
    surroundings: {
      now: Date.now,
      random: Math.random,
      newGuid: () => crypto.randomUUID(),
      regex: createRegexEngine(),
      environment: new Map(
        Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    },
    limits: LOCAL_LIMITS,
    signal: stopping.signal,
    version: version(),
  });
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? '';
}

const stopping = new AbortController();
const atEnd: (() => void | Promise<void>)[] = [];

interface OutputSink {
  readonly emit: Emit | null;
  finish(): Promise<void>;
}

/** Where objects go for --output; null: shown as the shell shows them. */
async function openOutput({ output }: ConsoleOptions, shell: Shell): Promise<OutputSink> {
  const { session } = shell;
  if (output === 'json') {
    const { createJsonOutput } = await import('#shell/console/json-output.ts');
    const json = createJsonOutput((text) => session.write(text), session.host.width);
    return { emit: (value) => json.emit(value), finish: async () => json.finish() };
  }
  if (output === 'default') return { emit: null, finish: async () => undefined };
  const items: Value[] = [];
  return {
    emit: (value) => void items.push(value),
    async finish() {
      const { forcedView } = await import('#shell/console/forced-view.ts');
      const view = forcedView(output, items, session.source?.views ?? []);
      await shell.runIn({ file: null, text: '' }, null, async (frame) => {
        for (const item of view ? [view] : items) await frame.emit(item);
      });
    },
  };
}

async function run(request: RunnableRequest, source: LazySource): Promise<number> {
  if (process.stdin.isTTY) {
    const { TerminalReader } = await import('#shell/console/terminal-reader.ts');
    const reader = new TerminalReader(process.stdin, process.stderr);
    atEnd.push(() => reader.close());
    const shell = await createConsoleShell(request, source, reader);
    return request.kind === 'input' ? runTerminal(shell, reader) : runOnce(request, shell);
  }
  // The script itself is on standard input: nobody can be asked.
  if (request.kind === 'input') return runOnce(request, await createConsoleShell(request, source, null));
  const { StreamLineReader } = await import('#shell/console/line-reader.ts');
  const reader = new StreamLineReader(process.stdin, process.stderr);
  atEnd.push(() => reader.close());
  return runOnce(request, await createConsoleShell(request, source, reader));
}

async function runOnce(request: RunnableRequest, shell: Shell): Promise<number> {
  process.once('SIGINT', () => stopping.abort());
  const sink = await openOutput(request.options, shell);
  const { exitCode } = await runRequest(request, shell, sink.emit);
  await sink.finish();
  return exitCode;
}

async function runRequest(
  request: RunnableRequest,
  shell: Shell,
  emit: Emit | null,
): Promise<{ exitCode: number }> {
  const { lineOf, placeArguments, runOneShot } = await import('#shell/console/one-shot.ts');
  if (request.kind === 'command') {
    const { line, words } = lineOf(request.words);
    return shell.runIn({ file: null, text: line }, emit, (frame) => runOneShot(words, frame));
  }
  const args = request.kind === 'input' ? [] : lineOf(['', ...request.args]).words.slice(1);
  const options = {
    ...(emit ? { emit } : {}),
    placed: await placeArguments(args, Date.now),
  };
  if (request.kind === 'script') return shell.run(request.text, { file: null, ...options });
  if (request.kind === 'input') return shell.run(await readInput(), { file: null, ...options });
  const { files } = shell.session.host;
  const path = files?.resolve(request.path) ?? request.path;
  if ((await files?.exists(path)) !== 'file')
    throw new UsageError(`The script ${request.path} doesn't exist.`);
  return shell.run((await files?.readText(path)) ?? '', { file: path, ...options });
}

async function runTerminal(shell: Shell, reader: TerminalReader): Promise<number> {
  const [{ runInteractive }, { historyPath, openHistory }] = await Promise.all([
    import('#shell/console/interactive.ts'),
    import('#shell/console/history-file.ts'),
  ]);
  const banner = `Postern ${shell.session.version}. Get-Help shows where to begin; exit or Ctrl-D leaves.`;
  return runInteractive(shell, reader, openHistory(historyPath(process.env)), banner);
}

async function main(words: readonly string[]): Promise<number> {
  const request = readConsoleArguments(words);
  if (request.kind === 'help' || request.kind === 'version') {
    process.stdout.write(`${request.kind === 'help' ? CONSOLE_HELP : version()}\n`);
    return 0;
  }
  const source = new LazySource(() => connect(request.options));
  atEnd.push(() => source.close());
  try {
    return await run(request, source);
  } finally {
    for (const end of atEnd) await end();
  }
}

/** Only what a person can put right is told; anything else is a bug and shows where it is. */
function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`postern: ${error.message}\n`);
    return EXIT_USAGE;
  }
  if (
    error instanceof Error &&
    (error.name === 'NoDaemonError' ||
      error.name === 'DaemonGoneError' ||
      error.name === 'ControlSocketError')
  ) {
    process.stderr.write(`postern: ${error.message}\n`);
    return EXIT_NO_DAEMON;
  }
  process.stderr.write(
    `postern: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await main(process.argv.slice(2)).catch(exitCodeOf);
