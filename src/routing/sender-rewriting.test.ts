// SRS: there and back, forged, expired, rotated keys, and the limits of a local part.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, parseAddress, printAddress } from '#mail/address.ts';
import { address } from '../../test/support/configurations.ts';
import { createSenderRewriter } from './sender-rewriting.ts';

const DAY = 86_400_000;
const NOW = 20_000 * DAY;
const key = (text: string): string => Buffer.from(text).toString('base64');

function rewriter(keys: readonly string[] = [key('first')], domain = 'own.test') {
  return createSenderRewriter({
    keys,
    domain,
    isAccepted: (name) => name === 'own.test' || name === 'other-own.test',
  });
}

function rewrite(text: string, one = rewriter()): Address {
  const rewritten = one.rewrite(address(text), NOW);
  assert.ok(rewritten !== null);
  return rewritten;
}

test('a sender is rewritten to an address of our own, and a bounce to it finds back', () => {
  const rewritten = rewrite('Ada.Lovelace@fabrikam.com');
  assert.match(
    printAddress(rewritten),
    /^SRS0=[a-z2-7]{8}=[a-z2-7]{2}=fabrikam\.com=Ada\.Lovelace@own\.test$/,
  );
  assert.deepEqual(rewriter().unwrap(rewritten, NOW + DAY), {
    kind: 'address',
    address: address('Ada.Lovelace@fabrikam.com'),
  });
});

test('own senders, the null sender and literals stay as they are', () => {
  const one = rewriter();
  assert.equal(one.rewrite(null, NOW), null);
  for (const text of ['a@own.test', 'a@other-own.test', 'a@[192.0.2.1]']) {
    const sender = address(text);
    assert.equal(one.rewrite(sender, NOW), sender);
  }
});

test('what another forwarder rewrote becomes SRS1, and bounces go to that forwarder', () => {
  const theirs = rewrite(
    'ada@fabrikam.com',
    createSenderRewriter({ keys: [key('theirs')], domain: 'fwd.test', isAccepted: () => false }),
  );
  const ours = rewrite(printAddress(theirs));
  assert.match(printAddress(ours), /^SRS1=[a-z2-7]{8}=fwd\.test==.+@own\.test$/);
  assert.deepEqual(rewriter().unwrap(ours, NOW), { kind: 'address', address: theirs });
  // A third forwarder leaves the second out.
  const third = createSenderRewriter({ keys: [key('third')], domain: 'third.test', isAccepted: () => false });
  const thirdForm = third.rewrite(ours, NOW);
  assert.ok(thirdForm !== null);
  assert.match(printAddress(thirdForm), /^SRS1=[a-z2-7]{8}=fwd\.test==.+@third\.test$/);
  assert.deepEqual(third.unwrap(thirdForm, NOW), { kind: 'address', address: theirs });
});

test('forged addresses are known', () => {
  const good = rewrite('ada@fabrikam.com');
  const forged = [
    good.localPart.replace('ada', 'eve'),
    good.localPart.replace('fabrikam.com', 'evil.test'),
    good.localPart.replace(/^SRS0=./, (start) => `SRS0=${start.endsWith('a') ? 'b' : 'a'}`),
    'SRS0=aaaaaaaa=aa=fabrikam.com=ada',
    'SRS0=short=aa=fabrikam.com=ada',
    'SRS0=nonsense',
    'SRS0=',
    'SRS1=aaaaaaaa=fwd.test==x',
    'SRS1=x',
  ];
  for (const localPart of forged) {
    assert.deepEqual(
      rewriter().unwrap({ localPart, domain: 'own.test' }, NOW),
      { kind: 'forged' },
      localPart,
    );
  }
  assert.deepEqual(rewriter([key('other')]).unwrap(good, NOW), { kind: 'forged' });
});

test('addresses expire, and days come round', () => {
  const good = rewrite('ada@fabrikam.com');
  assert.equal(rewriter().unwrap(good, NOW + 21 * DAY)?.kind, 'address');
  assert.equal(rewriter().unwrap(good, NOW + 22 * DAY)?.kind, 'expired');
  assert.equal(rewriter().unwrap(good, NOW - DAY)?.kind, 'address');
  assert.equal(rewriter().unwrap(good, NOW - 2 * DAY)?.kind, 'expired');
  const late = createSenderRewriter({ keys: [key('k')], domain: 'own.test', isAccepted: () => false });
  const last = 1023 * DAY;
  const rewritten = late.rewrite(address('a@b.test'), last);
  assert.ok(rewritten !== null);
  assert.equal(late.unwrap(rewritten, last + 5 * DAY)?.kind, 'address');
});

test('keys rotate: the first signs, all verify', () => {
  const old = rewriter([key('old')]);
  const rotated = rewriter([key('new'), key('old')]);
  assert.equal(rotated.unwrap(rewrite('a@b.test', old), NOW)?.kind, 'address');
  assert.equal(old.unwrap(rewrite('a@b.test', rotated), NOW)?.kind, 'forged');
});

test('servers that change the case of an address do no harm', () => {
  const { localPart, domain } = rewrite('ada@fabrikam.com');
  for (const changed of [localPart.toUpperCase(), localPart.toLowerCase()]) {
    const unwrapped = rewriter().unwrap({ localPart: changed, domain }, NOW);
    assert.equal(unwrapped?.kind, 'address');
    assert.equal(
      unwrapped.kind === 'address' && printAddress(unwrapped.address).toLowerCase(),
      'ada@fabrikam.com',
    );
  }
});

test('a sender that would become too long stays as it is', () => {
  const sender = address(`${'a'.repeat(40)}@a-rather-long-domain.example.org`);
  assert.equal(rewriter().rewrite(sender, NOW), sender);
});

test('bounces to another of our domains count; those to strangers are not ours', () => {
  const { localPart } = rewrite('a@b.test');
  assert.equal(rewriter().unwrap({ localPart, domain: 'other-own.test' }, NOW)?.kind, 'address');
  assert.equal(rewriter().unwrap({ localPart, domain: 'stranger.test' }, NOW), null);
  assert.equal(rewriter().unwrap(address('ada@own.test'), NOW), null);
  assert.equal(rewriter().unwrap(address('srs0@own.test'), NOW), null);
});

test('every sender that is rewritten comes back as it was', () => {
  const local = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,20}$/),
    fc.stringMatching(/^[ !#-[\]-~]{1,12}$/).map((text) => `"${text}"`),
    fc.constantFrom(
      '"a\\"b"',
      '"a\\\\b"',
      'müller',
      'a.b',
      '"a..b"',
      '"a@b"',
      'SRS0=x',
      'srs1+x',
      'SRS0=abc=de=f=g',
      'SRS1=abc=f=g=h',
    ),
  );
  fc.assert(
    fc.property(
      local,
      fc.constantFrom('b.test', 'xn--bcher-kva.example', 'a.b.c.d.test'),
      (localPart, domain) => {
        const sender = parseAddress(`${localPart}@${domain}`);
        fc.pre(sender !== null && !/^"?srs1/i.test(localPart));
        const one = rewriter();
        const rewritten = one.rewrite(sender, NOW);
        if (rewritten === sender || rewritten === null) return;
        assert.deepEqual(parseAddress(printAddress(rewritten)), rewritten);
        const unwrapped = one.unwrap(rewritten, NOW);
        assert.ok(unwrapped?.kind === 'address');
        const same = (found: Address): string =>
          found.localPart.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/g, '$1');
        assert.equal(
          same(unwrapped.address)
            .toLowerCase()
            .replace(/^srs0[+-]/, 'srs0='),
          same(sender)
            .toLowerCase()
            .replace(/^srs0[+-]/, 'srs0='),
        );
        assert.equal(unwrapped.address.domain, domain);
      },
    ),
    { numRuns: 1000 },
  );
});
