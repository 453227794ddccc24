// The shell's history across sessions: one line each, the latest last, readable by the user alone. Lines that hold a
// password are not kept. A history that can't be read or written is no reason to fail.
import { appendFile, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const KEPT_LINES = 2000;
const LONGEST_LINE = 4096;
const SECRET = /password|securestring|token|credential|secret/i;

export interface HistoryFile {
  /** The latest first, as node:readline wants them. */
  load(): Promise<string[]>;
  add(line: string): Promise<void>;
}

/** `$XDG_STATE_HOME/postern/history`, else `~/.local/state/postern/history`. */
export function historyPath(environment: NodeJS.ProcessEnv): string | null {
  const state = environment['XDG_STATE_HOME'] ?? '';
  const home = environment['HOME'] ?? '';
  if (state.startsWith('/')) return `${state}/postern/history`;
  return home.startsWith('/') ? `${home}/.local/state/postern/history` : null;
}

/** A line of several is kept on one, as it would be typed with separators. */
function oneLine(line: string): string {
  return line.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
}
function restored(line: string): string {
  return line.replace(/\\(\\|n)/g, (_, char: string) => (char === 'n' ? '\n' : '\\'));
}

export function openHistory(path: string | null): HistoryFile {
  let last = '';
  return {
    async load() {
      if (path === null) return [];
      const text = await readFile(path, 'utf8').catch(() => '');
      const lines = text.split('\n').filter((line) => line !== '');
      if (lines.length > KEPT_LINES * 1.5)
        await writeFile(path, `${lines.slice(-KEPT_LINES).join('\n')}\n`, { mode: 0o600 }).catch(
          () => undefined,
        );
      return lines.slice(-KEPT_LINES).map(restored).reverse();
    },
    async add(line) {
      if (path === null || line === last || line.length > LONGEST_LINE || SECRET.test(line)) return;
      last = line;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await appendFile(path, `${oneLine(line)}\n`, { mode: 0o600 });
        await chmod(path, 0o600);
      } catch {
        // No home, a read-only disk: the session has its history in memory.
      }
    },
  };
}
