// How fast administration is, as an administrator feels it: node bench/administration.ts [connectors]
// A gateway of its own on free ports; whole processes are measured with the launcher that users type. Goals: a one-shot cmdlet
// under 150 ms at the median, parsing and binding a line under 0.2 ms, 10,000 connectors from end to end under a second.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectToDaemon } from '#api/control-client.ts';
import { controlSocketPath } from '#api/control-path.ts';
import { type CatalogServices, cmdlets, views } from '#cmdlets/catalog.ts';
import type { CmdletHost } from '#cmdlets/invocation.ts';
import { createInvoke } from '#cmdlets/invoke.ts';
import { createRegistry } from '#cmdlets/registry.ts';
import { unrestrictedSession } from '#cmdlets/session.ts';
import type { Value } from '#parameters/value.ts';
import { createBuiltinTable } from '#shell/commands/builtin-table.ts';
import { LOCAL_LIMITS } from '#shell/runtime/shell-host.ts';
import { createShell } from '#shell/shell.ts';
import { parseScript } from '#shell/syntax/parse-script.ts';
import { createRegexEngine } from '#shell/values/regex.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const COUNT = Number(process.argv[2] ?? 10_000);
const RUNS = 20;
const LINE =
  'Set-OutboundConnector "Contoso Outbound Connector" -UseMXRecord $false -SmartHosts 192.168.0.1,mx2.contoso.com -TlsSettings DomainValidation -TlsDomain *.contoso.com -Comment "By hand"';

function say(what: string, value: number, unit: string): void {
  process.stdout.write(
    `${what.padEnd(64)} ${value.toLocaleString('en', { maximumFractionDigits: 3 })} ${unit}\n`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Milliseconds of each run. */
function times(runs: number, run: () => void): readonly number[] {
  return Array.from({ length: runs }, () => {
    const begun = performance.now();
    run();
    return performance.now() - begun;
  });
}

/** Processor time of the children that have ended, in milliseconds (Linux counts in hundredths of a second). */
function processorTime(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** What each run costs the processor: says more than the clock where others are busy too. */
function processorTimeOf(runs: number, run: () => void): number {
  const before = processorTime();
  for (let n = 0; n < runs; n += 1) run();
  return (processorTime() - before) / runs;
}

const quiet: CmdletHost = {
  output: () => Promise.resolve(),
  warning: () => undefined,
  verbose: () => undefined,
  whatIf: () => undefined,
  progress: () => undefined,
  error: (error) => {
    throw new Error(error.message);
  },
  confirm: null,
  signal: new AbortController().signal,
};

async function startGateway(data: string): Promise<{ stop(): Promise<unknown> }> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(root, 'src/main.ts'),
      ...`--smtp 127.0.0.1:0 --http 127.0.0.1:0 --hostname gateway.test --workers 1 --log-level warn`.split(
        ' ',
      ),
      '--data',
      data,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return {
    stop() {
      child.kill('SIGTERM');
      return once(child, 'exit');
    },
  };
}

/** The whole way of a line in the console but the socket: text, tree, arguments, the daemon's own binding. */
async function measureLines(): Promise<void> {
  // The cmdlet with its parameters, their types and rules, and nothing to do.
  const idle = cmdlets.map((cmdlet) => ({ ...cmdlet, run: () => Promise.resolve() }));
  const registry = createRegistry<Partial<CatalogServices>>(idle, views);
  const invoke = createInvoke(registry, {});
  const session = unrestrictedSession('bench');
  const shell = createShell({
    host: {
      write: () => undefined,
      say: () => undefined,
      writeError: (text) => {
        throw new Error(text);
      },
      interactive: false,
      width: 120,
      colour: false,
      errorColour: false,
      files: null,
      resolveName: async () => [],
    },
    source: {
      views,
      list: () => Promise.resolve(registry.list(session)),
      describe: (name) => Promise.resolve(registry.describe(name, session)),
      complete: () => Promise.resolve([]),
      invoke: (invocation, host) => invoke(invocation, session, host),
    },
    builtins: createBuiltinTable(),
    surroundings: {
      now: Date.now,
      random: Math.random,
      newGuid: randomUUID,
      regex: createRegexEngine(),
      environment: new Map(),
    },
    limits: LOCAL_LIMITS,
    signal: new AbortController().signal,
    version: '0',
  });
  const ROUNDS = 5_000;
  for (let n = 0; n < 500; n += 1) await shell.run(LINE, { file: null });
  let begun = performance.now();
  for (let n = 0; n < ROUNDS; n += 1) parseScript(LINE);
  say('parse a line of 5 parameters', (performance.now() - begun) / ROUNDS, 'ms');
  begun = performance.now();
  for (let n = 0; n < ROUNDS; n += 1) await shell.run(LINE, { file: null });
  say('parse, evaluate and bind it (goal: under 0.2)', (performance.now() - begun) / ROUNDS, 'ms');
}

function runConsole(data: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(join(root, 'postern'), ['--data', data, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`postern ${words.join(' ')}: ${status} ${stderr}`);
}

async function measureConsole(data: string): Promise<void> {
  const source = await connectToDaemon(controlSocketPath(data), 'bench');
  const run = (cmdlet: string, parameters: Readonly<Record<string, Value>>): Promise<void> =>
    source.invoke({ cmdlet, parameters, line: '' }, quiet);
  await run('New-OutboundConnector', { Name: 'One', RecipientDomains: ['one.test'] });
  runConsole(data, 'Get-OutboundConnector', 'One');
  say(
    'node, nothing else (median of 20)',
    median(times(RUNS, () => spawnSync(process.execPath, ['-e', '0']))),
    'ms',
  );
  const get = times(RUNS, () => runConsole(data, 'Get-OutboundConnector', 'One'));
  say('./postern Get-OutboundConnector One (median of 20, goal: under 150)', median(get), 'ms');
  say('  the fastest', Math.min(...get), 'ms');
  say(
    '  processor time',
    processorTimeOf(RUNS, () => runConsole(data, 'Get-OutboundConnector', 'One')),
    'ms',
  );
  say(
    '  processor time of node, nothing else',
    processorTimeOf(RUNS, () => spawnSync(process.execPath, ['-e', '0'])),
    'ms',
  );
  let turn = 0;
  const set = times(RUNS, () =>
    runConsole(data, 'Set-OutboundConnector', 'One', '-Comment', `n${(turn += 1)}`),
  );
  say('./postern Set-OutboundConnector One … (median of 20)', median(set), 'ms');

  let begun = performance.now();
  for (let start = 0; start < COUNT - 1; start += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, COUNT - 1 - start) }, (_, index) => {
        const n = start + index;
        return run('New-OutboundConnector', {
          Name: `Connector ${n}`,
          RecipientDomains: [`a${n}.test`, `*.b${n}.test`],
          UseMXRecord: false,
          SmartHosts: [`mx${n}.relay.test`],
          TlsSettings: 'EncryptionOnly',
        });
      }),
    );
  say(`make ${COUNT - 1} connectors over the control socket`, performance.now() - begun, 'ms');
  begun = performance.now();
  let objects = 0;
  await source.invoke(
    { cmdlet: 'Get-OutboundConnector', parameters: { ResultSize: 'Unlimited' }, line: '' },
    {
      ...quiet,
      output: () => {
        objects += 1;
        return Promise.resolve();
      },
    },
  );
  say(`Get-OutboundConnector, ${objects} objects over the control socket`, performance.now() - begun, 'ms');
  source.close();
  const all = ['Get-OutboundConnector', '-ResultSize', 'Unlimited'] as const;
  const whole: readonly (readonly [string, readonly string[]])[] = [
    ['counted', ['-c', '(Get-OutboundConnector -ResultSize Unlimited).Count']],
    ['as a table (goal: under 1,000)', all],
    ['as JSON', ['--output', 'json', ...all]],
  ];
  for (const [what, words] of whole)
    say(`./postern, ${COUNT} connectors ${what}`, median(times(5, () => runConsole(data, ...words))), 'ms');
  say(
    './postern Get-OutboundConnector One, among all',
    median(times(RUNS, () => runConsole(data, 'Get-OutboundConnector', 'One'))),
    'ms',
  );
}

say('load of the machine', loadavg()[0] ?? 0, '');
await measureLines();
const data = mkdtempSync(join(tmpdir(), 'postern-bench-'));
const gateway = await startGateway(data);
try {
  await measureConsole(data);
} finally {
  await gateway.stop();
  rmSync(data, { recursive: true, force: true });
}
say('load of the machine', loadavg()[0] ?? 0, '');
