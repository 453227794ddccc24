// What DANE and MTA-STS said about a host, in words, as it is kept with every attempt: so that it can be seen afterwards
// why a host had to show more, or why it had not. Pure.
import type { DaneOutcome } from '#tls/dane.ts';
import type { HostPolicies } from './tls-requirement.ts';

export interface PolicyEvidence {
  readonly dane: string;
  readonly mtaSts: string;
}

/** null: nothing was asked, as for smart hosts. */
export function describePolicies(policies: HostPolicies | null): PolicyEvidence | null {
  return policies === null ? null : { dane: describeDane(policies.dane), mtaSts: describeMtaSts(policies) };
}

function describeDane(dane: DaneOutcome): string {
  switch (dane.kind) {
    case 'none':
      return `Not used: ${dane.why}`;
    case 'encrypt':
      return `Encryption only: ${dane.why}`;
    case 'refuse':
      return `Refused (${dane.resultType}): ${dane.detail}`;
    default:
      return `Authenticates by ${dane.records.length === 1 ? 'one TLSA record' : `${dane.records.length} TLSA records`}`;
  }
}

const MAX_SHOWN = 5;

function describeMtaSts({ mtaSts, mtaStsFault }: HostPolicies): string {
  const fault = mtaStsFault ? `${mtaStsFault.type}: ${mtaStsFault.detail}` : null;
  if (mtaSts === null) return fault === null ? 'Not used: no policy' : `Not used: ${fault}`;
  const hosts = mtaSts.mx.slice(0, MAX_SHOWN).join(', ');
  const kept = fault === null ? '' : ` (the one that was fetched earlier; ${fault})`;
  return `Mode ${mtaSts.mode}, hosts ${hosts}${kept}`;
}
