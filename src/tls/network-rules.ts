// Which addresses Postern fetches from on behalf of strangers (revocation lists, MTA-STS policies): only those of the
// public Internet, unless the operator allows more. What a certificate or a DNS record names must never reach into the
// operator's own network. Ranges: IANA's special-purpose registries (RFC 6890) at the time of writing.
import { BlockList, isIP, isIPv6 } from 'node:net';

const REFUSED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
] as const;

/** Of IPv6, 2000::/3 is global unicast; these parts of it aren't (Teredo and others, documentation, 6to4). */
const REFUSED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const;

export interface NetworkRules {
  /** `address`: IPv4 or IPv6, without brackets. Anything else is refused. */
  allows(address: string): boolean;
}

/** `allowed`: addresses or CIDRs that the operator permits besides. Throws for what is neither. */
export function createNetworkRules(allowed: readonly string[] = []): NetworkRules {
  const refused = listOf([...REFUSED_IPV4, ...REFUSED_IPV6]);
  const global = listOf(['2000::/3']);
  const permitted = listOf(allowed);
  return {
    allows(address) {
      const family = isIP(address);
      if (family === 0 || address.includes('%')) return false;
      const type = family === 4 ? 'ipv4' : 'ipv6';
      if (permitted.check(address, type)) return true;
      return !refused.check(address, type) && (family === 4 || global.check(address, type));
    },
  };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', length] = network.split('/');
    if (isIP(address) === 0)
      throw new Error(`"${network}" is neither an address nor a CIDR such as 10.0.0.0/8.`);
    const type = isIPv6(address) ? 'ipv6' : 'ipv4';
    const widest = type === 'ipv4' ? 32 : 128;
    const bits = length === undefined ? widest : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
    if (!Number.isInteger(bits) || bits < 0 || bits > widest) {
      throw new Error(`"${network}" has no valid prefix length.`);
    }
    list.addSubnet(address, bits, type);
  }
  return list;
}
