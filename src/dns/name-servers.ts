// Which name servers to ask: as the operator gave them, or as the machine's resolv.conf has them (resolv.conf(5)).
// Pure; reading the file is the composition root's work.
import { isIP } from 'node:net';
import type { NameServer } from './lookup.ts';

const MAX_SERVERS = 3;

/** The `nameserver` lines, three at most as the C library takes them; loopback where there is none (resolv.conf(5)). */
export function readResolvConf(text: string): readonly NameServer[] {
  const servers: NameServer[] = [];
  for (const line of text.split('\n')) {
    const address = /^\s*nameserver\s+(\S+)/.exec(line)?.[1];
    if (address === undefined || isIP(address) === 0 || servers.length === MAX_SERVERS) continue;
    servers.push(toNameServer(address, 53, false));
  }
  return servers.length > 0 ? servers : [toNameServer('127.0.0.1', 53, false)];
}

/** delivery.md: a resolver on loopback is trusted as it stands; another one when the operator marked it. */
export function toNameServer(address: string, port: number, marked: boolean): NameServer {
  const loopback =
    address.startsWith('127.') || address === '::1' || address.toLowerCase().startsWith('::ffff:127.');
  return { address, port, trusted: marked || loopback };
}
