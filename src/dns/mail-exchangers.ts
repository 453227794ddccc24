// Which hosts take mail for a domain: RFC 5321 §5.1 and RFC 7505, as a value. Owns the order (preference, equal ones
// shuffled), the implicit MX and the null MX; never looks up the hosts' addresses, but for the domain's own.
import type { Lookup, MailExchanger, Resolver } from './lookup.ts';

/** How many hosts of one domain are ever tried (Postern). */
const MAX_EXCHANGERS = 20;

export type MailExchangers =
  | {
      readonly kind: 'hosts';
      /** Names in the order in which they are to be tried; at least one. */
      readonly hosts: readonly string[];
      /** No MX record: the domain's own address is its mail host (RFC 5321 §5.1). */
      readonly implicit: boolean;
      /** The whole chain from domain to host names was validated (RFC 7672 §2.2.1). */
      readonly authenticated: boolean;
    }
  /** RFC 7505: the domain accepts no mail. */
  | { readonly kind: 'null-mx' }
  /** NXDOMAIN. */
  | { readonly kind: 'no-domain' }
  /** The domain exists, but has neither MX nor address. */
  | { readonly kind: 'no-host' }
  | { readonly kind: 'failed'; readonly detail: string };

/**
 * @param random a whole number from 0 up to, not including, `below`
 */
export async function findMailExchangers(
  resolver: Resolver,
  domain: string,
  random: (below: number) => number,
): Promise<MailExchangers> {
  const lookup = await resolver.resolve(domain, 'MX');
  switch (lookup.kind) {
    case 'failed':
      return lookup;
    case 'found':
      return orderExchangers(lookup.records, lookup.authenticated, random);
    default:
      return lookup.reason === 'NXDOMAIN'
        ? { kind: 'no-domain' }
        : implicitExchanger(resolver, domain, lookup.authenticated);
  }
}

function orderExchangers(
  records: readonly MailExchanger[],
  authenticated: boolean,
  random: (below: number) => number,
): MailExchangers {
  // RFC 7505 §3: a null MX stands alone; beside other records it is a mistake and passed over.
  const usable = records.filter((record) => record.exchange !== '.');
  if (usable.length === 0) return { kind: 'null-mx' };
  const shuffled = usable
    .map((record) => ({ record, draw: random(0x1_0000_0000) }))
    .sort((a, b) => a.record.preference - b.record.preference || a.draw - b.draw);
  const hosts = [...new Set(shuffled.map(({ record }) => record.exchange))].slice(0, MAX_EXCHANGERS);
  return { kind: 'hosts', hosts, implicit: false, authenticated };
}

/** RFC 5321 §5.1: without MX the domain counts as its own host, if it has an address. */
async function implicitExchanger(
  resolver: Resolver,
  domain: string,
  authenticated: boolean,
): Promise<MailExchangers> {
  const [four, six]: readonly Lookup<string>[] = await Promise.all([
    resolver.resolve(domain, 'A'),
    resolver.resolve(domain, 'AAAA'),
  ]);
  if (four?.kind === 'found' || six?.kind === 'found') {
    return { kind: 'hosts', hosts: [domain], implicit: true, authenticated };
  }
  if (four?.kind === 'failed') return four;
  if (six?.kind === 'failed') return six;
  // NXDOMAIN on one of the address questions after NODATA on MX: the name came or went in between.
  return { kind: 'no-host' };
}
