// Which addresses and ports are Postern's own: a next hop that leads there would send mail in circles (routing.md, 5.4.6).
// Pure; the addresses of the machine come in (os.networkInterfaces).
import { canonicalAddress } from '#mail/ip-address.ts';

export interface Listener {
  /** As bound: `0.0.0.0` and `::` stand for every address of the machine. */
  readonly address: string;
  readonly port: number;
}

/** For createDeliverer's `isOwnListener`. @param machine the addresses of the machine's interfaces */
export function createOwnListeners(
  listeners: readonly Listener[],
  machine: readonly string[],
): (address: string, port: number) => boolean {
  const own = new Set(machine.map(plain));
  const everywhere = new Set<number>();
  const bound = new Set<string>();
  for (const { address, port } of listeners) {
    const text = plain(address);
    if (text === '0.0.0.0' || text === '::') everywhere.add(port);
    else bound.add(`${text} ${port}`);
  }
  return (address, port) => {
    const text = plain(address);
    if (bound.has(`${text} ${port}`)) return true;
    return everywhere.has(port) && (own.has(text) || isLocal(text));
  };
}

/** Loopback in whole, and the unspecified address, which connects to this machine too. */
function isLocal(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address === '0.0.0.0' || address === '::';
}

/** Canonical; an IPv4 address that is written as IPv6 (RFC 4291 §2.5.5.2) as IPv4. */
function plain(address: string): string {
  const text = canonicalAddress(address) ?? address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1] ?? text;
}
