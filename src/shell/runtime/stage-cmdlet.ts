// A cmdlet of the daemon as a stage: once without input, or once for each object of the pipeline. Its output streams; its
// errors, warnings and questions become the shell's. A pipeline that has enough cancels it.
import type { CmdletHost } from '#cmdlets/invocation.ts';
import { CmdletError } from '#cmdlets/cmdlet-error.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import { ErrorRecordValue, recordOfCmdletError } from '#shell/values/error-record.ts';
import { toCmdletValue } from '#shell/values/object-values.ts';
import { toText } from '#shell/values/text.ts';
import { isTrue } from '#shell/values/truth.ts';
import { bindInput, type Bound } from './bind-command.ts';
import { Stopped } from './budget.ts';
import { readFileParameters } from './file-parameters.ts';
import type { Stage, StageParts } from './open-command.ts';
import { askToConfirm } from './prompt.ts';
import { positionIn, writeError, writeMessage } from './report.ts';
import { RaisedError } from './signals.ts';

/** Known to every command; they act here, not in the daemon. */
const LOCAL = new Set([
  'Debug',
  'ErrorAction',
  'ErrorVariable',
  'InformationAction',
  'InformationVariable',
  'OutVariable',
  'OutBuffer',
  'PipelineVariable',
  'Verbose',
  'WarningAction',
  'WarningVariable',
]);

export function cmdletStage(metadata: CmdletMetadata, parts: StageParts): Stage {
  const { target, bound, common, extent } = parts;
  const { frame } = common;
  return {
    owner: metadata,
    begin: async () => undefined,
    process: async (input) => {
      const result = await bindInput(target, bound, input, frame, extent);
      if (result instanceof ErrorRecordValue) await writeError(frame, result);
      else await invoke(metadata, result, parts);
    },
    run: () => invoke(metadata, bound, parts),
    end: async () => undefined,
    failed: common.failed,
  };
}

async function invoke(metadata: CmdletMetadata, bound: Bound, parts: StageParts): Promise<void> {
  const { common, extent, caller } = parts;
  const { frame } = common;
  const { source, budget } = frame.session;
  const cancel = new AbortController();
  const messages = new MessageQueue(cancel);
  const line = caller.source.text.slice(extent.start, extent.end);
  try {
    const parameters = await readFileParameters(metadata, parametersOf(metadata, bound, parts), frame);
    await source?.invoke(
      { cmdlet: metadata.name, parameters, line },
      hostFor(parts, messages, AbortSignal.any([budget.signal, cancel.signal])),
    );
  } catch (error) {
    await messages.finish();
    if (budget.signal.aborted) throw new Stopped();
    if (!(error instanceof CmdletError)) throw error;
    const record = recordOfCmdletError(error.toRecord(), metadata.name, positionIn(caller, extent));
    // PowerShell: what can't be bound ends the statement; what a cmdlet couldn't do is an error of that object.
    if (record.exception.typeName.startsWith('ParameterBinding')) throw new RaisedError(record, false);
    await writeError(frame, record);
  }
  await messages.finish();
}

function parametersOf(metadata: CmdletMetadata, bound: Bound, { caller }: StageParts): Record<string, Value> {
  const entries = [...bound]
    .filter(([name]) => !LOCAL.has(name))
    .map(([name, value]) => [name, toCmdletValue(value)] as const);
  const parameters = new Map(entries);
  if (metadata.supportsShouldProcess) {
    if (!parameters.has('WhatIf') && isTrue(caller.scope.find('WhatIfPreference')?.value))
      parameters.set('WhatIf', true);
    const confirm = confirmBy(toText(caller.scope.find('ConfirmPreference')?.value ?? 'High'), metadata);
    if (!parameters.has('Confirm') && confirm !== null) parameters.set('Confirm', confirm);
  }
  return Object.fromEntries(parameters);
}

/** What $ConfirmPreference says: true asks, false doesn't, null leaves it to the cmdlet. */
function confirmBy(preference: string, { confirmImpact }: CmdletMetadata): boolean | null {
  switch (preference.toLowerCase()) {
    case 'none':
      return false;
    case 'low':
    case 'medium':
      return confirmImpact === 'None' ? null : true;
    default:
      return null;
  }
}

/** What the daemon says comes without waiting; it is written in order, and an error that stops the command cancels it. */
class MessageQueue {
  #last: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  readonly #cancel: AbortController;
  constructor(cancel: AbortController) {
    this.#cancel = cancel;
  }
  put(write: () => void | Promise<void>): void {
    this.#last = this.#last.then(async () => {
      if (this.#failure) return;
      try {
        await write();
      } catch (error) {
        this.#failure = { error };
        this.#cancel.abort();
      }
    });
  }
  /** Throws what stopped the command. */
  async finish(): Promise<void> {
    await this.#last;
    if (this.#failure) throw this.#failure.error;
  }
}

function hostFor(parts: StageParts, messages: MessageQueue, signal: AbortSignal): CmdletHost {
  const { common, caller, extent, name } = parts;
  const { frame } = common;
  const { session } = frame;
  return {
    signal,
    async output(value) {
      const pause = session.budget.step();
      if (pause) await pause;
      await messages.finish();
      const wait = frame.emit(value);
      if (wait) await wait;
    },
    warning: (text) => messages.put(() => writeMessage(frame, 'warning', text)),
    verbose: (text) => messages.put(() => writeMessage(frame, 'verbose', text)),
    whatIf: (text) => messages.put(() => session.say(`${text}\n`)),
    progress: (activity, status, percent) =>
      messages.put(() => frame.streams.progress(activity, status, percent)),
    error: (error) =>
      messages.put(() => writeError(frame, recordOfCmdletError(error, name, positionIn(caller, extent)))),
    // connectors.md: a prompt that can't be shown is an error, never a silent yes.
    confirm:
      session.host.interactive && session.host.readLine
        ? async (target, action) => {
            await messages.finish();
            return askToConfirm(session, target, action);
          }
        : null,
  };
}
