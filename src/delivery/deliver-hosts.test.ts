// Delivery and its hosts over real sockets: the order in which they are tried, and what the DNS has to say.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { createResolver } from '#dns/resolver.ts';
import type { StaticName } from '#dns/static-zones.ts';
import type { NextHop } from '#routing/route.ts';
import { startTestDns } from '../../test/support/test-dns.ts';
import { MX, at, makeDeliverer, request, serve, show } from '../../test/support/delivery.ts';

test('mail exchangers are tried in order of preference; the first one broken, the second takes it', async (t) => {
  const mx = await serve(t, { address: '127.0.0.2' });
  const zones: Record<string, StaticName> = {
    'fabrikam.test': {
      MX: [
        { preference: 20, exchange: 'b.fabrikam.test' },
        { preference: 10, exchange: 'a.fabrikam.test' },
      ],
    },
    'a.fabrikam.test': { A: ['127.0.0.3'] },
    'b.fabrikam.test': { A: ['127.0.0.2'] },
  };
  const { deliverer } = makeDeliverer(t, zones, { mxPort: mx.port });
  const result = await deliverer.deliver(request(MX));
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
  assert.deepEqual(
    result.events.map((event) => [event.data['host'], event.data['status']]),
    [
      ['a.fabrikam.test', '4.4.316'],
      ['b.fabrikam.test', '2.0.0'],
    ],
  );
  assert.equal(result.results[0]?.status.remoteMta, 'b.fabrikam.test');
  // The host is told once.
  assert.equal(result.events[0]?.detail, `a.fabrikam.test (127.0.0.3:${mx.port}) refused the connection`);
});

test('what the DNS says about a domain ends its mail at once, or lets it wait', async (t) => {
  const zones: Record<string, StaticName> = {
    'null.test': { MX: [{ preference: 0, exchange: '.' }] },
    'broken.test': { failing: true },
    'empty.test': { TXT: ['x'] },
    'dangling.test': { MX: [{ preference: 1, exchange: 'gone.test' }] },
    'nowhere.test': { A: ['0.0.0.0', '255.255.255.255'], AAAA: ['::', 'ff02::1', '::ffff:0.0.0.0'] },
    'shaky.test': { MX: [{ preference: 1, exchange: 'broken.test' }] },
  };
  const { deliverer } = makeDeliverer(t, zones);
  const deliver = async (domain: string) => show(await deliverer.deliver(request({ kind: 'mx', domain })));
  assert.deepEqual(await deliver('null.test'), ['0 failed 5.1.10']);
  assert.deepEqual(await deliver('gone.test'), ['0 failed 5.1.2']);
  assert.deepEqual(await deliver('empty.test'), ['0 failed 5.4.4']);
  assert.deepEqual(await deliver('dangling.test'), ['0 failed 5.4.4']);
  assert.deepEqual(await deliver('nowhere.test'), ['0 failed 5.4.4']);
  assert.deepEqual(await deliver('broken.test'), ['0 deferred 4.4.312', 'unreachable']);
  assert.deepEqual(await deliver('shaky.test'), ['0 deferred 4.4.312', 'unreachable']);
  const gone: NextHop = { kind: 'smart-hosts', hosts: [{ kind: 'name', name: 'gone.test', port: 25 }] };
  assert.deepEqual(show(await deliverer.deliver(request(gone))), ['0 deferred 4.4.312', 'unreachable']);
});

test('a pool is tried in its order', async (t) => {
  const mx = await serve(t, { address: '127.0.0.6' });
  const pool: NextHop = {
    kind: 'smart-hosts',
    hosts: [{ kind: 'pool', address: '127.0.0.4', prefix: 29, port: mx.port }],
  };
  const { deliverer } = makeDeliverer(t);
  const result = await deliverer.deliver(request(pool));
  assert.deepEqual(
    result.events.map((event) => event.data['address']),
    ['127.0.0.4', '127.0.0.5', '127.0.0.6'].map((address) => `${address}:${mx.port}`),
  );
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
});

test('our own listener is never connected to', async (t) => {
  const mx = await serve(t, { address: '127.0.0.2' });
  const zones: Record<string, StaticName> = {
    'fabrikam.test': {
      MX: [
        { preference: 10, exchange: 'self.test' },
        { preference: 20, exchange: 'other.test' },
      ],
    },
    'self.test': { A: ['127.0.0.1'] },
    'other.test': { A: ['127.0.0.2'] },
  };
  const { deliverer } = makeDeliverer(t, zones, {
    mxPort: mx.port,
    isOwnListener: (address, port) => address === '127.0.0.1' && port === mx.port,
  });
  assert.deepEqual(show(await deliverer.deliver(request(MX))), ['0 failed 5.4.6']);
  assert.deepEqual(show(await deliverer.deliver(request(at(mx)))), ['0 failed 5.4.6']);
  assert.equal(mx.connections, 0);
});

test('over a real name server: the exchanger is found, asked for once, and SERVFAIL lets the mail wait', async (t) => {
  const mx = await serve(t);
  const dns = await startTestDns({
    'fabrikam.test': { MX: [[10, 'mx.fabrikam.test']] },
    'mx.fabrikam.test': { CNAME: 'host.fabrikam.test' },
    'host.fabrikam.test': { A: ['127.0.0.1'] },
    'broken.test': { fault: 'servfail' },
  });
  t.after(() => dns.close());
  const resolver = createResolver({
    servers: [{ address: dns.address, port: dns.port, trusted: true }],
    now: Date.now,
    random: (below) => randomInt(below),
    tries: 1,
  });
  const { deliverer } = makeDeliverer(t, {}, { resolver, mxPort: mx.port, messagesPerConnection: () => 1 });
  assert.deepEqual(show(await deliverer.deliver(request(MX))), ['0 delivered 2.0.0']);
  assert.deepEqual(show(await deliverer.deliver(request(MX))), ['0 delivered 2.0.0']);
  assert.deepEqual([...dns.questions].sort(), [
    'UDP A mx.fabrikam.test',
    'UDP AAAA mx.fabrikam.test',
    'UDP MX fabrikam.test',
  ]);
  const broken = await deliverer.deliver(request({ kind: 'mx', domain: 'broken.test' }));
  assert.deepEqual(show(broken), ['0 deferred 4.4.312', 'unreachable']);
  assert.match(broken.results[0]?.status.diagnostic ?? '', /SERVFAIL for MX of broken\.test/);
});
