// How a route, the message's own wish and the policies found for a host become one TlsRequirement: pure. Every source
// may raise what is asked, none may lower it (delivery.md). Owns no look-up and judges nothing; where a policy keeps a
// host from being used at all, it says so as a Trouble.
import type { DomainPattern } from '#mail/domain-pattern.ts';
import type { Route } from '#routing/route.ts';
import type { TlsAuthority, TlsaRecord, TlsLevel, TlsRequirement } from '#tls/requirement.ts';
import type { TargetHost } from './target-hosts.ts';
import type { Trouble } from './trouble.ts';

/** What DANE says of a host: RFC 7672 §2.2. */
export type DaneFinding =
  /** Validated TLSA records, at least one usable. */
  | { readonly kind: 'records'; readonly records: readonly TlsaRecord[]; readonly names: readonly string[] }
  /** Validated TLSA records, none usable: TLS is a must, without authentication. */
  | { readonly kind: 'unusable' }
  /** No validated TLSA records. `secure`: DNSSEC itself was there. */
  | { readonly kind: 'none'; readonly secure: boolean }
  /** The look-up failed: the host isn't to be used (RFC 7672 §2.1.2). */
  | { readonly kind: 'failed'; readonly detail: string };

/** What MTA-STS says of a host: RFC 8461 §5. */
export type StsFinding =
  | { readonly kind: 'none' }
  | { readonly kind: 'testing' }
  | { readonly kind: 'enforce'; readonly listed: boolean };

export interface HostPolicies {
  readonly dane: DaneFinding;
  readonly sts: StsFinding;
}

/** Looks up what binds a host in MX mode; only what the route's modes ask for. Never rejects. */
export interface TlsPolicies {
  find(
    route: Route,
    domain: string,
    host: TargetHost,
    /** What the host's address look-ups were worth (RFC 7672 §2.2.2). */
    resolution: { readonly authenticated: boolean; readonly canonicalName: string },
  ): Promise<HostPolicies>;
}

export const NO_POLICIES: HostPolicies = { dane: { kind: 'none', secure: false }, sts: { kind: 'none' } };

export type RequirementResult =
  | { readonly kind: 'requirement'; readonly requirement: TlsRequirement }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

const RANK: Readonly<Record<TlsLevel, number>> = {
  Opportunistic: 0,
  EncryptionOnly: 1,
  CertificateValidation: 2,
  DomainValidation: 3,
};

interface Draft {
  level: TlsLevel;
  authority: TlsAuthority;
  names: readonly DomainPattern[];
  tlsa: readonly TlsaRecord[] | null;
  daneNames: readonly string[];
  mtaStsName: string | null;
}

/** @param requireTls the message travels with REQUIRETLS (RFC 8689) */
export function toTlsRequirement(
  route: Route,
  host: TargetHost,
  requireTls: boolean,
  policies: HostPolicies,
): RequirementResult {
  const draft: Draft = {
    level: route.tlsLevel,
    authority: route.tlsLevel === 'Opportunistic' ? 'Default' : 'Connector',
    names: route.tlsLevel === 'DomainValidation' ? wantedNames(route) : [],
    tlsa: null,
    daneNames: [],
    mtaStsName: null,
  };
  if (route.ruleRequiresTls) raise(draft, 'EncryptionOnly', 'TransportRule');
  // delivery.md: a password is sent under TLS only.
  if (route.hasCredential) raise(draft, 'EncryptionOnly', 'Connector');
  const trouble =
    raiseByDane(draft, route, host, policies.dane) ?? raiseBySts(draft, route, host, policies.sts);
  if (trouble !== null) return { kind: 'trouble', trouble };
  if (requireTls) raiseByRequireTls(draft, host);
  return { kind: 'requirement', requirement: { ...draft, requireTls } };
}

/** seed: TlsDomain; Postern: with MX and no TlsDomain it is the recipient's domain (connectors.md rule 8). */
function wantedNames(route: Route): readonly DomainPattern[] {
  if (route.tlsDomain !== null) return [route.tlsDomain];
  return route.nextHop.kind === 'mx' ? [{ kind: 'exact', domain: route.nextHop.domain }] : [];
}

function raise(draft: Draft, level: TlsLevel, authority: TlsAuthority): void {
  if (RANK[level] <= RANK[draft.level]) return;
  draft.level = level;
  draft.authority = authority;
}

/** Exchange: 4.7.321 STARTTLS, 4.7.323 TLSA, 4.7.324 DNSSEC are DANE's own codes. */
function raiseByDane(draft: Draft, route: Route, host: TargetHost, finding: DaneFinding): Trouble | null {
  if (route.nextHop.kind !== 'mx' || route.smtpDaneMode === 'None') return null;
  switch (finding.kind) {
    case 'failed':
      return {
        kind: 'policy',
        status: '4.7.323',
        detail: `The TLSA records of ${host.name} could not be looked up (DANE): ${finding.detail}`,
      };
    case 'records':
      draft.tlsa = finding.records;
      draft.daneNames = finding.names;
      // Where the connector asks for a verified certificate itself, both hold (delivery.md: raised, never lowered).
      if (RANK[draft.level] < RANK.CertificateValidation) {
        draft.level = 'EncryptionOnly';
        draft.authority = 'Dane';
      }
      return null;
    case 'unusable':
      if (route.smtpDaneMode === 'Mandatory') {
        return {
          kind: 'policy',
          status: '4.7.323',
          detail: `None of the TLSA records of ${host.name} can be used, and SmtpDaneMode is Mandatory`,
        };
      }
      raise(draft, 'EncryptionOnly', 'Dane');
      return null;
    default:
      if (route.smtpDaneMode !== 'Mandatory') return null;
      return {
        kind: 'policy',
        status: finding.secure ? '4.7.323' : '4.7.324',
        detail: finding.secure
          ? `${host.name} has no TLSA records, and SmtpDaneMode is Mandatory`
          : `The DNS answers for ${host.name} are not validated by DNSSEC, and SmtpDaneMode is Mandatory`,
      };
  }
}

/** RFC 8461 §2: where DANE holds, MTA-STS must not override it; Postern then leaves the judgement to DANE. */
function raiseBySts(draft: Draft, route: Route, host: TargetHost, finding: StsFinding): Trouble | null {
  if (route.nextHop.kind !== 'mx' || route.mtaStsMode === 'None') return null;
  if (finding.kind !== 'enforce') return null;
  if (!finding.listed) {
    return {
      kind: 'policy',
      status: '4.7.5',
      detail: `The MTA-STS policy of ${route.nextHop.domain} doesn't name ${host.name} as a mail exchanger`,
    };
  }
  if (draft.tlsa !== null) return null;
  draft.mtaStsName = host.name;
  raise(draft, 'CertificateValidation', 'MtaSts');
  return null;
}

/**
 * RFC 8689 §4.2.1: the certificate must speak for the host, by DANE or by chain and name. A smart host that is given by
 * its address has no name to match, so its chain alone is verified (Postern).
 */
function raiseByRequireTls(draft: Draft, host: TargetHost): void {
  if (draft.tlsa !== null || draft.mtaStsName !== null || draft.level === 'DomainValidation') return;
  if (host.address !== null) {
    raise(draft, 'CertificateValidation', 'RequireTls');
    return;
  }
  draft.names = [{ kind: 'exact', domain: host.name }];
  raise(draft, 'DomainValidation', 'RequireTls');
}

/** Whether clear text is good enough: nothing at all is asked of the connection. */
export function allowsClearText(requirement: TlsRequirement): boolean {
  return requirement.level === 'Opportunistic' && !requirement.requireTls;
}
