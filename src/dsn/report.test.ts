// Reports as other software reads them: header, three parts, fields, and what must never break out of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { Envelope } from '#mail/envelope.ts';
import type { Message } from '#mail/message.ts';
import type { PlannedReport } from './planned-report.ts';
import { buildReport, MAX_RETURNED_CONTENT, type ReportInput } from './report.ts';

const ORIGINAL =
  'From: anna@contoso.test\r\nSubject: Hello\r\nMessage-ID: <1@contoso.test>\r\n\r\nBody line\r\n';

function message(envelope: Partial<Envelope> = {}, more: Partial<Message> = {}): Message {
  return {
    id: 1,
    receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    envelope: {
      returnPath: { localPart: 'anna', domain: 'contoso.test' },
      recipients: [
        {
          address: { localPart: 'bob', domain: 'fabrikam.test' },
          notify: null,
          orcpt: 'rfc822;Bob@fabrikam.test',
        },
        { address: { localPart: 'eve', domain: 'fabrikam.test' }, notify: null, orcpt: null },
      ],
      body: '7BIT',
      smtpUtf8: false,
      requireTls: false,
      ret: null,
      envid: null,
      ...envelope,
    },
    origin: {
      remoteAddress: '192.0.2.7',
      helo: 'client.contoso.test',
      tls: null,
      inboundConnector: null,
      fromOnPremises: false,
      authenticatedUser: null,
    },
    facts: { subject: 'Hello', messageId: '<1@contoso.test>', hopCount: 0, exchangeHeaders: false },
    size: Buffer.byteLength(ORIGINAL),
    ...more,
  };
}

const refused: DeliveryStatus = {
  action: 'failed',
  status: '5.1.1',
  diagnostic: '550 5.1.1 no such user',
  diagnosticType: 'smtp',
  remoteMta: 'mx.fabrikam.test',
  remoteAddress: '192.0.2.1:25',
};

function failure(...recipients: number[]): PlannedReport {
  return { kind: 'failure', recipients: recipients.map((recipient) => ({ recipient, status: refused })) };
}

function build(more: Partial<ReportInput> = {}) {
  return buildReport({
    report: failure(0),
    message: message(),
    original: Buffer.from(ORIGINAL),
    hostname: 'relay.test',
    from: { localPart: 'postmaster', domain: 'contoso.test' },
    now: Date.UTC(2026, 0, 2, 4, 0, 0),
    retryUntil: null,
    token: 'abcdefghij0123456789',
    ...more,
  });
}

test('a failure report, line by line', () => {
  const { content, envelope, facts } = build({ message: message({ envid: 'QQ314159' }) });
  assert.equal(
    content.toString(),
    `Date: Fri, 02 Jan 2026 04:00:00 +0000
From: Mail Delivery System <postmaster@contoso.test>
To: <anna@contoso.test>
Subject: Undeliverable: Hello
Message-ID: <abcdefghij0123456789@relay.test>
In-Reply-To: <1@contoso.test>
References: <1@contoso.test>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="=_abcdefghij0123456789"

--=_abcdefghij0123456789
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

This is the mail server relay.test.

Your message could not be delivered to the following recipients. It will not
be tried again.

  bob@fabrikam.test
    The address was not found at the recipient's domain. Check it for typing
    mistakes.
    mx.fabrikam.test said: 550 5.1.1 no such user (5.1.1)


--=_abcdefghij0123456789
Content-Type: message/delivery-status
Content-Transfer-Encoding: 7bit

Original-Envelope-Id: QQ314159
Reporting-MTA: dns; relay.test
Received-From-MTA: dns; client.contoso.test
Arrival-Date: Fri, 02 Jan 2026 03:04:05 +0000

Original-Recipient: rfc822; Bob@fabrikam.test
Final-Recipient: rfc822; bob@fabrikam.test
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.fabrikam.test
Diagnostic-Code: smtp; 550 5.1.1 no such user
Last-Attempt-Date: Fri, 02 Jan 2026 04:00:00 +0000

--=_abcdefghij0123456789
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 7bit

From: anna@contoso.test
Subject: Hello
Message-ID: <1@contoso.test>

--=_abcdefghij0123456789--
`.replaceAll('\n', '\r\n'),
  );
  assert.deepEqual(envelope, {
    returnPath: null,
    recipients: [{ address: { localPart: 'anna', domain: 'contoso.test' }, notify: ['NEVER'], orcpt: null }],
    body: '7BIT',
    smtpUtf8: false,
    requireTls: false,
    ret: null,
    envid: null,
  });
  assert.equal(facts.subject, 'Undeliverable: Hello');
});

test('several recipients stand in one report', () => {
  const text = build({ report: failure(0, 1) }).content.toString();
  assert.equal(text.match(/^Final-Recipient:/gm)?.length, 2);
  assert.match(text, /Last-Attempt-Date: [^\r]+\r\n\r\nFinal-Recipient: rfc822; eve@fabrikam\.test/);
});

test('the whole original comes back only for RET=FULL, in failures, and when it is not large', () => {
  const full = message({ ret: 'FULL' });
  assert.match(
    build({ message: full }).content.toString(),
    /Content-Type: message\/rfc822\r\n[^]*\r\n\r\nBody line\r\n/,
  );
  for (const more of [
    { message: message({ ret: 'HDRS' }) },
    { message: full, report: { ...failure(0), kind: 'delay' as const } },
    { message: { ...full, size: MAX_RETURNED_CONTENT + 1 } },
    // Only the beginning of the content was at hand.
    { message: full, original: Buffer.from(ORIGINAL.slice(0, -5)) },
  ]) {
    const text = build(more).content.toString();
    assert.match(text, /text\/rfc822-headers/);
    assert.doesNotMatch(text, /Body line/);
  }
});

test('a delay report says until when it is tried', () => {
  const status: DeliveryStatus = {
    ...refused,
    action: 'deferred',
    status: '4.4.316',
    diagnosticType: 'x-postern',
    diagnostic: 'Connection refused',
  };
  const text = build({
    report: { kind: 'delay', recipients: [{ recipient: 0, status }] },
    retryUntil: Date.UTC(2026, 0, 3, 3, 4, 5),
  }).content.toString();
  assert.match(text, /^Subject: Delayed: Hello/m);
  assert.match(text, /^Action: delayed\r$/m);
  assert.match(text, /^Will-Retry-Until: Sat, 03 Jan 2026 03:04:05 \+0000\r$/m);
  assert.match(text, /^Diagnostic-Code: x-postern; Connection refused\r$/m);
  assert.match(text, /It will be tried until Sat, 03 Jan 2026/);
});

test('a success report says relayed', () => {
  const status: DeliveryStatus = {
    ...refused,
    action: 'relayed',
    status: '2.0.0',
    diagnostic: '250 2.0.0 queued',
  };
  const text = build({
    report: { kind: 'success', recipients: [{ recipient: 0, status }] },
  }).content.toString();
  assert.match(text, /^Action: relayed\r$/m);
  assert.match(text, /^Subject: Relayed: Hello/m);
});

test('international mail gets the international forms', () => {
  const wide = {
    returnPath: { localPart: 'änna', domain: 'contoso.test' },
    recipients: [{ address: { localPart: 'bøb', domain: 'fabrikam.test' }, notify: null, orcpt: null }],
  };
  const global = build({ message: message({ ...wide, smtpUtf8: true }) });
  const text = global.content.toString();
  assert.match(text, /Content-Type: message\/global-delivery-status/);
  assert.match(text, /Content-Type: message\/global-headers/);
  assert.match(text, /Final-Recipient: utf-8; bøb@fabrikam\.test/);
  assert.match(text, /To: <änna@contoso\.test>/);
  assert.equal(global.envelope.smtpUtf8, true);
  assert.equal(global.envelope.body, '8BITMIME');

  const plain = build({ message: message({ recipients: wide.recipients }) }).content.toString();
  assert.match(plain, /Final-Recipient: utf-8; b\\x\{F8\}b@fabrikam\.test/);
});

test('a subject beyond ASCII is encoded, in words of at most 75 characters', () => {
  const subject = 'Grüße 👋 '.repeat(20);
  const { content } = build({
    message: message({}, { facts: { subject, messageId: '', hopCount: 0, exchangeHeaders: false } }),
  });
  const header = /^Subject: ((?:.|\r\n )*)\r\n/m.exec(content.toString())?.[1] ?? '';
  const words = header.split('\r\n ');
  assert.ok(words.length > 3);
  const decoded = words.map((word) => {
    assert.ok(word.length <= 75);
    return Buffer.from(/^=\?utf-8\?B\?(.+)\?=$/.exec(word)?.[1] ?? '', 'base64').toString();
  });
  assert.equal(decoded.join(''), `Undeliverable: ${subject}`.trim());
});

test('nothing a stranger says can break out of its field or its line', () => {
  const words = fc.string({ unit: 'binary', maxLength: 1500 });
  fc.assert(
    fc.property(words, words, words, words, (diagnostic, subject, envid, orcpt) => {
      const { content } = build({
        report: {
          kind: 'failure',
          recipients: [{ recipient: 0, status: { ...refused, diagnostic, remoteMta: envid } }],
        },
        message: message(
          {
            envid,
            recipients: [
              { address: { localPart: 'b', domain: 'c.test' }, notify: null, orcpt: `rfc822;${orcpt}` },
            ],
          },
          { facts: { subject, messageId: subject, hopCount: 0, exchangeHeaders: false } },
        ),
      });
      const text = content.toString('latin1');
      assert.equal(text.match(/^--=_abcdefghij0123456789/gm)?.length, 4);
      assert.ok(text.split('\r\n').every((line) => line.length <= 998 && !/[\r\n]/.test(line)));
      const fields = text.slice(text.indexOf('message/delivery-status')).split('\r\n\r\n');
      assert.deepEqual(fields[1]?.match(/^[A-Za-z-]+(?=:)/gm), [
        'Original-Envelope-Id',
        'Reporting-MTA',
        'Received-From-MTA',
        'Arrival-Date',
      ]);
      assert.deepEqual(fields[2]?.match(/^[A-Za-z-]+(?=:)/gm), [
        'Original-Recipient',
        'Final-Recipient',
        'Action',
        'Status',
        'Remote-MTA',
        'Diagnostic-Code',
        'Last-Attempt-Date',
      ]);
    }),
  );
});

test('there is no report for the null sender', () => {
  assert.throws(() => build({ message: message({ returnPath: null }) }), TypeError);
});
