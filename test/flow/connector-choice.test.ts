// Which connector mail goes over, by every parameter that decides it, on real mail: the trace says which it was and why.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '#parameters/value.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  fakeExchangers,
  fakeMx,
  newConnector,
  parseReport,
  submit,
  testDns,
  traced,
} from '../support/mail-flow.ts';
import { testMessage } from '../support/send-mail.ts';

/** `Connector reason` of a message to this recipient, once it was delivered. */
async function way(gateway: Gateway, recipient: string, content = testMessage('Way')): Promise<string> {
  const id = await submit(gateway, { to: [`<${recipient}> NOTIFY=NEVER`], content });
  const { objects } = await traced(gateway, id, 'Delivered');
  const details = await gateway.run('Get-MessageTraceDetailV2', { MessageTraceId: id, Event: ['Route'] });
  const detail = details.objects[0]?.get('Detail');
  const [, reason = ''] = /: (\w+), /.exec(typeof detail === 'string' ? detail : '') ?? [];
  const connector = objects[0]?.get('ConnectorName');
  return `${typeof connector === 'string' && connector !== '' ? connector : 'none'} ${reason}`;
}

test('the choice of a connector', async (t) => {
  const [exchanger] = await fakeExchangers(t, 1);
  assert.ok(exchanger);
  const own = await fakeMx(t);
  const dns = await testDns(t, {
    'unknown.test': { A: [exchanger.address] },
    'scoped.test': { A: [exchanger.address] },
  });
  const gateway = await startGateway(t, {
    flags: ['--dns', `127.0.0.1:${dns.port}`, '--mx-port', String(exchanger.port)],
  });
  const connect = (name: string, domains: readonly string[], more: Readonly<Record<string, Value>> = {}) =>
    newConnector(gateway, name, domains, [own], more);
  for (const domain of ['contoso.test', 'sales.contoso.test', 'fabrikam.test'])
    await gateway.run('New-AcceptedDomain', { Name: domain, DomainName: domain });
  await gateway.run('New-AcceptedDomain', { Name: 'deep', DomainName: 'deep.test', MatchSubDomains: true });
  await connect('C1', [], { ConnectorType: 'OnPremises', AllAcceptedDomains: true });
  await connect('C2', ['contoso.test']);
  await connect('C3', ['*.contoso.test']);
  await connect('Deep', ['*.eu.example.test']);
  await connect('Deeper', ['*.mx.eu.example.test']);
  await connect('Bücher', ['bücher.test']);
  await connect('Tie B', ['tie.test']);
  await connect('Tie A', ['tie.test']);
  await connect('Off', ['off.test'], { Enabled: false });
  await connect('Trial', ['trial.test'], { TestMode: true });
  await connect('Scoped', ['scoped.test'], { IsTransportRuleScoped: true });
  await connect('Several', ['several.test', '*.several.test', 'other.test'], { ConnectorSource: 'AdminUI' });

  const rows: readonly (readonly [string, string])[] = [
    ['a@fabrikam.test', 'C1 AcceptedDomain'],
    ['a@contoso.test', 'C2 ExactDomain'],
    ['a@sales.contoso.test', 'C3 Subdomain'],
    ['a@x.deep.test', 'C1 AcceptedDomain'],
    ['a@eu.example.test', 'Deep Subdomain'],
    ['a@host.MX.EU.example.test', 'Deeper Subdomain'],
    ['a@xn--bcher-kva.test', 'Bücher ExactDomain'],
    ['a@tie.test', 'Tie A ExactDomain'],
    ['a@other.test', 'Several ExactDomain'],
    ['a@a.b.several.test', 'Several Subdomain'],
    ['a@scoped.test', 'none DefaultRoute'],
    ['a@unknown.test', 'none DefaultRoute'],
  ];
  for (const [recipient, expected] of rows)
    await t.test(`${recipient}: ${expected}`, async () =>
      assert.equal(await way(gateway, recipient), expected),
    );

  await t.test(
    '* takes what nothing else does, and neither disabled nor test-mode connectors do',
    async () => {
      await connect('Everything', ['*']);
      for (const domain of ['off.test', 'trial.test', 'scoped.test', 'unknown.test'])
        assert.equal(await way(gateway, `a@${domain}`), 'Everything AnyDomain');
      assert.equal(await way(gateway, 'a@contoso.test'), 'C2 ExactDomain');
      await gateway.run('Set-OutboundConnector', { Identity: 'Off', Enabled: true });
      await gateway.run('Set-OutboundConnector', { Identity: 'Trial', TestMode: false });
      assert.equal(await way(gateway, 'a@off.test'), 'Off ExactDomain');
      assert.equal(await way(gateway, 'a@trial.test'), 'Trial ExactDomain');
    },
  );

  await t.test('accepted domains come and go, and AllAcceptedDomains with them', async () => {
    await gateway.run('New-AcceptedDomain', { Name: 'new', DomainName: 'new.test' });
    assert.equal(await way(gateway, 'a@new.test'), 'C1 AcceptedDomain');
    assert.equal(await way(gateway, 'a@sub.new.test'), 'Everything AnyDomain');
    await gateway.run('Set-AcceptedDomain', { Identity: 'new', MatchSubDomains: true });
    assert.equal(await way(gateway, 'a@sub.new.test'), 'C1 AcceptedDomain');
    await gateway.run('Remove-AcceptedDomain', { Identity: 'new', Confirm: false });
    assert.equal(await way(gateway, 'a@new.test'), 'Everything AnyDomain');
  });

  await t.test('members of a group come and go, and rules follow', async () => {
    await gateway.run('New-DistributionGroup', { Name: 'Board', PrimarySmtpAddress: 'board@contoso.test' });
    await gateway.run('New-TransportRule', {
      Name: 'Board',
      SentToMemberOf: ['Board'],
      RouteMessageOutboundConnector: 'Scoped',
    });
    assert.equal(await way(gateway, 'ada@contoso.test'), 'C2 ExactDomain');
    await gateway.run('Add-DistributionGroupMember', { Identity: 'Board', Member: ['ada@contoso.test'] });
    assert.equal(await way(gateway, 'Ada@contoso.test'), 'Scoped TransportRule');
    const member = { Identity: 'Board', Member: ['ada@contoso.test'], Confirm: false };
    await gateway.run('Remove-DistributionGroupMember', member);
    assert.equal(await way(gateway, 'ada@contoso.test'), 'C2 ExactDomain');
  });

  await t.test('CrossPremisesHeaderNames says what crosses', async () => {
    await gateway.run('New-TransportRule', {
      Name: 'Own header',
      RecipientDomainIs: ['crossing.test'],
      SetHeaderName: 'X-MS-Exchange-Organization-Project',
      SetHeaderValue: 'Apollo',
    });
    const hybrid = { ConnectorType: 'OnPremises', CloudServicesMailEnabled: true };
    await connect('Crossing', ['crossing.test'], hybrid);
    const last = async () => {
      await way(gateway, 'a@crossing.test');
      return own.transactions.at(-1)?.content ?? '';
    };
    assert.doesNotMatch(await last(), /Project/);
    await gateway.run('Set-TransportConfig', { CrossPremisesHeaderNames: ['SCL', 'project'] });
    assert.match(await last(), /^X-MS-Exchange-CrossPremises-Project: Apollo\r$/m);
  });

  await t.test(
    'RouteAllMessagesViaOnPremises leaves alone what comes from on-premises, and this machine',
    async () => {
      await connect('Central', [], { ConnectorType: 'OnPremises', RouteAllMessagesViaOnPremises: true });
      assert.equal(await way(gateway, 'a@contoso.test'), 'C2 ExactDomain');
      await gateway.run('Set-InboundConnector', { Identity: 'Local submission', ConnectorType: 'Partner' });
      assert.equal(await way(gateway, 'a@contoso.test'), 'Central CentralizedMailTransport');
      assert.equal(await way(gateway, 'a@unknown.test'), 'Central CentralizedMailTransport');
      await gateway.run('Set-OutboundConnector', { Identity: 'Central', RecipientDomains: ['unknown.test'] });
      assert.equal(await way(gateway, 'a@unknown.test'), 'Central CentralizedMailTransport');
      assert.equal(await way(gateway, 'a@contoso.test'), 'C2 ExactDomain');
      await gateway.run('Set-OutboundConnector', { Identity: 'Central', Enabled: false });
    },
  );

  await t.test('no connector and no default route: reported with 5.4.4', async () => {
    await gateway.run('Set-OutboundConnector', { Identity: 'Everything', Enabled: false });
    await gateway.run('Set-TransportConfig', { DefaultRouteEnabled: false });
    const before = own.transactions.length;
    await submit(gateway, { to: ['<a@unknown.test>'] });
    await own.until(() => own.transactions.length > before);
    const [recipient] = parseReport(own.transactions.at(-1)?.content ?? '').perRecipient;
    assert.equal(recipient?.get('status'), '5.4.4');
    assert.match(
      recipient?.get('diagnostic-code') ?? '',
      /A matching connector cannot be found to route the external recipient/,
    );
  });
});
