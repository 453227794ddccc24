// The policies that the world publishes about one mail exchanger, DANE and MTA-STS, looked up together and only as far as
// the route's modes ask for them. Decides nothing: tls-requirement.ts does.
import type { Resolver } from '#dns/lookup.ts';
import type { Route } from '#routing/route.ts';
import { findDane } from '#tls/dane.ts';
import type { MtaStsPolicies } from '#tls/mta-sts-cache.ts';
import type { TargetHost } from './target-hosts.ts';
import type { HostPolicies } from './tls-requirement.ts';

export interface TlsPolicies {
  /** null: nothing can bind this host (smart hosts, address literals). Never rejects. */
  find(route: Route, host: TargetHost): Promise<HostPolicies | null>;
}

export interface TlsPolicyParts {
  readonly resolver: Resolver;
  readonly mtaSts: MtaStsPolicies;
}

/** One per thread. */
export function createTlsPolicies({ resolver, mtaSts }: TlsPolicyParts): TlsPolicies {
  return {
    async find(route, host) {
      if (route.nextHop.kind !== 'mx' || host.smartHost) return null;
      const { domain } = route.nextHop;
      // Mail to an address literal has no DNS to publish anything in, but SmtpDaneMode Mandatory binds it all the same.
      const secure = host.authenticated && host.address === null;
      const [dane, policy] = await Promise.all([
        findDane(resolver, route.smtpDaneMode, host.name, domain, host.port, secure),
        route.mtaStsMode === 'None' || host.address !== null ? null : mtaSts.policyFor(domain),
      ]);
      return { dane, mtaSts: policy?.policy ?? null, mtaStsFault: policy?.fault ?? null };
    },
  };
}
