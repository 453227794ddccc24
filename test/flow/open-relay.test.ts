// Nobody relays through Postern whom no inbound connector knows, in whatever way the recipient is written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, subjectsOf, submit } from '../support/mail-flow.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';

test('relaying', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t);
  await newConnector(gateway, 'All', ['*'], [host]);
  const rcpt = async (
    recipient: string,
    from = '<anna@contoso.test>',
    address = '127.0.0.1',
  ): Promise<string> => {
    const client = openDialogue(gateway.smtp.port, address);
    await client.hear();
    await client.ask('EHLO client.test');
    const mail = (await client.ask(`MAIL FROM:${from}`)) ?? '';
    const reply = mail.startsWith('250') ? await client.ask(`RCPT TO:${recipient}`) : mail;
    client.end();
    return reply ?? '';
  };

  await t.test('"Local submission" knows 127.0.0.1, and no other address', async () => {
    assert.match(await rcpt('<ben@fabrikam.test>'), /^250/);
    assert.match(await rcpt('<ben@fabrikam.test>', '<anna@contoso.test>', '127.0.0.2'), /^550 5\.7\.64 /);
  });

  await gateway.run('Remove-InboundConnector', { Identity: 'Local submission', Confirm: false });
  await t.test('without a connector every recipient is refused with 550 5.7.64', async () => {
    await gateway.run('New-AcceptedDomain', { Name: 'Contoso', DomainName: 'contoso.test' });
    for (const recipient of [
      '<ben@fabrikam.test>',
      '<ben@contoso.test>',
      '<ben%fabrikam.test@contoso.test>',
      '<"ben@fabrikam.test"@contoso.test>',
      '<@contoso.test:ben@fabrikam.test>',
      '<postmaster@fabrikam.test>',
      '<SRS0=aaaa=aa=evil.test=x@contoso.test>',
    ])
      assert.match(await rcpt(recipient), /^55[03] 5\./, recipient);
    assert.match(await rcpt('<ben@fabrikam.test>', '<>'), /^550 5\.7\.64/);
    assert.match(await rcpt('<ben@fabrikam.test>'), /^550 5\.7\.64/);
  });

  await t.test(
    "a partner known only by its domain may write to us, and to nobody else's domains",
    async () => {
      await gateway.run('New-InboundConnector', {
        Name: 'Partner',
        ConnectorType: 'Partner',
        SenderDomains: ['tailspin.test'],
      });
      assert.match(await rcpt('<ben@fabrikam.test>', '<eve@tailspin.test>'), /^550 5\.7\.64/);
      assert.match(await rcpt('<ben@contoso.test>', '<eve@tailspin.test>'), /^250/);
      assert.match(await rcpt('<ben@contoso.test>', '<eve@elsewhere.test>'), /^550 5\.7\.64/);
    },
  );

  await t.test('a connector that names the address opens the door again', async () => {
    await gateway.run('New-InboundConnector', {
      Name: 'Servers',
      ConnectorType: 'OnPremises',
      SenderDomains: ['*'],
      SenderIPAddresses: ['127.0.0.0/30'],
    });
    await submit(gateway, { to: ['<ben@fabrikam.test>'], subject: 'Let in' });
    await host.until(() => subjectsOf(host).includes('Let in'));
    assert.equal(host.transactions.length, 1);
  });
});
