// Which hosts, in which order: domains, literals, smart hosts in turn, pools.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStaticResolver } from '#dns/static-zones.ts';
import type { SmartHost } from '#mail/smart-host.ts';
import type { NextHop } from '#routing/route.ts';
import { poolAddresses } from './address-pool.ts';
import { createDownHosts } from './down-hosts.ts';
import { findHostAddresses } from './host-addresses.ts';
import { createTargets, type TargetHost } from './target-hosts.ts';

const resolver = createStaticResolver({
  'mx.test': {
    MX: [
      { preference: 20, exchange: 'b.mx.test' },
      { preference: 10, exchange: 'a.mx.test' },
    ],
    authenticated: true,
  },
  'plain.test': { A: ['192.0.2.1'] },
  'null.test': { MX: [{ preference: 0, exchange: '.' }], A: ['192.0.2.2'] },
  'broken.test': { failing: true },
  'many.test': {
    A: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6'],
    AAAA: ['2001:db8::1', '2001:db8::2'],
  },
  'six.test': { AAAA: ['2001:db8::1'], authenticated: true },
  'empty.test': { TXT: ['x'] },
});

async function names(
  nextHop: NextHop,
  draw = 0,
  targets = createTargets({ resolver, random: () => draw, mxPort: 25 }),
) {
  const found: string[] = [];
  for await (const target of targets(nextHop, 'key')) {
    found.push(
      target.kind === 'host'
        ? `${target.host.name}:${target.host.port}`
        : target.trouble.kind === 'dns'
          ? `${target.trouble.of} ${target.trouble.outcome}`
          : target.trouble.kind,
    );
  }
  return found;
}

const mx = (domain: string): NextHop => ({ kind: 'mx', domain });
const smart = (...hosts: SmartHost[]): NextHop => ({ kind: 'smart-hosts', hosts });

test('a domain leads to its exchangers, or to why there are none', async () => {
  assert.deepEqual(await names(mx('mx.test')), ['a.mx.test:25', 'b.mx.test:25']);
  assert.deepEqual(await names(mx('plain.test')), ['plain.test:25']);
  assert.deepEqual(await names(mx('null.test')), ['domain null-mx']);
  assert.deepEqual(await names(mx('gone.test')), ['domain no-domain']);
  assert.deepEqual(await names(mx('empty.test')), ['domain no-host']);
  assert.deepEqual(await names(mx('broken.test')), ['domain failed']);
  assert.deepEqual(await names(mx('[192.0.2.9]')), ['192.0.2.9:25']);
  assert.deepEqual(await names(mx('[IPv6:2001:db8::9]')), ['2001:db8::9:25']);
});

test('a smart host is looked up as MX first, then as address, and one that is missing is told', async () => {
  const name = (host: string): SmartHost => ({ kind: 'name', name: host, port: 587 });
  assert.deepEqual(await names(smart(name('mx.test'))), ['a.mx.test:587', 'b.mx.test:587']);
  assert.deepEqual(await names(smart(name('plain.test'))), ['plain.test:587']);
  assert.deepEqual(await names(smart(name('null.test'))), ['null.test:587']);
  assert.deepEqual(await names(smart(name('gone.test'), name('plain.test'))), [
    'smart-host no-domain',
    'plain.test:587',
  ]);
  assert.deepEqual(await names(smart(name('broken.test'))), ['smart-host failed']);
});

test('smart hosts take turns, beginning with one picked at random', async () => {
  const hosts = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(
    (address): SmartHost => ({ kind: 'address', address, port: 25 }),
  );
  const targets = createTargets({ resolver, random: () => 1, mxPort: 25 });
  const firsts: string[] = [];
  for (let attempt = 0; attempt < 4; attempt += 1)
    firsts.push((await names(smart(...hosts), 0, targets))[0] ?? '');
  assert.deepEqual(firsts, ['192.0.2.2:25', '192.0.2.3:25', '192.0.2.1:25', '192.0.2.2:25']);
  assert.deepEqual(await names(smart(...hosts), 0, targets), [
    '192.0.2.3:25',
    '192.0.2.1:25',
    '192.0.2.2:25',
  ]);
});

test('a pool begins with the address as written and leaves out what is no host', async () => {
  assert.deepEqual(
    poolAddresses('192.0.2.2', 29),
    ['2', '3', '4', '5', '6', '1'].map((host) => `192.0.2.${host}`),
  );
  assert.deepEqual(poolAddresses('192.0.2.8', 30), ['192.0.2.9', '192.0.2.10']);
  assert.deepEqual(poolAddresses('192.0.2.9', 31), ['192.0.2.9', '192.0.2.8']);
  assert.deepEqual(poolAddresses('192.0.2.9', 32), ['192.0.2.9']);
  assert.equal(poolAddresses('192.168.0.1', 25).length, 126);
  assert.equal(poolAddresses('192.168.0.0', 24).length, 254);
  assert.deepEqual(poolAddresses('2001:db8::4', 126), ['2001:db8::5', '2001:db8::6', '2001:db8::7']);
  assert.throws(() => poolAddresses('10.0.0.0', 16), RangeError);
  assert.deepEqual(await names(smart({ kind: 'pool', address: '192.0.2.10', prefix: 30, port: 26 })), [
    '192.0.2.10:26',
    '192.0.2.9:26',
  ]);
});

test('a host has five addresses at most, of both families, in the order wanted', async () => {
  const host = (name: string, more: Partial<TargetHost> = {}): TargetHost => ({
    name,
    address: null,
    port: 25,
    smartHost: false,
    authenticated: false,
    ...more,
  });
  const find = (target: TargetHost, ipv6First = false) =>
    findHostAddresses(target, { resolver, random: () => 0, ipv6First });
  const many = await find(host('many.test'));
  assert.equal(many.kind, 'addresses');
  assert.deepEqual(
    many.addresses.map((address) => address.includes(':')),
    [false, false, false, false, true],
  );
  const sixFirst = await find(host('many.test'), true);
  assert.deepEqual(sixFirst.kind === 'addresses' && sixFirst.addresses.map((a) => a.includes(':')), [
    true,
    true,
    false,
    false,
    false,
  ]);
  const six = await find(host('six.test'));
  assert.deepEqual(six, { kind: 'addresses', addresses: ['2001:db8::1'] });
  const fixed = await find(host('192.0.2.1', { address: '192.0.2.1' }));
  assert.deepEqual(fixed.kind === 'addresses' && fixed.addresses, ['192.0.2.1']);
  const missing = await find(host('empty.test'));
  assert.deepEqual(
    missing.kind === 'trouble' &&
      missing.trouble.kind === 'dns' && [missing.trouble.of, missing.trouble.outcome],
    ['exchanger', 'no-host'],
  );
  const broken = await find(host('broken.test', { smartHost: true }));
  assert.deepEqual(
    broken.kind === 'trouble' && broken.trouble.kind === 'dns' && [broken.trouble.of, broken.trouble.outcome],
    ['smart-host', 'failed'],
  );
});

test('a host that is down is remembered for a while, and only so many are', () => {
  let now = 0;
  const down = createDownHosts({ now: () => now, restTime: 100, maxHosts: 2 });
  down.mark('a');
  now = 50;
  down.mark('b');
  assert.deepEqual([down.downSince('a'), down.downSince('b'), down.downSince('c')], [0, 50, null]);
  now = 100;
  assert.deepEqual([down.downSince('a'), down.downSince('b')], [null, 50]);
  down.clear('b');
  assert.equal(down.downSince('b'), null);
  for (const key of ['x', 'y', 'z']) down.mark(key);
  assert.deepEqual([down.downSince('x'), down.downSince('y'), down.downSince('z')], [null, 100, 100]);
});
