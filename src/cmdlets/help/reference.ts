// The whole reference, as it belongs into docs/cmdlets: file name → text. scripts/docs.mjs writes it, a test compares it.
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { referenceIndex, referencePage } from './reference-page.ts';

export function referenceFiles(all: readonly CmdletMetadata[]): ReadonlyMap<string, string> {
  const sorted = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  const pages = sorted.map((metadata) => [`${metadata.name}.md`, referencePage(metadata)] as const);
  return new Map([['README.md', referenceIndex(sorted)], ...pages]);
}
