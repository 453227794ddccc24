// The resolver against a real server on loopback that fails, lies and truncates.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { startTestDns, type TestName } from '../../test/support/test-dns.ts';
import { readAnswer } from './answer.ts';
import { toDnsName } from './lookup.ts';
import { createResolver, type ResolverOptions } from './resolver.ts';

async function start(t: TestContext, zones: Record<string, TestName>, more: Partial<ResolverOptions> = {}) {
  const dns = await startTestDns(zones);
  t.after(() => dns.close());
  let now = 1_000_000;
  const resolver = createResolver({
    servers: [{ address: dns.address, port: dns.port, trusted: true }],
    now: () => now,
    random: (below) => randomInt(below),
    timeout: 150,
    tries: 1,
    ...more,
  });
  return { dns, resolver, pass: (milliseconds: number) => void (now += milliseconds) };
}

test('finds the records of every type that is asked for', async (t) => {
  const { resolver } = await start(t, {
    'a.test': {
      A: ['192.0.2.1', '192.0.2.2'],
      AAAA: ['2001:db8::1'],
      MX: [
        [20, 'Two.a.test'],
        [10, 'one.a.test'],
      ],
      TXT: [['v=STSv1; ', 'id=1;']],
      TLSA: [{ usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(1, 2, 3) }],
    },
  });
  const found = { kind: 'found', canonicalName: 'a.test', authenticated: false };
  assert.deepEqual(await resolver.resolve('A.test.', 'A'), { ...found, records: ['192.0.2.1', '192.0.2.2'] });
  assert.deepEqual(await resolver.resolve('a.test', 'AAAA'), { ...found, records: ['2001:db8::1'] });
  assert.deepEqual(await resolver.resolve('a.test', 'MX'), {
    ...found,
    records: [
      { preference: 20, exchange: 'two.a.test' },
      { preference: 10, exchange: 'one.a.test' },
    ],
  });
  assert.deepEqual(await resolver.resolve('a.test', 'TXT'), { ...found, records: ['v=STSv1; id=1;'] });
  assert.deepEqual(await resolver.resolve('a.test', 'TLSA'), {
    ...found,
    records: [{ usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(1, 2, 3) }],
  });
});

test('tells a name that is not there from one without such records, and both from failures', async (t) => {
  const { resolver } = await start(t, {
    'a.test': { A: ['192.0.2.1'] },
    'broken.test': { fault: 'servfail' },
    'refused.test': { fault: 'refused' },
    'silent.test': { fault: 'silent' },
    'garbage.test': { fault: 'garbage' },
  });
  const none = { kind: 'none', authenticated: false };
  assert.deepEqual(await resolver.resolve('gone.test', 'A'), { ...none, reason: 'NXDOMAIN' });
  assert.deepEqual(await resolver.resolve('a.test', 'MX'), { ...none, reason: 'NODATA' });
  const details = await Promise.all(
    ['broken.test', 'refused.test', 'silent.test', 'garbage.test'].map(async (name) => {
      const lookup = await resolver.resolve(name, 'A');
      assert.equal(lookup.kind, 'failed', name);
      return lookup.detail;
    }),
  );
  assert.match(details[0] ?? '', /SERVFAIL for A of broken\.test/);
  assert.match(details[1] ?? '', /REFUSED/);
  assert.match(details[2] ?? '', /no answer within 150 ms/);
});

test('does not fall for answers with another identity or another question', async (t) => {
  const { resolver } = await start(t, {
    'id.test': { A: ['192.0.2.66'], fault: 'wrong-id' },
    'question.test': { A: ['192.0.2.66'], fault: 'wrong-question' },
  });
  assert.equal((await resolver.resolve('id.test', 'A')).kind, 'failed');
  assert.equal((await resolver.resolve('question.test', 'A')).kind, 'failed');
});

test('asks again over TCP when the answer was truncated', async (t) => {
  const many = Array.from({ length: 200 }, (_, i) => `192.0.2.${i}`);
  const { dns, resolver } = await start(t, { 'big.test': { A: many, truncated: true } });
  const lookup = await resolver.resolve('big.test', 'A');
  assert.equal(lookup.kind === 'found' && lookup.records.length, 200);
  assert.deepEqual(dns.questions, ['UDP A big.test', 'TCP A big.test']);
});

test('follows a chain of aliases, but not a circle', async (t) => {
  const { resolver } = await start(t, {
    'www.test': { CNAME: 'web.test' },
    'web.test': { CNAME: 'host.test' },
    'host.test': { A: ['192.0.2.9'] },
    'one.test': { CNAME: 'two.test' },
    'two.test': { CNAME: 'one.test' },
    'dead.test': { CNAME: 'gone.test' },
  });
  const lookup = await resolver.resolve('www.test', 'A');
  assert.deepEqual(lookup.kind === 'found' && [lookup.canonicalName, lookup.records], [
    'host.test',
    ['192.0.2.9'],
  ]);
  assert.equal((await resolver.resolve('one.test', 'A')).kind, 'failed');
  assert.deepEqual(await resolver.resolve('dead.test', 'A'), {
    kind: 'none',
    reason: 'NXDOMAIN',
    authenticated: false,
  });
});

test('believes the AD bit only from a resolver that is trusted', async (t) => {
  const zones = { 'a.test': { A: ['192.0.2.1'], authenticated: true } };
  const trusted = await start(t, zones);
  const { dns } = trusted;
  const other = createResolver({
    servers: [{ address: dns.address, port: dns.port, trusted: false }],
    now: () => 0,
    random: (below) => randomInt(below),
  });
  const first = await trusted.resolver.resolve('a.test', 'A');
  const second = await other.resolve('a.test', 'A');
  assert.equal(first.kind === 'found' && first.authenticated, true);
  assert.equal(second.kind === 'found' && second.authenticated, false);
});

test('keeps answers for their time, failures for a moment, and shares what is on its way', async (t) => {
  const { dns, resolver, pass } = await start(t, { 'a.test': { A: ['192.0.2.1'], ttl: 30 } });
  await Promise.all([resolver.resolve('a.test', 'A'), resolver.resolve('A.TEST', 'A')]);
  await resolver.resolve('a.test', 'A');
  assert.equal(dns.questions.length, 1);
  pass(31_000);
  await resolver.resolve('a.test', 'A');
  assert.equal(dns.questions.length, 2);

  await resolver.resolve('late.test', 'A');
  dns.zones.set('late.test', { A: ['192.0.2.5'] });
  assert.equal((await resolver.resolve('late.test', 'A')).kind, 'none');
  pass(61_000);
  assert.equal((await resolver.resolve('late.test', 'A')).kind, 'found');

  dns.zones.set('flaky.test', { fault: 'servfail' });
  assert.equal((await resolver.resolve('flaky.test', 'A')).kind, 'failed');
  dns.zones.set('flaky.test', { A: ['192.0.2.6'] });
  assert.equal((await resolver.resolve('flaky.test', 'A')).kind, 'failed');
  pass(6_000);
  assert.equal((await resolver.resolve('flaky.test', 'A')).kind, 'found');
});

test('forgets the oldest answers when it holds too many', async (t) => {
  const { dns, resolver } = await start(
    t,
    { 'a.test': { A: ['192.0.2.1'] }, 'b.test': { A: ['192.0.2.2'] } },
    { maxCached: 1 },
  );
  await resolver.resolve('a.test', 'A');
  await resolver.resolve('b.test', 'A');
  await resolver.resolve('a.test', 'A');
  assert.equal(dns.questions.length, 3);
});

test('goes on to the next server when one is silent, and stays with the one that answered', async (t) => {
  const dead = await startTestDns({ 'a.test': { fault: 'silent' }, 'b.test': { fault: 'silent' } });
  t.after(() => dead.close());
  const alive = await startTestDns({ 'a.test': { A: ['192.0.2.1'] }, 'b.test': { A: ['192.0.2.2'] } });
  t.after(() => alive.close());
  const resolver = createResolver({
    servers: [dead, alive].map(({ address, port }) => ({ address, port, trusted: false })),
    now: () => 0,
    random: (below) => randomInt(below),
    timeout: 60,
  });
  assert.equal((await resolver.resolve('a.test', 'A')).kind, 'found');
  assert.equal((await resolver.resolve('b.test', 'A')).kind, 'found');
  assert.deepEqual([dead.questions.length, alive.questions.length], [1, 2]);
});

test('never asks for what cannot be a name', async (t) => {
  const { dns, resolver } = await start(t, {});
  for (const name of ['', '.', 'a..b', `${'x'.repeat(64)}.test`, 'bücher.test', 'a b.test']) {
    assert.equal((await resolver.resolve(name, 'A')).kind, 'none', name);
  }
  assert.deepEqual(dns.questions, []);
});

test('asks servers from before EDNS without it', async (t) => {
  const { resolver } = await start(t, { 'old.test': { A: ['192.0.2.1'], fault: 'no-edns' } });
  assert.equal((await resolver.resolve('old.test', 'A')).kind, 'found');
});

test('asks only so many questions at a time, and all of them in the end', async (t) => {
  const zones = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`n${index}.test`, { A: ['192.0.2.1'] }]),
  );
  const { resolver } = await start(t, zones, { maxQuestions: 3 });
  const lookups = await Promise.all(Object.keys(zones).map((name) => resolver.resolve(name, 'A')));
  assert.ok(lookups.every((lookup) => lookup.kind === 'found'));
});

test('whatever octets a server sends, reading them ends: in an answer or an error', () => {
  const name = 'a.test';
  const answer = encode({
    type: 'response',
    id: 1,
    flags: 0x0180,
    questions: [{ type: 'MX', name }],
    answers: [
      { type: 'CNAME', name, data: 'b.test', ttl: 5 },
      { type: 'MX', name: 'b.test', ttl: 5, data: { preference: 1, exchange: 'mx.b.test' } },
    ],
  });
  const edits = fc.array(fc.tuple(fc.nat(answer.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(edits, fc.nat(answer.length), (changes, length) => {
      const bytes = Buffer.from(answer.subarray(0, Math.max(length, 1)));
      for (const [at, octet] of changes) if (at < bytes.length) bytes[at] = octet;
      try {
        const { lookup } = readAnswer(bytes, name, 'MX', true);
        if (lookup.kind !== 'found') return;
        for (const { exchange } of lookup.records)
          assert.ok(exchange === '.' || toDnsName(exchange) === exchange);
      } catch (error) {
        assert.ok(!(error instanceof assert.AssertionError), String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});
