// What an administrator's TLS settings do to mail that goes through the whole gateway, and what can be seen of it: refusals
// with their cure, the evidence of each attempt, warnings, metrics, credentials, certificates shown and exchanged.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Hashtable, type PsObject, type Value } from '#parameters/value.ts';
import { createAuthority, DAY, type Identity, selfSigned } from '../support/certificates.ts';
import type { FakeMx, FakeTls } from '../support/fake-mx.ts';
import { type Gateway, startGateway, temporaryDirectory } from '../support/gateway.ts';
import {
  deferred,
  fakeMx,
  newConnector,
  parseReport,
  queueIsEmpty,
  submit,
  testDns,
  traced,
} from '../support/mail-flow.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';
import { startWebServer } from '../support/web-server.ts';

const NAME = 'mx.fabrikam.test';
const root = createAuthority({ commonName: 'Company root' });
const newRoot = createAuthority({ commonName: 'New company root' });
const now = Date.now();

interface Place {
  readonly gateway: Gateway;
  readonly files: string;
}

/** A gateway that trusts the company's root and shows a certificate to those who ask. */
async function place(t: TestContext): Promise<Place> {
  const files = await temporaryDirectory(t);
  const client = root.issue({ dnsNames: ['gateway.test'], commonName: 'first client' });
  const listener = root.issue({ dnsNames: ['gateway.test'], commonName: 'first listener' });
  const dns = await testDns(t, { [NAME]: { A: ['127.0.0.1'] } });
  await writeFile(join(files, 'roots.pem'), root.pem);
  await write(files, 'client', client);
  await write(files, 'listener', listener);
  const settings = {
    ca: join(files, 'roots.pem'),
    'crl-allow': '127.0.0.0/8',
    dns: `127.0.0.1:${dns.port}`,
    'client-cert': join(files, 'client.pem'),
    'client-key': join(files, 'client.key'),
    'tls-cert': join(files, 'listener.pem'),
    'tls-key': join(files, 'listener.key'),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return { gateway: await startGateway(t, { flags }), files };
}

async function write(files: string, name: string, identity: Identity): Promise<void> {
  await writeFile(join(files, `${name}.pem`), identity.tls.cert);
  await writeFile(join(files, `${name}.key`), identity.keyPem);
}

const noMail = (mx: FakeMx) => assert.equal(mx.commands.filter((line) => line.includes('MAIL')).length, 0);
const toName = (mx: FakeMx): Readonly<Record<string, Value>> => ({ SmartHosts: [`${NAME}:${mx.port}`] });

async function attempts(gateway: Gateway, id: string): Promise<readonly PsObject[]> {
  return (await gateway.run('Get-MessageTraceDetailV2', { MessageTraceId: id, Event: ['Attempt'] })).objects;
}

/** `data.tls.chain` and the like, as text. */
function dig(value: Value | undefined, ...path: readonly string[]): Value | undefined {
  let found = value;
  for (const key of path) found = found instanceof Hashtable ? found.get(key) : undefined;
  return found;
}

/** Texts only: what else is expected here would be a mistake. */
const shown = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

const plain = (value: Value | undefined): unknown => {
  if (value instanceof Hashtable)
    return Object.fromEntries([...value.entries()].map(([key, one]) => [key, plain(one)]));
  return Array.isArray(value) ? value.map((one: Value): unknown => plain(one)) : value;
};

test('TlsSettings in running mail', async (t) => {
  const { gateway } = await place(t);
  const web = await startWebServer();
  t.after(() => web.close());
  const revoked = root.issue({ dnsNames: [NAME], crlUrls: [`${web.origin}/revoked.crl`] });
  web.pages.set('/revoked.crl', { body: root.crl({ revoked: [{ serial: revoked.serial, reason: 1 }] }) });
  const unlisted = root.issue({ dnsNames: [NAME], crlUrls: [`${web.origin}/gone.crl`] });
  const listed = root.issue({ dnsNames: [NAME], crlUrls: [`${web.origin}/good.crl`] });
  web.pages.set('/good.crl', { body: root.crl() });
  const good = root.issue({ dnsNames: [NAME] }).tls;
  const expired = root.issue({ dnsNames: [NAME], notBefore: now - 9 * DAY, notAfter: now - DAY }).tls;
  const other = root.issue({ dnsNames: ['mx.woodgrove.test'] }).tls;
  const rows: readonly (readonly [
    name: string,
    tls: FakeTls | undefined,
    level: string | null,
    words: string | null,
  ])[] = [
    ['null-clear', undefined, null, null],
    ['null-selfsigned', selfSigned().tls, null, null],
    ['enc-selfsigned', selfSigned().tls, 'EncryptionOnly', null],
    ['enc-none', undefined, 'EncryptionOnly', '4.4.317.*does not offer STARTTLS'],
    [
      'enc-old',
      { ...good, ciphers: 'DEFAULT:@SECLEVEL=0', minVersion: 'TLSv1', maxVersion: 'TLSv1' },
      'EncryptionOnly',
      '4.4.317.*TLS handshake',
    ],
    ['cert-good', good, 'CertificateValidation', null],
    ['cert-othername', other, 'CertificateValidation', null],
    ['cert-listed', listed.tls, 'CertificateValidation', null],
    ['cert-expired', expired, 'CertificateValidation', '4.7.320.*Message=CertificateExpired.*must renew'],
    ['cert-selfsigned', selfSigned().tls, 'CertificateValidation', '4.7.320.*Message=UntrustedRoot.*--ca'],
    ['cert-revoked', revoked.tls, 'CertificateValidation', '4.7.320.*Message=Revoked.*key compromise'],
    [
      'cert-unlisted',
      unlisted.tls,
      'CertificateValidation',
      '4.7.320.*Message=RevocationStatusUnknown.*404.*RevocationFailureAction',
    ],
    ['domain-good', good, 'DomainValidation', null],
    ['domain-othername', other, 'DomainValidation', '4.7.320.*Message=SubjectMismatch.*correct TlsDomain'],
    ['domain-none', undefined, 'DomainValidation', '4.4.317.*does not offer STARTTLS'],
  ];
  const hosts = new Map<string, FakeMx>();
  for (const [name, tls, level] of rows) {
    const mx = await fakeMx(t, tls === undefined ? {} : { tls });
    hosts.set(name, mx);
    const domain: Readonly<Record<string, Value>> =
      level === 'DomainValidation' ? { TlsDomain: '*.fabrikam.test' } : {};
    await newConnector(gateway, name, [`${name}.test`], [], { ...toName(mx), TlsSettings: level, ...domain });
  }
  const ids = new Map<string, string>();
  for (const [name] of rows)
    ids.set(name, await submit(gateway, { to: [`<ben@${name}.test>`], subject: name }));
  for (const [name, , , words] of rows) {
    await t.test(`${name}: ${words ?? 'delivered'}`, async () => {
      const mx = hosts.get(name);
      const id = ids.get(name) ?? '';
      assert.ok(mx !== undefined);
      if (words === null) {
        await traced(gateway, id, 'Delivered');
        assert.equal(mx.transactions.length, 1);
        assert.equal(mx.transactions[0]?.tls, mx.tls !== undefined);
        return;
      }
      assert.match(await deferred(gateway, id), new RegExp(words));
      noMail(mx);
      const inQueue = new RegExp(words.replace(/^[^*]*\*/, ''));
      const { objects } = await gateway.run('Get-Queue');
      assert.ok(objects.some((queue) => inQueue.test(shown(queue.get('LastError')))));
    });
  }

  await t.test('the evidence of an attempt', async () => {
    const [attempt] = await attempts(gateway, ids.get('cert-listed') ?? '');
    const data = attempt?.get('Data');
    assert.equal(dig(data, 'host'), NAME);
    assert.match(shown(dig(data, 'address')), /^127\.0\.0\.1:\d+$/);
    assert.match(shown(dig(data, 'tls', 'protocol')), /^TLSv1\.3$/);
    assert.match(shown(dig(data, 'tls', 'cipher')), /^TLS_/);
    assert.deepEqual(
      ['serverName', 'level', 'authority', 'verdict', 'revocation', 'remark'].map((key) =>
        dig(data, 'tls', key),
      ),
      [NAME, 'CertificateValidation', 'Connector', 'Accepted', 'Good', null],
    );
    const chain = plain(dig(data, 'tls', 'chain'));
    assert.ok(Array.isArray(chain));
    assert.partialDeepStrictEqual(chain, [
      { subject: NAME, names: [NAME], issuer: 'Company root' },
      { subject: 'Company root', names: [] },
    ]);
    const [refused] = await attempts(gateway, ids.get('cert-expired') ?? '');
    assert.deepEqual(
      [dig(refused?.get('Data'), 'tls', 'verdict'), dig(refused?.get('Data'), 'outcome')],
      ['Refused', 'deferred'],
    );
    assert.match(shown(dig(refused?.get('Data'), 'tls', 'remark')), /^CertificateExpired: .*renew/);
    assert.match(
      shown(refused?.get('Detail')),
      /over TLSv1\.3: Certificate validation failed \[Message=CertificateExpired\]/,
    );
  });

  await t.test('RevocationFailureAction Allow sends, with a warning in the trace', async () => {
    await gateway.run('Set-TransportConfig', { RevocationFailureAction: 'Allow' });
    const id = ids.get('cert-unlisted') ?? '';
    await gateway.run('Set-OutboundConnector', { Identity: 'cert-unlisted', Comment: 'try again' });
    await traced(gateway, id, 'Delivered');
    const { objects } = await gateway.run('Get-MessageTraceDetailV2', {
      MessageTraceId: id,
      Event: ['Warning'],
    });
    assert.equal(objects.length, 1);
    assert.match(shown(objects[0]?.get('Detail')), /revocation is unknown.*gone\.crl/);
    await gateway.run('Set-TransportConfig', { RevocationFailureAction: 'Defer' });
  });

  await t.test('a mended certificate releases the mail', async () => {
    const mx = hosts.get('cert-expired');
    assert.ok(mx !== undefined);
    mx.tls = good;
    await gateway.run('Retry-Queue', { Filter: "Status -eq 'Retry'" });
    await traced(gateway, ids.get('cert-expired') ?? '', 'Delivered');
  });

  await t.test('each outcome has its count', async () => {
    const wanted = [
      /^postern_tls_total\{outcome="clear text"\} 1$/m,
      /^postern_tls_total\{outcome="TLSv1\.3 Encryption accepted"\} 2$/m,
      /^postern_tls_total\{outcome="TLSv1\.3 CertificateValidation accepted"\} \d+$/m,
      /^postern_tls_total\{outcome="TLSv1\.3 CertificateValidation accepted, revocation unknown"\} 1$/m,
      /^postern_tls_total\{outcome="TLSv1\.3 DomainValidation accepted"\} 1$/m,
      /^postern_tls_total\{outcome="TLSv1\.3 refused SubjectMismatch"\} \d+$/m,
      /^postern_tls_total\{outcome="TLSv1\.3 refused Revoked"\} \d+$/m,
      /^postern_tls_total\{outcome="not offered"\} \d+$/m,
      /^postern_tls_total\{outcome="handshake failed"\} \d+$/m,
      /^postern_attempts_total\{outcome="deferred"\} \d+$/m,
    ];
    let missing: readonly RegExp[] = wanted;
    let text = '';
    while (missing.length > 0 && !t.signal.aborted) {
      text = await (await fetch(`${gateway.http}/metrics`)).text();
      missing = wanted.filter((line) => !line.test(text));
      // Threads report what they counted once a second.
      if (missing.length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.deepEqual(missing, [], text.match(/^postern_tls.*$/gm)?.join('\n'));
  });
});

test('smart hosts that want to know who comes', async (t) => {
  const { gateway, files } = await place(t);
  const tls: FakeTls = { ...root.issue({ dnsNames: [NAME] }).tls, ca: root.pem, requestCert: true };
  const capabilities = ['PIPELINING', 'AUTH PLAIN LOGIN'];
  const expected = Buffer.from('\0relay\0right').toString('base64');
  const mx = await fakeMx(t, {
    tls,
    capabilities,
    behaviour: { AUTH: (line) => (line.includes(expected) ? null : '535 5.7.8 wrong user or password') },
  });
  const clear = await fakeMx(t, { capabilities });
  const credential = (password: string) => new Hashtable().set('UserName', 'relay').set('Password', password);
  await newConnector(gateway, 'Signs in', ['auth.test'], [], {
    ...toName(mx),
    SmartHostCredential: credential('wrong'),
  });
  await newConnector(gateway, 'In clear text', ['clear.test'], [], {
    ...toName(clear),
    SmartHostCredential: credential('right'),
  });

  await t.test('a wrong password puts the mail off, and the right one releases it', async () => {
    const id = await submit(gateway, { to: ['<ben@auth.test>'] });
    assert.match(await deferred(gateway, id), /4\.7\.8.*535 5\.7\.8 wrong user or password/);
    noMail(mx);
    await gateway.run('Set-OutboundConnector', {
      Identity: 'Signs in',
      SmartHostCredential: credential('right'),
    });
    await traced(gateway, id, 'Delivered');
  });

  await t.test('the server sees its own name and our certificate', () => {
    const [transaction] = mx.transactions;
    assert.deepEqual(
      [transaction?.tls, transaction?.serverName, transaction?.clientCertificate],
      [true, NAME, 'first client'],
    );
  });

  await t.test('without TLS the password is never sent', async () => {
    const id = await submit(gateway, { to: ['<ben@clear.test>'] });
    assert.match(await deferred(gateway, id), /4\.4\.317.*does not offer STARTTLS/);
    assert.equal(
      clear.commands.some((line) => line.includes('AUTH')),
      false,
    );
  });

  await t.test('neither log nor trace nor queue knows the password', async () => {
    const results = [await gateway.run('Get-OutboundConnector'), await gateway.run('Get-Queue')];
    const text = JSON.stringify(
      results.map(({ objects }) => objects.map((one) => [...one.properties.entries()].map(String))),
    );
    for (const secret of ['right', 'wrong', expected])
      assert.equal(
        new RegExp(`"[^"]*,${secret}"|${expected}`).test(text) || gateway.log().includes(secret),
        false,
        secret,
      );
  });

  await t.test('SIGHUP: another client certificate, another listener certificate, another root', async () => {
    const renewed = await fakeMx(t, {
      tls: { ...newRoot.issue({ dnsNames: [NAME] }).tls, ca: root.pem, requestCert: true },
    });
    await newConnector(gateway, 'New root', ['newroot.test'], [], {
      ...toName(renewed),
      TlsSettings: 'DomainValidation',
      TlsDomain: NAME,
    });
    const id = await submit(gateway, { to: ['<ben@newroot.test>'] });
    assert.match(await deferred(gateway, id), /4\.7\.320.*Message=PartialChain/);
    assert.equal(await listenerName(gateway), 'first listener');

    // A file that can't be used leaves the old one in place.
    await writeFile(join(files, 'listener.pem'), 'nonsense');
    gateway.process.kill('SIGHUP');
    while (!gateway.log().includes('could not be read again'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(await listenerName(gateway), 'first listener');

    await write(files, 'client', root.issue({ commonName: 'second client' }));
    await write(files, 'listener', root.issue({ dnsNames: ['gateway.test'], commonName: 'second listener' }));
    await writeFile(join(files, 'roots.pem'), root.pem + newRoot.pem);
    gateway.process.kill('SIGHUP');
    while ((await listenerName(gateway)) !== 'second listener') t.signal.throwIfAborted();
    // What was refused for want of a root goes by itself.
    await traced(gateway, id, 'Delivered');
    assert.equal(renewed.transactions[0]?.clientCertificate, 'second client');
  });
});

test('REQUIRETLS and rules that require TLS', async (t) => {
  const { gateway } = await place(t);
  const tls = root.issue({ dnsNames: [NAME] }).tls;
  const own = await fakeMx(t, { tls, capabilities: ['PIPELINING', 'REQUIRETLS'] });
  const able = await fakeMx(t, { tls, capabilities: ['PIPELINING', 'REQUIRETLS', 'DSN'] });
  const unable = await fakeMx(t, { tls });
  const clear = await fakeMx(t);
  const otherName = await fakeMx(t, {
    tls: root.issue({ dnsNames: ['mx.woodgrove.test'] }).tls,
    capabilities: ['REQUIRETLS'],
  });
  await newConnector(gateway, 'Own', ['contoso.test'], [], toName(own));
  for (const [name, mx] of Object.entries({ able, unable, clear, othername: otherName }))
    await newConnector(gateway, name, [`${name}.test`], [], toName(mx));

  await t.test('REQUIRETLS is offered under TLS only', async () => {
    const client = openDialogue(gateway.smtp.port);
    await client.hear();
    assert.doesNotMatch((await client.ask('EHLO client.test')) ?? '', /REQUIRETLS/);
    assert.match((await client.ask('MAIL FROM:<anna@contoso.test> REQUIRETLS')) ?? '', /^5/);
    client.end();
  });

  const protectedMail = async (to: string): Promise<string> => {
    const client = openDialogue(gateway.smtp.port);
    await client.hear();
    await client.ask('EHLO client.test');
    await client.ask('STARTTLS');
    await client.secure();
    assert.match((await client.ask('EHLO client.test')) ?? '', /REQUIRETLS/);
    for (const line of ['MAIL FROM:<anna@contoso.test> REQUIRETLS RET=FULL', `RCPT TO:<${to}>`, 'DATA']) {
      const reply = await client.ask(line);
      assert.match(reply ?? '', /^[23]/, line);
    }
    const reply = (await client.ask('Subject: Secret\r\n\r\nText\r\n.')) ?? '';
    client.end();
    return reply.split(' ').at(-1) ?? '';
  };

  await t.test('it goes on with the message', async () => {
    await traced(gateway, await protectedMail('ben@able.test'), 'Delivered');
    assert.match(able.transactions[0]?.mail ?? '', / REQUIRETLS/);
    assert.equal(able.transactions[0]?.tls, true);
  });

  for (const [domain, status, mx] of [
    ['unable', '5.7.30', unable],
    ['clear', '5.7.10', clear],
    ['othername', '5.7.10', otherName],
  ] as const) {
    await t.test(`${domain}.test: returned with ${status} (RFC 8689 §4.2.1)`, async () => {
      const id = await protectedMail(`ben@${domain}.test`);
      const { objects } = await traced(gateway, id, 'Failed');
      assert.match(shown(objects[0]?.get('Detail')), new RegExp(status.replaceAll('.', '\\.')));
      noMail(mx);
      // RFC 8689 §5: the report is protected as the message was, and never returns its content.
      const reports = () => own.transactions.filter(({ content }) => content.includes(`ben@${domain}.test`));
      await own.until(() => reports().length === 1);
      const [report] = reports();
      assert.deepEqual([report?.tls, / REQUIRETLS/.test(report?.mail ?? '')], [true, true]);
      const parsed = parseReport(report?.content ?? '');
      assert.equal(parsed.perRecipient[0]?.get('status'), status);
      assert.equal(parsed.returnedType, 'text/rfc822-headers');
      assert.equal(parsed.returned.includes('Text'), false);
    });
  }

  await t.test('its mishap concerns no other mail to the same host', async () => {
    await traced(gateway, await submit(gateway, { to: ['<ben@clear.test>'] }), 'Delivered');
  });

  await t.test('RouteMessageOutboundRequireTls', async () => {
    await gateway.run('New-TransportRule', {
      Name: 'Confidential',
      SubjectContainsWords: ['confidential'],
      RouteMessageOutboundRequireTls: true,
    });
    const id = await submit(gateway, { to: ['<ben@clear.test>'], subject: 'Confidential figures' });
    assert.match(await deferred(gateway, id), /4\.4\.317.*does not offer STARTTLS/);
    await traced(
      gateway,
      await submit(gateway, { to: ['<ben@clear.test>'], subject: 'Figures' }),
      'Delivered',
    );
    const secured = await submit(gateway, { to: ['<ben@unable.test>'], subject: 'Confidential figures' });
    await traced(gateway, secured, 'Delivered');
    const [attempt] = await attempts(gateway, secured);
    assert.deepEqual(
      ['level', 'authority'].map((key) => dig(attempt?.get('Data'), 'tls', key)),
      ['EncryptionOnly', 'TransportRule'],
    );
    assert.equal(clear.transactions.length, 2);
  });

  await t.test('nothing is left but what waits for TLS', async () => {
    await gateway.run('Remove-Message', {
      Filter: "Subject -like 'Confidential*'",
      WithNDR: false,
      Confirm: false,
    });
    await queueIsEmpty(gateway);
  });
});

/** The common name of the certificate that a client sees after STARTTLS. */
async function listenerName(gateway: Gateway): Promise<string> {
  const client = openDialogue(gateway.smtp.port);
  await client.hear();
  await client.ask('EHLO client.test');
  await client.ask('STARTTLS');
  client.socket.removeAllListeners('data');
  const secure = connectTls({ socket: client.socket, rejectUnauthorized: false });
  await new Promise((resolve) => secure.once('secureConnect', resolve));
  const subject = secure.getPeerX509Certificate()?.subject ?? '';
  client.end();
  return subject.replace(/^CN=/, '');
}
