// /adminapi/events: what is changed and what happens to messages, as it happens, for those whose roles let them look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeMx, newConnector } from '../support/mail-flow.ts';
import { sendMail } from '../support/send-mail.ts';
import { openEvents, WireError } from '../support/wire-client.ts';
import { startWireGateway } from '../support/wire-gateway.ts';

test('changes and traces arrive as they happen, and again after a break', async (t) => {
  const { gateway, client, token, tokenOf } = await startWireGateway(t);
  const open = async (bearer: string, last?: string) => {
    const stream = await openEvents(
      { url: client.url, tenant: client.tenant, authorization: `Bearer ${bearer}` },
      last,
    );
    t.after(() => stream.close());
    return stream;
  };
  await assert.rejects(open('postern_nobody'), (error: WireError) => error.status === 401);
  const all = await open(token);
  const desk = await open(await tokenOf('desk', ['Help Desk']));

  const mx = await fakeMx(t);
  await newConnector(gateway, 'Fabrikam', ['fabrikam.test'], [mx]);
  const made = await all.until(({ data }) => data.name === 'Fabrikam');
  assert.equal(made.event, 'change');
  assert.deepEqual(
    [made.data.action, made.data.kind, made.data.cmdlet, made.data.user],
    ['Added', 'OutboundConnector', 'New-OutboundConnector', 'test'],
  );
  await gateway.run('Set-OutboundConnector', { Identity: 'Fabrikam', Comment: 'x' });
  const changed = await all.until(({ data }) => data.action === 'Changed' && data.name === 'Fabrikam');
  assert.ok(Number(changed.id) > Number(made.id));

  const reply = await sendMail(gateway.smtp, {
    from: 'anna@contoso.test',
    to: ['ben@fabrikam.test'],
    subject: 'Watched',
  });
  const id = reply.split(' ').at(-1);
  for (const stream of [all, desk]) {
    const received = await stream.until(({ data }) => data.event === 'Receive' && data.messageId === id);
    assert.equal(received.event, 'trace');
    assert.deepEqual(
      [received.data.sender, received.data.recipients, received.data.recipientCount],
      ['anna@contoso.test', ['ben@fabrikam.test'], 1],
    );
    await stream.until(({ data }) => data.event === 'Deliver' && data.messageId === id);
  }
  assert.ok(!desk.events.some(({ event }) => event === 'change'), 'no change that one may not look at');

  // What an administrator does to mail is seen as well: a test mail, here.
  await gateway.run('Validate-OutboundConnector', {
    Identity: 'Fabrikam',
    Recipients: ['cleo@fabrikam.test'],
  });
  const tested = await desk.until(({ data }) => data.event === 'Receive' && data.messageId !== id);
  assert.deepEqual(tested.data.recipients, ['cleo@fabrikam.test']);
  await desk.until(({ data }) => data.event === 'Deliver' && data.messageId === tested.data.messageId);

  await gateway.run('Remove-OutboundConnector', { Identity: 'Fabrikam', Confirm: false });
  const removed = await all.until(({ data }) => data.action === 'Removed' && data.name === 'Fabrikam');
  all.close();
  const again = await open(token, changed.id);
  await again.until(({ id: seen }) => seen === removed.id);
  assert.ok(!again.events.some(({ id: seen }) => Number(seen) <= Number(changed.id)));
  assert.equal(again.events.filter(({ data }) => data.event === 'Deliver').length, 2);
});

test('what happens while nobody watches costs nothing and is not told', async (t) => {
  const { gateway, client, token } = await startWireGateway(t);
  const mx = await fakeMx(t);
  await newConnector(gateway, 'Fabrikam', ['fabrikam.test'], [mx]);
  await sendMail(gateway.smtp, { from: 'a@contoso.test', to: ['b@fabrikam.test'], subject: 'Unseen' });
  await gateway.runUntil(
    'Get-MessageTraceV2',
    {},
    ({ objects }) => objects[0]?.get('Status') === 'Delivered',
  );
  const options = { url: client.url, tenant: client.tenant, authorization: `Bearer ${token}` };
  // As somebody comes back who has seen the events of a longer life of the gateway.
  const stream = await openEvents(options, '999999');
  t.after(() => stream.close());
  await stream.until(({ event }) => event === 'change');
  assert.ok(!stream.events.some(({ event }) => event === 'trace'));
});
