// The command line of ./postern, when it is not `serve`: options of the console, then one of: a cmdlet, -c and a script, a
// script's path, nothing. Options stand before the cmdlet; --output may also stand behind it. Pure.

export type OutputForm = 'default' | 'json' | 'list' | 'table';

export interface ConsoleOptions {
  /** null: from the environment, else ./var. */
  readonly data: string | null;
  readonly url: string | null;
  readonly token: string | null;
  /** Trusted roots of the far gateway, a PEM file. */
  readonly ca: string | null;
  readonly output: OutputForm;
}

/** A request that needs a shell. */
export type RunnableRequest =
  /** Words: the cmdlet and its arguments. */
  | { readonly kind: 'command'; readonly words: readonly string[]; readonly options: ConsoleOptions }
  | {
      readonly kind: 'script';
      readonly text: string;
      readonly args: readonly string[];
      readonly options: ConsoleOptions;
    }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly args: readonly string[];
      readonly options: ConsoleOptions;
    }
  /** A shell at a terminal, else a script from standard input. */
  | { readonly kind: 'input'; readonly options: ConsoleOptions };

export type ConsoleRequest =
  | RunnableRequest
  | { readonly kind: 'help'; readonly options: ConsoleOptions }
  | { readonly kind: 'version'; readonly options: ConsoleOptions };

/** What can't be understood; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const FORMS: readonly OutputForm[] = ['json', 'list', 'table'];

function outputForm(text: string | undefined): OutputForm {
  const form = FORMS.find((candidate) => candidate === text?.toLowerCase());
  if (!form)
    throw new UsageError(`--output is json, list or table${text === undefined ? '' : `, not '${text}'`}.`);
  return form;
}

interface Taken {
  readonly value: string | undefined;
  readonly next: number;
}

/** `--name value` or `--name=value` at the index; null where another word stands there. */
function take(words: readonly string[], index: number, name: string): Taken | null {
  const word = words[index];
  if (word === `--${name}`) return { value: words[index + 1], next: index + 2 };
  return word?.startsWith(`--${name}=`) === true
    ? { value: word.slice(name.length + 3), next: index + 1 }
    : null;
}

function required({ value }: Taken, name: string): string {
  if (value === undefined || value === '') throw new UsageError(`--${name} needs a value.`);
  return value;
}

/** Throws UsageError. */
export function readConsoleArguments(words: readonly string[]): ConsoleRequest {
  const options: { -readonly [K in keyof ConsoleOptions]: ConsoleOptions[K] } = {
    data: null,
    url: null,
    token: null,
    ca: null,
    output: 'default',
  };
  let index = 0;
  while (index < words.length) {
    const word = words[index] ?? '';
    if (word === '--help' || word === '-h' || word === '-?') return { kind: 'help', options };
    if (word === '--version') return { kind: 'version', options };
    if (word === '-c' || word === '-Command') return inlineScript(words.slice(index + 1), options);
    const output = take(words, index, 'output');
    const named = (['data', 'url', 'token', 'ca'] as const)
      .map((name) => [name, take(words, index, name)] as const)
      .find(([, taken]) => taken);
    if (output) {
      options.output = outputForm(output.value);
      index = output.next;
    } else if (named?.[1]) {
      options[named[0]] = required(named[1], named[0]);
      index = named[1].next;
    } else if (word.startsWith('-') && word !== '-')
      throw new UsageError(`'${word}' is not an option. ./postern --help shows them.`);
    else break;
  }
  return requestFrom(words.slice(index), options);
}

function inlineScript([text, ...args]: readonly string[], options: ConsoleOptions): ConsoleRequest {
  if (text === undefined) throw new UsageError("-c needs a script: ./postern -c 'Get-OutboundConnector'.");
  return { kind: 'script', text, args, options };
}

function requestFrom(words: readonly string[], options: ConsoleOptions): ConsoleRequest {
  const [first, ...args] = words;
  if (first === undefined || first === '-') return { kind: 'input', options };
  if (/\.ps1$/i.test(first)) return { kind: 'file', path: first, args, options };
  return commandFrom(words, options);
}

/** Takes --output out of a cmdlet's words, unless it is what a parameter waits for. */
function commandFrom(words: readonly string[], options: ConsoleOptions): ConsoleRequest {
  const kept: string[] = [];
  let { output } = options;
  for (let index = 0; index < words.length; ) {
    const taken =
      index > 0 && !/^-[a-z_]\w*$/i.test(words[index - 1] ?? '') ? take(words, index, 'output') : null;
    const isLast = taken !== null && taken.next >= words.length;
    if (taken && isLast) {
      output = outputForm(taken.value);
      index = taken.next;
    } else {
      kept.push(words[index] ?? '');
      index++;
    }
  }
  return { kind: 'command', words: kept, options: { ...options, output } };
}

export const CONSOLE_HELP = `Usage: ./postern [options] CMDLET [-Parameter value …]    one cmdlet
       ./postern [options] -c 'SCRIPT' [arguments]       a pipeline or script
       ./postern [options] FILE.ps1 [arguments]          a script
       ./postern [options]                               a shell; a script from standard input where there is no terminal
       ./postern serve [--help]                          the gateway

Options:
  --data DIR                  the data directory of the gateway on this machine (POSTERN_DATA; ./var)
  --url URL --token TOKEN     a gateway on another machine (POSTERN_URL, POSTERN_TOKEN)
  --ca FILE                   roots to trust there beside the system's, PEM (POSTERN_CA)
  --output json|list|table    how objects are shown; also behind a cmdlet
  --version, --help

Every word behind a cmdlet is one value and is never run as code. Booleans: true, false, 1, 0, '$true', '$false' (in a POSIX
shell an unquoted $false vanishes). Lists: a,b. Changes: '@{Add="a"; Remove="b"}'. Dates: '(Get-Date "5/6/2016 9:30 AM").ToUniversalTime()'.
Exit codes: 0 done, 1 an error was written, 2 the command line can't be understood, 3 no gateway answers.
./postern Get-Help lists what there is.`;
