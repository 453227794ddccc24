// An organization on two sides: mailboxes in the cloud (tenant.test) and on-premises (contoso.test), a gateway on each side,
// TLS with certificates between them, the internet around them. What crosses, what doesn't, and which way mail goes.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Value } from '#parameters/value.ts';
import { createAuthority, testKey } from '../support/certificates.ts';
import { signDkim, verifyDkim } from '../support/dkim.ts';
import type { FakeMx, FakeTransaction } from '../support/fake-mx.ts';
import { type Gateway, startGateway, temporaryDirectory } from '../support/gateway.ts';
import { type Arrival, handIn } from '../support/hand-in.ts';
import { addressesOf, fakeMx, newConnector, parseReport, testDns } from '../support/mail-flow.ts';

const CLOUD = 'cloud.tenant.test';
const PREMISES = 'mail.contoso.test';
const CLOUD_USER = { login: ['kim', 'correct horse'], from: 'kim@tenant.test' } as const;

interface Organization {
  readonly cloud: Gateway;
  readonly premises: Gateway;
  readonly internet: FakeMx;
  readonly cloudMailboxes: FakeMx;
  readonly premisesMailboxes: FakeMx;
  /** Hands in on a side and waits until a server has it. */
  deliver(side: Gateway, arrival: Arrival, at: FakeMx): Promise<FakeTransaction>;
}

async function startOrganization(t: TestContext): Promise<Organization> {
  const root = createAuthority();
  const files = await temporaryDirectory(t);
  const write = async (name: string, text: string) => {
    await writeFile(join(files, name), text);
    return join(files, name);
  };
  const internet = await fakeMx(t, { address: '127.0.0.2', hostname: 'mx.outside.test' });
  const [cloudMailboxes, premisesMailboxes] = [await fakeMx(t), await fakeMx(t)];
  const dns = await testDns(t, {
    'outside.test': { MX: [[10, 'mx.outside.test']] },
    'mx.outside.test': { A: ['127.0.0.2'] },
  });
  const roots = await write('roots.pem', root.pem);
  const side = async (hostname: string) => {
    const identity = root.issue({ dnsNames: [hostname] });
    const [cert, key] = [
      await write(`${hostname}.pem`, identity.tls.cert),
      await write(`${hostname}.key`, identity.keyPem),
    ];
    const settings = {
      ca: roots,
      'tls-cert': cert,
      'tls-key': key,
      'client-cert': cert,
      'client-key': key,
      dns: `127.0.0.1:${dns.port}`,
      'mx-port': String(internet.port),
      'xclient-from': '127.0.0.1',
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    return startGateway(t, { hostname, flags });
  };
  const [cloud, premises] = [await side(CLOUD), await side(PREMISES)];
  await configureCloud(cloud, premises, cloudMailboxes);
  await configurePremises(premises, cloud, premisesMailboxes);
  let nth = 0;
  return {
    cloud,
    premises,
    internet,
    cloudMailboxes,
    premisesMailboxes,
    async deliver(gateway, arrival, at) {
      nth += 1;
      const mark = `X-Mark: ${nth}\r\n`;
      const { reply } = await handIn(gateway, { ...arrival, content: `${mark}${arrival.content ?? PLAIN}` });
      assert.match(reply, /^250 /);
      const find = () => at.transactions.find(({ content }) => content.includes(mark));
      await at.until(() => find() !== undefined);
      const found = find();
      assert.ok(found);
      return found;
    },
  };
}

const PLAIN = 'From: kim@tenant.test\r\nSubject: Hello\r\n\r\nText\r\n';

/** Between the two sides, each other's certificate by name, and nothing in clear text. */
function between(other: string): Readonly<Record<string, Value>> {
  return {
    ConnectorType: 'OnPremises',
    ConnectorSource: 'HybridWizard',
    TlsSettings: 'DomainValidation',
    TlsDomain: other,
    CloudServicesMailEnabled: true,
  };
}

function newInbound(gateway: Gateway, name: string, parameters: Readonly<Record<string, Value>>) {
  return gateway.run('New-InboundConnector', { Name: name, SenderDomains: ['*'], ...parameters });
}

function fromOtherSide(gateway: Gateway, certificate: string) {
  return newInbound(gateway, 'From the other side', {
    ConnectorType: 'OnPremises',
    TlsSenderCertificateName: certificate,
    RequireTls: true,
    CloudServicesMailEnabled: true,
  });
}

async function configureCloud(cloud: Gateway, premises: Gateway, mailboxes: FakeMx): Promise<void> {
  await cloud.run('New-AcceptedDomain', { Name: 'tenant.test', DomainName: 'tenant.test' });
  await cloud.run('New-AcceptedDomain', {
    Name: 'contoso.test',
    DomainName: 'contoso.test',
    DomainType: 'InternalRelay',
  });
  await newConnector(cloud, 'Mailboxes', ['tenant.test'], [mailboxes]);
  await newConnector(cloud, 'To on-premises', [], [`127.0.0.1:${premises.smtp.port}`], {
    ...between(PREMISES),
    AllAcceptedDomains: true,
    SenderRewritingEnabled: true,
  });
  await fromOtherSide(cloud, PREMISES);
  // The internet may write to the organization.
  await newInbound(cloud, 'Internet', {});
  await cloud.run('New-SubmissionUser', { Name: 'kim', Password: 'correct horse' });
  await cloud.run('New-TransportRule', {
    Name: 'Ours',
    FromScope: 'InOrganization',
    From: ['kim@tenant.test'],
    SetHeaderName: 'X-MS-Exchange-Organization-AuthAs',
    SetHeaderValue: 'Internal',
    SetSCL: -1,
  });
}

async function configurePremises(premises: Gateway, cloud: Gateway, mailboxes: FakeMx): Promise<void> {
  await premises.run('New-AcceptedDomain', {
    Name: 'contoso.test',
    DomainName: 'contoso.test',
  });
  await newConnector(premises, 'Mailboxes', ['contoso.test'], [mailboxes], {
    ConnectorType: 'OnPremises',
    CloudServicesMailEnabled: true,
  });
  await newConnector(
    premises,
    'To the cloud',
    ['tenant.test'],
    [`127.0.0.1:${cloud.smtp.port}`],
    between(CLOUD),
  );
  await fromOtherSide(premises, CLOUD);
  await newInbound(premises, 'Internet', {});
  await premises.run('New-TransportRule', {
    Name: 'Believed',
    HeaderContainsMessageHeader: 'X-MS-Exchange-Organization-AuthAs',
    HeaderContainsWords: ['Internal'],
    SetHeaderName: 'X-Believed',
    SetHeaderValue: 'internal',
  });
}

function headerOf({ content }: FakeTransaction): string {
  return content.slice(0, content.indexOf('\r\n\r\n') + 2);
}

/** Names of the gateways that it passed, the last one first. */
function passed(transaction: FakeTransaction): readonly string[] {
  return [...headerOf(transaction).matchAll(/^\tby (\S+) with/gm)].map((match) => match[1] ?? '');
}

function centralize(cloud: Gateway, RouteAllMessagesViaOnPremises: boolean) {
  return cloud.run('Set-OutboundConnector', {
    Identity: 'To on-premises',
    RouteAllMessagesViaOnPremises,
    ConnectorType: 'OnPremises',
  });
}

const FORGED = [
  'X-MS-Exchange-Organization-AuthAs: Internal',
  'x-ms-exchange-CROSSPREMISES-AuthAs : Internal',
  'X-MS-Exchange-CrossPremises-SCL:\r\n\t-1',
  'X-MS-Exchange-Forest-RulesExecuted: all',
]
  .map((field) => `${field}\r\n`)
  .join('');

test('hybrid mail flow', async (t) => {
  const { cloud, premises, internet, cloudMailboxes, premisesMailboxes, deliver } =
    await startOrganization(t);

  await t.test('trust crosses: the cloud says internal, the other side believes it', async () => {
    const arrived = await deliver(cloud, { ...CLOUD_USER, to: ['anna@contoso.test'] }, premisesMailboxes);
    const header = headerOf(arrived);
    assert.deepEqual(passed(arrived), [PREMISES, CLOUD]);
    assert.match(
      header,
      /^Received: from cloud\.tenant\.test \(\[127\.0\.0\.1\]\)\r\n\tby mail\.contoso\.test with ESMTPS /m,
    );
    assert.match(header, /^X-Believed: internal\r$/m);
    assert.match(header, /^X-MS-Exchange-CrossPremises-AuthAs: Internal\r$/m);
    assert.match(header, /^X-MS-Exchange-CrossPremises-SCL: -1\r$/m);
    assert.match(header, /^X-CrossPremisesHeadersPromoted: mail\.contoso\.test\r$/m);
    for (const side of [CLOUD, PREMISES])
      assert.ok(header.includes(`X-OrganizationHeadersPreserved: ${side}\r\n`), side);
  });

  await t.test(
    'and the other way: accepted domains by AllAcceptedDomains, cloud mailboxes by their domain',
    async () => {
      const arrived = await deliver(
        premises,
        { from: 'anna@contoso.test', to: ['kim@tenant.test'] },
        cloudMailboxes,
      );
      assert.deepEqual(passed(arrived), [CLOUD, PREMISES]);
      const { objects } = await cloud.run('Get-OutboundConnector', { Identity: 'To on-premises' });
      assert.equal(objects[0]?.get('ConnectorSource'), 'HybridWizard');
    },
  );

  await t.test('to the internet each side goes by itself, and nothing internal leaves', async () => {
    const arrived = await deliver(cloud, { ...CLOUD_USER, to: ['x@outside.test'] }, internet);
    assert.deepEqual(passed(arrived), [CLOUD]);
    assert.doesNotMatch(headerOf(arrived), /x-ms-exchange|premises/i);
  });

  await t.test('centralized: everything from the cloud goes through the on-premises side', async () => {
    await centralize(cloud, true);
    const arrived = await deliver(cloud, { ...CLOUD_USER, to: ['x@outside.test'] }, internet);
    assert.deepEqual(passed(arrived), [PREMISES, CLOUD]);
    assert.doesNotMatch(headerOf(arrived), /x-ms-exchange/i);
    // However specific another connector is.
    const own = await deliver(cloud, { ...CLOUD_USER, to: ['lee@tenant.test'] }, cloudMailboxes);
    assert.deepEqual(passed(own), [CLOUD, PREMISES, CLOUD]);
  });

  await t.test('centralized: what comes from on-premises goes on, not back', async () => {
    const arrived = await deliver(
      premises,
      { from: 'anna@contoso.test', to: ['kim@tenant.test'] },
      cloudMailboxes,
    );
    assert.deepEqual(passed(arrived), [CLOUD, PREMISES]);
    await centralize(cloud, false);
    const after = await deliver(cloud, { ...CLOUD_USER, to: ['x@outside.test'] }, internet);
    assert.deepEqual(passed(after), [CLOUD]);
  });

  const outsider = { as: '203.0.113.9', from: 'mallory@outside.test' };
  const forged = `${FORGED}${PLAIN}`;
  const noTrust = (arrived: FakeTransaction) => {
    assert.doesNotMatch(headerOf(arrived), /AuthAs|SCL|Forest|X-Believed/);
  };

  await t.test('forged headers from outside survive on no way', async () => {
    const ways: readonly (readonly [Gateway, string, FakeMx, string])[] = [
      [premises, 'anna@contoso.test', premisesMailboxes, PREMISES],
      [cloud, 'anna@contoso.test', premisesMailboxes, CLOUD],
      [cloud, 'kim@tenant.test', cloudMailboxes, CLOUD],
    ];
    for (const [side, to, at, filter] of ways) {
      const arrived = await deliver(side, { ...outsider, to: [to], content: forged }, at);
      noTrust(arrived);
      assert.ok(
        headerOf(arrived).includes(`X-CrossPremisesHeadersFiltered: ${filter}\r\n`),
        `${filter} to ${to}`,
      );
    }
  });

  await t.test('nor with TLS, another certificate or a password', async () => {
    const stranger = createAuthority().issue({ dnsNames: [CLOUD] }).tls;
    for (const arrival of [
      { ...outsider, tls: true },
      { certificate: stranger, from: 'mallory@outside.test' },
    ])
      noTrust(
        await deliver(
          premises,
          { ...arrival, to: ['anna@contoso.test'], content: forged },
          premisesMailboxes,
        ),
      );
    const user = {
      ...CLOUD_USER,
      from: 'mallory@tenant.test',
      content: forged.replaceAll('kim@', 'mallory@'),
    };
    noTrust(await deliver(cloud, { ...user, to: ['anna@contoso.test'] }, premisesMailboxes));
  });

  await t.test('nor in messages that are kept in files, behind headers of any size', async () => {
    const filler = (octets: number) => `X-Filler: ${`${'f'.repeat(70)}\r\n\t`.repeat(octets / 73)}end\r\n`;
    const body = `${'b'.repeat(76)}\r\n`.repeat(4000);
    for (const header of [forged.slice(0, -8), `${filler(150_000)}${FORGED}From: kim@tenant.test\r\n`]) {
      const content = `${header}\r\n${body}`;
      const arrived = await deliver(
        cloud,
        { ...outsider, to: ['anna@contoso.test'], content },
        premisesMailboxes,
      );
      noTrust(arrived);
      assert.ok(arrived.content.endsWith(`\r\n\r\n${body}`), 'the body is the same');
      const own = await deliver(
        cloud,
        { ...CLOUD_USER, to: ['anna@contoso.test'], content },
        premisesMailboxes,
      );
      assert.deepEqual(headerOf(own).match(/^.*(?:AuthAs|Forest).*$/gm), [
        'X-MS-Exchange-CrossPremises-AuthAs: Internal',
      ]);
      const outside = await deliver(cloud, { ...CLOUD_USER, to: ['x@outside.test'], content }, internet);
      assert.doesNotMatch(headerOf(outside), /x-ms-exchange/i);
      assert.ok(outside.content.endsWith(`\r\n\r\n${body}`), 'the body is the same');
    }
  });

  await t.test('a forged header beside a true one is replaced by it', async () => {
    const content = `X-MS-Exchange-Organization-AuthAs: Forged\r\n${PLAIN}`;
    const arrived = await deliver(
      cloud,
      { ...CLOUD_USER, to: ['anna@contoso.test'], content },
      premisesMailboxes,
    );
    assert.deepEqual(headerOf(arrived).match(/^.*AuthAs.*$/gm), [
      'X-MS-Exchange-CrossPremises-AuthAs: Internal',
    ]);
  });
});

test('sender rewriting and the way back of bounces', async (t) => {
  const { cloud, internet, premisesMailboxes, deliver } = await startOrganization(t);
  const sender = (transaction: FakeTransaction) => addressesOf([transaction.mail])[0] ?? '';
  const rewrite = async () => {
    const arrival = { as: '203.0.113.9', from: 'Max@outside.test', to: ['anna@contoso.test'] };
    return sender(await deliver(cloud, arrival, premisesMailboxes)).slice(1, -1);
  };

  await t.test('foreign senders become addresses of ours, our own stay', async () => {
    assert.match(await rewrite(), /^SRS0=[a-z2-7]{8}=[a-z2-7]{2}=outside\.test=Max@tenant\.test$/);
    const own = await deliver(cloud, { ...CLOUD_USER, to: ['anna@contoso.test'] }, premisesMailboxes);
    assert.equal(sender(own), '<kim@tenant.test>');
  });

  await t.test('a bounce of the other side reaches the foreign sender', async () => {
    premisesMailboxes.behaviour.RCPT = (text) =>
      text.includes('<gone@') ? '550 5.1.1 no such mailbox' : null;
    await handIn(cloud, { as: '203.0.113.9', from: 'Max@outside.test', to: ['gone@contoso.test'] });
    await internet.until(() => internet.transactions.length === 1);
    const [bounce] = internet.transactions;
    assert.ok(bounce);
    assert.deepEqual([sender(bounce), addressesOf(bounce.recipients)], ['<>', ['<Max@outside.test>']]);
    assert.deepEqual(passed(bounce), [CLOUD]);
    assert.equal(
      parseReport(bounce.content).perRecipient[0]?.get('final-recipient'),
      'rfc822;gone@contoso.test',
    );
  });

  const bounceTo = (recipient: string) => handIn(cloud, { as: '203.0.113.50', from: '', to: [recipient] });

  await t.test('forged addresses are refused, whatever the sender may do', async () => {
    const [, local = '', domain = ''] = /^(.+)@(.+)$/.exec(await rewrite()) ?? [];
    for (const forged of [
      local.replace('=Max', '=eve'),
      local.replace(/^SRS0=./, 'SRS0=0'),
      'SRS0=x',
      'SRS1=abcdefgh=a.test==b',
    ]) {
      const { reply, at } = await bounceTo(`${forged}@${domain}`);
      assert.deepEqual([at, reply], ['RCPT', '550 5.7.1 The rewritten recipient address is not one of ours']);
    }
    const trusted = await handIn(cloud, { to: [`SRS0=aaaaaaaa=aa=victim.test=x@${domain}`], from: '' });
    assert.match(trusted.reply, /^550 5\.7\.1 /);
  });

  await t.test('after a rotation both keys count, after a leak the new one only', async () => {
    const before = await rewrite();
    await cloud.run('Rotate-SenderRewritingKey');
    const after = await rewrite();
    assert.notEqual(before.slice(0, 13), after.slice(0, 13));
    assert.match((await bounceTo(before)).reply, /^250 /);
    assert.match((await bounceTo(after.toUpperCase())).reply, /^250 /);
    await cloud.run('Rotate-SenderRewritingKey', { RemoveOldKeys: true });
    assert.match((await bounceTo(before)).reply, /^550 5\.7\.1 /);
    assert.match((await bounceTo(after)).reply, /^550 5\.7\.1 /);
    assert.match((await bounceTo(await rewrite())).reply, /^250 /);
  });

  await t.test('switched off: senders stay as they are', async () => {
    await cloud.run('Set-OutboundConnector', { Identity: 'To on-premises', SenderRewritingEnabled: false });
    assert.equal(await rewrite(), 'Max@outside.test');
  });
});

test('DKIM signatures outlive every treatment of the header', async (t) => {
  const { cloud, premises, internet, premisesMailboxes, cloudMailboxes, deliver } =
    await startOrganization(t);
  const { privateKey, publicKey } = testKey('rsa-2048');
  const body = 'Wide  spaces \t and tabs\r\n\r\n.dots\r\n..\r\n\u00e4\u00f6\u00fc 8-bit\r\n\r\n\r\n';
  const blocks: Readonly<Record<string, string>> = {
    plain: 'From: kim@tenant.test\r\nTo: a@b.test\r\nSubject: Hello\r\n',
    folded: 'From: kim@tenant.test\r\nTo: a@b.test,\r\n \tc@d.test\r\nSubject:  odd\r\n\tfolding  \r\n',
    'odd case': 'FROM: kim@tenant.test\r\ntO : a@b.test\r\nsUBJECT:no space\r\n',
    duplicates:
      'From: kim@tenant.test\r\nTo: a@b.test\r\nSubject: one\r\nSubject: two\r\nX-Same: 1\r\nX-Same: 2\r\n',
    '8-bit': 'From: kim@tenant.test\r\nTo: a@b.test\r\nSubject: Gr\u00fc\u00dfe\r\n',
    forged: `${FORGED}From: kim@tenant.test\r\nTo: a@b.test\r\n${FORGED}Subject: Hello\r\n`,
    'no field of ours': 'From: kim@tenant.test\r\nwhat is this\r\nTo: a@b.test\r\nSubject: Hello\r\n',
  };
  const ways: readonly (readonly [string, Gateway, Omit<Arrival, 'content'>, FakeMx])[] = [
    ['converted and promoted', cloud, { ...CLOUD_USER, to: ['anna@contoso.test'] }, premisesMailboxes],
    ['removed on the way out', cloud, { ...CLOUD_USER, to: ['x@outside.test'] }, internet],
    [
      'removed on the way in',
      cloud,
      { as: '203.0.113.9', from: 'm@outside.test', to: ['kim@tenant.test'] },
      cloudMailboxes,
    ],
    ['back and forth', premises, { from: 'anna@contoso.test', to: ['kim@tenant.test'] }, cloudMailboxes],
  ];
  const names = ['from', 'to', 'subject', 'subject', 'x-same', 'x-same', 'x-same'];
  for (const [what, block] of Object.entries(blocks)) {
    for (const way of ['simple', 'relaxed'] as const) {
      const content = signDkim(`${block}\r\n${body}`, names, way, privateKey);
      for (const [treatment, side, arrival, at] of ways) {
        await t.test(`${what}, ${way}, ${treatment}`, async () => {
          const arrived = await deliver(side, { ...arrival, content }, at);
          assert.deepEqual(verifyDkim(arrived.content, publicKey), { bodyHash: true, signature: true });
          assert.ok(arrived.content.endsWith(`\r\n\r\n${body}`), 'the body is the same');
        });
      }
    }
  }

  await t.test('the verifier sees what is changed', () => {
    const content = signDkim(`${blocks['plain']}\r\n${body}`, names, 'simple', privateKey);
    assert.deepEqual(verifyDkim(content.replace('Hello', 'hello'), publicKey), {
      bodyHash: true,
      signature: false,
    });
    assert.deepEqual(verifyDkim(`${content}more\r\n`, publicKey), { bodyHash: false, signature: true });
  });
});
