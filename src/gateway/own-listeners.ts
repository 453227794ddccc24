// Which addresses and ports are Postern's own listeners: mail sent there would come back to itself (5.4.6, routing.md).
import { networkInterfaces } from 'node:os';
import type { Endpoint } from './settings-values.ts';

const ANY = new Set(['0.0.0.0', '::']);

/** Addresses as the system prints them; a listener on all addresses owns every address of the machine. */
export function ownListeners(listeners: readonly Endpoint[]): (address: string, port: number) => boolean {
  const isThisMachine = thisMachine();
  return (given, port) => {
    const address = plain(given);
    return listeners.some(
      (listener) =>
        listener.port === port &&
        (ANY.has(listener.host) ? isThisMachine(address) : sameHost(listener.host, address)),
    );
  };
}

/** Whether an address is one of this machine's, whoever listens there. */
export function thisMachine(): (address: string) => boolean {
  const addresses = new Set(ANY);
  for (const entries of Object.values(networkInterfaces()))
    for (const { address } of entries ?? []) addresses.add(address);
  return (given) => {
    const address = plain(given);
    return addresses.has(address) || address.startsWith('127.') || address === '::1';
  };
}

/** RFC 4291 §2.5.5.2: the same host by its IPv4-mapped address. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
}

function sameHost(listener: string, address: string): boolean {
  return (
    listener === address || (listener === 'localhost' && (address.startsWith('127.') || address === '::1'))
  );
}
