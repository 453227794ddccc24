// One message for many: one transaction for each next hop, and each recipient has its own fate.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import {
  addressesOf,
  fakeMx,
  newConnector,
  parseReport,
  submit,
  traced,
  shown,
} from '../support/mail-flow.ts';

test('a message for several recipients', async (t) => {
  const [own, fabrikam, tailspin] = [await fakeMx(t), await fakeMx(t), await fakeMx(t)];
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);
  await newConnector(gateway, 'Fabrikam', ['fabrikam.test', '*.fabrikam.test'], [fabrikam]);
  await newConnector(gateway, 'Tailspin', ['tailspin.test'], [tailspin]);

  await t.test('one transaction a next hop', async () => {
    const id = await submit(gateway, {
      to: ['<a@fabrikam.test>', '<b@tailspin.test>', '<c@sales.fabrikam.test>', '<d@fabrikam.test>'],
    });
    await traced(gateway, id, 'Delivered');
    assert.deepEqual(
      fabrikam.transactions.map(({ recipients }) => addressesOf(recipients)),
      [['<a@fabrikam.test>', '<c@sales.fabrikam.test>', '<d@fabrikam.test>']],
    );
    assert.deepEqual(
      tailspin.transactions.map(({ recipients }) => addressesOf(recipients)),
      [['<b@tailspin.test>']],
    );
  });

  await t.test('550 for one: reported for it only', async () => {
    fabrikam.behaviour.RCPT = (text) => (text.includes('<gone@') ? '550 5.1.1 no such mailbox' : null);
    const id = await submit(gateway, { to: ['<a@fabrikam.test>', '<gone@fabrikam.test>'] });
    await own.until(() => own.transactions.length === 1);
    const report = parseReport(own.transactions[0]?.content ?? '');
    assert.deepEqual(
      report.perRecipient.map((one) => [
        one.get('final-recipient'),
        one.get('status'),
        one.get('diagnostic-code'),
      ]),
      [['rfc822;gone@fabrikam.test', '5.1.1', 'smtp;550 5.1.1 no such mailbox']],
    );
    const { objects } = await gateway.run('Get-MessageTraceV2', { MessageTraceId: id });
    const states = objects.map((one) => `${shown(one.get('RecipientAddress'))} ${shown(one.get('Status'))}`);
    assert.deepEqual(states, ['a@fabrikam.test Delivered', 'gone@fabrikam.test Failed']);
  });

  await t.test('451 for one: tried again, for it only', async () => {
    await gateway.run('Set-TransportConfig', { MessageRetryInterval: '00:00:01' });
    let refused = 0;
    fabrikam.behaviour.RCPT = (text) =>
      text.includes('<full@') && refused++ === 0 ? '452 4.2.2 mailbox full' : null;
    const before = fabrikam.transactions.length;
    const id = await submit(gateway, { to: ['<a@fabrikam.test>', '<full@fabrikam.test>'] });
    await traced(gateway, id, 'Delivered');
    assert.deepEqual(
      fabrikam.transactions.slice(before).map(({ recipients }) => addressesOf(recipients)),
      [['<a@fabrikam.test>'], ['<full@fabrikam.test>']],
    );
    assert.equal(own.transactions.length, 1);
  });
});
