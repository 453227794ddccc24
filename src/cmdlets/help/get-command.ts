// Get-Command: which cmdlets there are for this session, by name, verb, noun or parameter, and their syntax.
import { parameter } from '#parameters/parameter-declaration.ts';
import { listOf, switchType, textUpTo } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { CmdletContext } from '../cmdlet.ts';
import { mistakes } from '../cmdlet-error.ts';
import { commandHint } from '../command-hint.ts';
import { hasWildcard, namePattern } from '../name-pattern.ts';
import { shownParameters, syntaxParts } from './cmdlet-syntax.ts';

const names = listOf(textUpTo(200));

export const getCommand = defineCmdlet({
  name: 'Get-Command',
  synopsis: 'Lists the cmdlets that you may use.',
  description:
    'Lists cmdlets by name, verb, noun, or by a parameter that they have. What your roles do not hold is not there.',
  parameters: {
    Name: parameter(names, {
      help: 'Names, wildcards allowed.',
      position: 0,
      pipeline: { byPropertyName: true },
    }),
    Verb: parameter(names, { help: 'What stands before the hyphen, as in Get.' }),
    Noun: parameter(names, { help: 'What stands after the hyphen, as in OutboundConnector.' }),
    ParameterName: parameter(names, { help: 'Only cmdlets that have such a parameter.' }),
    Syntax: parameter(switchType, { help: 'Shows how each cmdlet is called.' }),
  },
  outputType: 'CmdletInfo',
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
  async run(bound, context: CmdletContext<unknown>) {
    const all = context.catalogue.list(context.session);
    for (const name of bound.Name ?? []) {
      if (!hasWildcard(name) && !all.some((metadata) => metadata.name.toLowerCase() === name.toLowerCase())) {
        context.error(
          mistakes.commandNotFound(
            name,
            commandHint(
              name,
              all.map((metadata) => metadata.name),
            ),
          ),
        );
      }
    }
    const found = all.filter(
      (metadata) =>
        fits(metadata.name, bound.Name) &&
        fits(verbOf(metadata), bound.Verb) &&
        fits(nounOf(metadata), bound.Noun) &&
        (bound.ParameterName === undefined ||
          shownParameters(metadata).some(({ name, aliases }) =>
            [name, ...aliases].some((text) => fits(text, bound.ParameterName)),
          )),
    );
    for (const metadata of found) {
      await context.output(bound.Syntax ? syntaxParts(metadata).join(' ') : commandInfo(metadata));
    }
  },
});

function fits(text: string, patterns: readonly string[] | undefined): boolean {
  return patterns === undefined || patterns.some((pattern) => namePattern(pattern)(text));
}

function verbOf({ name }: CmdletMetadata): string {
  return name.slice(0, name.indexOf('-'));
}

function nounOf({ name }: CmdletMetadata): string {
  return name.slice(name.indexOf('-') + 1);
}

function commandInfo(metadata: CmdletMetadata): PsObject {
  return new PsObject('CmdletInfo', [
    ['CommandType', 'Cmdlet'],
    ['Name', metadata.name],
    ['Synopsis', metadata.synopsis],
    ['Source', 'Postern'],
    ['Verb', verbOf(metadata)],
    ['Noun', nounOf(metadata)],
    ['Parameters', shownParameters(metadata).map(({ name }) => name)],
  ]);
}
