// The shell at a terminal: prompt, editing, completion, history, lines that go on until the input is whole, and Ctrl-C that
// stops what runs. Ends at Ctrl-D, `exit`, or the end of the input.
import { ParseError } from '#shell/syntax/parse-error.ts';
import { parseScript } from '#shell/syntax/parse-script.ts';
import type { Shell } from '#shell/shell.ts';
import { completeInput } from '#shell/complete.ts';
import type { HistoryFile } from './history-file.ts';
import type { TerminalReader } from './terminal-reader.ts';

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

/** Reads until the input is whole; null at the end, empty text where Ctrl-C dropped it. */
async function readStatement(reader: TerminalReader): Promise<string | null> {
  let text = '';
  for (;;) {
    const line = await reader.edit(text === '' ? PROMPT : CONTINUATION);
    if (line === null) return text === '' ? null : text;
    if (typeof line !== 'string') return '';
    text = text === '' ? line : `${text}\n${line}`;
    // An empty line ends an input that is not whole, with its error.
    if (line.trim() === '' || !isIncomplete(text)) return text;
  }
}

export async function runInteractive(
  shell: Shell,
  reader: TerminalReader,
  history: HistoryFile,
  banner: string,
): Promise<number> {
  await shell.session.say(`${banner}\n`);
  reader.complete = (line) => completeInput(line, line.length, shell.session);
  let entries: readonly string[] = await history.load();
  let exitCode = 0;
  for (;;) {
    reader.remember(entries);
    const text = await readStatement(reader);
    if (text === null) return exitCode;
    if (text.trim() === '') continue;
    entries = [text, ...entries.filter((entry) => entry !== text)];
    await history.add(text);
    const outcome = await runStoppable(shell, reader, text);
    exitCode = outcome.exitCode;
    if (outcome.exited) return exitCode;
  }
}

/** Ctrl-C stops the statement; a second one ends the process. */
async function runStoppable(
  shell: Shell,
  reader: TerminalReader,
  text: string,
): Promise<{ exitCode: number; exited: boolean }> {
  const cancel = new AbortController();
  shell.stopOn(cancel.signal);
  reader.interrupt = () => {
    if (cancel.signal.aborted) process.exit(130);
    cancel.abort();
  };
  try {
    return await shell.run(text, { file: null });
  } finally {
    reader.interrupt = () => undefined;
    shell.stopOn(new AbortController().signal);
  }
}
