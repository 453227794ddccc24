// Messages made to hurt: endless headers, countless recipients, bodies that are bombs for whoever looks into them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, submit, subjectsOf, traced } from '../support/mail-flow.ts';
import { testMessage } from '../support/send-mail.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';

test('messages made to hurt', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t);
  await newConnector(gateway, 'All', ['*'], [host]);
  const arrives = async (subject: string, content: string) => {
    const id = await submit(gateway, { to: ['<ben@fabrikam.test>'], content });
    await traced(gateway, id, 'Delivered');
    const found = host.transactions.find((one) => one.content.includes(`Subject: ${subject}\r\n`));
    assert.ok(found?.content.endsWith(content));
  };

  await t.test('a header of 1 MB is refused, in one field or in many', async () => {
    for (const header of [
      `X-Long: ${'x'.repeat(2 ** 20)}\r\n`,
      `X-Field: ${'y'.repeat(70)}\r\n`.repeat(14_000),
    ])
      await assert.rejects(
        submit(gateway, { to: ['<ben@fabrikam.test>'], content: `${header}\r\nbody\r\n` }),
        /552 5\.3\.4 The header of the message is larger than 256 KiB/,
      );
    await assert.rejects(
      submit(gateway, {
        to: ['<ben@fabrikam.test>'],
        content: `X-Field: ${'y'.repeat(70)}\r\n`.repeat(100_000),
      }),
      /552 5\.3\.4/,
    );
  });

  await t.test('a message without a header, or without anything, is still a message', async () => {
    for (const content of ['', '\r\n', 'no header at all\r\n', '\0\0\0\r\n'])
      await traced(gateway, await submit(gateway, { to: ['<ben@fabrikam.test>'], content }), 'Delivered');
  });

  await t.test('lines of any length, and NULs, pass unchanged', async () => {
    await arrives('Long line', testMessage('Long line', `${'z'.repeat(500_000)}\r\n`));
    await arrives('NULs', testMessage('NULs', `a\0b\0\0\r\n${'\0'.repeat(10_000)}\r\n`));
  });

  await t.test('100,000 recipients: a bounded number is taken, the rest put off with 452 4.5.3', async () => {
    const client = openDialogue(gateway.smtp.port);
    await client.hear();
    await client.ask('EHLO client.test');
    await client.ask('MAIL FROM:<anna@contoso.test>');
    let taken = 0;
    let reply = '';
    for (let block = 0; block < 100 && reply === ''; block += 1) {
      client.say(
        Array.from({ length: 1000 }, (_, nth) => `RCPT TO:<u${block}-${nth}@fabrikam.test>\r\n`).join(''),
      );
      for (const answer of await client.hearAll(1000)) {
        if (answer?.startsWith('250')) taken += 1;
        else reply ||= answer ?? 'closed';
      }
    }
    assert.match(reply, /^(452 4\.5\.3|421 )/);
    assert.ok(taken >= 100 && taken < 100_000, `${taken} taken`);
    client.end();
    t.diagnostic(`${taken} recipients taken`);
  });

  await gateway.run('New-TransportRule', {
    Name: 'Looks into bodies',
    SubjectOrBodyContainsWords: ['a word that is nowhere'],
    SetHeaderName: 'X-Found',
    SetHeaderValue: 'yes',
  });
  await t.test('a thousand multiparts in each other', async () => {
    let head = 'Subject: Nested\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n';
    for (let depth = 1; depth < 1000; depth += 1)
      head += `--b${depth - 1}\r\nContent-Type: multipart/mixed; boundary=b${depth}\r\n\r\n`;
    await arrives('Nested', `${head}--b999\r\n\r\ntext\r\n`);
  });
  await t.test('a hundred thousand parts', async () => {
    const head = 'Subject: Parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n';
    await arrives(
      'Parts',
      `${head}${'--b\r\nContent-Type: text/plain; name=x\r\n\r\n\r\n'.repeat(100_000)}--b--\r\n`,
    );
  });
  await t.test('megabytes of base64, half of an encoded word, charsets that do not exist', async () => {
    const head = `Subject: Encoded\r\nMIME-Version: 1.0\r\nX-Word: =?utf-7?b?${'A'.repeat(70)}\r\nContent-Type: text/html; charset=x-nothing\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
    await arrives('Encoded', `${head}${`${'PGI+'.repeat(18)}\r\n`.repeat(60_000)}`);
  });
  await t.test('the gateway is as well as before', async () => {
    await submit(gateway, { to: ['<ben@fabrikam.test>'], subject: 'Unharmed' });
    await host.until(() => subjectsOf(host).includes('Unharmed'));
    assert.doesNotMatch(gateway.log(), /"level":"error"/);
  });
});
