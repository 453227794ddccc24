// Test-OutboundRoute in a running gateway: the way of mail, its reasons, its hosts; and what a change would do. Nothing is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '#parameters/parameter-type.ts';
import { PsObject, type Value } from '#parameters/value.ts';
import { table } from '../support/cmdlet-runner.ts';
import { startGateway } from '../support/gateway.ts';
import { fakeExchangers, fakeMx, newConnector, submit, testDns, traced } from '../support/mail-flow.ts';

const wordsOf = (value: Value | undefined): string => textOf(value ?? null) ?? '';

const objectsOf = (value: Value | undefined): readonly PsObject[] =>
  Array.isArray(value) ? value.filter((one) => one instanceof PsObject) : [];

test('shows the way, the reasons and the hosts, and sends nothing', async (t) => {
  const [first, second] = await fakeExchangers(t, 2);
  const smart = await fakeMx(t);
  const dns = await testDns(t, {
    'fabrikam.test': {
      MX: [
        [20, 'b.fabrikam.test'],
        [10, 'a.fabrikam.test'],
      ],
    },
    'a.fabrikam.test': { A: ['127.0.0.2'] },
    'b.fabrikam.test': { A: ['127.0.0.3'] },
    'closed.test': { MX: [[0, '.']] },
  });
  const gateway = await startGateway(t, {
    flags: ['--dns', `127.0.0.1:${dns.port}`, '--mx-port', String(first?.port)],
  });
  await newConnector(gateway, 'Relay', ['*.tailspin.test'], [smart], { TlsSettings: 'EncryptionOnly' });
  await newConnector(gateway, 'Spare', ['tailspin.test'], [smart], { Enabled: false });
  await gateway.run('New-TransportRule', {
    Name: 'Secret',
    SubjectContainsWords: ['secret'],
    RejectMessageReasonText: 'Not by mail',
  });
  const route = async (parameters: Readonly<Record<string, Value>>): Promise<readonly PsObject[]> =>
    (await gateway.run('Test-OutboundRoute', parameters)).objects;

  await t.test('by MX without a connector', async () => {
    const [found] = await route({ Recipients: ['ben@fabrikam.test'] });
    assert.deepEqual([found?.get('ConnectorName'), found?.get('Reason')], ['MX', 'DefaultRoute']);
    const hosts = objectsOf(found?.get('NextHops')).map((one) => [
      one.get('Host'),
      one.get('Port'),
      one.get('Addresses'),
    ]);
    assert.deepEqual(hosts, [
      ['a.fabrikam.test', first?.port, ['127.0.0.2']],
      ['b.fabrikam.test', first?.port, ['127.0.0.3']],
    ]);
    assert.deepEqual([found?.get('TlsLevel'), found?.get('TlsRaisedBy')], ['Opportunistic', null]);
    assert.match(wordsOf(found?.get('WhatWouldHappen')), /^Would be sent to a\.fabrikam\.test/);
  });

  await t.test('by a connector, and why not by the others', async () => {
    const [found, closed, nowhere] = await route({
      Recipients: ['x@sales.tailspin.test', 'y@closed.test', 'z@nowhere.test'],
    });
    assert.deepEqual([found?.get('ConnectorName'), found?.get('Reason')], ['Relay', 'Subdomain']);
    assert.match(wordsOf(found?.get('Because')), /\*\.tailspin\.test/);
    assert.deepEqual([found?.get('TlsLevel'), found?.get('TlsRaisedBy')], ['EncryptionOnly', 'Connector']);
    const others = objectsOf(found?.get('OtherConnectors')).map((one) => [one.get('Name'), one.get('Why')]);
    assert.deepEqual(others, [['Spare', 'It is disabled.']]);
    assert.match(wordsOf(closed?.get('WhatWouldHappen')), /^Fails with 5\.1\.10/);
    assert.match(wordsOf(nowhere?.get('WhatWouldHappen')), /^Fails with 5\.1\.2/);
  });

  await t.test('DANE raises what a host must show', async () => {
    const port = String(first?.port);
    const signed = { authenticated: true };
    dns.zones.set('signed.test', { MX: [[1, 'mx.signed.test']], ...signed });
    dns.zones.set('mx.signed.test', { A: ['127.0.0.2'], ...signed });
    dns.zones.set(`_${port}._tcp.mx.signed.test`, {
      TLSA: [{ usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) }],
      ...signed,
    });
    const [found] = await route({ Recipients: ['ben@signed.test'] });
    assert.deepEqual([found?.get('TlsLevel'), found?.get('TlsRaisedBy')], ['EncryptionOnly', 'DANE']);
  });

  await t.test('rules look into the message that is given', async () => {
    const [found] = await route({
      Recipients: ['ben@fabrikam.test'],
      MessageContent: ['Subject: A secret', '', 'Hello.'],
    });
    assert.equal(found?.get('Reason'), 'Rejected');
    assert.deepEqual(
      objectsOf(found?.get('RulesMatched')).map((one) => one.get('Name')),
      ['Secret'],
    );
    assert.match(wordsOf(found?.get('WhatWouldHappen')), /5\.7\.1.*Not by mail/);
    const [harmless] = await route({
      Recipients: ['ben@fabrikam.test'],
      MessageContent: 'Subject: Hi\n\nHello',
    });
    assert.deepEqual(harmless?.get('RulesMatched'), []);
  });

  await t.test(
    'where it comes from decides whether it is let in, and about centralized transport',
    async () => {
      await newConnector(gateway, 'Central', [], [smart], {
        ConnectorType: 'OnPremises',
        RouteAllMessagesViaOnPremises: true,
      });
      const [outside] = await route({ Recipients: ['ben@fabrikam.test'] });
      assert.deepEqual(
        [outside?.get('ConnectorName'), outside?.get('Reason')],
        ['Central', 'CentralizedMailTransport'],
      );
      const [inside] = await route({ Recipients: ['ben@fabrikam.test'], SourceIP: '127.0.0.1' });
      assert.equal(inside?.get('ConnectorName'), 'MX');
      const [stranger] = await route({ Recipients: ['ben@fabrikam.test'], SourceIP: '198.51.100.7' });
      assert.match(wordsOf(stranger?.get('WhatWouldHappen')), /not be let in: 550 5\.7\.64/);
      await gateway.run('Remove-OutboundConnector', { Identity: 'Central', Confirm: false });
    },
  );

  await t.test('as it would be with a change', async () => {
    const proposed = table({ Identity: 'spare', Enabled: true });
    const [found] = await route({ Recipients: ['x@tailspin.test'], Proposed: proposed });
    assert.deepEqual([found?.get('ConnectorName'), found?.get('Reason')], ['Spare', 'ExactDomain']);
    const [present] = await route({ Recipients: ['x@tailspin.test'] });
    assert.equal(present?.get('ConnectorName'), 'Relay');
    await assert.rejects(
      route({
        Recipients: ['x@tailspin.test'],
        Proposed: table({ Identity: 'Spare', UseMXRecord: 'perhaps' }),
      }),
    );
  });

  assert.equal((first?.connections ?? 0) + (second?.connections ?? 0) + smart.connections, 0);
  await assert.rejects(route({ Recipients: ['nobody'] }), /not an e-mail address/);
  await assert.rejects(route({ Recipients: ['a@b.test'], MessageFile: 'm.eml' }), /-MessageContent/);
});

test('-WhatIf tells what a change would do to the mail of the last days', async (t) => {
  const [one, other] = [await fakeMx(t), await fakeMx(t)];
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Partners', ['fabrikam.test', 'tailspin.test'], [one]);
  const id = await submit(gateway, { to: ['<a@fabrikam.test>', '<b@fabrikam.test>', '<c@tailspin.test>'] });
  await traced(gateway, id, 'Delivered');
  const last = await submit(gateway, { to: ['<a@fabrikam.test>'] });
  await traced(gateway, last, 'Delivered');

  const moved = await gateway.run('New-OutboundConnector', {
    Name: 'Tailspin',
    RecipientDomains: ['tailspin.test'],
    UseMXRecord: false,
    SmartHosts: [`127.0.0.1:${other.port}`],
    WhatIf: true,
    Verbose: true,
  });
  // The tie is decided by name, so the new connector must come first.
  assert.equal(
    moved.whatIf.some((line) => /would take another way/.test(line)),
    false,
  );
  const taken = await gateway.run('Set-OutboundConnector', {
    Identity: 'Partners',
    RecipientDomains: ['fabrikam.test'],
    WhatIf: true,
  });
  assert.deepEqual(
    taken.whatIf.filter((line) => /another way/.test(line)),
    ['What if: of 2 messages to 2 domains traced in the last 7 days, 1 would take another way.'],
  );
  const hosts = await gateway.run('Set-OutboundConnector', {
    Identity: 'Partners',
    SmartHosts: [`127.0.0.1:${other.port}`],
    WhatIf: true,
  });
  assert.ok(hosts.whatIf.some((line) => /2 messages .*, 2 would take another way/.test(line)));

  await gateway.run('Set-OutboundConnector', { Identity: 'Partners', TlsSettings: 'EncryptionOnly' });
  const weaker = await gateway.run('Test-OutboundRoute', {
    Recipients: ['a@fabrikam.test'],
    Proposed: table({ Identity: 'Partners', TlsSettings: null }),
  });
  assert.ok(
    weaker.whatIf.some((line) =>
      /protection gets weaker for fabrikam\.test, tailspin\.test \(2 messages\): TlsSettings EncryptionOnly -> \$null/.test(
        line,
      ),
    ),
    weaker.whatIf.join('\n'),
  );
});
