// The console as an administrator starts it, as a process of its own: words in, standard output, standard error and the exit
// code out. Nothing of the environment's POSTERN_ variables reaches it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface ConsoleResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ConsoleOptions {
  /** What comes on standard input; default: nothing. */
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:POSTERN_|NODE_TEST|FORCE_COLOR|NO_COLOR)/.test(name)),
);

export async function runConsole(
  words: readonly string[],
  { input = '', cwd = root, env = {} }: ConsoleOptions = {},
): Promise<ConsoleResult> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'src/console.ts'), ...words],
    { cwd, env: { ...inherited, ...env }, stdio: 'pipe' },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}
