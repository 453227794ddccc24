// The process's own streams as a shell's host: writes that wait for a slow reader, lines from a terminal or from standard
// input, files below the working directory. Nothing here knows PowerShell.
import { resolve } from 'node:path';
import { once } from 'node:events';
import type { FileAccess, ShellHost } from '#shell/runtime/shell-host.ts';
import { resolveDns } from './dns-records.ts';
import type { LineReader } from './line-reader.ts';

export interface ConsoleStreams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
}

const WIDTH_WITHOUT_TERMINAL = 120;
const LARGEST_FILE = 256 * 1024 * 1024;

/** Resolves when the stream can take more; a reader that has gone ends the process quietly (`… | head`). */
function write(stream: NodeJS.WriteStream, text: string): void | Promise<void> {
  if (text === '' || stream.write(text)) return undefined;
  return once(stream, 'drain').then(() => undefined);
}

/** Loaded with the first file. */
const disk = () => import('node:fs/promises');

const files: FileAccess = {
  async readText(path) {
    const { readFile, stat } = await disk();
    const { size } = await stat(path);
    if (size > LARGEST_FILE)
      throw new Error(`The file '${path}' is larger than ${LARGEST_FILE / 1024 / 1024} MB.`);
    return readFile(path, 'utf8');
  },
  async writeText(path, text, append) {
    const { appendFile, writeFile } = await disk();
    await (append ? appendFile(path, text) : writeFile(path, text));
  },
  async exists(path) {
    try {
      const { stat } = await disk();
      return (await stat(path)).isDirectory() ? 'directory' : 'file';
    } catch {
      return null;
    }
  },
  resolve: (path) =>
    resolve(
      path.startsWith('~/') ? `${process.env['HOME'] ?? ''}${path.slice(1)}` : path.replaceAll('\\', '/'),
    ),
};

/** `reader` null: nobody can be asked, as when standard input is the script. */
export function createConsoleHost(
  streams: ConsoleStreams,
  reader: LineReader | null,
  options: { readonly quietOutput: boolean },
): ShellHost {
  const { input, output, errors } = streams;
  const mayColour = (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
  const errorColour = mayColour && errors.isTTY;
  return {
    write: (text) => write(output, text),
    // A program reads standard output: what is meant for people goes to the other stream.
    say: (text) => write(options.quietOutput ? errors : output, text),
    writeError: (text) => write(errors, text),
    ...(reader
      ? { readLine: (prompt: string, { secret }: { readonly secret: boolean }) => reader.ask(prompt, secret) }
      : {}),
    interactive: input.isTTY && errors.isTTY,
    get width() {
      return output.isTTY ? output.columns : WIDTH_WITHOUT_TERMINAL;
    },
    colour: options.quietOutput ? errorColour : mayColour && output.isTTY,
    errorColour,
    files,
    resolveName: resolveDns,
  };
}
