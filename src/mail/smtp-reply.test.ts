import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leadingEnhancedStatus, parseEnhancedStatus } from './enhanced-status.ts';
import { printReceivedField, transmissionType } from './received-field.ts';
import { describeSmtpReply, printSmtpReply, smtpReply } from './smtp-reply.ts';

test('replies are printed with the code on every line', () => {
  assert.equal(printSmtpReply(smtpReply(250, '2.1.0', 'Ok')), '250 2.1.0 Ok\r\n');
  assert.equal(printSmtpReply(smtpReply(250, null, 'a', 'b', 'c')), '250-a\r\n250-b\r\n250 c\r\n');
  assert.equal(printSmtpReply(smtpReply(250, null)), '250 \r\n');
});

test('no text breaks out of its reply', () => {
  assert.equal(printSmtpReply(smtpReply(550, '5.1.1', 'a\r\n250 ok\0ü')), '550 5.1.1 a?250 ok?\r\n');
  assert.ok(printSmtpReply(smtpReply(550, '5.1.1', 'x'.repeat(5000))).length <= 512);
  assert.equal(describeSmtpReply(smtpReply(550, '5.1.1', 'no', 'such\nuser')), '550 5.1.1 no such?user');
});

test('status codes are read where the class agrees with the reply', () => {
  assert.equal(leadingEnhancedStatus('4.4.316 refused', 451), '4.4.316');
  assert.equal(leadingEnhancedStatus('2.0.0', 250), '2.0.0');
  for (const text of ['5.1.1 x', '4.1', '4.1.1.1 x', '4.01.1 x', '4.1.1234 x', '4.1.1x', '', '4']) {
    assert.equal(leadingEnhancedStatus(text, 451), null, text);
  }
  assert.equal(parseEnhancedStatus('3.1.1'), null);
});

const facts = {
  helo: 'client.example',
  remoteAddress: '192.0.2.1',
  by: 'relay.example',
  esmtp: true,
  tls: null,
  authenticated: false,
  smtpUtf8: false,
  id: 'ABC',
  for: null,
  time: Date.UTC(2026, 0, 2, 3, 4, 5),
};

test('the trace field names the transmission type of RFC 3848 and RFC 6531', () => {
  const tls = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };
  assert.equal(transmissionType({ ...facts, esmtp: false }), 'SMTP');
  assert.equal(transmissionType(facts), 'ESMTP');
  assert.equal(transmissionType({ ...facts, tls }), 'ESMTPS');
  assert.equal(transmissionType({ ...facts, authenticated: true }), 'ESMTPA');
  assert.equal(transmissionType({ ...facts, tls, authenticated: true }), 'ESMTPSA');
  assert.equal(transmissionType({ ...facts, tls, authenticated: true, smtpUtf8: true }), 'UTF8SMTPSA');
});

test('the trace field is folded and a peer cannot break out of it', () => {
  assert.equal(
    printReceivedField({ ...facts, for: { localPart: 'user', domain: 'example.org' } }),
    'Received: from client.example ([192.0.2.1])\r\n\tby relay.example with ESMTP id ABC\r\n\tfor <user@example.org>;\r\n\tFri, 02 Jan 2026 03:04:05 +0000\r\n',
  );
  const evil = printReceivedField({
    ...facts,
    helo: 'a) by evil\r\nX: y',
    remoteAddress: '::1',
    tls: { protocol: 'x)\r\nY:', cipher: 'c' },
  });
  assert.equal(
    evil,
    'Received: from unknown ([IPv6:::1])\r\n\tby relay.example with ESMTPS id ABC\r\n\t(version=x___Y_ cipher=c);\r\n\tFri, 02 Jan 2026 03:04:05 +0000\r\n',
  );
});
