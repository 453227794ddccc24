import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner, table } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import type { PsObject, Value } from '#parameters/value.ts';
import type { ImpactReport } from '../directory-services.ts';
import { outboundConnectorCmdlets } from './outbound-connector-cmdlets.ts';

async function start() {
  const fixture = await createDirectoryFixture();
  return { ...fixture, run: createRunner(outboundConnectorCmdlets, fixture) };
}

const FULL: Readonly<Record<string, Value>> = {
  Name: "O'Brien, East",
  ConnectorType: 'OnPremises',
  RouteAllMessagesViaOnPremises: true,
  UseMXRecord: false,
  SmartHosts: ['[2001:db8::1]:2525', '10.0.0.5/25'],
  TlsSettings: 'DomainValidation',
  TlsDomain: '*.contoso.com',
  RecipientDomains: ['contoso.com', '*'],
  Comment: 'it\'s "x"; $y',
  Enabled: false,
};

const actions = (objects: readonly PsObject[]) =>
  objects.map((object) => [object.get('Name'), object.get('Action')]);

test('what is exported as JSON makes the same connectors elsewhere', async () => {
  const [here, there] = [await start(), await start()];
  await here.run('New-OutboundConnector', FULL);
  await here.run('New-OutboundConnector', { Name: 'Probe', TestMode: true });
  await here.run('Set-OutboundConnector', {
    Identity: 'Probe',
    ValidationRecipients: 'a@b.example',
    LastValidationTimestamp: '2026-01-02T03:04:05Z',
    IsValidated: true,
  });
  const [Content] = (await here.run('Export-OutboundConnector', { As: 'Json' })).output.map(String);
  const imported = await there.run('Import-OutboundConnector', { Content: Content ?? '' });
  assert.deepEqual(actions(imported.objects), [
    ["O'Brien, East", 'Created'],
    ['Probe', 'Created'],
  ]);
  const values = ({ directory }: typeof here) =>
    directory.list(outboundConnectorObject).map((object) => object.values);
  assert.deepEqual(values(there), values(here));
  const again = await there.run('Import-OutboundConnector', { Content: Content ?? '' });
  assert.deepEqual(actions(again.objects), [
    ["O'Brien, East", 'Unchanged'],
    ['Probe', 'Unchanged'],
  ]);
  assert.deepEqual(again.warnings, []);
});

test('the exported script has what differs from the defaults, quoted, and no password', async () => {
  const { run } = await start();
  await run('New-OutboundConnector', {
    ...FULL,
    SmartHostCredential: table({ UserName: 'u', Password: 'sesame' }),
  });
  const { output } = await run('Export-OutboundConnector');
  assert.deepEqual(output, [
    `New-OutboundConnector -Name 'O''Brien, East' -Enabled:$false -UseMXRecord:$false -Comment 'it''s "x"; $y' -ConnectorType 'OnPremises' -RecipientDomains 'contoso.com','*' -SmartHosts '[2001:db8::1]:2525','10.0.0.5/25' -TlsDomain '*.contoso.com' -TlsSettings 'DomainValidation' -RouteAllMessagesViaOnPremises:$true`,
    `# "O'Brien, East" has a SmartHostCredential, which is not exported: set it again.`,
  ]);
});

test("Exchange Online's JSON is read: its own properties passed over, unknown ones named", async () => {
  const { run, directory } = await start();
  const Content = JSON.stringify([
    {
      PSComputerName: 'outlook.office365.com',
      RunspaceId: 'x',
      '@odata.type': '#x',
      Enabled: true,
      UseMXRecord: false,
      Comment: null,
      ConnectorType: { value: 'OnPremises', Value: 'OnPremises' },
      ConnectorSource: 'HybridWizard',
      RecipientDomains: ['*'],
      SmartHosts: ['mail.contoso.com'],
      'SmartHosts@odata.type': '#Collection(String)',
      TlsDomain: 'mail.contoso.com',
      TlsSettings: 'DomainValidation',
      CloudServicesMailEnabled: true,
      LastValidationTimestamp: '/Date(1462545000000)/',
      Identity: 'Outbound to x',
      Name: 'Outbound to x',
      Guid: '6f2a6e1c-0000-4000-8000-000000000000',
      IsValid: true,
      ObjectState: 'Unchanged',
      FancyNewSetting: 1,
    },
  ]);
  const { warnings, objects, errors } = await run('Import-OutboundConnector', { Content });
  assert.deepEqual(errors, []);
  assert.deepEqual(actions(objects), [['Outbound to x', 'Created']]);
  assert.match(warnings[0] ?? '', /FancyNewSetting; left out/);
  assert.equal(directory.list(outboundConnectorObject)[0]?.values.LastValidationTimestamp, 1462545000000);
});

test('one connector that breaks a rule is reported, the others are imported', async () => {
  const { run } = await start();
  const given = [
    table({ Name: 'A', RecipientDomains: 'a.example' }),
    table({ Name: 'B', RecipientDomains: ['domain.*.x'] }),
    table({ Name: 'C' }),
    table({ Name: 'a', RecipientDomains: 'x.example' }),
    table({ RecipientDomains: 'x.example' }),
    table({ Name: 'D', RecipientDomains: 'd.example' }),
  ];
  const { objects, errors } = await run('Import-OutboundConnector', { InputObject: given });
  assert.deepEqual(
    objects.map((object) => object.get('Action')),
    ['Created', 'Failed', 'Failed', 'Failed', 'Failed', 'Created'],
  );
  assert.deepEqual(
    errors.map(({ parameter }) => parameter),
    ['RecipientDomains', 'RecipientDomains', 'InputObject', 'InputObject'],
  );
});

test('an update changes what the JSON has, and WhatIf shows it only', async () => {
  const { run, directory, store } = await start();
  await run('New-OutboundConnector', { Name: 'A', RecipientDomains: 'a.example', Comment: 'kept' });
  const before = store.records.length;
  const Content = '{"Name":"a","RecipientDomains":["b.example"]}';
  const { whatIf, objects } = await run('Import-OutboundConnector', { Content, WhatIf: true });
  assert.deepEqual(whatIf, [
    'What if: Performing the operation "Update" on target "A".',
    'What if: Name: A -> a',
    'What if: RecipientDomains: {a.example} -> {b.example}',
  ]);
  assert.deepEqual(actions(objects), [['a', 'Skipped']]);
  assert.equal(store.records.length, before);
  await run('Import-OutboundConnector', { Content });
  const { values } = directory.list(outboundConnectorObject)[0] ?? {};
  assert.deepEqual([values?.RecipientDomains, values?.Comment], [['b.example'], 'kept']);
  for (const [bad, message] of [
    ['{', /not JSON/],
    ['[1]', /not a connector/],
  ] as const) {
    const run1 = run('Import-OutboundConnector', { Content: bad });
    await assert.rejects(
      run1.then(({ errors }) => Promise.reject(new Error(errors[0]?.message))),
      message,
    );
  }
  await assert.rejects(run('Import-OutboundConnector', {}), /nothing to import/);
});

test('-WhatIf tells once what all of the import would do to mail', async () => {
  const fixture = await createDirectoryFixture();
  const seen: (readonly string[])[] = [];
  const impact: ImpactReport = (_before, after) => {
    seen.push(after.outboundConnectors.map(({ Name }) => Name).sort((a, b) => (a < b ? -1 : 1)));
    return Promise.resolve();
  };
  const run = createRunner(outboundConnectorCmdlets, { ...fixture, impact });
  const connectors = ['A', 'B', 'C'].map((Name) => table({ Name, RecipientDomains: [`${Name}.example`] }));
  await run('Import-OutboundConnector', { InputObject: connectors, WhatIf: true });
  assert.deepEqual(seen, [['A', 'B', 'C']]);
  await run('Import-OutboundConnector', { InputObject: connectors });
  await run('Import-OutboundConnector', { InputObject: connectors, WhatIf: true });
  assert.equal(seen.length, 1);
  await run('Set-OutboundConnector', { Identity: 'A', Enabled: false, WhatIf: true });
  assert.equal(seen.length, 2);
});
