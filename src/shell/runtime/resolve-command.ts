// What a command's name means: an alias, a function, one of the shell's own commands, a cmdlet, or a script file. In that
// order, as in PowerShell. A name that means nothing is an error that says what was probably meant.
import { commandHint } from '#cmdlets/command-hint.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import type { BuiltinCommand } from './builtin-command.ts';
import { filesOf } from './files.ts';
import type { Frame } from './frame.ts';
import type { ScriptFunction } from './script-function.ts';
import type { Session } from './session.ts';

export type Command =
  | { readonly kind: 'function'; readonly function: ScriptFunction; readonly isScript: boolean }
  | { readonly kind: 'builtin'; readonly builtin: BuiltinCommand }
  | { readonly kind: 'cmdlet'; readonly metadata: CmdletMetadata };

/** Longer names are no commands. */
const LONGEST_NAME = 4096;

export async function resolveCommand(written: string, frame: Frame): Promise<Command> {
  const { session } = frame;
  const alias =
    session.aliases.get(written.toLowerCase()) ?? session.builtins.aliases.get(written.toLowerCase());
  const name = alias ?? written.replace(/^(?:global|script|local):/i, '');
  const found = name.length > LONGEST_NAME ? null : await find(name, frame);
  if (found) return found;
  throw await notRecognized(written, session);
}

async function find(name: string, frame: Frame): Promise<Command | null> {
  const { session } = frame;
  const own = frame.scope.findFunction(name);
  if (own) return { kind: 'function', function: own, isScript: false };
  const builtin = await session.builtins.find(name);
  if (builtin) return { kind: 'builtin', builtin };
  if (/[\\/]|\.ps1$/i.test(name)) {
    const script = await readScript(name, frame);
    if (script) return { kind: 'function', function: script, isScript: true };
  }
  if (!/^[a-z]+-\w+$/i.test(name) || !session.source) return null;
  const metadata = await session.source.describe(name);
  return metadata ? { kind: 'cmdlet', metadata } : null;
}

async function readScript(name: string, frame: Frame): Promise<ScriptFunction | null> {
  if (!frame.session.host.files || !/\.ps1$/i.test(name)) return null;
  const files = filesOf(frame);
  const path = files.resolve(name);
  if ((await files.exists(path)) !== 'file') return null;
  const text = await files.readText(path);
  const { parseScript } = await import('#shell/syntax/parse-script.ts');
  return {
    name: path.replace(/^.*\//, ''),
    block: new ScriptBlockValue(parseScript(text), { file: path, text }),
  };
}

export async function notRecognized(name: string, session: Session): Promise<ScriptError> {
  const known = [
    ...session.builtins.names,
    ...((await session.source?.list().catch(() => [])) ?? []).map((metadata) => metadata.name),
  ];
  const hint = commandHint(name, known);
  const message =
    `The term '${name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\n` +
    'Check the spelling of the name, or if a path was included, verify that the path is correct and try again.' +
    (hint === null ? '' : `\n${hint}`);
  return new ScriptError(message, {
    category: 'ObjectNotFound',
    errorId: 'CommandNotFoundException',
    exception: 'System.Management.Automation.CommandNotFoundException',
    target: name,
  });
}
