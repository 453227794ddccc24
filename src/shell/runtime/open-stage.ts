// From a command as written to a stage of a pipeline: its name and its arguments evaluated, then opened.
import type { CommandNode } from '#shell/syntax/ast.ts';
import { ParseError } from '#shell/syntax/parse-error.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { evaluate } from './evaluate.ts';
import { evaluateArguments } from './evaluate-arguments.ts';
import type { Frame } from './frame.ts';
import { openCommand, type Stage } from './open-command.ts';
import { raiseAt } from './report.ts';
import { type Command, resolveCommand } from './resolve-command.ts';

/** Throws RaisedError at the place that is at fault. */
export async function openStage(
  node: CommandNode,
  frame: Frame,
  { hasInput }: { readonly hasInput: boolean },
): Promise<Stage> {
  try {
    const command = await commandOf(node, frame);
    const args = await evaluateArguments(node.elements, frame);
    return await openCommand(
      { command, args, extent: node.extent, sharesScope: node.invocation === 'dot' },
      frame,
      hasInput,
    );
  } catch (error) {
    if (error instanceof ParseError) throw raiseAt(parseFailure(error), frame, node.extent);
    throw raiseAt(error, frame, node.name.extent, null);
  }
}

function parseFailure({ message, errorId }: ParseError): ScriptError {
  return new ScriptError(message, {
    category: 'ParserError',
    errorId,
    exception: 'System.Management.Automation.ParseException',
  });
}

async function commandOf(node: CommandNode, frame: Frame): Promise<Command> {
  const name = await evaluate(node.name, frame);
  if (name instanceof ScriptBlockValue)
    return { kind: 'function', function: { name: '', block: name }, isScript: false };
  if (name === null || toText(name) === '') {
    throw new ScriptError(
      "The expression after '&' in a pipeline element produced an object that was not valid. It must result in a command name, a script block, or a CommandInfo object.",
      { errorId: 'BadExpression' },
    );
  }
  return resolveCommand(toText(name), frame);
}
