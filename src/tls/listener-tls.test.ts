// The listener's certificate and what it accepts, over real handshakes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { createAuthority, DAY } from '../../test/support/certificates.ts';
import { portOf } from '../../test/support/loopback-port.ts';
import { trusting } from '../../test/support/tls-peers.ts';
import { loadListenerCertificate, type ListenerCertificateOptions } from './listener-certificate.ts';
import { listenerContextOptions } from './listener-tls.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-tls-'));
after(() => rmSync(directory, { recursive: true }));
const root = createAuthority();
const trust = trusting(root);
let clock = 0;
const options: ListenerCertificateOptions = {
  certFile: null,
  keyFile: null,
  directory: join(directory, 'own'),
  hostname: 'gateway.contoso.com',
  now: () => Date.now() + clock,
};

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

test('without files the listener makes a certificate once, and keeps its key to itself', () => {
  const first = loadListenerCertificate(options);
  assert.equal(first.selfSigned, true);
  assert.equal(loadListenerCertificate(options).cert, first.cert);
  const certificate = new X509Certificate(first.cert);
  assert.equal(certificate.checkHost('gateway.contoso.com'), 'gateway.contoso.com');
  assert.equal(certificate.verify(certificate.publicKey), true);
  assert.equal(statSync(join(options.directory, 'self-signed.key')).mode & 0o777, 0o600);
  assert.notEqual(loadListenerCertificate({ ...options, hostname: 'other.contoso.com' }).cert, first.cert);
});

test('a self-signed certificate is renewed before it ends, and replaced when it is spoiled', () => {
  const first = loadListenerCertificate(options);
  clock = 710 * DAY;
  assert.notEqual(loadListenerCertificate(options).cert, first.cert);
  clock = 0;
  writeFileSync(join(options.directory, 'self-signed.pem'), 'spoiled');
  assert.equal(loadListenerCertificate(options).selfSigned, true);
});

test('files that do not fit are refused by name', () => {
  const one = root.issue({ dnsNames: ['a.example'] });
  const other = root.issue({ dnsNames: ['b.example'] });
  const cert = file('cert.pem', one.tls.cert);
  const key = file('key.pem', one.keyPem);
  const load = (certFile: string | null, keyFile: string | null) =>
    loadListenerCertificate({ ...options, certFile, keyFile });
  assert.equal(load(cert, key).selfSigned, false);
  assert.equal(
    load(file('both.pem', one.tls.cert + one.keyPem), join(directory, 'both.pem')).cert.includes('BEGIN'),
    true,
  );
  assert.throws(() => load(cert, null), /only one of them/);
  assert.throws(
    () => load(cert, file('other.key', other.keyPem)),
    /other\.key doesn't belong to .*cert\.pem/,
  );
  assert.throws(() => load(join(directory, 'absent.pem'), key), /absent\.pem/);
  assert.throws(() => load(file('junk.pem', 'junk'), key), /junk\.pem holds no certificate/);
  assert.throws(() => load(cert, join(directory, 'junk.pem')), /junk\.pem holds no private key/);
});

async function offer(client: ConnectionOptions): Promise<{ socket: TLSSocket; seen: TLSSocket }> {
  const certificate = loadListenerCertificate(options);
  const server = createServer({
    ...listenerContextOptions(certificate, trust),
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
  const socket = connect({ port: portOf(server), host: '127.0.0.1', rejectUnauthorized: false, ...client });
  try {
    await once(socket, 'secureConnect');
    // TLS 1.3: the client is done before the server has seen its certificate.
    return { socket, seen: await accepted };
  } finally {
    server.close();
  }
}

test('TLS 1.2 and 1.3 with forward secrecy; nothing older, nothing weaker', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { socket } = await offer({ minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
  const { socket } = await offer({ ecdhCurve: 'X25519MLKEM768' });
  assert.equal(socket.getProtocol(), 'TLSv1.3', 'a group that quantum computers will not break');
  socket.destroy();
  const refused: readonly ConnectionOptions[] = [
    { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
    ...[
      'AES128-SHA',
      'AES256-GCM-SHA384',
      'ECDHE-ECDSA-AES256-SHA',
      'ECDHE-RSA-AES128-SHA256',
      'DHE-RSA-AES256-GCM-SHA384',
    ].map((ciphers) => ({ ciphers: `${ciphers}:@SECLEVEL=0`, maxVersion: 'TLSv1.2' as const })),
  ];
  for (const client of refused)
    await assert.rejects(offer(client), /alert|protocol|handshake|cipher|ECONNRESET/i);
});

test('a client can’t renegotiate', async () => {
  const { socket, seen } = await offer({ maxVersion: 'TLSv1.2' });
  const refused = await new Promise<Error | null>((resolve) => {
    socket.once('error', resolve);
    socket.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error));
  });
  assert.match(refused?.message ?? '', /renegotiation/i);
  socket.destroy();
  seen.destroy();
});

test('a client certificate is taken and told apart by the trusted roots', async () => {
  const known = root.issue({ dnsNames: ['client.contoso.com'] });
  const unknown = createAuthority().issue({ dnsNames: ['client.contoso.com'] });
  for (const [identity, authorized] of [
    [known, true],
    [unknown, false],
    [null, false],
  ] as const) {
    const { socket, seen } = await offer(identity?.tls ?? {});
    assert.equal(seen.authorized, authorized);
    assert.equal(seen.getPeerX509Certificate() !== undefined, identity !== null);
    socket.destroy();
    seen.destroy();
  }
});
