// Revocation lists are fetched by the main thread, once for all: this makes the cache and a port to it for each thread.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createCrlCache } from '#tls/crl-cache.ts';
import { serveCrls } from '#tls/crl-port.ts';
import { createExpiringFiles } from '#tls/expiring-files.ts';
import { createGuardedFetch } from '#tls/guarded-fetch.ts';
import { createNetworkRules } from '#tls/network-rules.ts';
import { buildResolver } from './build-resolver.ts';
import type { Log } from './log.ts';
import { describeError } from './log-fields.ts';
import type { Settings } from './settings.ts';

export function crlPorts(settings: Settings, log: Log): () => MessagePort {
  const resolver = buildResolver(settings, (below) => randomInt(below));
  const source = createCrlCache({
    fetch: createGuardedFetch(resolver, createNetworkRules(settings['crl-allow'])),
    files: createExpiringFiles(join(settings.data, 'crl')),
    now: Date.now,
    onDiskError: (error) => log.warn('a revocation list could not be kept on disk', describeError(error)),
  });
  return () => {
    const { port1, port2 } = new MessageChannel();
    serveCrls(source, port1);
    port1.unref();
    return port2;
  };
}
