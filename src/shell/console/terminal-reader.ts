// The one reader of a terminal: statements with editing, completion and history, and the answers to what they ask, from the
// first to the last. Promises that no line is lost that was pasted or typed ahead, that passwords are neither shown nor
// remembered, and that Ctrl-C reaches what runs.
import { Writable } from 'node:stream';
import { createInterface, type Interface } from 'node:readline';
import { Stopped } from '#shell/runtime/budget.ts';
import type { LineReader } from './line-reader.ts';

export const INTERRUPTED = Symbol('Ctrl-C');
type Line = string | null | typeof INTERRUPTED;

export interface Completion {
  readonly candidates: readonly string[];
  /** Where in the line the word begins that the candidates stand for. */
  readonly start: number;
}

const HISTORY_LINES = 2000;

/** What readline shows; nothing while it is muted. */
class Echo extends Writable {
  readonly isTTY = true;
  muted = true;
  readonly #output: NodeJS.WriteStream;
  constructor(output: NodeJS.WriteStream) {
    super({ decodeStrings: false });
    this.#output = output;
    output.on('resize', this.#onResize);
  }
  readonly #onResize = (): void => void this.emit('resize');
  get columns(): number {
    return this.#output.columns;
  }
  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.muted) this.#output.write(chunk);
    done();
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#output.off('resize', this.#onResize);
    done(error);
  }
}

export class TerminalReader implements LineReader {
  /** Completes statements; nothing is completed in answers. */
  complete: ((line: string) => Promise<Completion>) | null = null;
  /** Ctrl-C while nothing is being edited. */
  interrupt: () => void = () => void process.kill(process.pid, 'SIGINT');
  readonly #input: NodeJS.ReadStream;
  readonly #output: NodeJS.WriteStream;
  readonly #echo: Echo;
  #readline: Interface | null = null;
  /** What readline shows at the arrow keys, kept as #entries. */
  #shownHistory: string[] = [];
  #entries: readonly string[] = [];
  readonly #ahead: string[] = [];
  #waiting: ((line: Line) => void) | null = null;
  #editing = false;
  #ended = false;

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#input = input;
    this.#output = output;
    this.#echo = new Echo(output);
  }

  /** Statements that were entered, the latest first; lines of answers never come among them. */
  remember(entries: readonly string[]): void {
    this.#entries = entries;
    this.#showHistory(this.#shownHistory);
  }

  /** A line of a statement; null at the end of the input. */
  async edit(prompt: string): Promise<Line> {
    this.#editing = true;
    const line = await this.#next(prompt, false);
    this.#editing = false;
    return line;
  }

  async ask(prompt: string, secret: boolean): Promise<string | null> {
    const line = await this.#next(prompt, secret);
    if (line !== INTERRUPTED) return line;
    this.interrupt();
    throw new Stopped();
  }

  close(): void {
    this.#ended = true;
    this.#readline?.close();
    this.#echo.destroy();
  }

  #next(prompt: string, secret: boolean): Promise<Line> {
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) {
      this.#output.write(`${prompt}${secret ? '' : ahead}\n`);
      return Promise.resolve(ahead);
    }
    if (this.#ended) return Promise.resolve(null);
    const readline = this.#open();
    return new Promise((resolve) => {
      this.#waiting = (line) => {
        this.#waiting = null;
        this.#echo.muted = true;
        if (secret && line !== INTERRUPTED) this.#output.write('\n');
        resolve(line);
      };
      if (secret) {
        this.#output.write(prompt);
        return;
      }
      this.#echo.muted = false;
      readline.setPrompt(prompt);
      readline.prompt(true);
    });
  }

  #open(): Interface {
    if (this.#readline) return this.#readline;
    this.#shownHistory = [...this.#entries];
    const readline = createInterface({
      input: this.#input,
      output: this.#echo,
      terminal: true,
      historySize: HISTORY_LINES,
      history: this.#shownHistory,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) =>
        void this.#complete(line, done),
    });
    readline.on('history', (lines: string[]) => this.#showHistory(lines));
    readline.on('line', (line) => {
      if (this.#waiting) this.#waiting(line);
      else this.#ahead.push(line);
    });
    readline.on('SIGINT', () => this.#onInterrupt(readline));
    readline.on('close', () => {
      this.#ended = true;
      this.#waiting?.(null);
    });
    this.#readline = readline;
    return readline;
  }

  /** readline adds every line by itself, answers and passwords too. */
  #showHistory(lines: string[]): void {
    this.#shownHistory = lines;
    lines.splice(0, lines.length, ...this.#entries.slice(0, HISTORY_LINES));
  }

  #onInterrupt(readline: Interface): void {
    this.#ahead.length = 0;
    this.#echo.muted = true;
    // What was typed is dropped: to the end of the line, then all before it.
    readline.write(null, { ctrl: true, name: 'e' });
    readline.write(null, { ctrl: true, name: 'u' });
    this.#output.write('^C\n');
    if (this.#waiting) this.#waiting(INTERRUPTED);
    else this.interrupt();
  }

  async #complete(line: string, done: (error: null, result: [string[], string]) => void): Promise<void> {
    const none: Completion = { candidates: [], start: line.length };
    const found = this.#editing && this.complete ? await this.complete(line).catch(() => none) : none;
    // The line may have been entered meanwhile, or the session be over: there is nothing left to complete.
    if (this.#ended) return;
    done(null, [[...found.candidates], line.slice(found.start)]);
  }
}
