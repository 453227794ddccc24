// Get-Command: everything that can be called here: cmdlets of the daemon that this user may use, the shell's own commands,
// functions and aliases.
import { PsObject, type Value } from '#parameters/value.ts';
import { toText } from '#shell/values/text.ts';
import { compileWildcard, hasWildcard } from '#shell/values/wildcard.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';
import { notRecognized } from '#shell/runtime/resolve-command.ts';
import type { Scope } from '#shell/runtime/scope.ts';

interface Listed {
  readonly kind: 'Cmdlet' | 'Function' | 'Alias';
  readonly name: string;
  readonly source: string;
  readonly parameters: readonly string[];
  readonly definition: string;
}

async function everything(context: CommandContext): Promise<readonly Listed[]> {
  const { session, scope } = context.frame;
  const cmdlets = (await session.source?.list()) ?? [];
  const listed: Listed[] = cmdlets.map(({ name, parameters }) => ({
    kind: 'Cmdlet',
    name,
    source: 'Postern',
    parameters: parameters.map((parameter) => parameter.name),
    definition: name,
  }));
  const known = new Set(listed.map(({ name }) => name.toLowerCase()));
  for (const name of session.builtins.names)
    if (!known.has(name.toLowerCase()))
      listed.push({ kind: 'Cmdlet', name, source: 'Shell', parameters: [], definition: name });
  for (let at: Scope | null = scope; at; at = at.parent) {
    for (const { name, block } of at.functions())
      listed.push({ kind: 'Function', name, source: '', parameters: [], definition: block.toString() });
  }
  for (const [name, command] of new Map([...session.builtins.aliases, ...session.aliases]))
    listed.push({ kind: 'Alias', name, source: '', parameters: [], definition: command });
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
  },
  (context) => ({
    end: async () => {
      const names = context.list('Name');
      const kind = context.text('CommandType') ?? 'All';
      const isNamed = matcher(names);
      const isVerb = matcher(context.list('Verb'));
      const isNoun = matcher(context.list('Noun'));
      const parameters = context.list('ParameterName');
      const hasParameter = matcher(parameters);
      const found = (await everything(context)).filter(({ name, kind: own, parameters: declared }) => {
        const [verb = '', noun = ''] = name.includes('-') ? name.split('-') : ['', ''];
        if (kind !== 'All' ? own !== kind : own === 'Alias' && names.length === 0) return false;
        return (
          isNamed(name) &&
          (context.has('Verb') ? isVerb(verb) : true) &&
          (context.has('Noun') ? isNoun(noun) : true) &&
          (parameters.length === 0 || declared.some(hasParameter))
        );
      });
      for (const name of names.map((value) => toText(value))) {
        if (hasWildcard(name) || found.some((entry) => entry.name.toLowerCase() === name.toLowerCase()))
          continue;
        const missing = await notRecognized(name, context.frame.session);
        await context.error(missing.message, {
          category: 'ObjectNotFound',
          errorId: 'CommandNotFoundException',
          exception: 'System.Management.Automation.CommandNotFoundException',
          target: name,
        });
      }
      for (const entry of [...found].sort((left, right) =>
        left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1,
      )) {
        await context.emit(
          context.flag('Syntax')
            ? `${entry.name}${entry.parameters.map((parameter) => ` [-${parameter}]`).join('')}`
            : shown(entry),
        );
      }
    },
  }),
);

function shown({ kind, name, source, definition }: Listed): PsObject {
  return new PsObject('System.Management.Automation.CommandInfo', [
    ['CommandType', kind],
    ['Name', kind === 'Alias' ? `${name} -> ${definition}` : name],
    ['Source', source],
  ]);
}

export const commands: readonly BuiltinCommand[] = [getCommand];
