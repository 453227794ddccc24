// Lines from standard input for Read-Host and prompts: typed at a terminal, or read from a pipe or file one after the other.
// One reader for the life of the process, so that no line is lost between questions.
import type { Interface } from 'node:readline';

export interface LineReader {
  /** null at the end of the input. */
  ask(prompt: string, secret: boolean): Promise<string | null>;
  close(): void;
}

const LONGEST_LINE = 1024 * 1024;

/** Answers from a pipe or a file. */
export class StreamLineReader implements LineReader {
  readonly #input: NodeJS.ReadStream;
  readonly #output: NodeJS.WriteStream;
  #interface: Interface | null = null;
  readonly #lines: string[] = [];
  readonly #waiting: ((line: string | null) => void)[] = [];
  #ended = false;

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#input = input;
    this.#output = output;
  }

  async #open(): Promise<void> {
    if (this.#interface) return;
    // Loaded when somebody is asked; most commands ask nobody.
    const { createInterface } = await import('node:readline');
    const opened = createInterface({ input: this.#input, terminal: false, historySize: 0 });
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
  }

  async ask(prompt: string): Promise<string | null> {
    if (this.#ended) return this.#lines.shift() ?? null;
    await this.#open();
    if (prompt !== '') this.#output.write(prompt);
    const line =
      this.#lines.shift() ?? (await new Promise<string | null>((resolve) => this.#waiting.push(resolve)));
    if (prompt !== '') this.#output.write('\n');
    return line;
  }

  close(): void {
    this.#interface?.close();
  }
}
