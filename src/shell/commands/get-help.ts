// Get-Help: the daemon explains its cmdlets; this adds the shell's own commands, functions and aliases, in the same form.
import { bindableParameters } from '#parameters/bind.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { type HelpSection, renderHelp, renderParameterHelp } from '#cmdlets/help/render-help.ts';
import { syntaxParts } from '#cmdlets/help/cmdlet-syntax.ts';
import { PsObject } from '#parameters/value.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';
import { signatureOf } from '#shell/runtime/function-signature.ts';
import { openCommand } from '#shell/runtime/open-command.ts';
import type { ScriptFunction } from '#shell/runtime/script-function.ts';
import { compileWildcard, hasWildcard } from '#shell/values/wildcard.ts';

const getHelp = defineBuiltin(
  {
    name: 'Get-Help',
    synopsis: 'Explains cmdlets, the shell’s own commands, and their parameters.',
    parameters: [
      builtinParameter('Name', 'string', { position: 0, help: 'The command, or what to search for.' }),
      builtinParameter('Parameter', 'string', { help: 'Shows this parameter alone. Wildcards are allowed.' }),
      builtinParameter('Detailed', 'switch', { help: 'Shows the parameters and examples too.' }),
      builtinParameter('Full', 'switch', { help: 'Shows everything there is.' }),
      builtinParameter('Examples', 'switch', { help: 'Shows the examples alone.' }),
      builtinParameter('Online', 'switch', { help: 'Accepted; everything there is is shown here.' }),
      builtinParameter('ShowWindow', 'switch', { help: 'Accepted; help is shown on the terminal.' }),
    ],
  },
  (context) => ({ end: () => explain(context) }),
);

async function explain(context: CommandContext): Promise<void> {
  const { session, scope } = context.frame;
  const written = context.text('Name')?.trim() ?? '';
  const name =
    session.aliases.get(written.toLowerCase()) ??
    session.builtins.aliases.get(written.toLowerCase()) ??
    written;
  const called = scope.findFunction(name);
  if (called)
    return context.emit(
      renderHelp(describeFunction(called), sectionOf(context), context.frame.session.host.width),
    );
  const builtin =
    name.toLowerCase() === 'get-help' && session.source ? null : await session.builtins.find(name);
  if (builtin) return showOwn(builtin.metadata, context);
  const found = hasWildcard(name) ? await ownMatches(name, context) : 0;
  await askDaemon(name, context, found > 0);
}

function sectionOf(context: CommandContext): HelpSection {
  if (context.flag('Full')) return 'Full';
  if (context.flag('Examples')) return 'Examples';
  return context.flag('Detailed') ? 'Detailed' : 'Default';
}

async function showOwn(metadata: CmdletMetadata, context: CommandContext): Promise<void> {
  const { width } = context.frame.session.host;
  const wanted = context.text('Parameter');
  if (wanted === null) return context.emit(renderHelp(metadata, sectionOf(context), width));
  const text = renderParameterHelp(metadata, compileWildcard(wanted), width);
  if (text !== null) return context.emit(text);
  throw context.fail(
    `No parameter of ${metadata.name} matches '${wanted}'. Get-Help ${metadata.name} -Detailed lists them.`,
    {
      category: 'InvalidArgument',
      errorId: 'NoMatchingParameter',
      target: wanted,
    },
  );
}

/** What a function's own declaration says. */
function describeFunction(called: ScriptFunction): CmdletMetadata {
  const signature = signatureOf(called.block);
  const metadata: CmdletMetadata = {
    name: called.name,
    synopsis: '',
    description: '',
    parameters: signature.parameters.map((parameter) => parameter.metadata),
    supportsShouldProcess: signature.supportsShouldProcess,
    confirmImpact: 'None',
    outputType: null,
    examples: [],
  };
  return { ...metadata, synopsis: syntaxParts(metadata).join(' ') };
}

/** Lists the shell's own commands that match; how many. */
async function ownMatches(pattern: string, context: CommandContext): Promise<number> {
  const { builtins } = context.frame.session;
  const names = builtins.names.filter(compileWildcard(pattern));
  for (const name of names) {
    const synopsis = (await builtins.find(name))?.metadata.synopsis ?? '';
    await context.emit(
      new PsObject('HelpInfo', [
        ['Name', name],
        ['Category', 'Cmdlet'],
        ['Synopsis', synopsis],
      ]),
    );
  }
  return names.length;
}

/** `quiet`: something was found here already, so that nothing there is no error. */
async function askDaemon(name: string, context: CommandContext, quiet: boolean): Promise<void> {
  const { frame } = context;
  const metadata = await frame.session.source?.describe('Get-Help');
  if (!metadata) {
    if (!quiet)
      await context.error(`Get-Help could not find ${name}. Get-Command lists what there is.`, {
        category: 'ResourceUnavailable',
        errorId: 'HelpNotFound',
        target: name,
      });
    return;
  }
  const known = bindableParameters(metadata).byKey;
  const given = ['Parameter', 'Detailed', 'Full', 'Examples'].filter(
    (parameter) => context.has(parameter) && known.has(parameter.toLowerCase()),
  );
  const { extent } = context.position;
  const args = [
    ...given.map((parameter) => [parameter, context.value(parameter)] as const),
    ...(name === '' ? [] : [['Name', name] as const]),
  ].map(([parameter, value]) => ({
    argument: { kind: 'name' as const, name: parameter, text: `-${parameter}:`, value },
    extent,
  }));
  const overrides = quiet
    ? { ...frame.overrides, ErrorActionPreference: 'Ignore' as const }
    : frame.overrides;
  const stage = await openCommand(
    { command: { kind: 'cmdlet', metadata }, args, extent, sharesScope: false },
    { ...frame, overrides },
    false,
  );
  await stage.begin();
  await stage.run();
  await stage.end();
}

export const commands: readonly BuiltinCommand[] = [getHelp];
