// What a connector demands of the connection holds before the first MAIL, or the mail waits with a code that says why.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAuthority, DAY, selfSigned } from '../support/certificates.ts';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { deferred, fakeMx, newConnector, submit, subjectsOf } from '../support/mail-flow.ts';

test('TLS levels', async (t) => {
  const root = createAuthority();
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'roots.pem'), root.pem);
  const good = root.issue({ dnsNames: ['mail.fabrikam.test'] });
  const expired = root.issue({
    dnsNames: ['mail.fabrikam.test'],
    notBefore: Date.now() - 3 * DAY,
    notAfter: Date.now() - DAY,
  });
  const stranger = selfSigned({ dnsNames: ['mail.fabrikam.test'] });
  const server = (identity: typeof good) => fakeMx(t, { tls: { key: identity.keyPem, cert: identity.pem } });
  const [trusted, stale, self] = [await server(good), await server(expired), await server(stranger)];
  const clear = await fakeMx(t);
  const broken = await fakeMx(t, { brokenHandshake: 'nonsense' });
  const gateway = await startGateway(t, { flags: ['--ca', join(directory, 'roots.pem')] });

  let nth = 0;
  const send = async (host: typeof clear, settings: Readonly<Record<string, string>>): Promise<string> => {
    nth += 1;
    await newConnector(gateway, `Level ${nth}`, [`level${nth}.test`], [host], settings);
    return submit(gateway, { to: [`<a@level${nth}.test>`], subject: `Level ${nth}` });
  };
  const arrives = async (host: typeof clear, settings: Readonly<Record<string, string>>, tls: boolean) => {
    await send(host, settings);
    await host.until(() => subjectsOf(host).includes(`Level ${nth}`));
    assert.equal(host.transactions.at(-1)?.tls, tls);
  };
  const waits = async (host: typeof clear, settings: Readonly<Record<string, string>>, why: RegExp) => {
    const mails = () => host.commands.filter((line) => / MAIL /.test(line)).length;
    const before = mails();
    assert.match(await deferred(gateway, await send(host, settings)), why);
    assert.equal(mails(), before, 'MAIL was said over a connection that is not good enough');
  };

  await t.test('null: TLS where it is offered, whatever the certificate', async () => {
    await arrives(self, {}, true);
    await arrives(clear, {}, false);
  });
  await t.test('null: clear text on a new connection where the handshake fails', () =>
    arrives(broken, {}, false),
  );

  await t.test('EncryptionOnly: any certificate, but no clear text', async () => {
    await arrives(self, { TlsSettings: 'EncryptionOnly' }, true);
    await arrives(stale, { TlsSettings: 'EncryptionOnly' }, true);
    await waits(clear, { TlsSettings: 'EncryptionOnly' }, /4\.4\.317/);
    await waits(broken, { TlsSettings: 'EncryptionOnly' }, /4\.4\.317/);
  });

  await t.test('CertificateValidation: the chain and its dates, not the name', async () => {
    const settings = { TlsSettings: 'CertificateValidation' };
    await arrives(trusted, settings, true);
    await waits(self, settings, /4\.7\.320.*Certificate validation failed \[Message=/);
    await waits(stale, settings, /4\.7\.320.*expired/i);
    await waits(clear, settings, /4\.4\.317/);
  });

  await t.test('DomainValidation: the name as well', async () => {
    await arrives(trusted, { TlsSettings: 'DomainValidation', TlsDomain: 'mail.fabrikam.test' }, true);
    await arrives(trusted, { TlsSettings: 'DomainValidation', TlsDomain: '*.fabrikam.test' }, true);
    await waits(
      trusted,
      { TlsSettings: 'DomainValidation', TlsDomain: 'mail.tailspin.test' },
      /4\.7\.320.*\[Message=SubjectMismatch\]/,
    );
  });

  await t.test('a weaker level on the same connector releases what waited', async () => {
    await gateway.run('Set-OutboundConnector', { Identity: `Level ${nth}`, TlsDomain: 'mail.fabrikam.test' });
    await trusted.until(() => subjectsOf(trusted).includes(`Level ${nth}`));
  });
});
