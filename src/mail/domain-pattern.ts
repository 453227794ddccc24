// A domain or `*.domain` or `*`, as RecipientDomains and TlsDomain hold them. One meaning everywhere:
// `*.contoso.com` matches contoso.com and every name below it (Exchange), on A-labels, without regard to case.
import { toALabels } from './domain-name.ts';

export type DomainPattern =
  | { readonly kind: 'exact'; readonly domain: string }
  | { readonly kind: 'subtree'; readonly domain: string }
  | { readonly kind: 'any' };

const ANY: DomainPattern = Object.freeze({ kind: 'any' });

/** Reads what an administrator typed; a string is the reason why it is no pattern, with the cure. */
export function parseDomainPattern(text: string): DomainPattern | string {
  const typed = text.trim();
  if (typed === '*') return ANY;
  const subtree = typed.startsWith('*.');
  const name = subtree ? typed.slice(2) : typed;
  const shown = JSON.stringify(typed.slice(0, 80));
  // seed: a wildcard can't be embedded.
  if (name.includes('*')) {
    return `${shown} has a wildcard in the wrong place: * stands only alone or as the whole first label, as in *.contoso.com.`;
  }
  if (name.includes('@')) return `${shown} is an address: give the domain alone, the part behind the @.`;
  const domain = toALabels(name);
  if (domain === null) {
    return `${shown} is not a domain name: use labels of letters, digits and hyphens with dots between them, as in contoso.com, *.contoso.com or *.`;
  }
  return { kind: subtree ? 'subtree' : 'exact', domain };
}

/** The pattern in A-labels; parses back to the same pattern. */
export function printDomainPattern(pattern: DomainPattern): string {
  if (pattern.kind === 'any') return '*';
  return pattern.kind === 'subtree' ? `*.${pattern.domain}` : pattern.domain;
}

/** `domain` in A-labels and lower case, as Address holds it. */
export function matchesDomainPattern(pattern: DomainPattern, domain: string): boolean {
  if (pattern.kind === 'any') return true;
  if (pattern.domain.length === domain.length || pattern.kind === 'exact') return pattern.domain === domain;
  const dot = domain.length - pattern.domain.length - 1;
  return dot > 0 && domain.charCodeAt(dot) === 0x2e && domain.endsWith(pattern.domain);
}
