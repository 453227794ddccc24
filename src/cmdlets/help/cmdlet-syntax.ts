// A cmdlet's syntax as PowerShell writes it: `Set-X [-Identity] <Type> [-Comment <String>] [-WhatIf] [<CommonParameters>]`.
import { shouldProcessMetadata } from '#parameters/common-parameters.ts';
import type { CmdletMetadata, ParameterMetadata } from '#parameters/metadata.ts';

/** The cmdlet's own parameters and, where it has them, WhatIf and Confirm; without the common ones. */
export function shownParameters(metadata: CmdletMetadata): readonly ParameterMetadata[] {
  return metadata.supportsShouldProcess
    ? [...metadata.parameters, ...shouldProcessMetadata]
    : metadata.parameters;
}

/** Positional and mandatory parameters first, then in the order of declaration. */
function rank({ position, mandatory }: ParameterMetadata): number {
  return position ?? (mandatory ? 1000 : 2000);
}

/** The parts that may stand on lines of their own. */
export function syntaxParts(metadata: CmdletMetadata): readonly string[] {
  const parameters = [...shownParameters(metadata)].sort((a, b) => rank(a) - rank(b));
  return [metadata.name, ...parameters.map(syntaxPart), '[<CommonParameters>]'];
}

/** `<Type>`, or the values of an enumeration. */
export function typeText({ type, values }: ParameterMetadata): string {
  return values.length > 0 && values.length <= 12 ? values.join(' | ') : type;
}

function syntaxPart(parameter: ParameterMetadata): string {
  const name = `-${parameter.name}`;
  const shownName = parameter.position === null ? name : `[${name}]`;
  const whole = parameter.isSwitch ? shownName : `${shownName} <${typeText(parameter)}>`;
  return parameter.mandatory ? whole : `[${whole}]`;
}

/** Words filled into lines no longer than `width`; lines after the first get `indent`. */
export function fillLines(parts: readonly string[], width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    if (line !== '' && line.length + 1 + part.length > width) {
      lines.push(line);
      line = `${indent}${part}`;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line].join('\n');
}
