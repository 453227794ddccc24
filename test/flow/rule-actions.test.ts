// Every action of a transport rule on mail that goes through the gateway: what arrives where, what the sender is told, and
// what the trace says. One rule for each, told apart by a word in the subject.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { shownValue } from '#directory/shown-value.ts';
import type { Value } from '#parameters/value.ts';
import type { FakeMx, FakeTransaction } from '../support/fake-mx.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { selfSigned } from '../support/certificates.ts';
import {
  addressesOf,
  deferred,
  fakeMx,
  newConnector,
  parseReport,
  submit,
  subjectsOf,
  traced,
} from '../support/mail-flow.ts';

function rule(gateway: Gateway, name: string, parameters: Readonly<Record<string, Value>>) {
  return gateway.run('New-TransportRule', { Name: name, SubjectContainsWords: [name], ...parameters });
}

function mail(subject: string, header = '', body = 'Text\r\n'): string {
  return `From: anna@contoso.test\r\n${header}Subject: ${subject}\r\n\r\n${body}`;
}

async function arrived(host: FakeMx, subject: string): Promise<FakeTransaction> {
  const find = () => host.transactions.find(({ content }) => content.includes(`Subject: ${subject}\r\n`));
  await host.until(() => find() !== undefined);
  const found = find();
  assert.ok(found);
  return found;
}

async function details(gateway: Gateway, id: string, event: string): Promise<readonly string[]> {
  const { objects } = await gateway.runUntil(
    'Get-MessageTraceDetailV2',
    { MessageTraceId: id, Event: [event] },
    (found) => found.objects.length > 0,
  );
  return objects.map((one) => shownValue(one.get('Detail') ?? ''));
}

async function start(t: TestContext) {
  const [out, own, first, second] = [await fakeMx(t), await fakeMx(t), await fakeMx(t), await fakeMx(t)];
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Out', ['*'], [out]);
  await newConnector(gateway, 'Own', ['contoso.test'], [own]);
  await newConnector(gateway, 'First', [], [first], { IsTransportRuleScoped: true });
  await newConnector(gateway, 'Second', [], [second], { IsTransportRuleScoped: true });
  return { gateway, out, own, first, second };
}

test('actions of transport rules', async (t) => {
  const { gateway, out, own, first, second } = await start(t);

  await t.test('RouteMessageOutboundConnector: over that connector, whatever matches better', async () => {
    await rule(gateway, 'routed', { RouteMessageOutboundConnector: 'First' });
    const id = await submit(gateway, { to: ['<a@x.test>', '<b@contoso.test>'], content: mail('routed') });
    const { recipients } = await arrived(first, 'routed');
    assert.deepEqual(addressesOf(recipients), ['<a@x.test>', '<b@contoso.test>']);
    assert.match((await details(gateway, id, 'Route'))[0] ?? '', /Connector 'First' .*TransportRule, routed/);
    assert.match(
      (await details(gateway, id, 'Rule'))[0] ?? '',
      /'routed' matched: RouteMessageOutboundConnector: First/,
    );
  });

  await t.test('a later rule overwrites an earlier one, unless that stops', async () => {
    await rule(gateway, 'again', { RouteMessageOutboundConnector: 'First' });
    await gateway.run('New-TransportRule', {
      Name: 'later',
      SubjectMatchesPatterns: ['^(again|stops)$'],
      RouteMessageOutboundConnector: 'Second',
    });
    await submit(gateway, { to: ['<a@x.test>'], content: mail('again') });
    await arrived(second, 'again');
    await rule(gateway, 'stops', {
      RouteMessageOutboundConnector: 'First',
      StopRuleProcessing: true,
      Priority: 0,
    });
    await submit(gateway, { to: ['<a@x.test>'], content: mail('stops') });
    await arrived(first, 'stops');
  });

  await t.test('priorities shift: what is put first runs first', async () => {
    const order = async () =>
      (await gateway.run('Get-TransportRule')).objects.map((one) =>
        [one.get('Priority'), one.get('Name')].map((value) => shownValue(value ?? '')).join(' '),
      );
    assert.deepEqual(await order(), ['0 stops', '1 routed', '2 again', '3 later']);
    await gateway.run('Set-TransportRule', { Identity: 'later', Priority: 2 });
    assert.deepEqual(await order(), ['0 stops', '1 routed', '2 later', '3 again']);
    await submit(gateway, { to: ['<b@x.test>'], content: mail('again', 'X-Nth: 2\r\n') });
    await first.until(() => first.transactions.some(({ content }) => content.includes('X-Nth: 2')));
  });

  await t.test('conditions on recipients fork the message: each part its own way', async () => {
    await rule(gateway, 'forks', {
      RecipientDomainIs: ['y.test'],
      RouteMessageOutboundConnector: 'First',
      SetHeaderName: 'X-Part',
      SetHeaderValue: 'y',
    });
    const to = ['<a@x.test>', '<b@y.test>', '<c@z.test>', '<d@eu.y.test>'];
    await submit(gateway, { to, content: mail('forks') });
    const [ruled, rest] = [await arrived(first, 'forks'), await arrived(out, 'forks')];
    assert.deepEqual(addressesOf(ruled.recipients), ['<b@y.test>', '<d@eu.y.test>']);
    assert.match(ruled.content, /^X-Part: y\r$/m);
    assert.deepEqual(addressesOf(rest.recipients), ['<a@x.test>', '<c@z.test>']);
    assert.doesNotMatch(rest.content, /X-Part/);
  });

  await t.test('RouteMessageOutboundRequireTls: under TLS or not at all', async () => {
    const identity = selfSigned({ dnsNames: ['mx.test'] });
    const secure = await fakeMx(t, { tls: { key: identity.keyPem, cert: identity.pem } });
    await newConnector(gateway, 'Secure', ['secure.test'], [secure]);
    await newConnector(gateway, 'Clear', ['clear.test'], [second]);
    await rule(gateway, 'confidential', { RouteMessageOutboundRequireTls: true });
    await submit(gateway, { to: ['<a@secure.test>'], content: mail('confidential') });
    assert.equal((await arrived(secure, 'confidential')).tls, true);
    const id = await submit(gateway, { to: ['<a@clear.test>'], content: mail('confidential') });
    assert.match(await deferred(gateway, id), /4\.4\.317/);
    // What no rule protects goes on over the same connector.
    await submit(gateway, { to: ['<a@clear.test>'], content: mail('open') });
    await arrived(second, 'open');
    await gateway.run('Remove-Message', { Identity: id, WithNDR: false, Confirm: false });
  });

  await t.test('RedirectMessageTo: to others in place of the recipients', async () => {
    await rule(gateway, 'elsewhere', { RedirectMessageTo: ['Archive@z.test', 'legal@z.test'] });
    const id = await submit(gateway, { to: ['<a@x.test>', '<b@x.test>'], content: mail('elsewhere') });
    const { recipients, mail: from } = await arrived(out, 'elsewhere');
    assert.deepEqual(addressesOf(recipients), ['<archive@z.test>', '<legal@z.test>']);
    assert.match(from, /^<anna@contoso\.test>/);
    await traced(gateway, id, 'Expanded');
    assert.equal(subjectsOf(out).filter((subject) => subject === 'elsewhere').length, 1);
  });

  await t.test('BlindCopyTo: others get it too, once, and nobody sees it', async () => {
    await rule(gateway, 'copied', { BlindCopyTo: ['audit@z.test', 'b@x.test'] });
    await submit(gateway, { to: ['<a@x.test>', '<b@x.test>', '<c@y.test>'], content: mail('copied') });
    const copies = () => out.transactions.filter(({ content }) => content.includes('Subject: copied\r\n'));
    await out.until(() => copies().flatMap(({ recipients }) => recipients).length === 4);
    assert.deepEqual(
      copies()
        .map(({ recipients }) => addressesOf(recipients).join(' '))
        .toSorted(),
      ['<a@x.test> <b@x.test> <c@y.test>', '<audit@z.test>'],
    );
    for (const { content } of copies()) assert.doesNotMatch(content, /audit@z/);
  });

  await t.test('RejectMessage: the sender is told, with the text and the code', async () => {
    await rule(gateway, 'refused', {
      RejectMessageReasonText: 'Not by mail, bitte schön.',
      RejectMessageEnhancedStatusCode: '5.7.905',
    });
    const id = await submit(gateway, { to: ['<a@x.test>'], content: mail('refused') });
    await traced(gateway, id, 'Failed');
    await own.until(() => own.transactions.length === 1);
    const report = parseReport(own.transactions[0]?.content ?? '');
    assert.equal(report.perRecipient[0]?.get('status'), '5.7.905');
    assert.match(report.text, /Not by mail, bitte sch(?:ön|=C3=B6n|Ã¶n)\./);
    assert.equal(subjectsOf(out).includes('refused'), false);
  });

  await t.test('DeleteMessage: gone, and nobody is told', async () => {
    await rule(gateway, 'dropped', { DeleteMessage: true });
    const id = await submit(gateway, { to: ['<a@x.test>'], content: mail('dropped') });
    await traced(gateway, id, 'Removed');
    assert.equal(own.transactions.length, 1);
    assert.equal(subjectsOf(out).includes('dropped'), false);
  });

  await t.test('header fields: set, removed, replaced; everything else byte for byte', async () => {
    await rule(gateway, 'edited', { SetHeaderName: 'X-Class', SetHeaderValue: 'vertraulich für alle' });
    await rule(gateway, 'edited too', { SubjectContainsWords: ['edited'], RemoveHeader: 'x-gone' });
    const before = 'X-Before:  kept \r\n\tas it is\r\n';
    const gone = 'X-Gone: 1\r\nX-GONE : 2\r\n folded\r\n';
    const id = await submit(gateway, {
      to: ['<a@x.test>'],
      content: `${before}x-class: old\r\n${gone}X-Class: older\r\nSubject: edited\r\n\r\nBody.\r\n`,
    });
    await traced(gateway, id, 'Delivered');
    const { content } = await arrived(out, 'edited');
    assert.equal(
      content.slice(content.indexOf('X-Before')),
      `${before}x-class: =?UTF-8?B?dmVydHJhdWxpY2ggZsO8ciBhbGxl?=\r\nSubject: edited\r\n\r\nBody.\r\n`,
    );
  });

  await t.test('PrependSubject, once', async () => {
    await rule(gateway, 'prefixed', { PrependSubject: '[EXTERNAL] ' });
    await submit(gateway, { to: ['<a@x.test>'], content: mail('prefixed') });
    await arrived(out, '[EXTERNAL] prefixed');
    await submit(gateway, { to: ['<a@x.test>'], content: mail('[EXTERNAL] prefixed twice') });
    await arrived(out, '[EXTERNAL] prefixed twice');
  });

  await t.test(
    'SetSCL crosses premises, and goes no further than the header firewall elsewhere',
    async () => {
      await rule(gateway, 'rated', { SetSCL: 7 });
      const hybrid = await fakeMx(t);
      await newConnector(gateway, 'Hybrid', ['hybrid.test'], [hybrid], {
        ConnectorType: 'OnPremises',
        CloudServicesMailEnabled: true,
      });
      await submit(gateway, { to: ['<a@hybrid.test>', '<b@x.test>'], content: mail('rated') });
      assert.match((await arrived(hybrid, 'rated')).content, /^X-MS-Exchange-CrossPremises-SCL: 7\r$/m);
      assert.doesNotMatch((await arrived(out, 'rated')).content, /SCL/i);
    },
  );

  await t.test('several actions of several rules on one message', async () => {
    await rule(gateway, 'many', {
      PrependSubject: '1 ',
      SetHeaderName: 'X-One',
      SetHeaderValue: '1',
      BlindCopyTo: ['copy@z.test'],
    });
    await rule(gateway, 'many more', {
      SubjectContainsWords: ['many'],
      SubjectMatchesPatterns: ['^1 many$'],
      RouteMessageOutboundConnector: 'Second',
    });
    await submit(gateway, { to: ['<a@x.test>'], content: mail('many') });
    assert.match((await arrived(second, '1 many')).content, /^X-One: 1\r$/m);
  });
});

test('modes, dates and errors of transport rules', async (t) => {
  const { gateway, out, first } = await start(t);

  for (const mode of ['Audit', 'AuditAndNotify']) {
    await t.test(`${mode}: only traced`, async () => {
      await rule(gateway, mode, {
        DeleteMessage: true,
        BlindCopyTo: ['x@z.test'],
        PrependSubject: 'No ',
        Mode: mode,
      });
      const id = await submit(gateway, { to: ['<a@x.test>'], content: mail(mode) });
      assert.deepEqual(addressesOf((await arrived(out, mode)).recipients), ['<a@x.test>']);
      await traced(gateway, id, 'Delivered');
      assert.deepEqual(await details(gateway, id, 'Rule'), [
        `The rule '${mode}' matched (${mode}: nothing was done): BlindCopyTo: x@z.test; DeleteMessage; PrependSubject: No .`,
      ]);
    });
  }

  await t.test('disabled rules and rules outside their dates do nothing; inside they do', async () => {
    const hour = 3_600_000;
    const at = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
    const windows: readonly (readonly [string, Readonly<Record<string, Value>>, boolean])[] = [
      ['off', { Enabled: false }, false],
      ['early', { ActivationDate: at(hour) }, false],
      ['late', { ExpiryDate: at(-hour) }, false],
      ['timely', { ActivationDate: at(-hour), ExpiryDate: at(hour) }, true],
    ];
    for (const [name, parameters] of windows)
      await rule(gateway, name, { SetHeaderName: 'X-Ran', SetHeaderValue: name, ...parameters });
    for (const [name, , runs] of windows) {
      await submit(gateway, { to: ['<a@x.test>'], content: mail(name) });
      assert.equal((await arrived(out, name)).content.includes(`X-Ran: ${name}`), runs, name);
    }
    await gateway.run('Enable-TransportRule', { Identity: 'off' });
    await submit(gateway, { to: ['<a@x.test>'], content: mail('off', 'X-Nth: 2\r\n') });
    await out.until(() =>
      out.transactions.some(({ content }) => /X-Nth: 2\r\n[^]*X-Ran|X-Ran: off[^]*X-Nth: 2/.test(content)),
    );
  });

  await t.test(
    'RuleErrorAction: Ignore goes on without the rule, Defer waits until it can be carried out',
    async () => {
      await rule(gateway, 'ignoring', { RouteMessageOutboundConnector: 'First' });
      await rule(gateway, 'waiting', { RouteMessageOutboundConnector: 'First', RuleErrorAction: 'Defer' });
      await gateway.run('Set-OutboundConnector', { Identity: 'First', Enabled: false, Force: true });
      const ignored = await submit(gateway, { to: ['<a@x.test>'], content: mail('ignoring') });
      await arrived(out, 'ignoring');
      assert.match(
        (await details(gateway, ignored, 'Rule'))[0] ?? '',
        /the connector "First" it names is disabled/,
      );
      const id = await submit(gateway, { to: ['<a@x.test>'], content: mail('waiting') });
      assert.match(await deferred(gateway, id), /4\.3\.5/);
      await gateway.run('Set-OutboundConnector', { Identity: 'First', Enabled: true });
      await arrived(first, 'waiting');
    },
  );

  await t.test(
    'what a rule holds up is copied when it goes, and traced as if it had gone at once',
    async () => {
      await rule(gateway, 'observed', { BlindCopyTo: ['audit@z.test'], Priority: 0 });
      await gateway.run('Set-OutboundConnector', { Identity: 'First', Enabled: false, Force: true });
      const id = await submit(gateway, { to: ['<a@x.test>'], content: mail('waiting observed') });
      await deferred(gateway, id);
      await gateway.run('Set-TransportRule', { Identity: 'observed', Comments: 'makes it due' });
      await gateway.run('Set-OutboundConnector', { Identity: 'First', Enabled: true });
      assert.deepEqual(addressesOf((await arrived(first, 'waiting observed')).recipients), ['<a@x.test>']);
      const copies = () =>
        [...first.transactions, ...out.transactions].flatMap(({ recipients }) => addressesOf(recipients));
      await Promise.race([first, out].map((host) => host.until(() => copies().includes('<audit@z.test>'))));
      await traced(gateway, id, 'Delivered');
      assert.match(
        (await details(gateway, id, 'Rule')).at(-1) ?? '',
        /'waiting' matched: RouteMessageOutboundConnector: First\./,
      );
    },
  );

  await t.test('a changed rule reaches mail that waits for it', async () => {
    await gateway.run('Set-OutboundConnector', { Identity: 'First', Enabled: false, Force: true });
    const id = await submit(gateway, { to: ['<a@x.test>'], content: mail('waiting', 'X-Nth: 3\r\n') });
    await deferred(gateway, id);
    await gateway.run('Disable-TransportRule', { Identity: 'waiting' });
    await out.until(() => out.transactions.some(({ content }) => content.includes('X-Nth: 3')));
  });
});

test('what rules read: malformed and large messages', async (t) => {
  const { gateway, out } = await start(t);
  await gateway.run('New-TransportRule', {
    Name: 'reads',
    SubjectOrBodyContainsWords: ['zebra'],
    SetHeaderName: 'X-Zebra',
    SetHeaderValue: 'yes',
  });
  await gateway.run('New-TransportRule', {
    Name: 'weighs',
    AttachmentSizeOver: '200KB',
    SetHeaderName: 'X-Heavy',
    SetHeaderValue: 'yes',
  });
  await gateway.run('New-TransportRule', {
    Name: 'looks',
    AttachmentExtensionMatchesWords: ['exe'],
    RuleErrorAction: 'Defer',
    SetHeaderName: 'X-Program',
    SetHeaderValue: 'yes',
  });
  await gateway.run('New-TransportRule', {
    Name: 'runs away',
    SubjectMatchesPatterns: ['^(a+)+$', '(x+x+)+y'],
    HeaderMatchesMessageHeader: 'X-Long',
    HeaderMatchesPatterns: ['^([a-z]+)*!$'],
    SetHeaderName: 'X-Never',
    SetHeaderValue: 'yes',
  });
  const nested = Array.from(
    { length: 200 },
    (_, depth) => `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`,
  ).join('');
  const malformed: readonly (readonly [string, string])[] = [
    [
      'no end of the boundary',
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nzebra',
    ],
    ['no boundary at all', 'Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nText'],
    ['200 levels deep', nested],
    ['base64 that is none', 'Content-Transfer-Encoding: base64\r\n\r\n%%%%===zzz'],
    ['a charset that nobody knows', 'Content-Type: text/plain; charset=klingon-1\r\n\r\n\u00e4\u00f6'],
    ['parameters without end', 'Content-Type: text/plain; charset="utf-8\r\n\r\nText'],
    ['a header without a body', 'X-Empty: yes'],
    ['lines that are no fields', 'what is this\r\n: nor this\r\n\r\nText'],
    [
      '8-bit everywhere',
      `X-Odd: ${'\u00ff'.repeat(50)}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p ${'\u00fe'.repeat(100)}`,
    ],
    ['10,000 parts', `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(10_000)}`],
    ['encoded words that break off', 'Subject: =?utf-8?b?!!!?= =?x?q?=ZZ?= =?\r\n\r\nText'],
  ];
  for (const [what, content] of malformed) {
    await t.test(`malformed: ${what}`, async () => {
      const mark = `X-Mark: ${what}`;
      await submit(gateway, { to: ['<a@x.test>'], content: `${mark}\r\n${content}\r\n` });
      await out.until(() => out.transactions.some((one) => one.content.includes(`${mark}\r\n`)));
      const arrival = out.transactions.find((one) => one.content.includes(`${mark}\r\n`))?.content ?? '';
      assert.ok(
        arrival.endsWith(Buffer.from(`${mark}\r\n${content}\r\n`).toString('latin1')),
        'byte for byte',
      );
    });
  }

  await t.test('contents in files are read as they stream by, and only their header changes', async () => {
    const filler = `${'The quick brown fox jumps over the lazy dog. '.repeat(2)}\r\n`.repeat(4000);
    const part = (type: string, body: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${body}`;
    const body = `${part('text/plain', `${filler}A zebra.\r\n`)}${part('application/x; name=setup.exe', filler)}--b--\r\n`;
    const content = `X-Mark: large\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${body}`;
    await submit(gateway, { to: ['<a@x.test>'], content });
    await out.until(() => out.transactions.some((one) => one.content.includes('X-Mark: large')));
    const arrival = out.transactions.find((one) => one.content.includes('X-Mark: large'))?.content ?? '';
    for (const field of ['X-Zebra: yes', 'X-Heavy: yes', 'X-Program: yes'])
      assert.ok(arrival.includes(`${field}\r\n`), field);
    assert.ok(arrival.endsWith(content), 'byte for byte');
  });

  await t.test('patterns that would run away on other engines cost nothing', async () => {
    const started = performance.now();
    const content = `X-Long: ${'a'.repeat(5000)}\r\nSubject: ${'a'.repeat(400)}b ${'x'.repeat(100)}\r\n\r\nText\r\n`;
    await submit(gateway, { to: ['<runaway@x.test>'], content });
    await out.until(() =>
      out.transactions.some((one) => one.recipients[0]?.startsWith('<runaway@') === true),
    );
    assert.ok(performance.now() - started < 2000, `took ${performance.now() - started} ms`);
    assert.doesNotMatch(out.transactions.at(-1)?.content ?? '', /X-Never/);
  });
});
