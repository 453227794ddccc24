// What is fetched from the network once for all threads: revocation lists and MTA-STS policies. Made on the main thread,
// with ports to it for each thread that carries mail.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createCrlCache } from '#tls/crl-cache.ts';
import { serveCrls } from '#tls/crl-port.ts';
import type { CrlSource } from '#tls/crl-source.ts';
import { createExpiringFiles } from '#tls/expiring-files.ts';
import { createGuardedFetch, type Fetched } from '#tls/guarded-fetch.ts';
import { createMtaStsCache, type MtaStsPolicies } from '#tls/mta-sts-cache.ts';
import { createPolicyFetch } from '#tls/mta-sts-fetch.ts';
import { serveMtaSts } from '#tls/mta-sts-port.ts';
import { createNetworkRules } from '#tls/network-rules.ts';
import type { TrustStore } from '#tls/trust-store.ts';
import type { Resolver } from '#dns/lookup.ts';
import { buildResolver } from './build-resolver.ts';
import { readTrustStore } from './certificates.ts';
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
  readonly resolver: Resolver;
  /** Over HTTPS, to a place that a stranger named: guarded as everything that is fetched. Never rejects. */
  post(url: string, contentType: string, body: Uint8Array): Promise<Fetched>;
  /** Reads the trusted roots again; rejects nothing, the old ones stay where that fails. */
  reloadCertificates(): void;
  /** Ports for another thread: transfer both. */
  connect(): NetworkPorts;
}

/** Of the answer nothing matters but its status. */
const POSTED = { maxBytes: 64 * 1024, timeout: 30_000, maxRedirects: 0 };

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
  const roots = () => (trust ??= readTrustStore(settings)).pem;
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
    resolver,
    post: (url, contentType, body) =>
      fetch(url, { ...POSTED, tls: { ca: roots() }, post: { contentType, body } }),
    reloadCertificates() {
      try {
        trust?.reload();
      } catch (error) {
        log.error('the trusted roots could not be read again; the old ones stay', describeError(error));
      }
    },
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
