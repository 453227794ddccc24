// Runs cmdlets as the shell and the wire do, through invoke(), and collects what they say.
import { createInvoke } from '#cmdlets/invoke.ts';
import type { Cmdlet } from '#cmdlets/cmdlet.ts';
import type { CmdletHost, ConfirmAnswer, ErrorRecord } from '#cmdlets/invocation.ts';
import { createRegistry } from '#cmdlets/registry.ts';
import { unrestrictedSession } from '#cmdlets/session.ts';
import { Hashtable, PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';

export interface CmdletRun {
  readonly output: readonly Value[];
  /** Those of the output that are objects. */
  readonly objects: readonly PsObject[];
  readonly warnings: readonly string[];
  readonly whatIf: readonly string[];
  readonly errors: readonly ErrorRecord[];
  /** `action target` of each prompt. */
  readonly prompts: readonly string[];
}

export interface RunOptions {
  readonly user?: string;
  readonly line?: string;
  /** What a prompt is answered; left out: no prompt can be shown. */
  readonly answer?: ConfirmAnswer;
}

export type RunCmdlet = (
  cmdlet: string,
  parameters?: Readonly<Record<string, Value>>,
  options?: RunOptions,
) => Promise<CmdletRun>;

/** The run rejects with the CmdletError that ended the cmdlet. */
export function createRunner<Services>(cmdlets: readonly Cmdlet<Services>[], services: Services): RunCmdlet {
  const invoke = createInvoke(createRegistry(cmdlets), services);
  return async (cmdlet, parameters = {}, { user = 'ada', line = '', answer } = {}) => {
    const output: Value[] = [];
    const [warnings, whatIf, prompts]: string[][] = [[], [], []];
    const errors: ErrorRecord[] = [];
    const host: CmdletHost = {
      output: (value) => Promise.resolve(void output.push(value)),
      warning: (text) => void warnings?.push(text),
      verbose: () => undefined,
      whatIf: (text) => void whatIf?.push(text),
      progress: () => undefined,
      error: (error) => void errors.push(error),
      confirm:
        answer === undefined
          ? null
          : (target, action) => {
              prompts?.push(`${action} ${target}`);
              return Promise.resolve(answer);
            },
      signal: new AbortController().signal,
    };
    await invoke({ cmdlet, parameters, line }, unrestrictedSession(user), host);
    const objects = output.filter((value) => value instanceof PsObject);
    return {
      output,
      objects,
      warnings: warnings ?? [],
      whatIf: whatIf ?? [],
      errors,
      prompts: prompts ?? [],
    };
  };
}

/** `@{Add=…; Remove=…}` and the like. */
export function table(entries: Readonly<Record<string, Value>>): Hashtable {
  const hashtable = new Hashtable();
  for (const [key, value] of Object.entries(entries)) hashtable.set(key, value);
  return hashtable;
}
