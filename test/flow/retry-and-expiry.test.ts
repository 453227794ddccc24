// Mail for a host that is down: tried again at growing intervals, its sender told once that it is late, and told that it
// failed when it expires. Mail to nobody in particular (null sender) ends in silence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, parseReport, submit, traced } from '../support/mail-flow.ts';

test('mail that waits', async (t) => {
  const own = await fakeMx(t);
  const busy = await fakeMx(t, { behaviour: { MAIL: '451 4.3.2 come back later' } });
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);
  await newConnector(gateway, 'Busy', ['busy.test'], [busy]);
  await newConnector(gateway, 'Dead', ['dead.test'], ['127.0.0.1:9']);
  await gateway.run('Set-TransportConfig', {
    MessageRetryInterval: '00:00:01',
    MaxMessageRetryInterval: '00:00:02',
    DelayNotificationTimeout: '00:00:01',
    MessageExpirationTimeout: '00:00:05',
  });
  const reportsAbout = (recipient: string) =>
    own.transactions
      .map(({ content }) => parseReport(content))
      .filter((report) => report.perRecipient[0]?.get('final-recipient') === `rfc822;${recipient}`)
      .map((report) => `${report.perRecipient[0]?.get('action')} ${report.perRecipient[0]?.get('status')}`);

  const ids = await Promise.all([
    submit(gateway, { to: ['<a@busy.test>'] }),
    submit(gateway, { to: ['<a@dead.test>'] }),
    submit(gateway, { from: '<>', to: ['<silent@dead.test>'] }),
    submit(gateway, { to: ['<never@dead.test> NOTIFY=NEVER'] }),
    submit(gateway, { to: ['<failure@dead.test> NOTIFY=FAILURE'] }),
    submit(gateway, { to: ['<delay@dead.test> NOTIFY=DELAY'] }),
  ]);
  for (const id of ids) await traced(gateway, id, 'Failed');

  await t.test('a host that says 451: delayed once, failed at the end with its words', async () => {
    assert.deepEqual(reportsAbout('a@busy.test'), ['delayed 4.3.2', 'failed 5.4.300']);
    const attempts = busy.commands.filter((line) => / MAIL /.test(line)).length;
    assert.ok(attempts >= 3 && attempts <= 7, `${attempts} attempts in five seconds`);
    const text = own.transactions.map(({ content }) => content).find((one) => /5\.4\.300/.test(one)) ?? '';
    assert.match(text, /come back later/);
  });
  await t.test('a host that refuses connections: 4.4.316 turns into 5.4.316', () => {
    assert.deepEqual(reportsAbout('a@dead.test'), ['delayed 4.4.316', 'failed 5.4.316']);
  });
  await t.test('NOTIFY decides who hears what', () => {
    assert.deepEqual(reportsAbout('never@dead.test'), []);
    assert.deepEqual(reportsAbout('failure@dead.test'), ['failed 5.4.316']);
    assert.deepEqual(reportsAbout('delay@dead.test'), ['delayed 4.4.316']);
  });
  await t.test('the null sender is told nothing, and the trace says how it ended', async () => {
    assert.deepEqual(reportsAbout('silent@dead.test'), []);
    const { objects } = await gateway.run('Get-MessageTraceDetailV2', { MessageTraceId: ids[2] ?? '' });
    const events = objects.map((one) => one.get('Event'));
    assert.equal(events.at(-1), 'Fail');
    assert.ok(!events.includes('Dsn'));
  });
});
