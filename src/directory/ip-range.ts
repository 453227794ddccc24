// Ranges of IP addresses as administrators write them: one address, `first-last`, or CIDR. Owns the canonical text that
// the configuration holds (`192.0.2.0/24`, host bits cleared). Compares nothing with peers: ingress and routing do.
import { addressBytes, canonicalAddress, printAddressBytes } from '#mail/ip-address.ts';
import { invalidValue } from '#parameters/parameter-type.ts';
import type { ParameterType } from '#parameters/parameter-type.ts';
import { textLike } from '#parameters/scalar-types.ts';

const CURE = 'Give an address (192.0.2.1), a range (192.0.2.1-192.0.2.20) or CIDR (192.0.2.0/24).';

/** The canonical text; null where it is no range. */
export function canonicalRange(text: string): string | null {
  const typed = text.trim().replaceAll(/[[\]]/g, '');
  const dash = typed.indexOf('-');
  if (dash > 0) return between(typed.slice(0, dash).trim(), typed.slice(dash + 1).trim());
  const slash = typed.indexOf('/');
  if (slash > 0) return network(typed.slice(0, slash), typed.slice(slash + 1));
  return canonicalAddress(typed);
}

function between(first: string, last: string): string | null {
  const [low, high] = [canonicalAddress(first), canonicalAddress(last)];
  if (low === null || high === null) return null;
  const [lowBytes, highBytes] = [addressBytes(low), addressBytes(high)];
  if (lowBytes.length !== highBytes.length || Buffer.compare(lowBytes, highBytes) > 0) return null;
  return low === high ? low : `${low}-${high}`;
}

function network(text: string, prefix: string): string | null {
  const address = canonicalAddress(text);
  if (address === null || !/^\d{1,3}$/.test(prefix)) return null;
  const bytes = addressBytes(address);
  const length = Number(prefix);
  if (length > bytes.length * 8) return null;
  if (length === bytes.length * 8) return address;
  const masked = bytes.map((byte, index) => byte & maskOf(length - index * 8));
  return `${printAddressBytes(masked)}/${length}`;
}

function maskOf(bits: number): number {
  if (bits >= 8) return 0xff;
  return bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

/** Kept as typed; ipRangeKey gives the canonical text. */
export const ipRangeType: ParameterType<string> = textLike(
  'IPRange',
  (text) => {
    if (canonicalRange(text) === null) {
      throw invalidValue(`"${text.slice(0, 80)}" is not an IP address or a range of them. ${CURE}`);
    }
    return text.trim();
  },
  (text) => text,
);

export function ipRangeKey(text: string): string {
  return canonicalRange(text) ?? text;
}
