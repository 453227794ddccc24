// The resolver of a thread: the operator's name servers, or the machine's.
import { readFileSync } from 'node:fs';
import type { NameServer, Resolver } from '#dns/lookup.ts';
import { readResolvConf, toNameServer } from '#dns/name-servers.ts';
import { createResolver } from '#dns/resolver.ts';
import type { Settings } from './settings.ts';

export function buildResolver(
  settings: Pick<Settings, 'dns' | 'dns-trusted'>,
  random: (below: number) => number,
): Resolver {
  return createResolver({ servers: nameServers(settings), now: Date.now, random });
}

function nameServers(settings: Pick<Settings, 'dns' | 'dns-trusted'>): readonly NameServer[] {
  const marked = settings['dns-trusted'] === 'true';
  if (settings.dns.length > 0) return settings.dns.map(({ host, port }) => toNameServer(host, port, marked));
  return readResolvConf(resolvConf()).map(({ address, port }) => toNameServer(address, port, marked));
}

function resolvConf(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return '';
  }
}
