// What messages may be: how large, with eight bits, with international addresses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, parseReport, submit, subjectsOf, traced } from '../support/mail-flow.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';
import { testMessage } from '../support/send-mail.ts';

test('messages of every kind', async (t) => {
  const own = await fakeMx(t);
  const host = await fakeMx(t);
  const old = await fakeMx(t, { capabilities: ['PIPELINING', 'SIZE 2000'] });
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);
  await newConnector(gateway, 'All', ['*'], [host]);
  await newConnector(gateway, 'Old', ['old.test'], [old]);
  const failedWith = async (mail: Parameters<typeof submit>[1]) => {
    const count = own.transactions.length + 1;
    await traced(gateway, await submit(gateway, mail), 'Failed');
    await own.until(() => own.transactions.length >= count);
    return parseReport(own.transactions.at(-1)?.content ?? '').perRecipient[0]?.get('status');
  };

  await t.test('MaxSendSize is announced, held against SIZE=, and against what really comes', async () => {
    await gateway.run('Set-TransportConfig', { MaxSendSize: '100KB' });
    const client = openDialogue(gateway.smtp.port);
    await client.hear();
    assert.match((await client.ask('EHLO client.test')) ?? '', /250[- ]SIZE 102400\b/);
    assert.match((await client.ask('MAIL FROM:<anna@contoso.test> SIZE=102401')) ?? '', /^552 5\.3\.4/);
    assert.match((await client.ask('MAIL FROM:<anna@contoso.test> SIZE=102400')) ?? '', /^250/);
    await client.ask('RCPT TO:<ben@fabrikam.test>');
    await client.ask('DATA');
    assert.match(
      (await client.ask(`${testMessage('Big', `${'x'.repeat(98)}\r\n`.repeat(1100))}.`)) ?? '',
      /^552 5\.3\.4/,
    );
    assert.match((await client.ask('NOOP')) ?? '', /^250/);
    client.end();
    await gateway.run('Set-TransportConfig', { MaxSendSize: '150MB' });
    assert.equal(subjectsOf(host).length, 0);
  });

  await t.test('too large for the next hop: reported with 5.3.4 without being sent', async () => {
    const content = testMessage('Too much', `${'x'.repeat(98)}\r\n`.repeat(30));
    assert.equal(await failedWith({ to: ['<a@old.test>'], content }), '5.3.4');
    assert.equal(old.commands.filter((line) => / MAIL /.test(line)).length, 0);
  });

  await t.test('8BITMIME goes on as it is, or comes back with 5.6.3', async () => {
    const content = testMessage('Eight', 'Grüße\r\n');
    const from = '<anna@contoso.test> BODY=8BITMIME';
    await submit(gateway, { from, to: ['<a@fabrikam.test>'], content });
    await host.until(() => subjectsOf(host).includes('Eight'));
    assert.match(host.transactions.at(-1)?.mail ?? '', /BODY=8BITMIME/);
    assert.match(host.transactions.at(-1)?.content ?? '', /Gr\u00c3\u00bc\u00c3\u009fe/);
    assert.equal(await failedWith({ from, to: ['<a@old.test>'], content }), '5.6.3');
  });

  await t.test('SMTPUTF8 reaches international mailboxes, or comes back with 5.6.7', async () => {
    const from = '<anna@contoso.test> SMTPUTF8';
    await submit(gateway, { from, to: ['<jürgen@fabrikam.test>'], subject: 'Umlaut' });
    await host.until(() => subjectsOf(host).includes('Umlaut'));
    assert.match(host.transactions.at(-1)?.mail ?? '', /SMTPUTF8/);
    assert.match(host.transactions.at(-1)?.recipients[0] ?? '', /^<jürgen@fabrikam\.test>/);
    assert.equal(await failedWith({ from, to: ['<jürgen@old.test>'] }), '5.6.7');
    await assert.rejects(submit(gateway, { to: ['<jürgen@fabrikam.test>'] }), /55[03]/);
  });

  await t.test('an international domain is reached by its A-labels', async () => {
    await newConnector(gateway, 'Umlaut', ['bücher.test'], [host]);
    const id = await submit(gateway, { from: '<anna@contoso.test> SMTPUTF8', to: ['<a@bücher.test>'] });
    const { objects } = await traced(gateway, id, 'Delivered');
    assert.equal(objects[0]?.get('ConnectorName'), 'Umlaut');
  });
});
