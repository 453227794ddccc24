// What is fetched from the network once for all threads: revocation lists and MTA-STS policies. Made on the main thread,
// with ports to it for each thread that carries mail.
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createCrlCache } from '#tls/crl-cache.ts';
import { serveCrls } from '#tls/crl-port.ts';
import type { CrlSource } from '#tls/crl-source.ts';
import { createExpiringFiles } from '#tls/expiring-files.ts';
import { createGuardedFetch } from '#tls/guarded-fetch.ts';
import { createMtaStsCache, type MtaStsPolicies } from '#tls/mta-sts-cache.ts';
import { createPolicyFetch } from '#tls/mta-sts-fetch.ts';
import { serveMtaSts } from '#tls/mta-sts-port.ts';
import { createNetworkRules } from '#tls/network-rules.ts';
import { createTrustStore, type TrustStore } from '#tls/trust-store.ts';
import { buildResolver } from './build-resolver.ts';
import type { Log } from './log.ts';
import { describeError } from './log-fields.ts';
import type { Settings } from './settings.ts';

export interface NetworkPorts {
  readonly crls: MessagePort;
  readonly mtaSts: MessagePort;
}

export interface NetworkAnswers {
  readonly crls: CrlSource;
  readonly mtaSts: MtaStsPolicies;
  /** Ports for another thread: transfer both. */
  connect(): NetworkPorts;
}

export function createNetworkAnswers(settings: Settings, log: Log): NetworkAnswers {
  const resolver = buildResolver(settings, (below) => randomInt(below));
  const fetch = createGuardedFetch(resolver, createNetworkRules(settings['crl-allow']));
  const onDiskError = (error: Error) =>
    log.warn('what was fetched could not be kept on disk', describeError(error));
  const crls = createCrlCache({
    fetch,
    files: createExpiringFiles(join(settings.data, 'crl')),
    now: Date.now,
    onDiskError,
  });
  let trust: TrustStore | undefined;
  const roots = () =>
    (trust ??= createTrustStore({ file: settings.ca, readFile: (path) => readFileSync(path, 'utf8') })).pem;
  const mtaSts = createMtaStsCache({
    resolver,
    fetch: createPolicyFetch(fetch, roots, settings['mta-sts-port']),
    files: createExpiringFiles(join(settings.data, 'mta-sts')),
    now: Date.now,
    onDiskError,
  });
  return {
    crls,
    mtaSts,
    connect() {
      const [forCrls, forMtaSts] = [new MessageChannel(), new MessageChannel()];
      serveCrls(crls, forCrls.port1);
      serveMtaSts(mtaSts, forMtaSts.port1);
      forCrls.port1.unref();
      forMtaSts.port1.unref();
      return { crls: forCrls.port2, mtaSts: forMtaSts.port2 };
    },
  };
}
