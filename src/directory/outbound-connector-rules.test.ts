import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConnectorOverlaps } from './connector-overlaps.ts';
import { initialValues } from './declared-object.ts';
import { outboundConnectorObject } from './outbound-connector.ts';
import type { OutboundConnectorChanges, OutboundConnectorValues } from './outbound-connector.ts';
import { applyConnectorRules, connectorRemovalProblems } from './outbound-connector-rules.ts';
import type { ConnectorSurroundings } from './outbound-connector-rules.ts';

const ALONE: ConnectorSurroundings = { isNameTaken: () => false, overlaps: () => [], rulesNaming: [] };

function connector(values: Partial<OutboundConnectorValues> = {}): OutboundConnectorValues {
  return {
    ...initialValues(outboundConnectorObject, 'Contoso'),
    RecipientDomains: ['contoso.com'],
    ...values,
  };
}

const smart = connector({ UseMXRecord: false, SmartHosts: ['relay.contoso.com'] });
const onPremises = connector({ ConnectorType: 'OnPremises' });
const central = connector({
  ConnectorType: 'OnPremises',
  RouteAllMessagesViaOnPremises: true,
  RecipientDomains: [],
});
const replace = (...values: string[]) => ({ replace: values });
const contoso = { Name: 'Contoso', RecipientDomains: replace('contoso.com') };

interface Case {
  readonly rule: string;
  /** Left out: a new connector. */
  readonly before?: OutboundConnectorValues;
  readonly asked: OutboundConnectorChanges;
  readonly around?: Partial<ConnectorSurroundings>;
  readonly force?: boolean;
  /** Parameter and words of the only problem; left out: none. */
  readonly problem?: readonly [string, RegExp];
  readonly warnings?: readonly RegExp[];
  readonly after?: Partial<OutboundConnectorValues>;
}

const cases: readonly Case[] = [
  // 1
  {
    rule: '1 a name that is taken',
    asked: contoso,
    around: { isNameTaken: () => true },
    problem: ['Name', /already an outbound connector named "Contoso". Choose another/],
  },
  // 5
  {
    rule: "5 the seed's example",
    before: connector(),
    asked: { UseMXRecord: false, SmartHosts: replace('192.168.0.1') },
    after: { UseMXRecord: false, SmartHosts: ['192.168.0.1'] },
  },
  {
    rule: '5 turned $false without smart hosts',
    before: connector(),
    asked: { UseMXRecord: false },
    problem: ['SmartHosts', /in the same command. Add -SmartHosts/],
  },
  {
    rule: '5 new with $false without smart hosts',
    asked: { ...contoso, UseMXRecord: false },
    problem: ['SmartHosts', /Add -SmartHosts/],
  },
  {
    rule: '5 turned $false with an empty list',
    before: connector(),
    asked: { UseMXRecord: false, SmartHosts: replace() },
    problem: ['SmartHosts', /Add -SmartHosts/],
  },
  { rule: '5 $false again', before: smart, asked: { UseMXRecord: false } },
  {
    rule: '5 smart hosts while MX',
    before: connector(),
    asked: { SmartHosts: replace('a.example') },
    problem: ['SmartHosts', /Add -UseMXRecord \$false to the same command/],
  },
  {
    rule: '5 new with smart hosts only',
    asked: { ...contoso, SmartHosts: replace('a.example') },
    problem: ['SmartHosts', /Add -UseMXRecord \$false/],
  },
  {
    rule: '5 $true and smart hosts',
    before: smart,
    asked: { UseMXRecord: true, SmartHosts: replace('a.example') },
    problem: ['SmartHosts', /exclude each other/],
  },
  {
    rule: '5 an exported MX connector comes back',
    asked: { ...contoso, UseMXRecord: true, SmartHosts: replace() },
  },
  {
    rule: '5 turned $true',
    before: smart,
    asked: { UseMXRecord: true },
    warnings: [/SmartHosts was emptied: relay.contoso.com/],
    after: { SmartHosts: [] },
  },
  {
    rule: '5 the last smart host goes',
    before: smart,
    asked: { SmartHosts: { add: [], remove: ['RELAY.contoso.com'] } },
    problem: ['SmartHosts', /at least one smart host must stay/],
  },
  // 6
  {
    rule: '6 turned $true',
    before: onPremises,
    asked: { RouteAllMessagesViaOnPremises: true },
    problem: ['RouteAllMessagesViaOnPremises', /needs -ConnectorType OnPremises in the same command/],
  },
  {
    rule: '6 turned $true with the type',
    before: connector(),
    asked: { RouteAllMessagesViaOnPremises: true, ConnectorType: 'OnPremises' },
    after: { RouteAllMessagesViaOnPremises: true },
  },
  {
    rule: '6 turned $true as Partner',
    before: onPremises,
    asked: { RouteAllMessagesViaOnPremises: true, ConnectorType: 'Partner' },
    problem: ['RouteAllMessagesViaOnPremises', /ConnectorType OnPremises/],
  },
  { rule: '6 $true again', before: central, asked: { RouteAllMessagesViaOnPremises: true, Comment: 'x' } },
  {
    rule: '6 new',
    asked: { ...contoso, RouteAllMessagesViaOnPremises: true },
    problem: ['RouteAllMessagesViaOnPremises', /same command/],
  },
  // 7
  {
    rule: '7 AllAcceptedDomains on Partner',
    before: connector(),
    asked: { AllAcceptedDomains: true },
    problem: [
      'AllAcceptedDomains',
      /The AllAcceptedDomains parameter can only be specified for Connector type OnPremises\. Add/,
    ],
  },
  {
    rule: '7 SenderRewritingEnabled on Partner',
    asked: { ...contoso, SenderRewritingEnabled: true },
    problem: [
      'SenderRewritingEnabled',
      /The SenderRewritingEnabled parameter can only be specified for Connector type OnPremises\./,
    ],
  },
  {
    rule: '7 CloudServicesMailEnabled on Partner',
    asked: { ...contoso, CloudServicesMailEnabled: true },
    problem: ['CloudServicesMailEnabled', /IsTransportRuleScoped \$true/],
  },
  {
    rule: '7 CloudServicesMailEnabled on scoped Partner',
    asked: { Name: 'S', CloudServicesMailEnabled: true, IsTransportRuleScoped: true },
  },
  {
    rule: '7 un-scoping it',
    before: connector({ CloudServicesMailEnabled: true, IsTransportRuleScoped: true }),
    asked: { IsTransportRuleScoped: false },
    problem: ['IsTransportRuleScoped', /Add -CloudServicesMailEnabled \$false/],
  },
  {
    rule: '7 explicit $false',
    asked: {
      ...contoso,
      AllAcceptedDomains: false,
      SenderRewritingEnabled: false,
      CloudServicesMailEnabled: false,
      RouteAllMessagesViaOnPremises: false,
    },
  },
  {
    rule: '7 becoming Partner',
    before: connector({ ConnectorType: 'OnPremises', AllAcceptedDomains: true }),
    asked: { ConnectorType: 'Partner' },
    problem: [
      'ConnectorType',
      /can't become Partner while AllAcceptedDomains is \$true. Add -AllAcceptedDomains \$false/,
    ],
  },
  {
    rule: '7 becoming Partner with $false',
    before: connector({ ConnectorType: 'OnPremises', AllAcceptedDomains: true }),
    asked: { ConnectorType: 'Partner', AllAcceptedDomains: false },
    after: { ConnectorType: 'Partner' },
  },
  {
    rule: '7 central becoming Partner',
    before: { ...central, RecipientDomains: ['*'] },
    asked: { ConnectorType: 'Partner' },
    problem: ['ConnectorType', /RouteAllMessagesViaOnPremises/],
  },
  // 8
  {
    rule: '8 TlsDomain alone',
    before: connector(),
    asked: { TlsDomain: 'contoso.com' },
    problem: ['TlsDomain', /TlsSettings is \$null. Add -TlsSettings DomainValidation/],
  },
  {
    rule: '8 TlsDomain with another level',
    before: connector(),
    asked: { TlsDomain: 'contoso.com', TlsSettings: 'EncryptionOnly' },
    problem: ['TlsDomain', /TlsSettings is EncryptionOnly/],
  },
  {
    rule: '8 leaving DomainValidation',
    before: connector({ TlsDomain: 'contoso.com', TlsSettings: 'DomainValidation' }),
    asked: { TlsSettings: 'CertificateValidation' },
    problem: ['TlsSettings', /Add -TlsDomain \$null/],
  },
  {
    rule: '8 leaving it whole',
    before: connector({ TlsDomain: 'contoso.com', TlsSettings: 'DomainValidation' }),
    asked: { TlsSettings: null, TlsDomain: null },
  },
  {
    rule: '8 smart hosts without TlsDomain',
    before: smart,
    asked: { TlsSettings: 'DomainValidation' },
    problem: ['TlsDomain', /Add -TlsDomain/],
  },
  { rule: '8 MX without TlsDomain', before: connector(), asked: { TlsSettings: 'DomainValidation' } },
  {
    rule: '8 from MX to smart hosts without TlsDomain',
    before: connector({ TlsSettings: 'DomainValidation' }),
    asked: { UseMXRecord: false, SmartHosts: replace('a.example') },
    problem: ['TlsDomain', /Add -TlsDomain/],
  },
  // 9
  {
    rule: '9 new without any match',
    asked: { Name: 'X' },
    problem: ['RecipientDomains', /could never match.*Add -RecipientDomains/],
  },
  {
    rule: '9 the last domain goes',
    before: connector(),
    asked: { RecipientDomains: replace() },
    problem: ['RecipientDomains', /could never match/],
  },
  {
    rule: '9 un-scoping',
    before: connector({ IsTransportRuleScoped: true, RecipientDomains: [] }),
    asked: { IsTransportRuleScoped: false },
    problem: ['IsTransportRuleScoped', /could never match/],
  },
  { rule: '9 test mode is exempt', asked: { Name: 'X', TestMode: true } },
  {
    rule: '9 out of test mode',
    before: connector({ TestMode: true, RecipientDomains: [] }),
    asked: { TestMode: false },
    problem: ['TestMode', /could never match/],
  },
  {
    rule: '9 central needs no domains',
    asked: { Name: 'X', ConnectorType: 'OnPremises', RouteAllMessagesViaOnPremises: true },
  },
  {
    rule: '9 accepted domains need none',
    asked: { Name: 'X', ConnectorType: 'OnPremises', AllAcceptedDomains: true },
  },
  // 10
  {
    rule: '10 another matches too and wins',
    asked: contoso,
    around: { overlaps: () => [{ what: 'contoso.com', others: ['Alpha', 'Zeta'], count: 2 }] },
    warnings: [
      /connectors "Alpha" and "Zeta" match contoso.com as well. "Alpha" wins, because its name sorts first/,
    ],
  },
  {
    rule: '10 another matches too and loses',
    asked: contoso,
    around: { overlaps: () => [{ what: 'contoso.com', others: ['Zeta'], count: 1 }] },
    warnings: [/"Zeta" matches contoso.com as well. This connector wins/],
  },
  {
    rule: '10 nothing said where nothing changes',
    before: connector(),
    asked: { Comment: 'x' },
    around: { overlaps: () => [{ what: 'contoso.com', others: ['Alpha'], count: 1 }] },
  },
  // 11
  {
    rule: '11 disabling',
    before: connector({ IsTransportRuleScoped: true }),
    asked: { Enabled: false },
    around: { rulesNaming: ['R1', 'R2'] },
    problem: [
      'Enabled',
      /can't be disabled, because the transport rules "R1" and "R2" route mail to it.*-Force/,
    ],
  },
  {
    rule: '11 un-scoping',
    before: connector({ IsTransportRuleScoped: true }),
    asked: { IsTransportRuleScoped: false },
    around: { rulesNaming: ['R1'] },
    problem: ['IsTransportRuleScoped', /the transport rule "R1" routes mail/],
  },
  {
    rule: '11 test mode',
    before: connector({ IsTransportRuleScoped: true }),
    asked: { TestMode: true },
    around: { rulesNaming: ['R1'] },
    problem: ['TestMode', /"R1"/],
  },
  {
    rule: '11 with -Force',
    before: connector({ IsTransportRuleScoped: true }),
    asked: { Enabled: false },
    around: { rulesNaming: ['R1'] },
    force: true,
    after: { Enabled: false },
  },
  {
    rule: '11 other changes',
    before: connector({ IsTransportRuleScoped: true }),
    asked: { Comment: 'x' },
    around: { rulesNaming: ['R1'] },
  },
  // 12
  {
    rule: '12 a change of the way',
    before: connector({ IsValidated: true }),
    asked: { RecipientDomains: replace('*.contoso.com') },
    warnings: [/IsValidated was set to \$false, because RecipientDomains changed/],
    after: { IsValidated: false },
  },
  {
    rule: '12 in the same command',
    before: connector({ IsValidated: true }),
    asked: { RecipientDomains: replace('a.example'), IsValidated: true },
    after: { IsValidated: true },
  },
  {
    rule: '12 a comment, a name, enabling',
    before: connector({ IsValidated: true, Enabled: false }),
    asked: { Comment: 'x', Name: 'Y', Enabled: true },
    after: { IsValidated: true },
  },
  {
    rule: '12 the same value again',
    before: connector({ IsValidated: true }),
    asked: { RecipientDomains: replace('contoso.com') },
    after: { IsValidated: true },
  },
  // 13
  {
    rule: '13 adding what is there',
    before: connector(),
    asked: { RecipientDomains: { add: ['CONTOSO.com', 'a.example'], remove: ['b.example'] } },
    warnings: [
      /^RecipientDomains: .*b\.example.*isn't in the list/,
      /^RecipientDomains: .*contoso\.com.*already in the list/,
    ],
    after: { RecipientDomains: ['contoso.com', 'a.example'] },
  },
  {
    rule: '3 duplicates collapse to what was typed first',
    asked: { Name: 'X', RecipientDomains: replace('Bücher.example', 'xn--bcher-kva.example', '*') },
    after: { RecipientDomains: ['Bücher.example', '*'] },
  },
];

for (const { rule, before = null, asked, around, force = false, problem, warnings = [], after } of cases) {
  test(`rule ${rule}`, () => {
    const outcome = applyConnectorRules({ before, asked, force }, { ...ALONE, ...around });
    assert.deepEqual(
      outcome.problems.map(({ parameter }) => parameter),
      problem ? [problem[0]] : [],
    );
    if (problem) assert.match(outcome.problems[0]?.message ?? '', problem[1]);
    assert.equal(outcome.warnings.length, warnings.length, outcome.warnings.join('\n'));
    for (const [index, warning] of warnings.entries()) assert.match(outcome.warnings[index] ?? '', warning);
    for (const [name, value] of Object.entries(after ?? {})) {
      assert.deepEqual((outcome.after as Record<string, unknown>)[name], value, name);
    }
  });
}

test('a new credential is a change that asks for a new validation, and needs smart hosts', () => {
  const before = { ...smart, IsValidated: true };
  const outcome = applyConnectorRules({ before, asked: {}, force: false, sealedCredential: 'sealed' }, ALONE);
  assert.deepEqual([outcome.after.IsValidated, outcome.after.SealedCredential], [false, 'sealed']);
  assert.match(outcome.warnings[0] ?? '', /SmartHostCredential changed/);
  const mx = applyConnectorRules(
    { before: connector(), asked: {}, force: false, sealedCredential: 'sealed' },
    ALONE,
  );
  assert.match(mx.problems[0]?.message ?? '', /Add -UseMXRecord \$false and -SmartHosts/);
  const back = applyConnectorRules(
    { before: outcome.after, asked: { UseMXRecord: true }, force: false },
    ALONE,
  );
  assert.deepEqual([back.problems, back.after.SealedCredential, back.warnings.length], [[], null, 2]);
});

test('rule 11: a connector that rules name is not removed without -Force', () => {
  assert.deepEqual(connectorRemovalProblems([], false), []);
  assert.deepEqual(connectorRemovalProblems(['R'], true), []);
  assert.match(
    connectorRemovalProblems(['R'], false)[0]?.message ?? '',
    /can't be removed, because the transport rule "R"/,
  );
});

test('rule 10: overlaps are found by what connectors match, not by how they spell it', () => {
  const overlaps = createConnectorOverlaps();
  const put = (guid: string, values: OutboundConnectorValues): void =>
    overlaps.put({ kind: 'OutboundConnector', guid, version: 1, whenCreated: 0, whenChanged: 0, values });
  put('1', connector({ Name: 'B', RecipientDomains: ['Contoso.COM', '*.x.example'] }));
  put('2', connector({ Name: 'a', RecipientDomains: ['contoso.com'] }));
  put('3', connector({ Name: 'off', Enabled: false }));
  put('4', connector({ Name: 'test', TestMode: true }));
  put('5', connector({ Name: 'scoped', IsTransportRuleScoped: true }));
  put('6', { ...central, Name: 'central' });
  assert.deepEqual(overlaps.find(connector(), null), [{ what: 'contoso.com', others: ['a', 'B'], count: 2 }]);
  assert.deepEqual(overlaps.find(connector(), '1'), [{ what: 'contoso.com', others: ['a'], count: 1 }]);
  assert.deepEqual(overlaps.find(central, null), [{ what: '*', others: ['central'], count: 1 }]);
  assert.deepEqual(overlaps.find(connector({ Enabled: false }), null), []);
  put('2', connector({ Name: 'a', RecipientDomains: ['other.example'] }));
  overlaps.delete('1');
  assert.deepEqual(overlaps.find(connector(), null), []);
});

test('rule 10: ten thousand connectors for one pattern are named by the first ten', () => {
  const overlaps = createConnectorOverlaps();
  for (let index = 0; index < 10_000; index += 1) {
    const values = connector({ Name: `C${String((index * 7919) % 10_000).padStart(4, '0')}` });
    overlaps.put({
      kind: 'OutboundConnector',
      guid: String(index),
      version: 1,
      whenCreated: 0,
      whenChanged: 0,
      values,
    });
  }
  const [overlap] = overlaps.find(connector(), '0');
  assert.equal(overlap?.count, 9999);
  assert.deepEqual(
    overlap?.others,
    Array.from({ length: 10 }, (_, index) => `C000${index + 1}`.replace('C00010', 'C0010')),
  );
  const outcome = applyConnectorRules(
    { before: null, asked: contoso, force: false },
    { ...ALONE, overlaps: () => (overlap ? [overlap] : []) },
  );
  assert.match(outcome.warnings[0] ?? '', /"C0010" and 9989 more match contoso\.com as well\. "C0001" wins/);
});
