// Get-Help: about one cmdlet, one of its parameters, or a search. Shows only what the session may use.
import { parameter } from '#parameters/parameter-declaration.ts';
import { switchType, textUpTo } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { CmdletContext } from '../cmdlet.ts';
import { mistakes } from '../cmdlet-error.ts';
import { hasWildcard, namePattern } from '../name-pattern.ts';
import { ABOUT } from './about-postern.ts';
import { renderHelp, renderParameterHelp } from './render-help.ts';
import type { HelpSection } from './render-help.ts';

export const getHelp = defineCmdlet({
  name: 'Get-Help',
  synopsis: 'Explains cmdlets and their parameters.',
  description:
    'Without a name it says where to begin. With the name of a cmdlet it shows what the cmdlet is for and how it is called; -Detailed, -Full, -Examples and -Parameter show more, or a part.\n\nA name with wildcards, or one that no cmdlet has, is searched for in names and descriptions. Cmdlets and parameters that your roles do not hold are not shown.',
  parameters: {
    Name: parameter(textUpTo(200), {
      help: 'The cmdlet, or what to search for. Wildcards are allowed.',
      position: 0,
    }),
    Parameter: parameter(textUpTo(200), { help: 'Shows this parameter alone. Wildcards are allowed.' }),
    Detailed: parameter(switchType, { help: 'Shows the parameters and examples too.' }),
    Full: parameter(switchType, { help: 'Shows everything there is.' }),
    Examples: parameter(switchType, { help: 'Shows the examples alone.' }),
  },
  outputType: 'String',
  examples: [
    {
      title: 'One parameter',
      command: 'Get-Help Set-OutboundConnector -Parameter TlsDomain',
      description: 'Shows what TlsDomain means, its type and its default.',
    },
    {
      title: 'A search',
      command: 'Get-Help *queue*',
      description: 'Lists the cmdlets that have to do with queues.',
    },
  ],
  async run(bound, context: CmdletContext<unknown>) {
    if (bound.Name === undefined || bound.Name.trim() === '') return context.output(ABOUT);
    const metadata =
      context.catalogue.describe(bound.Name, context.session) ?? onlyMatch(bound.Name, context);
    if (!metadata) return search(bound.Name, context);
    if (bound.Parameter === undefined) {
      const section: HelpSection = bound.Full
        ? 'Full'
        : bound.Examples
          ? 'Examples'
          : bound.Detailed
            ? 'Detailed'
            : 'Default';
      return context.output(renderHelp(metadata, section));
    }
    const text = renderParameterHelp(metadata, namePattern(bound.Parameter));
    if (text === null) {
      throw mistakes.invalidArgument(
        'Parameter',
        `No parameter of ${metadata.name} matches '${bound.Parameter}'. Get-Help ${metadata.name} -Detailed lists them.`,
      );
    }
    await context.output(text);
  },
});

function onlyMatch(name: string, { catalogue, session }: CmdletContext<unknown>): CmdletMetadata | null {
  if (!hasWildcard(name)) return null;
  const found = catalogue.list(session).filter((metadata) => namePattern(name)(metadata.name));
  return found.length === 1 ? (found[0] ?? null) : null;
}

async function search(text: string, context: CmdletContext<unknown>): Promise<void> {
  const byName = namePattern(hasWildcard(text) ? text : `*${text}*`);
  const word = text.replaceAll(/[*?]/g, '').toLowerCase();
  const found = context.catalogue.list(context.session).filter(({ name, synopsis, description }) => {
    return byName(name) || (word.length > 2 && `${synopsis} ${description}`.toLowerCase().includes(word));
  });
  if (found.length === 0) {
    throw mistakes.helpNotFound(text);
  }
  for (const { name, synopsis } of found) {
    await context.output(
      new PsObject('HelpInfo', [
        ['Name', name],
        ['Category', 'Cmdlet'],
        ['Synopsis', synopsis],
      ]),
    );
  }
}
