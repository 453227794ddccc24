// Who may hand mail to the gateway, and over which connector it is taken to come: by address, range, network, certificate,
// password; who may not is told why, with Exchange's codes.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConnectionOptions, TLSSocket } from 'node:tls';
import { createAuthority, DAY } from '../support/certificates.ts';
import { type Gateway, startGateway, temporaryDirectory } from '../support/gateway.ts';
import { type Arrival, handIn, howReceived } from '../support/hand-in.ts';
import { fakeMx, newConnector } from '../support/mail-flow.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';

const OUTSIDE = ['ben@elsewhere.test'];

async function newInbound(
  gateway: Gateway,
  name: string,
  settings: Record<string, string | boolean | readonly string[]>,
) {
  await gateway.run('New-InboundConnector', { Name: name, ...settings });
}

/** What is handed in, and the connector that takes it or the refusal. */
type Row = readonly [
  what: string,
  arrival: Omit<Arrival, 'to'> & { readonly to?: readonly string[] },
  expected: string | RegExp,
];

test('inbound connectors', async (t) => {
  const root = createAuthority();
  const other = createAuthority();
  const directory = await temporaryDirectory(t);
  const file = async (name: string, text: string) => {
    await writeFile(join(directory, name), text);
    return join(directory, name);
  };
  const listener = root.issue({ dnsNames: ['gateway.test'] });
  const host = await fakeMx(t);
  const gateway = await startGateway(t, {
    flags: [
      '--xclient-from',
      '127.0.0.1',
      '--ca',
      await file('roots.pem', root.pem),
      '--tls-cert',
      await file('gateway.pem', listener.tls.cert),
      '--tls-key',
      await file('gateway.key', listener.keyPem),
    ],
  });
  await newConnector(gateway, 'Out', ['*'], [host]);
  await gateway.run('New-AcceptedDomain', { Name: 'contoso.test', DomainName: 'contoso.test' });
  await gateway.run('Remove-InboundConnector', { Identity: 'Local submission', Confirm: false });
  await newInbound(gateway, 'Own servers', {
    ConnectorType: 'OnPremises',
    SenderDomains: ['*'],
    SenderIPAddresses: ['192.0.2.10', '192.0.2.20-192.0.2.29', '198.51.100.0/25', '2001:db8:1::/48'],
  });
  await newInbound(gateway, 'Encrypted', {
    ConnectorType: 'OnPremises',
    SenderDomains: ['*'],
    SenderIPAddresses: ['203.0.113.5'],
    RequireTls: true,
  });
  await newInbound(gateway, 'By certificate', {
    ConnectorType: 'OnPremises',
    SenderDomains: ['smtp:contoso.test;1'],
    TlsSenderCertificateName: 'mail.contoso.test',
  });
  await newInbound(gateway, 'Fabrikam', {
    SenderDomains: ['fabrikam.test'],
    SenderIPAddresses: ['203.0.113.77'],
    RestrictDomainsToIPAddresses: true,
  });
  await newInbound(gateway, 'Tailspin', {
    SenderDomains: ['*.tailspin.test'],
    TlsSenderCertificateName: '*.tailspin.test',
    RestrictDomainsToCertificate: true,
  });
  await newInbound(gateway, 'Guests', { SenderDomains: ['guests.test'] });
  await newInbound(gateway, 'Off', {
    SenderDomains: ['*'],
    SenderIPAddresses: ['203.0.113.99'],
    Enabled: false,
  });

  const certificate = (dnsNames: readonly string[], more = {}) => root.issue({ dnsNames, ...more }).tls;
  const own = certificate(['mail.contoso.test']);
  const tailspin = certificate(['mx.tailspin.test']);
  const relayDenied = /^550 5\.7\.64 Relay access denied/;
  const rows: readonly Row[] = [
    ['an address', { as: '192.0.2.10' }, 'Own servers'],
    ['the address beside it', { as: '192.0.2.11' }, relayDenied],
    ['the first of a range', { as: '192.0.2.20' }, 'Own servers'],
    ['the last of a range', { as: '192.0.2.29' }, 'Own servers'],
    ['behind the range', { as: '192.0.2.30' }, relayDenied],
    ['in the network', { as: '198.51.100.127' }, 'Own servers'],
    ['outside the network', { as: '198.51.100.128' }, relayDenied],
    ['IPv6', { as: 'IPV6:2001:db8:1:2::9' }, 'Own servers'],
    ['IPv6 elsewhere', { as: 'IPV6:2001:db8:2::9' }, relayDenied],
    ['a disabled connector', { as: '203.0.113.99' }, relayDenied],
    ['the null sender', { as: '192.0.2.10', from: '' }, 'Own servers'],
    ['RequireTls in clear text', { as: '203.0.113.5' }, /^530 5\.7\.0 Must issue a STARTTLS command first/],
    ['RequireTls under TLS', { as: '203.0.113.5', tls: true }, 'Encrypted'],
    ['a certificate', { certificate: own }, 'By certificate'],
    ['a certificate, another sender domain', { certificate: own, from: 'x@other.test' }, relayDenied],
    ['a certificate of another name', { certificate: certificate(['mail2.contoso.test']) }, relayDenied],
    [
      'a certificate that has expired',
      {
        certificate: certificate(['mail.contoso.test'], {
          notBefore: Date.now() - 2 * DAY,
          notAfter: Date.now() - DAY,
        }),
      },
      /^550 5\.7\.64 .* \(your certificate did not verify: CERT_HAS_EXPIRED\)$/,
    ],
    [
      'a certificate of an unknown root',
      { certificate: other.issue({ dnsNames: ['mail.contoso.test'] }).tls },
      /^550 5\.7\.64 .* \(your certificate did not verify: \w+\)$/,
    ],
    ['TLS without a certificate', { tls: true }, relayDenied],
    ['a partner from its address', { as: '203.0.113.77', from: 'f@fabrikam.test' }, 'Fabrikam'],
    [
      'its domain from elsewhere',
      { as: '203.0.113.78', from: 'f@fabrikam.test' },
      /^550 5\.7\.51 Mail from this domain is only accepted from the addresses/,
    ],
    [
      'its domain from elsewhere, to us',
      { as: '203.0.113.78', from: 'f@fabrikam.test', to: ['anna@contoso.test'] },
      /^550 5\.7\.51 /,
    ],
    ['a partner with its certificate', { certificate: tailspin, from: 't@tailspin.test' }, 'Tailspin'],
    [
      'a partner with its certificate, below its domain',
      { certificate: tailspin, from: 't@eu.tailspin.test' },
      'Tailspin',
    ],
    [
      'its domain without a certificate',
      { tls: true, from: 't@tailspin.test' },
      /^550 5\.7\.51 Mail from this domain is only accepted under TLS/,
    ],
    ["its domain with somebody else's", { certificate: own, from: 't@tailspin.test' }, /^550 5\.7\.51 /],
    [
      'a domain alone may write to us',
      { as: '203.0.113.1', from: 'g@guests.test', to: ['anna@contoso.test'] },
      'Guests',
    ],
    ['and to nobody else', { as: '203.0.113.1', from: 'g@guests.test' }, relayDenied],
  ];
  for (const [what, arrival, expected] of rows) {
    await t.test(what, async () => {
      const { reply, id } = await handIn(gateway, { to: OUTSIDE, ...arrival });
      if (expected instanceof RegExp) return assert.match(reply, expected);
      assert.match(reply, /^250 2\.0\.0 /);
      assert.match(await howReceived(gateway, id), new RegExp(`over inbound connector '${expected}'`));
    });
  }

  await t.test('what is changed holds for sessions that are open', async () => {
    const dialogue = openDialogue(gateway.smtp.port);
    await dialogue.hear();
    await dialogue.ask('EHLO client.test');
    await dialogue.ask('XCLIENT ADDR=192.0.2.10');
    await dialogue.ask('EHLO client.test');
    await dialogue.ask('MAIL FROM:<a@contoso.test>');
    assert.match((await dialogue.ask('RCPT TO:<b@elsewhere.test>')) ?? '', /^250/);
    await dialogue.ask('RSET');
    await gateway.run('Set-InboundConnector', { Identity: 'Own servers', Enabled: false });
    await dialogue.ask('MAIL FROM:<a@contoso.test>');
    assert.match((await dialogue.ask('RCPT TO:<b@elsewhere.test>')) ?? '', relayDenied);
    await gateway.run('Set-InboundConnector', { Identity: 'Own servers', Enabled: true });
    dialogue.end();
  });

  await t.test('SMTP AUTH: over TLS, with the right password, as long as the user is enabled', async () => {
    await gateway.run('New-SubmissionUser', { Name: 'scanner', Password: 'correct horse' });
    const login = ['Scanner', 'correct horse'] as const;
    const right = await handIn(gateway, { as: '203.0.113.1', tls: true, login, to: OUTSIDE });
    assert.match(await howReceived(gateway, right.id), /over user 'Scanner'/);
    const clear = await handIn(gateway, { as: '203.0.113.1', login, to: OUTSIDE });
    assert.deepEqual([clear.at, clear.reply.slice(0, 9)], ['AUTH', '502 5.5.1']);
    const wrong = await handIn(gateway, { tls: true, login: ['scanner', 'wrong horse'], to: OUTSIDE });
    assert.deepEqual([wrong.at, wrong.reply], ['AUTH', '535 5.7.8 User name or password is not correct']);
    await gateway.run('Set-SubmissionUser', { Identity: 'scanner', Enabled: false });
    const disabled = await handIn(gateway, { tls: true, login, to: OUTSIDE });
    assert.deepEqual([disabled.at, disabled.reply.slice(0, 9)], ['AUTH', '535 5.7.8']);
  });

  await t.test('a resumed TLS session is as good as the one that it goes on with', async () => {
    const secured = async (options: ConnectionOptions) => {
      const dialogue = openDialogue(gateway.smtp.port);
      await dialogue.hear();
      await dialogue.ask('EHLO client.test');
      await dialogue.ask('STARTTLS');
      await dialogue.secure({ ...own, ...options });
      const { socket } = dialogue;
      assert.ok(socket instanceof TLSSocket);
      // TLS 1.3 gives tickets after the handshake, TLS 1.2 in it.
      let session = socket.getSession();
      socket.on('session', (ticket) => (session = ticket));
      await dialogue.ask('EHLO client.test');
      await dialogue.ask('MAIL FROM:<a@contoso.test>');
      assert.match((await dialogue.ask('RCPT TO:<b@elsewhere.test>')) ?? '', /^250 /);
      const isReused = socket.isSessionReused();
      dialogue.end();
      return { session, isReused };
    };
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { session } = await secured({ maxVersion });
      assert.ok(session);
      assert.equal((await secured({ maxVersion, session })).isReused, true, maxVersion);
    }
  });

  await t.test('certificates count against the roots that were read last', async () => {
    await writeFile(join(directory, 'roots.pem'), other.pem);
    gateway.process.kill('SIGHUP');
    const arrival = { to: OUTSIDE, certificate: other.issue({ dnsNames: ['mail.contoso.test'] }).tls };
    for (;;) {
      const { reply } = await handIn(gateway, arrival);
      if (reply.startsWith('250')) break;
      t.signal.throwIfAborted();
    }
    assert.match((await handIn(gateway, { to: OUTSIDE, certificate: own })).reply, relayDenied);
  });
});

test('a load balancer in front: the PROXY header says who the client is, and that it is not on this machine', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t, { flags: ['--proxy-from', '127.0.0.0/8'] });
  await newConnector(gateway, 'Out', ['*'], [host]);
  await newInbound(gateway, 'Own servers', {
    ConnectorType: 'OnPremises',
    SenderDomains: ['*'],
    SenderIPAddresses: ['192.0.2.10'],
  });
  const rcpt = async (header: string) => {
    const dialogue = openDialogue(gateway.smtp.port);
    dialogue.say(header);
    await dialogue.hear();
    await dialogue.ask('EHLO client.test');
    await dialogue.ask('MAIL FROM:<anna@contoso.test>');
    const reply = await dialogue.ask('RCPT TO:<ben@elsewhere.test>');
    if (reply?.startsWith('250')) {
      await dialogue.ask('DATA');
      dialogue.say('Subject: Proxied\r\n\r\nText\r\n.\r\n');
      await dialogue.hear();
    }
    dialogue.end();
    return reply ?? '';
  };
  assert.match(await rcpt('PROXY TCP4 192.0.2.10 192.0.2.1 40000 25\r\n'), /^250 /);
  await host.until(() => host.transactions.length === 1);
  assert.match(host.transactions[0]?.content ?? '', /^Received: from \S+ \(\[192\.0\.2\.10\]\)/);
  assert.match(await rcpt('PROXY TCP4 203.0.113.9 192.0.2.1 40000 25\r\n'), /^550 5\.7\.64 /);
  // The balancer's own check, from this machine: "Local submission".
  assert.match(await rcpt('PROXY UNKNOWN\r\n'), /^250 /);
});
