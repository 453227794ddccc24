// Delivery and protection over real sockets: what must hold before MAIL, and what happens where it does not.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createStaticResolver, type StaticName } from '#dns/static-zones.ts';
import type { NextHop } from '#routing/route.ts';
import { selfSigned } from '../../test/support/certificates.ts';
import {
  MX,
  at,
  good,
  makeDeliverer,
  message,
  request,
  route,
  serve,
  show,
  tlsOf,
} from '../../test/support/delivery.ts';
import { createTlsPolicies } from './tls-policies.ts';
import { type FakeMx, type FakeMxOptions } from '../../test/support/fake-mx.ts';

test('opportunistic TLS: used when offered, whatever the certificate', async (t) => {
  const mx = await serve(t, { tls: selfSigned({ dnsNames: ['whoever.test'] }).tls });
  const { deliverer } = makeDeliverer(t);
  const result = await deliverer.deliver(request(at(mx)));
  assert.deepEqual(show(result), ['0 delivered 2.0.0']);
  assert.equal(mx.transactions[0]?.tls, true);
  const tls = tlsOf(result);
  assert.deepEqual(
    [tls.protocol, tls.level, tls.authority, tls.verdict],
    ['TLSv1.3', 'Opportunistic', 'Default', 'Accepted'],
  );
});

test('opportunistic TLS: a failed handshake goes on in clear text on a new connection, a refused STARTTLS on the same', async (t) => {
  const broken = await serve(t, { brokenHandshake: 'nonsense' });
  const { deliverer } = makeDeliverer(t);
  const fallenBack = await deliverer.deliver(request(at(broken)));
  assert.deepEqual(show(fallenBack), ['0 delivered 2.0.0']);
  assert.match(
    String(fallenBack.events[0]?.data['clearTextBecause']),
    /TLS handshake with 127\.0\.0\.1:\d+ failed/,
  );
  assert.deepEqual([broken.transactions[0]?.tls, broken.transactions[0]?.connection], [false, 2]);
  const dropping = await serve(t, { tls: good, behaviour: { STARTTLS: 'drop' } });
  assert.deepEqual(show(await deliverer.deliver(request(at(dropping)))), ['0 delivered 2.0.0']);
  const refusing = await serve(t, { tls: good, behaviour: { STARTTLS: '454 4.7.0 not now' } });
  const refused = await deliverer.deliver(request(at(refusing)));
  assert.deepEqual(show(refused), ['0 delivered 2.0.0']);
  assert.match(
    refused.events[0]?.detail ?? '',
    /in clear text \(STARTTLS was refused: 454 4\.7\.0 not now\)/,
  );
  assert.deepEqual([refusing.transactions[0]?.tls, refusing.transactions[0]?.connection], [false, 1]);
});

test('EncryptionOnly: no STARTTLS, a refusal or a failed handshake send to the next host, then defer with 4.4.317', async (t) => {
  const rows: readonly FakeMxOptions[] = [
    {},
    { tls: good, behaviour: { STARTTLS: '454 4.7.0 not now' } },
    { brokenHandshake: 'nonsense' },
  ];
  for (const options of rows) {
    const bad = await serve(t, options);
    const well = await serve(t, { tls: selfSigned().tls });
    const { deliverer } = makeDeliverer(t);
    const strict = (nextHop: NextHop) =>
      request(nextHop, { route: route(nextHop, { tlsLevel: 'EncryptionOnly' }) });
    const deferred = await deliverer.deliver(strict(at(bad)));
    assert.deepEqual(show(deferred), ['0 deferred 4.4.317', 'unreachable']);
    assert.doesNotMatch(deferred.events[0]?.detail ?? '', /in clear text/);
    assert.deepEqual(show(await deliverer.deliver(strict(at(bad, well)))), ['0 delivered 2.0.0']);
    assert.equal(bad.transactions.length, 0);
    assert.equal(
      bad.commands.some((line) => line.includes('MAIL')),
      false,
    );
  }
});

test('CertificateValidation and DomainValidation are judged before MAIL, and the reason is named', async (t) => {
  const bad = await serve(t, { tls: selfSigned({ dnsNames: ['mx.fabrikam.test'] }).tls });
  const well = await serve(t, { tls: good });
  const { deliverer } = makeDeliverer(t);
  const strict = (
    level: 'CertificateValidation' | 'DomainValidation',
    domain: string | null,
    ...servers: FakeMx[]
  ) =>
    request(at(...servers), {
      route: route(at(...servers), {
        tlsLevel: level,
        tlsDomain: domain === null ? null : { kind: 'exact', domain },
      }),
    });
  const refused = await deliverer.deliver(strict('CertificateValidation', null, bad));
  assert.deepEqual(show(refused), ['0 deferred 4.7.320', 'unreachable']);
  assert.match(
    refused.results[0]?.status.diagnostic ?? '',
    /^Certificate validation failed \[Message=\w+\]: /,
  );
  assert.equal(
    bad.commands.some((line) => line.includes('MAIL')),
    false,
  );
  assert.deepEqual(show(await deliverer.deliver(strict('CertificateValidation', null, bad, well))), [
    '0 delivered 2.0.0',
  ]);
  assert.deepEqual(show(await deliverer.deliver(strict('DomainValidation', 'fabrikam.test', well))), [
    '0 delivered 2.0.0',
  ]);
  const other = await deliverer.deliver(strict('DomainValidation', 'woodgrove.test', well));
  assert.match(other.results[0]?.status.diagnostic ?? '', /\[Message=SubjectMismatch\]/);
  const tls = tlsOf(other);
  assert.equal(tls.verdict, 'Refused');
  assert.deepEqual(tls.chain[0]?.names, ['mx.fabrikam.test', 'fabrikam.test']);
});

test('the server name of a host goes out as SNI, an address does not', async (t) => {
  const mx = await serve(t, { tls: good });
  const named: NextHop = {
    kind: 'smart-hosts',
    hosts: [{ kind: 'name', name: 'mx.fabrikam.test', port: mx.port }],
  };
  const { deliverer } = makeDeliverer(t, { 'mx.fabrikam.test': { A: ['127.0.0.1'] } });
  await deliverer.deliver(request(named));
  await deliverer.deliver(request(at(mx)));
  assert.deepEqual(
    mx.transactions.map((transaction) => transaction.serverName),
    ['mx.fabrikam.test', null],
  );
});

test('a credential is used under TLS only', async (t) => {
  const mx = await serve(t, { tls: good, capabilities: ['PIPELINING', 'AUTH PLAIN LOGIN'] });
  const clear = await serve(t, { capabilities: ['AUTH PLAIN'] });
  const silent = await serve(t, { tls: good });
  const wrong = await serve(t, {
    tls: good,
    capabilities: ['AUTH LOGIN'],
    behaviour: { AUTH: '535 5.7.8 no' },
  });
  const credentials = (guid: string) =>
    Promise.resolve(guid === 'guid' ? { user: 'anna', password: 'secret' } : null);
  const { deliverer } = makeDeliverer(t, {}, { connection: { credentials } });
  const withCredential = (nextHop: NextHop, guid = 'guid') =>
    request(nextHop, { route: route(nextHop, { hasCredential: true, connector: { guid, name: 'C' } }) });
  assert.deepEqual(show(await deliverer.deliver(withCredential(at(mx)))), ['0 relayed 2.0.0']);
  const plain = Buffer.from('\0anna\0secret').toString('base64');
  assert.ok(mx.commands.includes(`1 AUTH PLAIN ${plain}`));
  assert.deepEqual(show(await deliverer.deliver(withCredential(at(clear)))), [
    '0 deferred 4.4.317',
    'unreachable',
  ]);
  assert.equal(
    clear.commands.some((line) => line.includes('AUTH')),
    false,
  );
  assert.deepEqual(show(await deliverer.deliver(withCredential(at(silent)))), [
    '0 deferred 4.7.0',
    'unreachable',
  ]);
  const refused = await deliverer.deliver(withCredential(at(wrong)));
  assert.deepEqual(show(refused), ['0 deferred 4.7.8', 'unreachable']);
  assert.equal(JSON.stringify(refused).includes('secret'), false);
  assert.deepEqual(show(await deliverer.deliver(withCredential(at(mx), 'other'))), [
    '0 deferred 4.7.0',
    'unreachable',
  ]);
});

test('REQUIRETLS needs a server that offers it, and says so to it', async (t) => {
  const without = await serve(t, { tls: good });
  const able = await serve(t, { tls: good, capabilities: ['PIPELINING', 'REQUIRETLS'] });
  const { deliverer } = makeDeliverer(t);
  const wish = { message: message({ requireTls: true }) };
  assert.deepEqual(show(await deliverer.deliver(request(at(without), wish))), ['0 failed 5.7.30']);
  assert.deepEqual(show(await deliverer.deliver(request(at(able), wish))), ['0 relayed 2.0.0']);
  assert.match(able.transactions[0]?.mail ?? '', / REQUIRETLS/);
});

test('DANE holds what it promises: a matching key passes without a root, another one never gets the message', async (t) => {
  const own = selfSigned({ dnsNames: ['whoever.test'] });
  const mx = await serve(t, { tls: own.tls });
  const spki = own.x509.publicKey.export({ type: 'spki', format: 'der' });
  const dnsFor = (data: Uint8Array): Record<string, StaticName> => ({
    'fabrikam.test': { MX: [{ preference: 1, exchange: 'mx.fabrikam.test' }], authenticated: true },
    'mx.fabrikam.test': { A: ['127.0.0.1'], authenticated: true },
    [`_${mx.port}._tcp.mx.fabrikam.test`]: {
      TLSA: [{ usage: 3, selector: 1, matchingType: 1, data }],
      authenticated: true,
    },
  });
  const deliver = (zones: Record<string, StaticName>, smtpDaneMode: 'Opportunistic' | 'Mandatory') => {
    const resolver = createStaticResolver(zones);
    const policies = createTlsPolicies({
      resolver,
      mtaSts: { policyFor: () => Promise.resolve({ policy: null, fault: null }) },
    });
    const { deliverer } = makeDeliverer(t, {}, { resolver, policies, mxPort: mx.port });
    return deliverer.deliver(request(MX, { route: route(MX, { smtpDaneMode }) }));
  };
  const digest = createHash('sha256').update(spki).digest();
  const good = await deliver(dnsFor(digest), 'Mandatory');
  assert.deepEqual(show(good), ['0 delivered 2.0.0']);
  assert.equal(tlsOf(good).authority, 'Dane');
  const wrong = await deliver(dnsFor(Buffer.alloc(32)), 'Opportunistic');
  assert.deepEqual(show(wrong), ['0 deferred 4.7.320', 'unreachable']);
  const unsigned = {
    ...dnsFor(digest),
    'fabrikam.test': { MX: [{ preference: 1, exchange: 'mx.fabrikam.test' }] },
  };
  assert.deepEqual(show(await deliver(unsigned, 'Mandatory')), ['0 deferred 4.7.323', 'unreachable']);
  assert.deepEqual(show(await deliver(unsigned, 'Opportunistic')), ['0 delivered 2.0.0']);
  assert.equal(mx.transactions.length, 2);
});

test('MTA-STS in enforce mode keeps mail from hosts that it does not name or that have no trusted certificate', async (t) => {
  const own = await serve(t, { tls: selfSigned({ dnsNames: ['mx.fabrikam.test'] }).tls });
  const trusted = await serve(t, { tls: good });
  const zones: Record<string, StaticName> = {
    'fabrikam.test': { MX: [{ preference: 1, exchange: 'mx.fabrikam.test' }] },
    'mx.fabrikam.test': { A: ['127.0.0.1'] },
  };
  const deliver = (port: number, mode: 'enforce' | 'testing', mx: string) => {
    const resolver = createStaticResolver(zones);
    const policy = { mode, mx: [mx], maxAge: 86_400 };
    const policies = createTlsPolicies({
      resolver,
      mtaSts: { policyFor: () => Promise.resolve({ policy, fault: null }) },
    });
    const { deliverer } = makeDeliverer(t, {}, { resolver, policies, mxPort: port });
    return deliverer.deliver(request(MX, { route: route(MX, { mtaStsMode: 'Opportunistic' }) }));
  };
  assert.deepEqual(show(await deliver(trusted.port, 'enforce', '*.fabrikam.test')), ['0 delivered 2.0.0']);
  assert.deepEqual(show(await deliver(own.port, 'enforce', 'mx.fabrikam.test')), [
    '0 deferred 4.7.320',
    'unreachable',
  ]);
  assert.deepEqual(show(await deliver(trusted.port, 'enforce', 'other.test')), [
    '0 deferred 4.7.5',
    'unreachable',
  ]);
  assert.deepEqual(show(await deliver(own.port, 'testing', 'other.test')), ['0 delivered 2.0.0']);
});

test('a handshake that never ends is given up', async (t) => {
  const mx = await serve(t, { brokenHandshake: 'silence' });
  const { deliverer } = makeDeliverer(t, {}, { connection: { handshakeTimeout: 30 } });
  const strict = route(at(mx), { tlsLevel: 'EncryptionOnly' });
  const result = await deliverer.deliver(request(at(mx), { route: strict }));
  assert.deepEqual(show(result), ['0 deferred 4.4.317', 'unreachable']);
  assert.match(result.results[0]?.status.diagnostic ?? '', /no end within 30 ms/);
  assert.deepEqual(show(await deliverer.deliver(request(at(mx)))), ['0 delivered 2.0.0']);
  await mx.until(() => mx.open <= 1);
});
