// The tests' certification authority is checked against OpenSSL: it must make what it claims to make.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority, DAY, selfSigned } from './certificates.ts';

test('an issued chain is what OpenSSL takes for one', () => {
  const root = createAuthority();
  const middle = root.intermediate({ pathLength: 0 });
  const leaf = middle.issue({
    dnsNames: ['mail.example.com', '*.example.com'],
    ipAddresses: ['192.0.2.1', '2001:db8::1'],
    crlUrls: ['http://crl.example.com/a.crl'],
  });
  assert.equal(leaf.x509.checkIssued(middle.x509), true);
  assert.equal(leaf.x509.verify(middle.keys.publicKey), true);
  assert.equal(middle.x509.verify(root.keys.publicKey), true);
  assert.equal(middle.x509.ca, true);
  assert.equal(leaf.x509.ca, false);
  assert.match(
    leaf.x509.subjectAltName ?? '',
    /DNS:mail.example.com, DNS:\*.example.com, IP Address:192.0.2.1/,
  );
  assert.equal(leaf.chain.length, 2);
  assert.equal(leaf.x509.checkPrivateKey(leaf.keys.privateKey), true);
});

test('defects come out as asked', () => {
  const root = createAuthority();
  assert.ok(
    root.issue({ notAfter: Date.now() - DAY, notBefore: Date.now() - 2 * DAY }).x509.validToDate < new Date(),
  );
  assert.equal(root.issue({ key: 'rsa-1024' }).x509.publicKey.asymmetricKeyDetails?.modulusLength, 1024);
  assert.match(root.issue({ signatureHash: 'sha1' }).x509.signatureAlgorithm ?? '', /SHA1/i);
  assert.equal(selfSigned({ dnsNames: ['a.example'] }).x509.issuer, 'CN=a.example');
  assert.equal(root.issue({ commonName: 'cn.example' }).x509.subjectAltName, undefined);
});
