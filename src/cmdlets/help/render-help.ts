// Help for one cmdlet as text for a terminal, in the sections that PowerShell's help has, made from metadata alone:
// so it holds for the daemon's cmdlets and for the shell's own commands, and shows only what the session may use.
import type { CmdletMetadata, ParameterMetadata } from '#parameters/metadata.ts';
import { fillLines, shownParameters, syntaxParts, typeText } from './cmdlet-syntax.ts';

export type HelpSection = 'Default' | 'Detailed' | 'Full' | 'Examples';

const INDENT = '    ';

export function renderHelp(metadata: CmdletMetadata, section: HelpSection, width = 100): string {
  const blocks = [block('NAME', [metadata.name], width)];
  blocks.push(block('SYNOPSIS', [metadata.synopsis], width));
  if (section === 'Examples') return [...blocks, ...examples(metadata, width)].join('\n\n');
  const syntax = fillLines(syntaxParts(metadata), width - INDENT.length, INDENT);
  blocks.push(`SYNTAX\n${indented(syntax)}`);
  blocks.push(block('DESCRIPTION', paragraphs(metadata.description), width));
  if (section === 'Default') {
    blocks.push(block('REMARKS', remarks(metadata.name), width));
    return blocks.join('\n\n');
  }
  const parameters = shownParameters(metadata).map((parameter) =>
    parameterHelp(parameter, section === 'Full', width),
  );
  blocks.push(['PARAMETERS', ...parameters, COMMON].join('\n'));
  if (section === 'Full') {
    blocks.push(block('INPUTS', [inputs(metadata)], width));
    blocks.push(block('OUTPUTS', [metadata.outputType ?? 'None'], width));
  }
  return [...blocks, ...examples(metadata, width)].join('\n\n');
}

/** Help for the parameters whose names `matches`; null where none does. */
export function renderParameterHelp(
  metadata: CmdletMetadata,
  matches: (name: string) => boolean,
  width = 100,
): string | null {
  const chosen = shownParameters(metadata).filter(({ name }) => matches(name));
  if (chosen.length === 0) return null;
  return chosen.map((parameter) => parameterHelp(parameter, true, width)).join('\n');
}

const COMMON = indented(
  '<CommonParameters>\n' +
    `${INDENT}Debug, ErrorAction, ErrorVariable, InformationAction, InformationVariable, OutVariable,\n` +
    `${INDENT}OutBuffer, PipelineVariable, Verbose, WarningAction and WarningVariable, as in PowerShell.`,
);

function remarks(name: string): readonly string[] {
  return [
    `Examples: Get-Help ${name} -Examples`,
    `Everything about it: Get-Help ${name} -Full`,
    `One parameter: Get-Help ${name} -Parameter <Name>`,
  ];
}

function parameterHelp(parameter: ParameterMetadata, full: boolean, width: number): string {
  const type = parameter.isSwitch ? `[<${parameter.type}>]` : `<${typeText(parameter)}>`;
  const head = `${INDENT}-${parameter.name} ${type}`;
  const text = paragraphs(parameter.description).map((paragraph) =>
    wrapped(paragraph, width, `${INDENT}${INDENT}`),
  );
  const lines = [head, text.join('\n\n')];
  if (parameter.values.length > 0) {
    lines.push('', wrapped(`Valid values: ${parameter.values.join(', ')}.`, width, `${INDENT}${INDENT}`));
  }
  if (full)
    lines.push(
      '',
      ...facts(parameter).map(([name, value]) => `${INDENT}${INDENT}${name.padEnd(29)}${value}`.trimEnd()),
    );
  return `${lines.join('\n')}\n`;
}

function facts(parameter: ParameterMetadata): readonly (readonly [string, string])[] {
  return [
    ['Required?', String(parameter.mandatory)],
    ['Position?', parameter.position === null ? 'named' : String(parameter.position + 1)],
    ['Default value', parameter.defaultValue ?? ''],
    ['Accept pipeline input?', pipelineText(parameter)],
    ['Aliases', parameter.aliases.join(', ')],
    ['Accept wildcard characters?', 'false'],
  ];
}

/** `true (ByValue, ByPropertyName)`, as PowerShell's help says it. */
export function pipelineText({ pipeline }: ParameterMetadata): string {
  const ways = [pipeline.byValue ? 'ByValue' : '', pipeline.byPropertyName ? 'ByPropertyName' : ''].filter(
    Boolean,
  );
  return ways.length === 0 ? 'false' : `true (${ways.join(', ')})`;
}

/** What comes down the pipeline, for help and reference. */
export function inputs(metadata: CmdletMetadata): string {
  const taken = metadata.parameters.filter(({ pipeline }) => pipeline.byValue || pipeline.byPropertyName);
  if (taken.length === 0) return 'None. Nothing is taken from the pipeline.';
  return `Objects from the pipeline give ${taken.map(({ name }) => name).join(', ')}.`;
}

function examples({ examples: all }: CmdletMetadata, width: number): readonly string[] {
  return all.map(({ title, command, description }, index) => {
    const dashes = '-'.repeat(26);
    const head = `${INDENT}${dashes} EXAMPLE ${index + 1}: ${title} ${dashes}`;
    const shown = command
      .split('\n')
      .map((line, row) => `${INDENT}${row === 0 ? 'PS> ' : '>> '}${line}`)
      .join('\n');
    const body = `${head}\n\n${shown}\n\n${wrapped(description, width, INDENT)}`;
    return index === 0 ? `EXAMPLES\n${body}` : body;
  });
}

function block(title: string, texts: readonly string[], width: number): string {
  return `${title}\n${texts.map((text) => wrapped(text, width, INDENT)).join(title === 'REMARKS' ? '\n' : '\n\n')}`;
}

export function paragraphs(text: string): readonly string[] {
  return text.split(/\n{2,}/);
}

function wrapped(text: string, width: number, indent: string): string {
  return text
    .split('\n')
    .map(
      (line) =>
        indent +
        fillLines(line.split(' '), Math.max(20, width - indent.length), '').replaceAll('\n', `\n${indent}`),
    )
    .join('\n');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => INDENT + line)
    .join('\n');
}
