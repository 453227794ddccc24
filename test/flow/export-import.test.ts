// Connectors leave as JSON or as a script and come back the same, by the console; what Exchange Online prints comes in, with
// every property that isn't known named.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { PsObject } from '#parameters/value.ts';
import { type ConsoleResult, runConsole } from '../support/console.ts';
import { type Gateway, startGateway, temporaryDirectory } from '../support/gateway.ts';

/** Members that belong to the object and not to its settings. */
const OWN =
  /^(?:Guid|Id|Identity|ExchangeObjectId|DistinguishedName|WhenChanged|WhenCreated|WhenChangedUTC|WhenCreatedUTC|DirectoryObjectVersion|Version|ObjectState|HasSmartHostCredential)$/;

function settings(object: PsObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...object.properties.entries()]
      .filter(([name]) => !OWN.test(name))
      .map(([name, value]) => [name, JSON.stringify(value)]),
  );
}

async function connectors(gateway: Gateway): Promise<readonly Readonly<Record<string, string>>[]> {
  const { objects } = await gateway.run('Get-OutboundConnector', { IncludeTestModeConnectors: true });
  return objects.map(settings);
}

async function start(t: TestContext) {
  const gateway = await startGateway(t);
  const directory = await temporaryDirectory(t);
  const run = (...words: readonly string[]): Promise<ConsoleResult> =>
    runConsole(['--data', gateway.data, ...words], { cwd: directory });
  const removeAll = async (): Promise<void> => {
    const result = await run(
      '-c',
      'Get-OutboundConnector -IncludeTestModeConnectors $true | Remove-OutboundConnector -Confirm:$false',
    );
    assert.equal(result.code, 0, result.stderr);
    assert.equal((await connectors(gateway)).length, 0);
  };
  return { gateway, directory, run, removeAll };
}

async function makeMany(gateway: Gateway): Promise<void> {
  const rows: readonly Parameters<Gateway['run']>[1][] = [
    { Name: 'Plain', RecipientDomains: ['plain.test'] },
    {
      Name: 'O\'Brien & "Söhne" $(x) `n',
      RecipientDomains: ['*.obrien.test', 'bücher.test'],
      UseMXRecord: false,
      SmartHosts: ['[192.0.2.1]:2525', 'mx.obrien.test', '[IPv6:2001:db8::1]'],
      TlsSettings: 'DomainValidation',
      TlsDomain: '*.obrien.test',
      Comment: 'It\'s\nfour lines: "$x" `tick`\n\u2018typographic\u2019',
    },
    { Name: 'Off and in test mode', RecipientDomains: ['t.test'], Enabled: false, TestMode: true },
    { Name: 'By rules', IsTransportRuleScoped: true, ConnectorType: 'Partner', SmtpDaneMode: 'None' },
    {
      Name: 'Hybrid',
      RecipientDomains: ['*'],
      ConnectorType: 'OnPremises',
      ConnectorSource: 'HybridWizard',
      UseMXRecord: false,
      SmartHosts: ['edge.contoso.test'],
      CloudServicesMailEnabled: true,
      TlsSettings: 'CertificateValidation',
    },
  ];
  for (const row of rows) await gateway.run('New-OutboundConnector', row);
}

test('Get-OutboundConnector | ConvertTo-Json goes into Import-OutboundConnector -Path', async (t) => {
  const { gateway, directory, run, removeAll } = await start(t);
  await makeMany(gateway);
  const before = await connectors(gateway);
  const written = await run(
    '-c',
    'Get-OutboundConnector -IncludeTestModeConnectors $true | ConvertTo-Json -Depth 5 | Out-File -Encoding utf8 all.json',
  );
  assert.equal(written.code, 0, written.stderr);
  const idle = await run('Import-OutboundConnector', '-Path', 'all.json', '--output', 'json');
  assert.equal(idle.code, 0, idle.stderr);
  assert.deepEqual(
    JSON.parse(idle.stdout).map((row: { Action: string; UnknownProperties: unknown }) => [
      row.Action,
      row.UnknownProperties,
    ]),
    before.map(() => ['Unchanged', []]),
  );
  await removeAll();
  const tried = await run('Import-OutboundConnector', 'all.json', '-WhatIf');
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(tried.stdout, /What if: .*"Plain"/);
  assert.equal((await connectors(gateway)).length, 0);
  const done = await run('Import-OutboundConnector', 'all.json');
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(await connectors(gateway), before);
  const missing = await run('Import-OutboundConnector', '-Path', 'nowhere.json');
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /nowhere\.json/);
  writeFileSync(join(directory, 'broken.json'), '{"Name":');
  const broken = await run('Import-OutboundConnector', '-Path', 'broken.json');
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /This is not JSON/);
});

test('Export-OutboundConnector -As Script rebuilds what there was', async (t) => {
  const { gateway, directory, run, removeAll } = await start(t);
  await makeMany(gateway);
  const before = await connectors(gateway);
  const written = await run('-c', 'Export-OutboundConnector -As Script | Set-Content rebuild.ps1');
  assert.equal(written.code, 0, written.stderr);
  await removeAll();
  const done = await run('rebuild.ps1');
  assert.equal(done.code, 0, done.stderr + readFileSync(join(directory, 'rebuild.ps1'), 'utf8'));
  assert.deepEqual(await connectors(gateway), before);
  const json = await run('-c', 'Export-OutboundConnector -As Json > all.json');
  assert.equal(json.code, 0, json.stderr);
  await removeAll();
  assert.equal((await run('Import-OutboundConnector', 'all.json')).code, 0);
  assert.deepEqual(await connectors(gateway), before);
});

test('what Exchange Online prints comes in, and what isn’t known is named', async (t) => {
  const { gateway, directory, run } = await start(t);
  // As ConvertTo-Json of Windows PowerShell 5.1 prints an object of a remote session.
  const online = [
    {
      PSComputerName: 'outlook.office365.com',
      RunspaceId: 'b5b8f7a1-6d3f-4d47-8a5e-6a5c6d4f2b10',
      PSShowComputerName: false,
      RecipientDomains: ['fabrikam.test', '*.fabrikam.test'],
      SmartHosts: [],
      TlsDomain: null,
      TlsSettings: { value: 2, Value: 'CertificateValidation' },
      IsTransportRuleScoped: false,
      RouteAllMessagesViaOnPremises: false,
      CloudServicesMailEnabled: false,
      Enabled: true,
      UseMXRecord: true,
      Comment: null,
      ConnectorType: { value: 1, Value: 'Partner' },
      ConnectorSource: { value: 0, Value: 'Default' },
      AllAcceptedDomains: false,
      SenderRewritingEnabled: false,
      TestMode: false,
      LinkForModifiedConnector: '00000000-0000-0000-0000-000000000000',
      ValidationRecipients: ['postmaster@fabrikam.test'],
      IsValidated: true,
      LastValidationTimestamp: '/Date(1462545000000)/',
      MtaStsMode: 'Opportunistic',
      SmtpDaneMode: 'Opportunistic',
      FutureSetting: 'on',
      AnotherOne: { a: 1 },
      AdminDisplayName: '',
      ExchangeVersion: '0.1 (8.0.535.0)',
      Name: 'Fabrikam',
      DistinguishedName: 'CN=Fabrikam,CN=Transport Settings,DC=contoso',
      Identity: 'Fabrikam',
      ObjectCategory: 'x/Configuration/Schema/ms-Exch-Organization',
      ObjectClass: ['top', 'msExchSMTPOutboundConnector'],
      WhenChanged: '/Date(1462545000000)/',
      WhenCreated: '/Date(1462545000000)/',
      WhenChangedUTC: '/Date(1462545000000)/',
      WhenCreatedUTC: '/Date(1462545000000)/',
      ExchangeObjectId: '6b2b7e53-9c5c-4a55-8f0b-40f8a06ff8ce',
      OrganizationId: 'contoso',
      Id: 'Fabrikam',
      Guid: '6b2b7e53-9c5c-4a55-8f0b-40f8a06ff8ce',
      OriginatingServer: 'x.example',
      IsValid: true,
      ObjectState: 'Unchanged',
    },
    { Name: 'Wrong', RecipientDomains: ['wrong.test'], TlsSettings: 'Perhaps' },
  ];
  writeFileSync(join(directory, 'online.json'), `\uFEFF${JSON.stringify(online)}`);
  const tried = await run('Import-OutboundConnector', '-Path', 'online.json', '-WhatIf');
  assert.match(tried.stdout, /What if: /);
  assert.equal((await connectors(gateway)).length, 0);
  const done = await run('Import-OutboundConnector', '-Path', 'online.json', '--output', 'json');
  assert.equal(done.code, 1, 'one of them failed');
  assert.match(done.stderr, /WARNING: Fabrikam: Postern doesn't know FutureSetting, AnotherOne; left out\./);
  assert.match(done.stderr, /Wrong: TlsSettings can't be taken over\./);
  assert.deepEqual(
    JSON.parse(done.stdout).map((row: { Name: string; Action: string; UnknownProperties: unknown }) => [
      row.Name,
      row.Action,
      row.UnknownProperties,
    ]),
    [
      ['Fabrikam', 'Created', ['FutureSetting', 'AnotherOne']],
      ['Wrong', 'Failed', []],
    ],
  );
  const [made] = await connectors(gateway);
  assert.equal(made?.['TlsSettings'], '"CertificateValidation"');
  assert.equal(made?.['RecipientDomains'], '["fabrikam.test","*.fabrikam.test"]');
  assert.equal(made?.['ValidationRecipients'], '["postmaster@fabrikam.test"]');
  assert.match(made?.['LastValidationTimestamp'] ?? '', /2016-05-06T14:30:00/);
});
