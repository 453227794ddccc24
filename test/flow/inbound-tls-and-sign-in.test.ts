// How senders protect and identify themselves: STARTTLS with the operator's certificate, SMTP AUTH, and connectors that
// ask for TLS.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAuthority } from '../support/certificates.ts';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { fakeMx, newConnector, subjectsOf } from '../support/mail-flow.ts';
import { sendMail } from '../support/send-mail.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';

test('senders', async (t) => {
  const root = createAuthority();
  const files = await temporaryDirectory(t);
  const server = root.issue({ dnsNames: ['gateway.test'] });
  await writeFile(join(files, 'cert.pem'), server.pem);
  await writeFile(join(files, 'key.pem'), server.keyPem);
  const host = await fakeMx(t);
  const gateway = await startGateway(t, {
    flags: ['--tls-cert', join(files, 'cert.pem'), '--tls-key', join(files, 'key.pem')],
  });
  await newConnector(gateway, 'All', ['*'], [host]);
  const mail = (subject: string) => ({ from: 'anna@contoso.test', to: ['ben@fabrikam.test'], subject });
  const tls = {
    ignoreTLS: false,
    requireTLS: true,
    tls: { ca: root.pem, servername: 'gateway.test', rejectUnauthorized: true },
  };

  await t.test('STARTTLS shows the certificate of --tls-cert', async () => {
    await sendMail(gateway.smtp, mail('Secured'), tls);
    await host.until(() => subjectsOf(host).includes('Secured'));
    assert.match(host.transactions.at(-1)?.content ?? '', /with ESMTPS id/);
  });

  await t.test('after STARTTLS everything that was said before is forgotten', async () => {
    const client = openDialogue(gateway.smtp.port);
    await client.hear();
    assert.match((await client.ask('EHLO client.test')) ?? '', /STARTTLS/);
    await client.ask('MAIL FROM:<anna@contoso.test>');
    assert.match((await client.ask('STARTTLS')) ?? '', /^(220|503)/);
    client.end();
  });

  await gateway.run('Set-InboundConnector', { Identity: 'Local submission', RequireTls: true });
  await t.test('a connector that requires TLS says 530 in clear text', async () => {
    await assert.rejects(sendMail(gateway.smtp, mail('Clear')), /530[ -]5\.7\.0/);
    await sendMail(gateway.smtp, mail('Still secured'), tls);
  });

  await gateway.run('Set-InboundConnector', { Identity: 'Local submission', Enabled: false });
  await gateway.run('New-SubmissionUser', { Name: 'scanner', Password: 'Correct horse 7!' });
  await t.test('a submission user may relay from anywhere, with PLAIN and LOGIN', async () => {
    for (const method of ['PLAIN', 'LOGIN']) {
      const subject = `Signed in with ${method}`;
      const client = openDialogue(gateway.smtp.port);
      await client.hear();
      await client.ask('EHLO client.test');
      assert.match((await client.ask('STARTTLS')) ?? '', /^220/);
      await client.secure({ servername: 'gateway.test' });
      assert.match((await client.ask('EHLO client.test')) ?? '', /AUTH PLAIN LOGIN|AUTH LOGIN PLAIN/);
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      if (method === 'PLAIN')
        assert.match((await client.ask(`AUTH PLAIN ${base64('\0scanner\0Correct horse 7!')}`)) ?? '', /^235/);
      else {
        assert.match((await client.ask('AUTH LOGIN')) ?? '', /^334/);
        assert.match((await client.ask(base64('scanner'))) ?? '', /^334/);
        assert.match((await client.ask(base64('Correct horse 7!'))) ?? '', /^235/);
      }
      for (const line of ['MAIL FROM:<anna@contoso.test>', 'RCPT TO:<ben@fabrikam.test>'])
        assert.match((await client.ask(line)) ?? '', /^250/);
      assert.match((await client.ask('DATA')) ?? '', /^354/);
      assert.match((await client.ask(`Subject: ${subject}\r\n\r\n.`)) ?? '', /^250/);
      await host.until(() => subjectsOf(host).includes(subject));
      assert.match(host.transactions.at(-1)?.content ?? '', /with ESMTPSA id/);
      client.end();
    }
  });

  await t.test('a wrong password, an unknown user and a disabled one hear the same', async () => {
    await gateway.run('New-SubmissionUser', { Name: 'retired', Password: 'Correct horse 7!' });
    await gateway.run('Set-SubmissionUser', { Identity: 'retired', Enabled: false });
    const replies = new Set<string | null>();
    for (const [user, password] of [
      ['scanner', 'wrong'],
      ['nobody', 'Correct horse 7!'],
      ['retired', 'Correct horse 7!'],
    ]) {
      const client = openDialogue(gateway.smtp.port);
      await client.hear();
      await client.ask('EHLO client.test');
      replies.add(await client.ask(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`));
      assert.match((await client.ask('MAIL FROM:<anna@contoso.test>')) ?? '', /^250/);
      assert.match((await client.ask('RCPT TO:<ben@fabrikam.test>')) ?? '', /^550 5\.7\.64/);
      client.end();
    }
    assert.equal(replies.size, 1);
    assert.match([...replies][0] ?? '', /^535 5\.7\.8/);
    const counted = /^postern_refusals_total\{status="5\.7\.8"\} 3$/m;
    for (let text = ''; !counted.test(text); t.signal.throwIfAborted())
      text = await (await fetch(`${gateway.http}/metrics`)).text();
  });
});
