import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StaticName } from '#dns/static-zones.ts';
import type { Route } from '#routing/route.ts';
import { selfSigned } from '../../test/support/certificates.ts';
import { at, deadPort, deliveryParts, MX, route, serve } from '../../test/support/delivery.ts';
import { inspectHosts } from './host-inspection.ts';

async function inspect(parts: Parameters<typeof inspectHosts>[0], of: Route): Promise<string[]> {
  const seen: string[] = [];
  for await (const { host, address, failure, tls, capabilities } of inspectHosts(parts, of)) {
    const end =
      failure === null
        ? `ok ${tls?.protocol ?? 'clear'} ${capabilities?.pipelining}`
        : `${failure.step} ${failure.verdict.status}`;
    seen.push([host?.name === address ? null : host?.name, address, end].filter(Boolean).join(' '));
  }
  return seen;
}

test('tells for every host how far a session gets, and sends nothing', async (t) => {
  const [well, broken, refusing] = [
    await serve(t, { tls: selfSigned().tls }),
    await serve(t, { brokenHandshake: 'nonsense' }),
    await serve(t, { behaviour: { EHLO: '550 no', HELO: '550 no' } }),
  ];
  const dead = await deadPort(t);
  const nextHop = at(well, broken, refusing, dead);
  const parts = deliveryParts();
  assert.deepEqual(await inspect(parts, route(nextHop, { tlsLevel: 'EncryptionOnly' })), [
    '127.0.0.1 ok TLSv1.3 true',
    '127.0.0.1 STARTTLS 4.4.317',
    '127.0.0.1 EHLO 4.4.317',
    '127.0.0.1 Connect 4.4.316',
  ]);
  assert.deepEqual(await inspect(parts, route(at(well), { tlsLevel: 'CertificateValidation' })), [
    '127.0.0.1 Certificate 4.7.320',
  ]);
  assert.equal(
    well.commands.some((line) => line.includes('MAIL')),
    false,
  );
});

test('tells where a domain leads, or that it leads nowhere', async (t) => {
  const mx = await serve(t);
  const zones: Record<string, StaticName> = {
    'fabrikam.test': {
      MX: [
        { preference: 1, exchange: 'gone.test' },
        { preference: 2, exchange: 'mx.fabrikam.test' },
      ],
    },
    'mx.fabrikam.test': { A: ['127.0.0.1'] },
  };
  const parts = deliveryParts(zones, { mxPort: mx.port });
  assert.deepEqual(await inspect(parts, route(MX)), [
    'gone.test Resolve 5.4.4',
    'mx.fabrikam.test 127.0.0.1 ok clear true',
  ]);
  assert.deepEqual(await inspect(parts, route({ kind: 'mx', domain: 'nowhere.test' })), ['Resolve 5.1.2']);
  const own = deliveryParts(zones, { mxPort: mx.port, isOwnListener: () => true });
  assert.deepEqual((await inspect(own, route(MX)))[1], 'mx.fabrikam.test 127.0.0.1 Policy 5.4.6');
});

test('takes the time of every step that was passed, once', async (t) => {
  const steps = async (of: Route): Promise<readonly string[][]> => {
    const seen: string[][] = [];
    for await (const { passed, startTime } of inspectHosts(deliveryParts(), of)) {
      let since = startTime;
      for (const step of passed) {
        assert.equal(step.startTime, since);
        since += step.duration;
      }
      seen.push(passed.map(({ step }) => step));
    }
    return seen;
  };
  const [well, broken, clear] = [
    await serve(t, { tls: selfSigned().tls }),
    await serve(t, { brokenHandshake: 'nonsense' }),
    await serve(t),
  ];
  assert.deepEqual(await steps(route(at(well, broken, clear))), [
    ['Resolve', 'Connect', 'EHLO', 'STARTTLS', 'Certificate'],
    ['Resolve', 'Connect', 'EHLO'],
    ['Resolve', 'Connect', 'EHLO'],
  ]);
  assert.deepEqual(await steps(route(at(well), { tlsLevel: 'CertificateValidation' })), [
    ['Resolve', 'Connect', 'EHLO', 'STARTTLS'],
  ]);
});
