// Whether a certificate speaks for a name: RFC 9525 (and RFC 6125 before it), as delivery.md narrows it. Pure.
// DNS names of the SAN only; the common name only where there is no SAN at all (seed's era; RFC 9525 has dropped it).
// Addresses in a certificate never count. All comparison is on A-labels, lower case.
import type { DomainPattern } from '#mail/domain-pattern.ts';
import type { CertificateFacts } from './certificate-facts.ts';

/** The names that the certificate presents: for matching, and for telling people what was seen. */
export function presentedNames(
  facts: Pick<CertificateFacts, 'hasAlternativeName' | 'dnsNames' | 'commonName'>,
): readonly string[] {
  if (facts.hasAlternativeName) return facts.dnsNames;
  return facts.commonName === null ? [] : [facts.commonName.toLowerCase()];
}

/** True when one of the presented names matches one of the patterns. */
export function matchesPatterns(presented: readonly string[], patterns: readonly DomainPattern[]): boolean {
  return patterns.some((pattern) => presented.some((name) => matchesPattern(name, pattern)));
}

/**
 * Exchange: `*.contoso.com` in TlsDomain stands for contoso.com and every name below it. So a presented name matches
 * when it is one of those, or a wildcard all of whose names are, or a wildcard that covers contoso.com itself.
 */
export function matchesPattern(presented: string, pattern: DomainPattern): boolean {
  switch (pattern.kind) {
    case 'any':
      return isDnsName(withoutWildcard(presented));
    case 'exact':
      return matchesHost(presented, pattern.domain);
    default: {
      const base = withoutWildcard(presented);
      const below = base === pattern.domain || base.endsWith(`.${pattern.domain}`);
      return (below && isPresentable(presented)) || matchesHost(presented, pattern.domain);
    }
  }
}

/**
 * RFC 9525 §6.3: equal labels, or `*` as the whole leftmost label for exactly one label of `host`. `presented` may be
 * anything a stranger wrote; `host` is a name in A-labels, lower case, without a dot at the end.
 */
export function matchesHost(presented: string, host: string): boolean {
  if (!isPresentable(presented) || !isDnsName(host)) return false;
  if (!presented.startsWith('*.')) return presented === host;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === presented.slice(1);
}

function withoutWildcard(name: string): string {
  return name.startsWith('*.') ? name.slice(2) : name;
}

/** Postern: a wildcard needs two labels after it, as in every browser; `*.com` vouches for nobody. */
function isPresentable(name: string): boolean {
  if (!name.startsWith('*.')) return isDnsName(name);
  const base = name.slice(2);
  return base.includes('.') && isDnsName(base);
}

/** Letters, digits, hyphens and underscores; labels of 1 to 63; no address, no dot at the end, nothing international. */
function isDnsName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(name) &&
    !/(?:^|\.)\d+$/.test(name)
  );
}
