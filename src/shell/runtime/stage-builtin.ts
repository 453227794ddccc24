// One of the shell's own commands as a stage.
import { isList } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import type { ScriptErrorDetails } from '#shell/values/script-error.ts';
import { ListValue } from '#shell/values/object-values.ts';
import { toText } from '#shell/values/text.ts';
import { toNumber } from '#shell/values/to-number.ts';
import { isTrue } from '#shell/values/truth.ts';
import type { BuiltinCommand, CommandContext } from './builtin-command.ts';
import type { Stage, StageParts } from './open-command.ts';
import { errorRecord, positionIn, writeError, writeMessage } from './report.ts';
import { invokeBlock, runBlock } from './script-function.ts';
import { StopUpstream } from './signals.ts';

export function builtinStage(builtin: BuiltinCommand, parts: StageParts): Stage {
  const { common } = parts;
  const owner = {};
  const context = createContext(parts, owner);
  const processor = builtin.create(context);
  const given = parts.bound.get('InputObject');
  return {
    owner,
    begin: async () => processor.begin?.(),
    process: (input) => processor.process?.(input),
    run: async () => {
      // -InputObject given by name stands for the pipeline.
      if (given !== undefined && processor.process) await processor.process(given);
    },
    end: async () => processor.end?.(),
    failed: common.failed,
  };
}

function createContext(parts: StageParts, owner: object): CommandContext {
  const { bound, common, name, extent, caller } = parts;
  const { frame } = common;
  const position = positionIn(caller, extent);
  return {
    name,
    frame,
    position,
    hasInput: parts.hasInput,
    has: (parameter) => bound.has(parameter),
    value: (parameter) => bound.get(parameter) ?? null,
    text: (parameter) => {
      const value = bound.get(parameter);
      return value === undefined || value === null ? null : toText(value);
    },
    number: (parameter) => {
      const value = bound.get(parameter);
      return value === undefined || value === null ? null : toNumber(value);
    },
    flag: (parameter) => isTrue(bound.get(parameter)),
    list: (parameter) => {
      const value = bound.get(parameter);
      if (value === undefined || value === null) return [];
      return isList(value) ? value : value instanceof ListValue ? value.items : [value];
    },
    emit: (value) => frame.emit(value),
    error: (message: string, details: ScriptErrorDetails = {}) => {
      const { category = 'NotSpecified', errorId = name, exception, target = null } = details;
      return writeError(
        frame,
        errorRecord(
          { message, category, errorId, target, ...(exception === undefined ? {} : { exception }) },
          name,
          position,
        ),
      );
    },
    fail: (message, details) => new ScriptError(message, details),
    warning: (text) => writeMessage(frame, 'warning', text),
    verbose: (text) => writeMessage(frame, 'verbose', text),
    stopUpstream: () => {
      throw new StopUpstream(owner);
    },
    // Blocks run as the caller's code: the command's own preferences are not theirs.
    run: (block, input, emit, args) =>
      runBlock(block, { ...caller, streams: frame.streams, emit }, args ? { input, args } : { input }),
    evaluate: async (block, input: Value) =>
      (await invokeBlock(block, { ...caller, streams: frame.streams }, { input })) ?? null,
  };
}
