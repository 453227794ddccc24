// Get-Command: everything that can be called here: cmdlets of the daemon that this user may use, the shell's own commands,
// functions and aliases.
import { shownParameters, syntaxParts } from '#cmdlets/help/cmdlet-syntax.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { PsObject, type Value } from '#parameters/value.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';
import { notRecognized } from '#shell/runtime/resolve-command.ts';
import type { Scope } from '#shell/runtime/scope.ts';
import { toText } from '#shell/values/text.ts';
import { compileWildcard, hasWildcard } from '#shell/values/wildcard.ts';

interface Listed {
  readonly kind: 'Cmdlet' | 'Function' | 'Alias';
  readonly name: string;
  readonly source: string;
  /** null: a function or an alias. */
  readonly metadata: CmdletMetadata | null;
  readonly definition: string;
}

async function everything(context: CommandContext): Promise<readonly Listed[]> {
  const { session, scope } = context.frame;
  const cmdlet = (metadata: CmdletMetadata, source: string): Listed => ({
    kind: 'Cmdlet',
    name: metadata.name,
    source,
    metadata,
    definition: metadata.name,
  });
  const listed: Listed[] = [];
  for (const name of session.builtins.names) {
    const builtin = await session.builtins.find(name);
    if (builtin) listed.push(cmdlet(builtin.metadata, 'Shell'));
  }
  const known = new Set(listed.map(({ name }) => name.toLowerCase()));
  for (const metadata of (await session.source?.list()) ?? []) {
    if (!known.has(metadata.name.toLowerCase())) listed.push(cmdlet(metadata, 'Postern'));
  }
  for (let at: Scope | null = scope; at; at = at.parent) {
    for (const { name, block } of at.functions())
      listed.push({ kind: 'Function', name, source: '', metadata: null, definition: block.toString() });
  }
  for (const [name, command] of new Map([...session.builtins.aliases, ...session.aliases]))
    listed.push({ kind: 'Alias', name, source: '', metadata: null, definition: command });
  return listed;
}

function matcher(patterns: readonly Value[]): (name: string) => boolean {
  const tests = patterns.map((pattern) => compileWildcard(toText(pattern)));
  return (name) => tests.length === 0 || tests.some((matches) => matches(name));
}

const getCommand = defineBuiltin(
  {
    name: 'Get-Command',
    synopsis: 'Lists what can be called here.',
    parameters: [
      builtinParameter('Name', 'string[]', { position: 0, byValue: true, help: 'Names; wildcards allowed.' }),
      builtinParameter('Verb', 'string[]', { help: 'What stands before the hyphen.' }),
      builtinParameter('Noun', 'string[]', { help: 'What stands behind it.' }),
      builtinParameter('CommandType', 'string', {
        aliases: ['Type'],
        values: ['All', 'Cmdlet', 'Function', 'Alias'],
        help: 'One kind only.',
      }),
      builtinParameter('ParameterName', 'string[]', { help: 'Cmdlets that have this parameter.' }),
      builtinParameter('Module', 'string[]', {
        aliases: ['PSSnapin'],
        help: 'Accepted; Postern has one module.',
      }),
      builtinParameter('Syntax', 'switch', { help: 'How the command is written.' }),
    ],
    examples: [
      {
        title: 'All for connectors',
        command: 'Get-Command -Noun *Connector*',
        description: 'Lists the cmdlets for outbound and inbound connectors.',
      },
      {
        title: 'How a cmdlet is called',
        command: 'Get-Command New-OutboundConnector -Syntax',
        description: 'Shows its parameters in one line.',
      },
    ],
  },
  (context) => {
    const piped: Value[] = [];
    return {
      process: (input) => {
        if (context.hasInput) piped.push(input);
      },
      end: () => list(context, context.hasInput ? piped : context.list('Name')),
    };
  },
);

async function list(context: CommandContext, names: readonly Value[]): Promise<void> {
  const found = (await everything(context)).filter(filterOf(context, names));
  for (const name of names.map((value) => toText(value))) {
    if (hasWildcard(name) || found.some((entry) => entry.name.toLowerCase() === name.toLowerCase())) continue;
    const { message, category, errorId, exception } = await notRecognized(name, context.frame.session);
    await context.error(message, { category, errorId, exception: exception.typeName, target: name });
  }
  const sorted = [...found].sort((left, right) =>
    left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1,
  );
  for (const entry of sorted) {
    await context.emit(context.flag('Syntax') ? syntaxOf(entry) : shown(entry));
  }
}

function filterOf(context: CommandContext, names: readonly Value[]): (entry: Listed) => boolean {
  const kind = context.text('CommandType') ?? 'All';
  const isNamed = matcher(names);
  const isVerb = matcher(context.list('Verb'));
  const isNoun = matcher(context.list('Noun'));
  const hasParameter = context.has('ParameterName') ? matcher(context.list('ParameterName')) : null;
  return ({ name, kind: own, metadata }) => {
    const hyphen = name.indexOf('-');
    const verb = hyphen < 0 ? '' : name.slice(0, hyphen);
    const noun = hyphen < 0 ? '' : name.slice(hyphen + 1);
    // Aliases are listed where they are asked for.
    if (kind === 'All' ? own === 'Alias' && names.length === 0 : own !== kind) return false;
    if (!isNamed(name) || !isVerb(verb) || !isNoun(noun)) return false;
    if (!hasParameter) return true;
    return (
      metadata !== null &&
      shownParameters(metadata).some(({ name: parameter, aliases }) =>
        [parameter, ...aliases].some(hasParameter),
      )
    );
  };
}

function syntaxOf({ name, metadata, definition, kind }: Listed): string {
  if (metadata) return syntaxParts(metadata).join(' ');
  return kind === 'Alias' ? `${name} -> ${definition}` : name;
}

/** With the properties that the daemon's own Get-Command gives. */
function shown({ kind, name, source, definition, metadata }: Listed): PsObject {
  const hyphen = name.indexOf('-');
  return new PsObject('CmdletInfo', [
    ['CommandType', kind],
    ['Name', name],
    ['Synopsis', metadata?.synopsis ?? (kind === 'Alias' ? `Alias of ${definition}` : '')],
    ['Source', source],
    ['Verb', hyphen < 0 ? '' : name.slice(0, hyphen)],
    ['Noun', hyphen < 0 ? '' : name.slice(hyphen + 1)],
    ['Definition', definition],
    ['Parameters', metadata ? shownParameters(metadata).map((parameter) => parameter.name) : []],
  ]);
}

export const commands: readonly BuiltinCommand[] = [getCommand];
