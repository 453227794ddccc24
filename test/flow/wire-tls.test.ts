// The wire API from far away: HTTPS with the operator's certificate, changed while it runs; without TLS this machine alone.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { runConsole } from '../support/console.ts';
import { createAuthority } from '../support/certificates.ts';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { command, sendRequest } from '../support/wire-client.ts';
import { startWireGateway } from '../support/wire-gateway.ts';

test('the console manages a far gateway over HTTPS', async (t) => {
  const directory = await temporaryDirectory(t);
  const authority = createAuthority();
  const { tls } = authority.issue({ dnsNames: ['gateway.test'], ipAddresses: ['127.0.0.1'] });
  const [certFile, keyFile, ca] = ['http.pem', 'http.key', 'roots.pem'].map((name) => join(directory, name));
  assert.ok(certFile && keyFile && ca);
  writeFileSync(certFile, tls.cert);
  writeFileSync(keyFile, tls.key);
  writeFileSync(ca, authority.pem);
  const { gateway, token } = await startWireGateway(
    t,
    { flags: ['--http-cert', certFile, '--http-key', keyFile] },
    authority.pem,
  );
  const far = ['--url', gateway.http, '--token', token, '--ca', ca];
  const made = await runConsole([
    ...far,
    '-c',
    "New-OutboundConnector Far -RecipientDomains a.test,b.test | Out-Null; (Get-OutboundConnector Far).RecipientDomains -join '+'; Remove-OutboundConnector Far -Confirm:$false; Get-OutboundConnector Far",
  ]);
  assert.equal(made.stdout, 'a.test+b.test\n');
  assert.match(made.stderr, /object 'Far' couldn't be found/);
  assert.equal(made.code, 1);
  const asked = await runConsole([...far, 'Remove-RoleGroup', 'Help Desk']);
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /has to be confirmed, and no prompt can be shown here/);
  const strange = await runConsole(['--url', gateway.http, '--token', token, 'Get-OutboundConnector']);
  assert.equal(strange.code, 3);
  assert.match(strange.stderr, /No gateway answers at https:.*certificate/);
  const wrong = await runConsole(['--url', gateway.http, '--ca', ca, '--token', 'postern_x', 'Get-Queue']);
  assert.equal(wrong.code, 3);
  assert.match(wrong.stderr, /did not accept the token/);
  const plain = await runConsole(['--url', 'http://gateway.test:1', '--token', token, 'Get-Queue']);
  assert.equal(plain.code, 3);
  assert.match(plain.stderr, /The token would go to gateway\.test unprotected\. Use https\./);
  const missing = await runConsole(['--url', gateway.http, '--ca', join(directory, 'no'), 'Get-Queue']);
  assert.equal(missing.code, 2);
});

test('HTTPS with a certificate of ours, read again on SIGHUP', async (t) => {
  const directory = await temporaryDirectory(t);
  const [certFile, keyFile] = [join(directory, 'http.pem'), join(directory, 'http.key')];
  const authority = createAuthority();
  const write = (): string => {
    const { tls, x509 } = authority.issue({ dnsNames: ['gateway.test'], ipAddresses: ['127.0.0.1'] });
    writeFileSync(certFile, tls.cert);
    writeFileSync(keyFile, tls.key);
    return x509.fingerprint256;
  };
  const first = write();
  const flags = ['--http-cert', certFile, '--http-key', keyFile];
  const { gateway, client } = await startWireGateway(t, { flags }, authority.pem);
  assert.match(gateway.http, /^https:\/\/127\.0\.0\.1:\d+$/);
  const { body, status } = await client.post('Get-OutboundConnector');
  assert.equal(status, 200);
  assert.ok(body['@odata.context'].startsWith(`${gateway.http}/adminapi/`));
  assert.equal((await sendRequest(`${gateway.http}/healthz`, { ca: authority.pem })).status, 200);
  await assert.rejects(sendRequest(`${gateway.http}/healthz`), /certificate/);
  await assert.rejects(sendRequest(gateway.http.replace('https:', 'http:')), /hang up|socket|reset/i);

  const port = Number(new URL(gateway.http).port);
  const shown = async (): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.pem });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    assert.match(socket.getProtocol() ?? '', /^TLSv1\.[23]$/);
    socket.destroy();
    return fingerprint256;
  };
  assert.equal(await shown(), first);
  const second = write();
  gateway.process.kill('SIGHUP');
  while ((await shown()) !== second) t.signal.throwIfAborted();
  writeFileSync(keyFile, 'no key');
  gateway.process.kill('SIGHUP');
  while (!/the HTTP certificate stays as it is/.test(gateway.log())) {
    t.signal.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await shown(), second);
  await assert.rejects(
    once(connect({ port, host: '127.0.0.1', ca: authority.pem, maxVersion: 'TLSv1.1' }), 'secureConnect'),
  );
});

test('a mistake in the certificate is one line at start', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'http.pem');
  writeFileSync(file, 'nothing');
  await assert.rejects(
    startGateway(t, { flags: ['--http-cert', file, '--http-key', file] }),
    /exit 2\)[^]*--http-cert, --http-key: .*http\.pem holds no certificate in PEM form/,
  );
});

const outside = Object.values(networkInterfaces())
  .flatMap((entries) => entries ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

test('without TLS, administration is for this machine alone', {
  skip: outside === undefined && 'this machine has no address but loopback',
}, async (t) => {
  const { gateway, token } = await startWireGateway(t, { http: '0.0.0.0:0' });
  const { port } = new URL(gateway.http);
  const far = `http://${outside}:${port}`;
  assert.equal((await sendRequest(`${far}/healthz`)).status, 200);
  const refused = await sendRequest(`${far}/adminapi/beta/test/InvokeCommand`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: command('Get-OutboundConnector'),
  });
  assert.equal(refused.status, 403);
  assert.match(refused.body.error.message, /over TLS, or without it to this machine alone/);
});
