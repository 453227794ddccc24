// What the policies that were found for one MX host make of the requirement that the connector gave: they raise it,
// never lower it. Pure. RFC 8461 §2: where DANE can authenticate a host it decides, and MTA-STS doesn't override it.
import type { DaneOutcome } from './dane.ts';
import { allowsExchanger, type MtaStsPolicy } from './mta-sts-policy.ts';
import type { TlsRequirement } from './requirement.ts';

export interface FoundPolicies {
  /** The exchanger's name: A-labels, lower case. */
  readonly host: string;
  readonly dane: DaneOutcome;
  /** Null: none, or MtaStsMode is None. */
  readonly mtaSts: MtaStsPolicy | null;
}

export type Raised =
  | { readonly kind: 'requirement'; readonly requirement: TlsRequirement }
  /** This host may not be used now: the next one, then defer. `resultType`: RFC 8460 §4.3. */
  | { readonly kind: 'refuse'; readonly resultType: string; readonly detail: string };

export function raiseRequirement(base: TlsRequirement, found: FoundPolicies): Raised {
  const { dane, mtaSts, host } = found;
  switch (dane.kind) {
    case 'refuse':
      return dane;
    case 'authenticate':
      return raised({ ...authenticatedByDane(base), tlsa: dane.records, daneNames: dane.names });
    case 'encrypt':
      return withMtaSts(encrypted(base, 'Dane'), mtaSts, host);
    default:
      return withMtaSts(base, mtaSts, host);
  }
}

function withMtaSts(base: TlsRequirement, policy: MtaStsPolicy | null, host: string): Raised {
  // RFC 8461 §5: testing reports and delivers, none is as if there were no policy.
  if (policy?.mode === 'testing') return raised({ ...base, mtaStsTesting: host });
  if (policy === null || policy.mode !== 'enforce') return raised(base);
  if (!allowsExchanger(policy, host)) {
    return {
      kind: 'refuse',
      resultType: 'validation-failure',
      detail: `${host} isn't among the mail hosts of the receiving domain's MTA-STS policy (${policy.mx.slice(0, 5).join(', ')}); its MX records or its policy must be corrected.`,
    };
  }
  return raised({ ...encrypted(base, 'MtaSts'), mtaStsName: host });
}

/** RFC 8689 §4.1: REQUIRETLS is content with DANE in place of the chain; what a connector asks for stays. */
function authenticatedByDane(base: TlsRequirement): TlsRequirement {
  return base.authority === 'RequireTls'
    ? { ...base, level: 'EncryptionOnly', authority: 'Dane' }
    : encrypted(base, 'Dane');
}

/** At least encryption. Where the connector validates already, it stays the one who asks for it. */
function encrypted(base: TlsRequirement, authority: 'Dane' | 'MtaSts'): TlsRequirement {
  const validates = base.level === 'CertificateValidation' || base.level === 'DomainValidation';
  return validates ? base : { ...base, level: 'EncryptionOnly', authority };
}

function raised(requirement: TlsRequirement): Raised {
  return { kind: 'requirement', requirement };
}
