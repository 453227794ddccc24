// One entry of a role: a cmdlet and which of its parameters may be used. As text in the store: `Set-X Identity,Comment`.
import type { CmdletMetadata } from '#parameters/metadata.ts';

export interface RoleEntry {
  readonly cmdlet: string;
  readonly parameters: readonly string[];
}

export function printRoleEntry({ cmdlet, parameters }: RoleEntry): string {
  return `${cmdlet} ${parameters.join(',')}`;
}

export function parseRoleEntry(text: string): RoleEntry {
  const [cmdlet = '', parameters = ''] = text.split(' ');
  return { cmdlet, parameters: parameters.split(',').filter((name) => name !== '') };
}

/** The cmdlet with all that it has. */
export function wholeEntry({ name, parameters }: CmdletMetadata): RoleEntry {
  return { cmdlet: name, parameters: parameters.map((parameter) => parameter.name) };
}

export function entryFor(entries: readonly RoleEntry[], cmdlet: string): RoleEntry | null {
  const key = cmdlet.toLowerCase();
  return entries.find((entry) => entry.cmdlet.toLowerCase() === key) ?? null;
}

/** The parameters of `wanted` that the entry doesn't hold; names without regard to case. */
export function missingParameters(entry: RoleEntry, wanted: readonly string[]): readonly string[] {
  const held = new Set(entry.parameters.map((name) => name.toLowerCase()));
  return wanted.filter((name) => !held.has(name.toLowerCase()));
}
