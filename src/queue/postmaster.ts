// Whom Postern's own messages come from: postmaster at the default accepted domain, else at the gateway's own name.
import type { Configuration } from '#directory/configuration.ts';
import type { Address } from '#mail/address.ts';

export function postmasterOf(configuration: Configuration, hostname: string): Address {
  const domain = configuration.acceptedDomains.find((one) => one.Default)?.DomainName ?? hostname;
  return { localPart: 'postmaster', domain };
}
