// Lines from standard input for Read-Host and prompts: typed at a terminal (a password is not shown), or read from a pipe
// or file one after the other. One reader for the life of the process, so that no line is lost between questions.
import { createInterface, type Interface } from 'node:readline';

export interface LineReader {
  /** null at the end of the input. */
  ask(prompt: string, secret: boolean): Promise<string | null>;
  close(): void;
}

const LONGEST_LINE = 1024 * 1024;

class StreamLineReader implements LineReader {
  readonly #input: NodeJS.ReadStream;
  readonly #output: NodeJS.WriteStream;
  #interface: Interface | null = null;
  readonly #lines: string[] = [];
  readonly #waiting: ((line: string | null) => void)[] = [];
  #ended = false;
  #muted = false;

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#input = input;
    this.#output = output;
  }

  #open(): Interface {
    if (this.#interface) return this.#interface;
    const terminal = this.#input.isTTY;
    const opened = createInterface({
      input: this.#input,
      ...(terminal ? { output: this.#output } : {}),
      terminal,
      historySize: 0,
    });
    opened.on('line', (line) => {
      const next = this.#waiting.shift();
      if (next) next(line);
      else this.#lines.push(line.slice(0, LONGEST_LINE));
    });
    opened.on('close', () => {
      this.#ended = true;
      for (const next of this.#waiting.splice(0)) next(null);
    });
    this.#interface = opened;
    return opened;
  }

  async ask(prompt: string, secret: boolean): Promise<string | null> {
    if (this.#ended) return this.#lines.shift() ?? null;
    const opened = this.#open();
    if (this.#input.isTTY && secret) return this.#askSecret(prompt);
    if (this.#input.isTTY) {
      opened.setPrompt(prompt);
      opened.prompt();
    } else if (prompt !== '') this.#output.write(prompt);
    const line =
      this.#lines.shift() ?? (await new Promise<string | null>((resolve) => this.#waiting.push(resolve)));
    if (!this.#input.isTTY && prompt !== '') this.#output.write('\n');
    return line;
  }

  /** The terminal shows nothing of what is typed. */
  async #askSecret(prompt: string): Promise<string | null> {
    this.#interface?.close();
    this.#interface = null;
    this.#ended = false;
    this.#output.write(prompt);
    const { Writable } = await import('node:stream');
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const hidden = createInterface({ input: this.#input, output: silent, terminal: true, historySize: 0 });
    this.#muted = true;
    const line = await new Promise<string | null>((resolve) => {
      hidden.once('line', resolve);
      hidden.once('close', () => resolve(null));
    });
    hidden.close();
    this.#muted = false;
    this.#output.write('\n');
    return line;
  }

  close(): void {
    if (!this.#muted) this.#interface?.close();
  }
}

export function createLineReader(input: NodeJS.ReadStream, output: NodeJS.WriteStream): LineReader {
  return new StreamLineReader(input, output);
}
