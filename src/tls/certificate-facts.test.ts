// Reading what OpenSSL wrote, and surviving what nobody should write.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAuthority } from '../../test/support/certificates.ts';
import { goodLeaf, list, ocsp, pssRoot, revokedLeaf, root } from '../../test/support/openssl-fixtures.ts';
import { certificateFacts } from './certificate-facts.ts';
import { isIssuedBy, isSignedBy } from './chain.ts';
import { DerError } from './der.ts';
import { judgeStapled } from './ocsp.ts';
import { readRevocationList, readRevokedEntry, UnusableList } from './revocation-list.ts';
import { buildSerialIndex, findSerial } from './serial-index.ts';
import { signatureHolds } from './signature-algorithm.ts';

const noPause = () => Promise.resolve();

test("OpenSSL's certificate is read as it was written", () => {
  const facts = certificateFacts(revokedLeaf);
  assert.equal(facts.label, 'leaf a');
  assert.equal(facts.issuerLabel, 'Fixture Root');
  assert.deepEqual(facts.dnsNames, ['mail.openssl.example', '*.openssl.example']);
  assert.deepEqual(facts.crlUrls, ['http://crl.openssl.example/root.crl']);
  assert.deepEqual(facts.extendedKeyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.equal(facts.keyStrength.label, 'RSA 2048 bits');
  assert.equal(facts.signature.name, 'ecdsa-with-SHA256');
  assert.equal(facts.isAuthority, false);
  assert.equal(facts.unknownCritical, null);
  const above = certificateFacts(root);
  assert.equal(above.isAuthority, true);
  assert.equal(above.pathLength, 1);
  assert.equal(isIssuedBy(facts, above), true);
  assert.equal(isIssuedBy(above, facts), false);
});

test('RSASSA-PSS signatures are verified', () => {
  const facts = certificateFacts(pssRoot);
  assert.equal(facts.signature.pss, true);
  assert.equal(isSignedBy(facts, facts.publicKey), true);
  assert.equal(isSignedBy(facts, certificateFacts(root).publicKey), false);
});

test("OpenSSL's revocation list is read, verified and searched", async () => {
  const read = readRevocationList(list);
  assert.deepEqual(read.scope.urls, ['http://crl.openssl.example/root.crl']);
  assert.equal(read.scope.onlyUserCertificates, true);
  assert.equal(
    signatureHolds(read.algorithm, read.signed, certificateFacts(root).publicKey, read.signature),
    true,
  );
  const index = await buildSerialIndex(read.entries, noPause);
  const entry = findSerial(index, certificateFacts(revokedLeaf).serial);
  assert.ok(entry !== null);
  assert.equal(readRevokedEntry(entry).reason, 'key compromise');
  assert.equal(findSerial(index, certificateFacts(goodLeaf).serial), null);
});

test("OpenSSL's OCSP answer is believed for both leaves", () => {
  const issuer = certificateFacts(root);
  assert.equal(judgeStapled(ocsp, certificateFacts(revokedLeaf), issuer, Date.now()).status, 'Revoked');
  assert.equal(judgeStapled(ocsp, certificateFacts(goodLeaf), issuer, Date.now()).status, 'Good');
  assert.equal(judgeStapled(ocsp, issuer, issuer, Date.now()).status, 'Unusable');
});

test('every serial number that is in a list is found, and no other', async () => {
  const authority = createAuthority();
  const serial = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((octets) => {
    const copy = Uint8Array.from(octets);
    copy[0] = ((copy[0] ?? 0) & 0x7f) | 1;
    return copy;
  });
  await fc.assert(
    fc.asyncProperty(fc.array(serial, { maxLength: 60 }), serial, async (revoked, other) => {
      const made = authority.crl({ revoked: revoked.map((each) => ({ serial: each })) });
      const index = await buildSerialIndex(readRevocationList(made).entries, noPause);
      for (const each of revoked) assert.ok(findSerial(index, each) !== null);
      const listed = revoked.some((each) => Buffer.compare(each, other) === 0);
      assert.equal(findSerial(index, other) !== null, listed);
    }),
    { numRuns: 40 },
  );
});

test('damaged input ends in a refusal, never in anything else', () => {
  const inputs = [revokedLeaf, root, list, ocsp];
  const damage = fc.record({
    input: fc.constantFrom(...inputs),
    at: fc.nat(),
    octet: fc.nat(255),
    cut: fc.option(fc.nat()),
  });
  fc.assert(
    fc.property(damage, ({ input, at, octet, cut }) => {
      const copy = Uint8Array.from(input);
      copy[at % copy.length] = octet;
      const damaged = cut === null ? copy : copy.subarray(0, cut % copy.length);
      for (const read of [certificateFacts, readRevocationList]) {
        try {
          read(damaged);
        } catch (error) {
          assert.ok(error instanceof DerError || error instanceof UnusableList, String(error));
        }
      }
      judgeStapled(damaged, certificateFacts(goodLeaf), certificateFacts(root), Date.now());
    }),
    { numRuns: 2_000 },
  );
});
