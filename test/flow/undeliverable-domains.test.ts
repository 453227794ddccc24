// Domains that take no mail: the sender learns it at once where the DNS is sure, and not before where it isn't.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { deferred, fakeMx, newConnector, parseReport, submit, testDns } from '../support/mail-flow.ts';

test('mail for domains that take none', async (t) => {
  const own = await fakeMx(t);
  const dns = await testDns(t, {
    'null.test': { MX: [[0, '.']] },
    'broken.test': { fault: 'servfail' },
    'empty.test': { TXT: ['nothing else'] },
  });
  const gateway = await startGateway(t, { flags: ['--dns', `127.0.0.1:${dns.port}`] });
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);

  for (const [domain, status] of [
    ['null.test', '5.1.10'],
    ['nowhere.test', '5.1.2'],
    ['empty.test', '5.4.4'],
  ] as const) {
    await t.test(`${domain}: reported at once with ${status}`, async () => {
      const before = own.transactions.length;
      await submit(gateway, { to: [`<ben@${domain}>`] });
      await own.until(() => own.transactions.length > before);
      const report = parseReport(own.transactions.at(-1)?.content ?? '');
      assert.equal(own.transactions.at(-1)?.mail.split(' ')[0], '<>');
      const [recipient] = report.perRecipient;
      assert.equal(recipient?.get('final-recipient'), `rfc822;ben@${domain}`);
      assert.equal(recipient?.get('action'), 'failed');
      assert.equal(recipient?.get('status'), status);
    });
  }

  await t.test('SERVFAIL: deferred with 4.4.312, nothing is reported', async () => {
    const id = await submit(gateway, { to: ['<ben@broken.test>'] });
    assert.match(await deferred(gateway, id), /4\.4\.312/);
    assert.equal(own.transactions.length, 3);
  });
});
