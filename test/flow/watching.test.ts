// What monitoring sees: alive, ready, and numbers that move with the mail.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, queueIsEmpty, submit, traced } from '../support/mail-flow.ts';

test('health and metrics', async (t) => {
  const own = await fakeMx(t);
  const host = await fakeMx(t, {
    behaviour: { RCPT: (text) => (text.includes('gone') ? '550 5.1.1 gone' : null) },
  });
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);
  await newConnector(gateway, 'Fabrikam "main"', ['fabrikam.test'], [host]);
  await newConnector(gateway, 'Dead', ['dead.test'], ['127.0.0.1:9']);
  const get = async (path: string) => {
    const response = await fetch(gateway.http + path);
    return { status: response.status, text: await response.text() };
  };

  assert.deepEqual(await get('/healthz'), { status: 200, text: 'ok\n' });
  assert.deepEqual(await get('/readyz'), { status: 200, text: 'ready\n' });
  assert.equal((await get('/nothing')).status, 404);

  await traced(
    gateway,
    await submit(gateway, { to: ['<a@fabrikam.test>', '<b@fabrikam.test>'] }),
    'Delivered',
  );
  await traced(gateway, await submit(gateway, { to: ['<gone@fabrikam.test>'] }), 'Failed');
  await submit(gateway, { to: ['<a@dead.test>'] });
  await gateway.runUntil(
    'Get-Queue',
    {},
    ({ objects }) => objects.length === 1 && objects[0]?.get('Status') === 'Retry',
  );

  const wanted = [
    /^postern_messages_accepted_total 3$/m,
    /^postern_recipients_delivered_total\{connector="Fabrikam \\"main\\""\} 2$/m,
    /^postern_recipients_failed_total\{connector="Fabrikam \\"main\\""\} 1$/m,
    /^postern_recipients_deferred_total\{connector="Dead"\} 1$/m,
    /^postern_reports_total\{kind="failure"\} 1$/m,
    /^postern_queue_recipients\{connector="Dead"\} 1$/m,
    /^postern_queue_oldest_seconds\{connector="Dead"\} [\d.]+$/m,
    /^postern_queue_messages 1$/m,
    /^postern_refusing_mail 0$/m,
    /^postern_free_disk_bytes [\d.e+]+$/m,
    /^postern_store_commit_seconds [\d.e-]+$/m,
    /^postern_event_loop_delay_seconds [\d.e-]+$/m,
    /^postern_tls_total\{outcome="clear text"\} \d+$/m,
    /^postern_attempts_total\{outcome="delivered"\} \d+$/m,
  ];
  let missing: readonly RegExp[] = wanted;
  while (missing.length > 0 && !t.signal.aborted) {
    const { text } = await get('/metrics');
    missing = wanted.filter((line) => !line.test(text));
    if (missing.length === 0) break;
    // Threads report what they counted once a second.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(missing, []);
  await gateway.run('Set-OutboundConnector', {
    Identity: 'Dead',
    SmartHosts: [`127.0.0.1:${host.port}`],
  });
  await queueIsEmpty(gateway);
});
