// How a route, the message's own wish and the policies found for a host become one TlsRequirement: pure. Every source
// may raise what is asked, none may lower it (delivery.md). Owns no look-up and judges nothing; where a policy keeps a
// host from being used at all, it says so as a Trouble.
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import type { Route } from '#routing/route.ts';
import type { DaneOutcome } from '#tls/dane.ts';
import { allowsExchanger, type MtaStsPolicy } from '#tls/mta-sts-policy.ts';
import type { MtaStsAnswer } from '#tls/mta-sts-cache.ts';
import { raiseRequirement } from '#tls/policy-precedence.ts';
import type { TlsAuthority, TlsLevel, TlsRequirement } from '#tls/requirement.ts';
import type { TargetHost } from './target-hosts.ts';
import type { Trouble } from './trouble.ts';

/** What binds a host in MX mode, as far as the route's modes ask for it. */
export interface HostPolicies {
  readonly dane: DaneOutcome;
  /** null: none, or MtaStsMode is None. */
  readonly mtaSts: MtaStsPolicy | null;
  /** Why an announced MTA-STS policy could not be had; null: nothing is wrong. */
  readonly mtaStsFault?: MtaStsAnswer['fault'];
}

export type RequirementResult =
  | { readonly kind: 'requirement'; readonly requirement: TlsRequirement }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

const RANK: Readonly<Record<TlsLevel, number>> = {
  Opportunistic: 0,
  EncryptionOnly: 1,
  CertificateValidation: 2,
  DomainValidation: 3,
};

/** Exchange: 4.7.323 and 4.7.324 are DANE's own codes. RFC 8461 names none; 4.7.5 is RFC 3463's cryptographic failure. */
const REFUSALS: Readonly<Record<string, EnhancedStatus>> = {
  'tlsa-invalid': '4.7.323',
  'dane-required': '4.7.323',
  'dnssec-invalid': '4.7.324',
};

/**
 * @param requireTls the message travels with REQUIRETLS (RFC 8689)
 * @param policies null where none can bind: smart hosts
 */
export function toTlsRequirement(
  route: Route,
  host: TargetHost,
  requireTls: boolean,
  policies: HostPolicies | null,
): RequirementResult {
  const base = requirementOfRoute(route, requireTls);
  const raised =
    policies === null
      ? ({ kind: 'requirement', requirement: base } as const)
      : raiseRequirement(base, { host: host.name, ...policies });
  if (raised.kind === 'refuse') {
    const status = REFUSALS[raised.resultType] ?? '4.7.5';
    return { kind: 'trouble', trouble: { kind: 'policy', status, detail: raised.detail } };
  }
  const { requirement } = raised;
  if (!requireTls) return { kind: 'requirement', requirement };
  const byRequireTls = raiseByRequireTls(requirement, host);
  if (byRequireTls.authority !== 'Connector' && !isSurelyExchanger(route, host, policies)) {
    const detail = `The sender demands REQUIRETLS, but nothing proves that ${host.name} takes its mail: the MX records aren't signed with DNSSEC, and no MTA-STS policy names it`;
    return { kind: 'trouble', trouble: { kind: 'policy', status: '4.7.5', detail } };
  }
  return { kind: 'requirement', requirement: byRequireTls };
}

/** RFC 8689 §4.2.1, step 2: an MX record that nobody signed must be confirmed by MTA-STS. Smart hosts are the administrator's word. */
function isSurelyExchanger(route: Route, host: TargetHost, policies: HostPolicies | null): boolean {
  if (route.nextHop.kind !== 'mx' || host.authenticated || host.address !== null) return true;
  if (policies?.dane.kind === 'authenticate') return true;
  const policy = policies?.mtaSts ?? null;
  return policy !== null && policy.mode !== 'none' && allowsExchanger(policy, host.name);
}

function requirementOfRoute(route: Route, requireTls: boolean): TlsRequirement {
  const base: TlsRequirement = {
    level: route.tlsLevel,
    authority: route.tlsLevel === 'Opportunistic' ? 'Default' : 'Connector',
    names: route.tlsLevel === 'DomainValidation' ? wantedNames(route) : [],
    tlsa: null,
    daneNames: [],
    mtaStsName: null,
    mtaStsTesting: null,
    requireTls,
  };
  if (route.ruleRequiresTls) return raise(base, 'EncryptionOnly', 'TransportRule');
  // delivery.md: a password is sent under TLS only.
  return route.hasCredential ? raise(base, 'EncryptionOnly', 'Connector') : base;
}

/** seed: TlsDomain; Postern: with MX and no TlsDomain it is the recipient's domain (connectors.md rule 8). */
function wantedNames(route: Route): TlsRequirement['names'] {
  if (route.tlsDomain !== null) return [route.tlsDomain];
  return route.nextHop.kind === 'mx' ? [{ kind: 'exact', domain: route.nextHop.domain }] : [];
}

function raise(requirement: TlsRequirement, level: TlsLevel, authority: TlsAuthority): TlsRequirement {
  return RANK[level] > RANK[requirement.level] ? { ...requirement, level, authority } : requirement;
}

/**
 * RFC 8689 §4.2.1: the certificate must speak for the host, by DANE or by chain and name. A smart host that is given by
 * its address has no name to match, so its chain alone is verified (Postern).
 */
function raiseByRequireTls(requirement: TlsRequirement, host: TargetHost): TlsRequirement {
  const { tlsa, mtaStsName, level } = requirement;
  if (tlsa !== null || mtaStsName !== null || level === 'DomainValidation') return requirement;
  if (host.address !== null) return raise(requirement, 'CertificateValidation', 'RequireTls');
  const names = [{ kind: 'exact', domain: host.name } as const];
  return raise({ ...requirement, names }, 'DomainValidation', 'RequireTls');
}

/** Whether clear text is good enough: nothing at all is asked of the connection. */
export function allowsClearText(requirement: TlsRequirement): boolean {
  return requirement.level === 'Opportunistic' && !requirement.requireTls;
}
