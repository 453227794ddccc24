import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StaticName } from '#dns/static-zones.ts';
import type { Route } from '#routing/route.ts';
import { at, deliveryParts, MX, route, serve } from '../../test/support/delivery.ts';
import { MAX_PREVIEWED, type PreviewParts, previewHosts, requirementOf } from './host-preview.ts';

async function preview(parts: PreviewParts, of: Route, requireTls = false): Promise<string[]> {
  const hosts = await previewHosts(parts, of, requireTls);
  return hosts.map(({ host, addresses, requirement, problem }) =>
    [
      host === null ? '-' : `${host.name}:${host.port}`,
      `[${addresses.join(' ')}]`,
      problem === null ? `${requirement?.level} ${requirement?.authority}` : problem.verdict.status,
    ].join(' '),
  );
}

const ZONES: Record<string, StaticName> = {
  'fabrikam.test': {
    MX: [
      { preference: 10, exchange: 'b.fabrikam.test' },
      { preference: 5, exchange: 'a.fabrikam.test' },
      { preference: 20, exchange: 'gone.fabrikam.test' },
    ],
  },
  'a.fabrikam.test': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8::1'] },
  'b.fabrikam.test': { A: ['192.0.2.3'] },
};

test('exchangers in order of preference, with addresses and what each must show', async () => {
  assert.deepEqual(await preview(deliveryParts(ZONES), route(MX)), [
    'a.fabrikam.test:25 [192.0.2.1 192.0.2.2 2001:db8::1] Opportunistic Default',
    'b.fabrikam.test:25 [192.0.2.3] Opportunistic Default',
    'gone.fabrikam.test:25 [] 5.4.4',
  ]);
  assert.deepEqual(await preview(deliveryParts(ZONES), route({ kind: 'mx', domain: 'nowhere.test' })), [
    '- [] 5.1.2',
  ]);
});

test('policies raise what a host must show, or rule it out', async () => {
  const mtaSts = { mode: 'enforce', mx: ['a.fabrikam.test'], maxAge: 1000 } as const;
  const parts = deliveryParts(ZONES, {
    policies: { find: () => Promise.resolve({ dane: { kind: 'none', why: '' }, mtaSts }) },
  });
  assert.deepEqual(await preview(parts, route(MX)), [
    'a.fabrikam.test:25 [192.0.2.1 192.0.2.2 2001:db8::1] EncryptionOnly MtaSts',
    'b.fabrikam.test:25 [192.0.2.3] 4.7.5',
    'gone.fabrikam.test:25 [] 5.4.4',
  ]);
});

test('connects to nobody, and knows itself', async (t) => {
  const host = await serve(t);
  const own = deliveryParts({}, { isOwnListener: () => true });
  assert.deepEqual(await preview(own, route(at(host))), [`127.0.0.1:${host.port} [127.0.0.1] 5.4.6`]);
  assert.deepEqual(await preview(deliveryParts(), route(at(host), { ruleRequiresTls: true }), true), [
    `127.0.0.1:${host.port} [127.0.0.1] CertificateValidation RequireTls`,
  ]);
  assert.equal(host.connections, 0);
  assert.equal(requirementOf(route(MX, { ruleRequiresTls: true }), false)?.authority, 'TransportRule');
});

test('tells of a bounded number of hosts', async () => {
  const pool = route({
    kind: 'smart-hosts',
    hosts: [{ kind: 'pool', address: '192.0.2.0', prefix: 24, port: 25 }],
  });
  assert.equal((await previewHosts(deliveryParts(), pool, false)).length, MAX_PREVIEWED);
});
