// A function, script block or script file as a stage: parameters from the pipeline are bound for each object.
import type { Value } from '#parameters/value.ts';
import { isTrue } from '#shell/values/truth.ts';
import { ARGS, bindInput } from './bind-command.ts';
import { signatureOf } from './function-signature.ts';
import type { Stage, StageParts } from './open-command.ts';
import { writeError } from './report.ts';
import type { Scope } from './scope.ts';
import { FunctionRun, type ScriptFunction } from './script-function.ts';
import { ExitSignal } from './signals.ts';
import { ErrorRecordValue } from '#shell/values/error-record.ts';

export function functionStage(
  called: ScriptFunction,
  parts: StageParts,
  options: { readonly sharesScope: boolean; readonly isScript: boolean },
): Stage {
  const { target, bound, common, extent, caller } = parts;
  const signature = signatureOf(called.block);
  const given = new Map(bound);
  const args = given.get(ARGS);
  given.delete(ARGS);
  const own = new Map([...given].filter(([name]) => signature.byName.has(name)));
  const line = caller.source.text.slice(extent.start, extent.end);
  const call = {
    name: called.name,
    block: called.block,
    bound: own,
    args: Array.isArray(args) ? (args as readonly Value[]) : [],
    hasInput: parts.hasInput,
    sharesScope: options.sharesScope,
    line,
  };
  const run = new FunctionRun(call, { ...common.frame, overrides: null }, options.isScript);
  if (!options.sharesScope) setPreferences(run.scope, parts);
  const takesInput = signature.bindable.pipeline.length > 0;
  let left = false;
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    if (left) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ExitSignal) || !options.isScript) throw error;
      left = true;
      caller.session.globals.set('LASTEXITCODE', error.code);
    }
  };
  return {
    owner: run,
    begin: () => guarded(() => run.begin()),
    process: (input) =>
      guarded(async () => {
        if (!takesInput) return run.process(input, null);
        const result = await bindInput(target, own, input, common.frame, extent);
        if (result instanceof ErrorRecordValue) return writeError(common.frame, result);
        return run.process(input, result);
      }),
    run: () => guarded(() => run.process(undefined, null)),
    end: () => guarded(() => run.end()),
    failed: () => false,
  };
}

/** -ErrorAction and its like on a function or a script are variables inside it. */
export function setPreferences(scope: Scope, { common, bound }: Pick<StageParts, 'common' | 'bound'>): void {
  for (const [name, value] of Object.entries(common.preferences)) scope.set(name, value);
  const whatIf = bound.get('WhatIf');
  if (whatIf !== undefined) scope.set('WhatIfPreference', isTrue(whatIf));
  const confirm = bound.get('Confirm');
  if (confirm !== undefined) scope.set('ConfirmPreference', isTrue(confirm) ? 'Low' : 'None');
}
