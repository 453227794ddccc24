// A cmdlet's page of the reference, docs/cmdlets/<Name>.md, in the shape of Exchange's reference pages. Made from
// metadata alone; a test fails when the committed pages differ.
import type { CmdletMetadata, ParameterMetadata } from '#parameters/metadata.ts';
import { fillLines, shownParameters, syntaxParts } from './cmdlet-syntax.ts';
import { inputs, pipelineText } from './render-help.ts';

const WIDTH = 110;

export function referencePage(metadata: CmdletMetadata): string {
  const parameters = [...shownParameters(metadata)].sort(byName);
  return `${[
    `# ${metadata.name}`,
    '## SYNOPSIS',
    metadata.synopsis,
    '## SYNTAX',
    fenced('', fillLines(syntaxParts(metadata), WIDTH, ' ')),
    '## DESCRIPTION',
    metadata.description,
    'Which cmdlets and parameters you may use depends on your roles: `Get-ManagementRole -Cmdlet ' +
      `${metadata.name}\` shows the roles that hold this one.`,
    '## EXAMPLES',
    ...metadata.examples.flatMap(({ title, command, description }, index) => [
      `### Example ${index + 1}: ${title}`,
      fenced('powershell', command),
      description,
    ]),
    '## PARAMETERS',
    ...parameters.flatMap(parameterSection),
    '### CommonParameters',
    'This cmdlet has the common parameters -Debug, -ErrorAction, -ErrorVariable, -InformationAction, ' +
      '-InformationVariable, -OutVariable, -OutBuffer, -PipelineVariable, -Verbose, -WarningAction and -WarningVariable.',
    '## INPUTS',
    inputs(metadata),
    '## OUTPUTS',
    metadata.outputType ?? 'None. It returns nothing.',
  ].join('\n\n')}\n`;
}

/** Identity first, then by name, as in Exchange's pages. */
function byName(a: ParameterMetadata, b: ParameterMetadata): number {
  const rank = ({ name, mandatory }: ParameterMetadata): string =>
    `${name === 'Identity' ? 0 : mandatory ? 1 : 2}${name.toLowerCase()}`;
  return rank(a) < rank(b) ? -1 : 1;
}

function parameterSection(parameter: ParameterMetadata): readonly string[] {
  const { name, type, values, aliases, mandatory, position, defaultValue } = parameter;
  const facts = [
    `Type: ${type}`,
    'Parameter Sets: (All)',
    `Aliases: ${aliases.join(', ')}`.trimEnd(),
    ...(values.length > 0 ? [`Accepted values: ${values.join(', ')}`] : []),
    `Required: ${mandatory ? 'True' : 'False'}`,
    `Position: ${position === null ? 'Named' : position + 1}`,
    `Default value: ${defaultValue ?? 'None'}`,
    `Accept pipeline input: ${pipelineText(parameter).replace(/^./, (letter) => letter.toUpperCase())}`,
    'Accept wildcard characters: False',
  ];
  return [`### -${name}`, parameter.description, fenced('yaml', facts.join('\n'))];
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** docs/cmdlets/README.md: every cmdlet with its synopsis, by noun. */
export function referenceIndex(all: readonly CmdletMetadata[]): string {
  const nounOf = ({ name }: CmdletMetadata): string => name.slice(name.indexOf('-') + 1);
  const nouns = [...new Set(all.map(nounOf))].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const sections = nouns.map((noun) => {
    const rows = all.filter((metadata) => nounOf(metadata) === noun);
    return `## ${noun}\n\n${rows.map(({ name, synopsis }) => `- [${name}](${name}.md): ${synopsis}`).join('\n')}`;
  });
  return `# Cmdlets\n\nMade from the cmdlets' declarations by \`node scripts/docs.mjs\`.\n\n${sections.join('\n\n')}\n`;
}
