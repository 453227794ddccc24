// The organization's accepted domains, for look-up by name: they decide AllAcceptedDomains, the InOrganization scope of
// rules, SRS, and what partners may hand in. Never changes; an edit makes a new index.
import type { AcceptedDomain } from '#directory/configuration.ts';
import { compareNames } from '#directory/object-name.ts';
import type { ChangedObjects } from './changed-objects.ts';
import {
  changePatternIndex,
  emptyPatternIndex,
  findNamed,
  type PatternIndex,
  type PatternMatch,
} from './pattern-index.ts';

export type AcceptedDomains = PatternIndex<AcceptedDomain>;

export function createAcceptedDomains(domains: readonly AcceptedDomain[]): AcceptedDomains {
  const empty = emptyPatternIndex<AcceptedDomain>((a, b) => compareNames(a.Name, b.Name));
  return changeAcceptedDomains(empty, { removed: [], added: domains });
}

export function changeAcceptedDomains(
  accepted: AcceptedDomains,
  changes: ChangedObjects<AcceptedDomain>,
): AcceptedDomains {
  if (changes.removed.length + changes.added.length === 0) return accepted;
  return changePatternIndex(accepted, {
    removed: changes.removed.map(matchOf),
    added: changes.added.map(matchOf),
  });
}

function matchOf(accepted: AcceptedDomain): PatternMatch<AcceptedDomain> {
  const kind = accepted.MatchSubDomains ? 'subtree' : 'exact';
  return { owner: accepted, pattern: { kind, domain: accepted.DomainName } };
}

/** The accepted domain that `domain` (A-labels, lower case) is or, with MatchSubDomains, lies below. */
export function findAcceptedDomain(accepted: AcceptedDomains, domain: string): AcceptedDomain | null {
  return findNamed(accepted, domain)?.owner ?? null;
}
