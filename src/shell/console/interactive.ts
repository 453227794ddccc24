// The shell at a terminal: prompt, editing, completion, history, lines that go on until the input is whole, and Ctrl-C that
// stops what runs. Ends at Ctrl-D, `exit`, or the end of the input.
import { createInterface, type Interface } from 'node:readline';
import { ParseError } from '#shell/syntax/parse-error.ts';
import { parseScript } from '#shell/syntax/parse-script.ts';
import type { Shell } from '#shell/shell.ts';
import { completeInput } from '#shell/complete.ts';
import type { HistoryFile } from './history-file.ts';

export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly colour: boolean;
}

const PROMPT = 'postern> ';
const CONTINUATION = '>> ';

/** Whether more lines could make the text whole. */
export function isIncomplete(text: string): boolean {
  try {
    parseScript(text);
    return false;
  } catch (error) {
    return error instanceof ParseError && error.incomplete;
  }
}

interface Prompter {
  /** A line; null at the end of the input; 'interrupt' for Ctrl-C. */
  read(prompt: string): Promise<string | null | { readonly interrupted: true }>;
  close(): void;
}

function openPrompt(terminal: Terminal, shell: Shell, history: string[]): Prompter {
  const readline: Interface = createInterface({
    input: terminal.input,
    output: terminal.output,
    terminal: true,
    historySize: 2000,
    history,
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
      completeInput(line, line.length, shell.session).then(
        ({ candidates, start }) => done(null, [[...candidates], line.slice(start)]),
        () => done(null, [[], '']),
      );
    },
  });
  return {
    read(prompt) {
      return new Promise((resolve) => {
        const finish = (result: string | null | { readonly interrupted: true }): void => {
          readline.off('line', onLine);
          readline.off('SIGINT', onInterrupt);
          readline.off('close', onClose);
          resolve(result);
        };
        const onLine = (line: string): void => finish(line);
        const onInterrupt = (): void => {
          terminal.output.write('^C\n');
          finish({ interrupted: true });
        };
        const onClose = (): void => finish(null);
        readline.on('line', onLine);
        readline.on('SIGINT', onInterrupt);
        readline.on('close', onClose);
        readline.setPrompt(prompt);
        readline.prompt();
      });
    },
    close: () => readline.close(),
  };
}

/** Reads until the input is whole; null at the end, empty text where Ctrl-C dropped it. */
async function readStatement(prompter: Prompter): Promise<string | null> {
  let text = '';
  for (;;) {
    const line = await prompter.read(text === '' ? PROMPT : CONTINUATION);
    if (line === null) return text === '' ? null : text;
    if (typeof line !== 'string') return '';
    text = text === '' ? line : `${text}\n${line}`;
    // An empty line ends an input that is not whole, with its error.
    if (line.trim() === '' || !isIncomplete(text)) return text;
  }
}

export async function runInteractive(
  shell: Shell,
  terminal: Terminal,
  history: HistoryFile,
  banner: string,
): Promise<number> {
  terminal.output.write(`${banner}\n`);
  let entries = await history.load();
  let exitCode = 0;
  for (;;) {
    // One readline for each statement: while it runs, Read-Host has the terminal to itself.
    const prompter = openPrompt(terminal, shell, entries);
    const text = await readStatement(prompter);
    prompter.close();
    if (text === null) return exitCode;
    if (text.trim() === '') continue;
    entries = [text, ...entries.filter((entry) => entry !== text)];
    await history.add(text);
    const outcome = await runStoppable(shell, text);
    exitCode = outcome.exitCode;
    if (outcome.exited) return exitCode;
  }
}

/** Ctrl-C stops the statement; a second one ends the process. */
async function runStoppable(shell: Shell, text: string): Promise<{ exitCode: number; exited: boolean }> {
  const cancel = new AbortController();
  shell.stopOn(cancel.signal);
  const onInterrupt = (): void => {
    if (cancel.signal.aborted) process.exit(130);
    cancel.abort();
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await shell.run(text, { file: null });
  } finally {
    process.off('SIGINT', onInterrupt);
    shell.stopOn(new AbortController().signal);
  }
}
