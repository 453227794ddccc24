// What a shell needs from where it runs: a place to write, someone to ask, files or none, and cmdlets. The console gives
// all of it; a script from the network gets no files and nobody to ask; tests give what they like.
import type { CmdletHost, Invocation } from '#cmdlets/invocation.ts';
import type { CmdletMetadata, TypeView } from '#parameters/metadata.ts';

/** Files as scripts use them; paths are the host's business. */
export interface FileAccess {
  readText(path: string): Promise<string>;
  writeText(path: string, text: string, append: boolean): Promise<void>;
  exists(path: string): Promise<'file' | 'directory' | null>;
  /** Absolute, relative to where the shell was started. */
  resolve(path: string): string;
}

export interface ShellHost {
  /** Standard output; resolves when the reader can take more. */
  write(text: string): void | Promise<void>;
  /** To the person: Write-Host, `What if:`. Standard output, unless that is read by a program. */
  say(text: string): void | Promise<void>;
  /** Standard error. */
  writeError(text: string): void | Promise<void>;
  /** One line, null at the end of the input. Absent: nobody can be asked. */
  readonly readLine?: (prompt: string, options: { readonly secret: boolean }) => Promise<string | null>;
  /** A person sits there, so that missing mandatory parameters are asked for. */
  readonly interactive: boolean;
  /** Columns of the terminal, or what a file should be cut to. */
  readonly width: number;
  /** What is said to the person may be coloured. */
  readonly colour: boolean;
  /** Standard error may be. */
  readonly errorColour: boolean;
  /** null: reading and writing files is off. */
  readonly files: FileAccess | null;
  /** DNS for Resolve-DnsName; null: off. */
  readonly resolveName:
    | ((name: string, type: string) => Promise<readonly Readonly<Record<string, string | number>>[]>)
    | null;
}

/** Where cmdlets come from: the daemon, or a fake in tests. */
export interface CommandSource {
  readonly views: readonly TypeView[];
  list(): Promise<readonly CmdletMetadata[]>;
  describe(name: string): Promise<CmdletMetadata | null>;
  /** Names of objects of a kind (`OutboundConnector`) that start so. */
  complete(kind: string, prefix: string): Promise<readonly string[]>;
  invoke(invocation: Invocation, host: CmdletHost): Promise<void>;
}

export interface ShellLimits {
  /** Statements, loop turns and pipeline items. */
  readonly steps: number;
  /** Characters that may be written. */
  readonly output: number;
  /** Characters and list items that a script may bring into being altogether. */
  readonly allocation: number;
  readonly callDepth: number;
}

export const LOCAL_LIMITS: ShellLimits = {
  steps: Infinity,
  output: Infinity,
  allocation: Infinity,
  callDepth: 1000,
};
export const NETWORK_LIMITS: ShellLimits = {
  steps: 200_000,
  output: 4 * 1024 * 1024,
  allocation: 32 * 1024 * 1024,
  callDepth: 100,
};
