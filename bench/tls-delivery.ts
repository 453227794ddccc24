// What the check of a certificate adds to a delivery under TLS: node bench/tls-delivery.ts [deliveries a round] [rounds]
// Every delivery has a connection and a full handshake of its own. EncryptionOnly looks at nothing; DomainValidation
// verifies a chain with an intermediate, the name, and two revocation lists that are at hand. Rounds take turns, so that
// a busy machine slows both alike; the median round counts. The server is a process of its own.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createDeliverer } from '#delivery/deliver.ts';
import { createStaticResolver } from '#dns/static-zones.ts';
import type { NextHop } from '#routing/route.ts';
import { createClientTls } from '#tls/client-tls.ts';
import { createCrlCache } from '#tls/crl-cache.ts';
import { createGuardedFetch } from '#tls/guarded-fetch.ts';
import { createNetworkRules } from '#tls/network-rules.ts';
import { createPeerVerifier } from '#tls/peer-verifier.ts';
import { createRevocation } from '#tls/revocation.ts';
import { createAuthority } from '../test/support/certificates.ts';
import { deliveryParts, request, route } from '../test/support/delivery.ts';
import { type FakeTls, startFakeMx } from '../test/support/fake-mx.ts';
import { trusting } from '../test/support/tls-peers.ts';
import { startWebServer } from '../test/support/web-server.ts';

const NAME = 'mx.fabrikam.test';

async function serve(tls: FakeTls): Promise<void> {
  const mx = await startFakeMx({ tls });
  process.send?.(mx.port);
}

async function startServer(tls: FakeTls): Promise<{ readonly port: number; stop(): void }> {
  const server = fork(fileURLToPath(import.meta.url), ['serve', JSON.stringify(tls)]);
  const port = await new Promise<number>((resolve) =>
    server.once('message', (given) => resolve(Number(given))),
  );
  return { port, stop: () => void server.kill() };
}

async function measure(deliveries: number, rounds: number): Promise<void> {
  const web = await startWebServer();
  const root = createAuthority();
  const middle = root.intermediate({ crlUrls: [`${web.origin}/root.crl`] });
  const leaf = middle.issue({ dnsNames: [NAME], crlUrls: [`${web.origin}/middle.crl`] });
  web.pages.set('/root.crl', { body: root.crl() });
  web.pages.set('/middle.crl', { body: middle.crl({ filler: 100_000 }) });
  const server = await startServer(leaf.tls);
  const resolver = createStaticResolver({ [NAME]: { A: ['127.0.0.1'] } });
  const fetch = createGuardedFetch(resolver, createNetworkRules(['127.0.0.0/8']));
  const crls = createCrlCache({ fetch, files: null, now: Date.now });
  const trust = trusting(root);
  const parts = deliveryParts();
  const deliverer = createDeliverer({
    ...parts,
    resolver,
    messagesPerConnection: () => 1,
    connection: {
      ...parts.connection,
      tls: {
        ...parts.connection.tls,
        trust,
        clientTls: createClientTls(trust),
        verifier: createPeerVerifier(createRevocation(crls, Date.now), Date.now),
      },
    },
  });
  const nextHop: NextHop = { kind: 'smart-hosts', hosts: [{ kind: 'name', name: NAME, port: server.port }] };
  const requests = {
    EncryptionOnly: request(nextHop, { route: route(nextHop, { tlsLevel: 'EncryptionOnly' }) }),
    DomainValidation: request(nextHop, {
      route: route(nextHop, { tlsLevel: 'DomainValidation', tlsDomain: { kind: 'exact', domain: NAME } }),
    }),
  };
  type Level = keyof typeof requests;
  const round = async (level: Level): Promise<{ readonly wall: number; readonly cpu: number }> => {
    const [began, used] = [performance.now(), process.cpuUsage()];
    for (let count = 0; count < deliveries; count += 1) {
      const { results } = await deliverer.deliver(requests[level]);
      if (results[0]?.status.action !== 'delivered') throw new Error(JSON.stringify(results));
    }
    const { user, system } = process.cpuUsage(used);
    return { wall: (performance.now() - began) / deliveries, cpu: (user + system) / 1000 / deliveries };
  };
  const found: Record<Level, { wall: number[]; cpu: number[] }> = {
    EncryptionOnly: { wall: [], cpu: [] },
    DomainValidation: { wall: [], cpu: [] },
  };
  for (const level of ['EncryptionOnly', 'DomainValidation'] as const) await round(level);
  for (let count = 0; count < rounds; count += 1) {
    for (const level of ['EncryptionOnly', 'DomainValidation'] as const) {
      const { wall, cpu } = await round(level);
      found[level].wall.push(wall);
      found[level].cpu.push(cpu);
    }
  }
  for (const [level, { wall, cpu }] of Object.entries(found))
    console.log(
      `${level.padEnd(17)} ${median(wall).toFixed(3)} ms a delivery, ${median(cpu).toFixed(3)} ms of processor time`,
    );
  const added = (of: 'wall' | 'cpu') =>
    (median(found.DomainValidation[of]) / median(found.EncryptionOnly[of]) - 1) * 100;
  console.log(
    `added             ${added('wall').toFixed(1)} % of the time, ${added('cpu').toFixed(1)} % of the processor time`,
  );
  console.log(`lists fetched     ${web.requests.length}`);
  await deliverer.close();
  server.stop();
  await web.close();
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const [first, second] = process.argv.slice(2);
if (first === 'serve') await serve(JSON.parse(second ?? '{}') as FakeTls);
else await measure(Number(first ?? 200), Number(second ?? 9));
