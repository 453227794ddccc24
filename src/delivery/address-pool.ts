// The addresses of a CIDR smart host, in the order in which they are tried. Pure.
// The address as written comes first if it has host bits, then the other usable ones in turn (Postern, delivery.md).
import { addressBytes, printAddressBytes } from '#mail/ip-address.ts';

/** connectors.md rule 4: /24 and /120 are the widest. */
const MAX_HOST_BITS = 8;

/**
 * `192.168.0.1/25`: 192.168.0.1, .2 … .126; the network's and the broadcast address of IPv4 pools wider than /31 are not
 * hosts (RFC 3021), and the first address of an IPv6 pool wider than /127 is the routers' (RFC 4291 §2.6.1).
 * @throws RangeError for pools wider than 256 addresses
 */
export function poolAddresses(address: string, prefix: number): readonly string[] {
  const written = addressBytes(address);
  const hostBits = written.length * 8 - prefix;
  if (hostBits < 0 || hostBits > MAX_HOST_BITS) {
    throw new RangeError(`A pool holds at most 256 addresses; ${address}/${prefix} is none.`);
  }
  const last = written.length - 1;
  const count = 2 ** hostBits;
  const host = (written[last] ?? 0) % count;
  const network = (written[last] ?? 0) - host;
  const unusable = hostBits < 2 ? [] : written.length === 4 ? [0, count - 1] : [0];
  const addresses: string[] = [];
  for (let step = 0; step < count; step += 1) {
    const number = (host + step) % count;
    // The one that the administrator wrote is taken at its word, whatever it is (but for the network's own).
    if (unusable.includes(number) && !(step === 0 && host !== 0)) continue;
    const bytes = Uint8Array.from(written);
    bytes[last] = network + number;
    addresses.push(printAddressBytes(bytes));
  }
  return addresses;
}
