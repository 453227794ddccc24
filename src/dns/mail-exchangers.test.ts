// RFC 5321 §5.1 and RFC 7505, as a table over static zones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMailExchangers } from './mail-exchangers.ts';
import { createStaticResolver } from './static-zones.ts';

const resolver = createStaticResolver({
  'two.test': {
    MX: [
      { preference: 20, exchange: 'c.two.test' },
      { preference: 10, exchange: 'a.two.test' },
      { preference: 10, exchange: 'b.two.test' },
      { preference: 30, exchange: 'a.two.test' },
    ],
  },
  'null.test': { MX: [{ preference: 0, exchange: '.' }], A: ['192.0.2.1'] },
  'mixed.test': {
    MX: [
      { preference: 0, exchange: '.' },
      { preference: 5, exchange: 'a.mixed.test' },
    ],
  },
  'plain.test': { A: ['192.0.2.1'] },
  'six.test': { AAAA: ['2001:db8::1'] },
  'empty.test': { TXT: ['nothing here'] },
  'broken.test': { failing: true },
  'signed.test': { MX: [{ preference: 1, exchange: 'mx.signed.test' }], authenticated: true },
  'alias.test': { CNAME: 'two.test' },
});

const hosts = (names: string[], implicit = false, authenticated = false) => ({
  kind: 'hosts' as const,
  hosts: names,
  implicit,
  authenticated,
});

test('orders by preference and takes each host once', async () => {
  let draws = 0;
  const rising = () => draws++;
  const falling = () => -draws++;
  assert.deepEqual(
    await findMailExchangers(resolver, 'two.test', rising),
    hosts(['a.two.test', 'b.two.test', 'c.two.test']),
  );
  assert.deepEqual(
    await findMailExchangers(resolver, 'two.test', falling),
    hosts(['b.two.test', 'a.two.test', 'c.two.test']),
  );
});

test('knows every way a domain can answer', async () => {
  const find = (domain: string) => findMailExchangers(resolver, domain, () => 0);
  assert.deepEqual(await find('null.test'), { kind: 'null-mx' });
  assert.deepEqual(await find('mixed.test'), hosts(['a.mixed.test']));
  assert.deepEqual(await find('plain.test'), hosts(['plain.test'], true));
  assert.deepEqual(await find('six.test'), hosts(['six.test'], true));
  assert.deepEqual(await find('empty.test'), { kind: 'no-host' });
  assert.deepEqual(await find('gone.test'), { kind: 'no-domain' });
  assert.equal((await find('broken.test')).kind, 'failed');
  assert.deepEqual(await find('signed.test'), hosts(['mx.signed.test'], false, true));
  assert.equal((await find('alias.test')).kind, 'hosts');
});
