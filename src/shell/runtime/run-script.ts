// A whole script in a session: parsed, given its arguments, run. The text is the frame's source.
import type { BindableParameters } from '#parameters/bind.ts';
import { isList } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { parseScript } from '#shell/syntax/parse-script.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ARGS, bindCommand } from './bind-command.ts';
import { type PlacedArgument, unwrap } from './command-arguments.ts';
import { openCommon } from './common-run.ts';
import type { Frame } from './frame.ts';
import { signatureOf } from './function-signature.ts';
import { functionTarget } from './function-target.ts';
import { runStatements } from './run-statement.ts';
import { FunctionRun } from './script-function.ts';
import type { Emit } from './signals.ts';
import { setPreferences } from './stage-function.ts';

export interface RunOptions {
  /** The script's path; null for text typed or piped in. */
  readonly file: string | null;
  /** Values by position. */
  readonly args?: readonly Value[];
  /** Arguments as the operating system's command line gave them; `parameters` null: the script declares none. */
  readonly placed?: (parameters: BindableParameters | null) => readonly PlacedArgument[];
  /** Where objects go; left out: shown as Out-Default shows them. */
  readonly emit?: Emit;
}

/** A script with parameters or of a file runs as one; text typed in runs in the global scope. */
export async function runScript(frame: Frame, options: RunOptions): Promise<void> {
  const block = new ScriptBlockValue(parseScript(frame.source.text), frame.source);
  const { body } = block;
  if (options.file !== null || body.parameters !== null || body.begin || body.process)
    return runBlockOf(block, frame, options);
  const given = options
    .placed?.(null)
    .map(({ argument }) =>
      argument.kind === 'name' && argument.value === undefined
        ? argument.text
        : unwrap(argument.value ?? null, null),
    );
  frame.scope.set('args', given ?? options.args ?? []);
  return runStatements(body.end, frame);
}

async function runBlockOf(
  block: ScriptBlockValue,
  frame: Frame,
  { file, args = [], placed }: RunOptions,
): Promise<void> {
  const name = file?.replace(/^.*\//, '') ?? '';
  const target = functionTarget({ name, block });
  const extent = { start: 0, end: Math.min(1, frame.source.text.length) };
  const given = placed?.(target.parameters) ?? byPosition(args);
  const bound = await bindCommand(target, given, frame, { hasInput: false, extent });
  const common = openCommon(bound, frame, frame.emit, extent);
  const rest = bound.get(ARGS) ?? [];
  const { byName } = signatureOf(block);
  const call = {
    name,
    block,
    bound: new Map([...bound].filter(([parameter]) => byName.has(parameter))),
    args: isList(rest) ? rest : [rest],
    hasInput: false,
    sharesScope: file === null,
    line: name,
  };
  const run = new FunctionRun(call, { ...common.frame, overrides: null }, true);
  if (!call.sharesScope) setPreferences(run.scope, { common, bound });
  await run.begin();
  await run.process(undefined, null);
  await run.end();
  await common.flush();
}

function byPosition(args: readonly Value[]): readonly PlacedArgument[] {
  const extent = { start: 0, end: 0 };
  return args.map((value) => ({ argument: { kind: 'value', value }, extent }));
}
