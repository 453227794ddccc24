// A thousand messages wait for one next hop whose revocation list nobody has yet: it is fetched once, for all threads.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAuthority } from '../support/certificates.ts';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { fakeMx, newConnector, queueIsEmpty } from '../support/mail-flow.ts';
import { testMessage } from '../support/send-mail.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';
import { startWebServer } from '../support/web-server.ts';

const CLIENTS = 20;
const EACH = 50;

test('a cold list is fetched once for 1,000 waiting messages', async (t) => {
  const root = createAuthority();
  const files = await temporaryDirectory(t);
  await writeFile(join(files, 'roots.pem'), root.pem);
  const web = await startWebServer();
  t.after(() => web.close());
  const mx = await fakeMx(t, { tls: root.issue({ crlUrls: [`${web.origin}/list.crl`] }).tls });
  web.pages.set('/list.crl', { body: root.crl({ filler: 10_000 }) });
  const flags = ['--ca', join(files, 'roots.pem'), '--crl-allow', '127.0.0.0/8'];
  const gateway = await startGateway(t, { flags, workers: 2 });
  await newConnector(gateway, 'Listed', ['*'], [mx], { TlsSettings: 'CertificateValidation' });
  // Until all are there the host has no TLS to show: so they wait, and no list is asked for.
  mx.behaviour.STARTTLS = '454 4.7.0 not yet';
  await Promise.all(Array.from({ length: CLIENTS }, () => handIn(gateway.smtp.port)));
  await gateway.runUntil('Get-Queue', {}, ({ objects }) =>
    objects.every((queue) => queue.get('NextHopDomain') === 'Listed' && queue.get('Status') === 'Retry'),
  );
  assert.deepEqual([web.requests, mx.transactions.length], [[], 0]);
  delete mx.behaviour.STARTTLS;
  await gateway.run('Retry-Queue', { Identity: 'Listed' });
  await mx.until(() => mx.transactions.length === CLIENTS * EACH);
  await queueIsEmpty(gateway);
  assert.deepEqual(web.requests, ['/list.crl']);
  assert.ok(mx.connections > 1);
});

async function handIn(port: number): Promise<void> {
  const client = openDialogue(port);
  await client.hear();
  await client.ask('EHLO client.test');
  for (let count = 0; count < EACH; count += 1) {
    client.say('MAIL FROM:<anna@contoso.test>\r\nRCPT TO:<ben@fabrikam.test>\r\nDATA\r\n');
    await client.hearAll(3);
    assert.match((await client.ask(`${testMessage('Waits')}.`)) ?? '', /^250/);
  }
  client.end();
}
