import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner, table } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { predicateNames } from '#directory/transport-rule-predicates.ts';
import type { Value } from '#parameters/value.ts';
import { directoryCmdlets } from '../directory-cmdlets.ts';

async function start() {
  const fixture = await createDirectoryFixture();
  const run = createRunner(directoryCmdlets, fixture);
  await run('New-OutboundConnector', { Name: 'Archive', IsTransportRuleScoped: true });
  const rule = (name: string, more: Readonly<Record<string, Value>> = {}) =>
    run('New-TransportRule', { Name: name, SenderDomainIs: 'contoso.com', SetSCL: 1, ...more });
  const order = () =>
    fixture.directory.configuration().transportRules.map(({ Name, Priority }) => `${Priority} ${Name}`);
  return { ...fixture, run, rule, order };
}

test('every condition, exception and action arrives at routing as plain data', async () => {
  const { run, directory } = await start();
  await run('New-DistributionGroup', { Name: 'Legal', PrimarySmtpAddress: 'legal@contoso.com' });
  const predicates: Readonly<Record<string, Value>> = {
    FromScope: 'InOrganization',
    SentToScope: 'NotInOrganization',
    From: 'Ada@Contoso.com',
    SentTo: ['b@x.example'],
    FromMemberOf: 'Legal',
    SentToMemberOf: 'legal@contoso.com',
    SenderDomainIs: 'Bücher.example',
    RecipientDomainIs: ['x.example', 'y.example'],
    FromAddressContainsWords: 'ada',
    FromAddressMatchesPatterns: '^a.*$',
    RecipientAddressContainsWords: 'b',
    RecipientAddressMatchesPatterns: '\\d+',
    HeaderContainsMessageHeader: 'X-Tag',
    HeaderContainsWords: ['one', 'two'],
    HeaderMatchesMessageHeader: 'Received',
    HeaderMatchesPatterns: 'by (a|b)',
    SubjectContainsWords: 'urgent',
    SubjectMatchesPatterns: '^re:',
    SubjectOrBodyContainsWords: 'secret',
    MessageTypeMatches: 'OOF',
    MessageSizeOver: '1MB',
    AttachmentSizeOver: '10KB',
    AttachmentExtensionMatchesWords: ['.EXE', 'js'],
    SenderIpRanges: '10.0.0.1/24',
    WithImportance: 'High',
    SCLOver: 5,
  };
  assert.deepEqual(Object.keys(predicates).sort(), [...predicateNames].sort());
  const exceptions = Object.fromEntries(
    Object.entries(predicates).map(([name, value]) => [`ExceptIf${name}`, value]),
  );
  await run('New-TransportRule', {
    Name: 'All',
    ...predicates,
    ...exceptions,
    RouteMessageOutboundConnector: 'archive',
    RouteMessageOutboundRequireTls: true,
    RedirectMessageTo: 'c@x.example',
    BlindCopyTo: 'd@x.example',
    RejectMessageReasonText: 'no',
    SetHeaderName: 'X-A',
    SetHeaderValue: 'b',
    RemoveHeader: 'X-B',
    PrependSubject: '[x] ',
    SetSCL: -1,
    Mode: 'Audit',
    StopRuleProcessing: true,
    RuleErrorAction: 'Defer',
    SenderAddressLocation: 'Envelope',
    ActivationDate: '2026-01-01',
    ExpiryDate: '2027-01-01',
    Comments: 'x',
    SetAuditSeverity: 'High',
  });
  const configuration = directory.configuration();
  const [rule] = configuration.transportRules;
  const group = configuration.distributionGroups[0]?.Guid;
  const expected = {
    ...predicates,
    From: ['ada@contoso.com'],
    FromMemberOf: [group],
    SentToMemberOf: [group],
    SenderDomainIs: ['xn--bcher-kva.example'],
    FromAddressContainsWords: ['ada'],
    FromAddressMatchesPatterns: ['^a.*$'],
    RecipientAddressContainsWords: ['b'],
    RecipientAddressMatchesPatterns: ['\\d+'],
    HeaderMatchesPatterns: ['by (a|b)'],
    SubjectContainsWords: ['urgent'],
    SubjectMatchesPatterns: ['^re:'],
    SubjectOrBodyContainsWords: ['secret'],
    MessageSizeOver: 2 ** 20,
    AttachmentSizeOver: 10_240,
    AttachmentExtensionMatchesWords: ['exe', 'js'],
    SenderIpRanges: ['10.0.0.0/24'],
  };
  assert.deepEqual(rule?.Conditions, expected);
  assert.deepEqual(rule?.Exceptions, expected);
  assert.deepEqual(rule?.Actions, {
    RouteMessageOutboundConnector: configuration.outboundConnectors[0]?.Guid,
    RouteMessageOutboundRequireTls: true,
    RedirectMessageTo: ['c@x.example'],
    BlindCopyTo: ['d@x.example'],
    RejectMessageReasonText: 'no',
    RejectMessageEnhancedStatusCode: '5.7.1',
    DeleteMessage: false,
    SetHeaderName: 'X-A',
    SetHeaderValue: 'b',
    RemoveHeader: 'X-B',
    PrependSubject: '[x] ',
    SetSCL: -1,
  });
  const { Mode, StopRuleProcessing, RuleErrorAction, SenderAddressLocation, ActivationDate, State } =
    rule ?? {};
  assert.deepEqual(
    [Mode, StopRuleProcessing, RuleErrorAction, SenderAddressLocation, ActivationDate, State],
    ['Audit', true, 'Defer', 'Envelope', Date.UTC(2026, 0, 1), 'Enabled'],
  );
  const [shown] = (await run('Get-TransportRule')).objects;
  assert.deepEqual(
    ['Priority', 'RouteMessageOutboundConnector', 'ExceptIfFromMemberOf', 'SetAuditSeverity'].map((name) =>
      shown?.get(name),
    ),
    [0, 'Archive', ['Legal'], 'High'],
  );
  assert.deepEqual(structuredClone(configuration), configuration);
});

test('an inserted rule moves the others down; moving and removing keep the order whole', async () => {
  const { run, rule, order, store } = await start();
  for (const name of ['A', 'B', 'C']) await rule(name);
  const before = store.records.length;
  await rule('First', { Priority: 0 });
  assert.equal(store.records.length, before + 1);
  await rule('Middle', { Priority: 2 });
  assert.deepEqual(order(), ['0 First', '1 A', '2 Middle', '3 B', '4 C']);
  const { whatIf } = await run('Set-TransportRule', { Identity: 'C', Priority: 0, WhatIf: true });
  assert.deepEqual(whatIf.slice(1), ['What if: Priority: 4 -> 0']);
  await run('Set-TransportRule', { Identity: 'C', Priority: 0 });
  await run('Set-TransportRule', { Identity: 'First', Priority: 4 });
  assert.deepEqual(order(), ['0 C', '1 A', '2 Middle', '3 B', '4 First']);
  await run('Set-TransportRule', { Identity: 'A', Priority: 2 });
  assert.deepEqual(order(), ['0 C', '1 Middle', '2 A', '3 B', '4 First']);
  await run('Remove-TransportRule', { Identity: 'Middle', Confirm: false });
  assert.deepEqual(order(), ['0 C', '1 A', '2 B', '3 First']);
  assert.deepEqual(
    (await run('Get-TransportRule')).objects.map((object) => object.get('Name')),
    ['C', 'A', 'B', 'First'],
  );
  await assert.rejects(rule('X', { Priority: 5 }), /Priority 5 is beyond the last rule/);
});

const REFUSED: readonly (readonly [string, string | null, Readonly<Record<string, Value>>, RegExp])[] = [
  [
    'a pattern that is none',
    'SubjectMatchesPatterns',
    { SubjectMatchesPatterns: '(' },
    /not a regular expression/,
  ],
  [
    'a pattern that could run away',
    'SubjectMatchesPatterns',
    { SubjectMatchesPatterns: '(a)\\1' },
    /no back-references/,
  ],
  ['look-ahead', 'SubjectMatchesPatterns', { SubjectMatchesPatterns: '(?=a)' }, /RE2/],
  ['no action', null, { SetSCL: null }, /would do nothing/],
  ['half of a pair', 'SetHeaderValue', { SetHeaderName: 'X-A' }, /Add -SetHeaderValue/],
  [
    'the other half',
    'HeaderContainsMessageHeader',
    { HeaderContainsWords: 'x' },
    /Add -HeaderContainsMessageHeader/,
  ],
  [
    'half of an exception',
    'ExceptIfHeaderMatchesPatterns',
    { ExceptIfHeaderMatchesMessageHeader: 'X-A' },
    /ExceptIfHeaderMatchesPatterns/,
  ],
  [
    'an unknown connector',
    'RouteMessageOutboundConnector',
    { RouteMessageOutboundConnector: 'Nope' },
    /no outbound connector "Nope"/,
  ],
  [
    'a connector that is not scoped',
    'RouteMessageOutboundConnector',
    { RouteMessageOutboundConnector: 'Open' },
    /-IsTransportRuleScoped \$true first/,
  ],
  [
    'a disabled connector',
    'RouteMessageOutboundConnector',
    { RouteMessageOutboundConnector: 'Off' },
    /-Enabled \$true first/,
  ],
  ['an unknown group', 'FromMemberOf', { FromMemberOf: 'Nobody' }, /no distribution group "Nobody"/],
  [
    'every message',
    null,
    { SenderDomainIs: null, RouteMessageOutboundConnector: 'Archive' },
    /no condition.*-Force/,
  ],
  [
    'every message with an exception',
    null,
    { SenderDomainIs: null, DeleteMessage: true, ExceptIfFrom: 'a@b.example' },
    /no condition/,
  ],
  [
    'two ends',
    'DeleteMessage',
    { DeleteMessage: true, RejectMessageReasonText: 'x' },
    /either refused or dropped/,
  ],
  [
    'dates that contradict',
    'ExpiryDate',
    { ActivationDate: '2026-02-01', ExpiryDate: '2026-01-01' },
    /later than ActivationDate/,
  ],
  [
    'a status that is none',
    'RejectMessageEnhancedStatusCode',
    { RejectMessageEnhancedStatusCode: '4.1.1' },
    /5\.7\.900 to 5\.7\.999/,
  ],
  ['an address that is none', 'From', { From: 'ada' }, /not an e-mail address/],
  ['a taken name', 'Name', { Name: 'other' }, /already a transport rule named/],
];

for (const [what, parameter, parameters, message] of REFUSED) {
  test(`refused: ${what}`, async () => {
    const { run, rule, store } = await start();
    await run('New-OutboundConnector', { Name: 'Open', RecipientDomains: '*' });
    await run('New-OutboundConnector', { Name: 'Off', IsTransportRuleScoped: true, Enabled: false });
    await rule('Rule');
    await rule('Other');
    const before = store.records.length;
    const running = run('Set-TransportRule', { Identity: 'Rule', ...parameters });
    await assert.rejects(running, (error: Error & { parameter?: unknown }) => {
      assert.match(error.message, message);
      assert.equal(error.parameter, parameter);
      return true;
    });
    assert.equal(store.records.length, before);
  });
}

test('with -Force a rule may act on every message; without conditions it may stamp headers anyhow', async () => {
  const { run } = await start();
  const all = { Name: 'All', RouteMessageOutboundConnector: 'Archive' };
  await assert.rejects(run('New-TransportRule', all), /-Force/);
  await run('New-TransportRule', { ...all, Force: true });
  await run('Set-TransportRule', { Identity: 'All', Comments: 'meant' });
  await run('New-TransportRule', { Name: 'Stamp', SetHeaderName: 'X-A', SetHeaderValue: 'b' });
});

test('a rule keeps naming a connector that is renamed, and protects it', async () => {
  const { run, rule, directory } = await start();
  await rule('R', { RouteMessageOutboundConnector: 'Archive' });
  await run('Set-OutboundConnector', { Identity: 'Archive', Name: 'Vault' });
  assert.equal(
    (await run('Get-TransportRule', { Identity: 'R' })).objects[0]?.get('RouteMessageOutboundConnector'),
    'Vault',
  );
  for (const asked of [{ Enabled: false }, { IsTransportRuleScoped: false, RecipientDomains: '*' }]) {
    await assert.rejects(run('Set-OutboundConnector', { Identity: 'Vault', ...asked }), /"R"/);
  }
  await assert.rejects(
    run('Remove-OutboundConnector', { Identity: 'Vault', Confirm: false }),
    /"R" routes mail to it/,
  );
  await run('Disable-TransportRule', { Identity: 'R' });
  await run('Set-OutboundConnector', { Identity: 'Vault', Enabled: false, Force: true });
  await assert.rejects(run('Enable-TransportRule', { Identity: 'R' }), /is disabled/);
  await run('Set-TransportRule', { Identity: 'R', RouteMessageOutboundConnector: null });
  await run('Enable-TransportRule', { Identity: 'R' });
  assert.equal(directory.configuration().transportRules[0]?.State, 'Enabled');
  assert.equal((await run('Get-TransportRule', { State: 'Disabled' })).objects.length, 0);
});

test('groups in a condition are added and removed by name', async () => {
  const { run, rule, directory } = await start();
  await run('New-DistributionGroup', { Name: 'A', PrimarySmtpAddress: 'a@contoso.com' });
  await run('New-DistributionGroup', { Name: 'B', PrimarySmtpAddress: 'b@contoso.com' });
  await rule('R', { FromMemberOf: 'A' });
  await run('Set-TransportRule', {
    Identity: 'R',
    FromMemberOf: table({ Add: 'b@contoso.com', Remove: 'A' }),
  });
  const { transportRules, distributionGroups } = directory.configuration();
  assert.deepEqual(transportRules[0]?.Conditions.FromMemberOf, [
    distributionGroups.find(({ Name }) => Name === 'B')?.Guid,
  ]);
});
