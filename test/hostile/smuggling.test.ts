// Messages hidden in messages: whatever line ends an attacker uses, one message in is one message out, or none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { eventually, fakeMx, newConnector, queueIsEmpty } from '../support/mail-flow.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';

const HIDDEN =
  'MAIL FROM:<ceo@contoso.test>\r\nRCPT TO:<victim@fabrikam.test>\r\nDATA\r\nSubject: hidden\r\n\r\npay now\r\n.\r\n';

test('smuggling through the real gateway', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t);
  await newConnector(gateway, 'All', ['*'], [host]);

  for (const end of [
    '\n.\n',
    '\n.\r\n',
    '\r\n.\n',
    '\r.\r',
    '\r.\r\n',
    '\r\n.\r',
    '\r\n\0.\r\n',
    '\n\n.\r\n',
  ]) {
    await t.test(`${JSON.stringify(end)} ends nothing`, async () => {
      const before = host.transactions.length;
      const client = openDialogue(gateway.smtp.port);
      await client.hear();
      for (const line of [
        'EHLO client.test',
        'MAIL FROM:<anna@contoso.test>',
        'RCPT TO:<ben@fabrikam.test>',
        'DATA',
      ])
        await client.ask(line);
      client.say(`Subject: outer\r\n\r\ntext${end}${HIDDEN}`);
      const reply = (await client.hear()) ?? '';
      const refused = reply.startsWith('550 5.6.11 ');
      assert.ok(refused || reply.startsWith('250 '), reply);
      assert.match(
        (await client.ask('NOOP')) ?? '',
        /^250/,
        'the session goes on, and nothing was taken for commands',
      );
      client.end();
      await queueIsEmpty(gateway);
      if (!refused) await eventually(t, () => host.transactions.length === before + 1);
      assert.equal(host.transactions.length, refused ? before : before + 1);
      for (const { mail, content } of host.transactions.slice(before)) {
        assert.match(mail, /^<anna@contoso\.test>/);
        assert.doesNotMatch(content.replaceAll('\r\n', ''), /[\r\n]/, 'a bare line break goes out');
      }
    });
  }

  await t.test('a dot in a line of its own that was stuffed stays content to the end', async () => {
    const before = host.transactions.length;
    const client = openDialogue(gateway.smtp.port);
    await client.hear();
    for (const line of [
      'EHLO client.test',
      'MAIL FROM:<anna@contoso.test>',
      'RCPT TO:<ben@fabrikam.test>',
      'DATA',
    ])
      await client.ask(line);
    client.say(`Subject: outer\r\n\r\n..\r\n${HIDDEN}`);
    assert.match((await client.hear()) ?? '', /^250 /);
    client.end();
    await host.until(() => host.transactions.length === before + 1);
    assert.match(host.transactions[before]?.content ?? '', /\r\n\.\r\nMAIL FROM:<ceo@contoso\.test>\r\n/);
  });
});
